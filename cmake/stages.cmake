# The stages: one library per folder of stages/.

# penstock_add_stages(NAME resize SOURCES resize.cpp resize.h [DEPENDS types common] [PACKAGES vips])
#
# Makes the target penstock_stages_<NAME>, on top of the framework and part of penstock_stages. DEPENDS names other
# folders of stages/, PACKAGES names of cmake/packages.cmake.
function(penstock_add_stages)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;DEPENDS;PACKAGES")
  set(target penstock_stages_${arg_NAME})
  penstock_add_library(${target} scope ${arg_SOURCES})
  list(TRANSFORM arg_DEPENDS PREPEND penstock_stages_)
  penstock_find_packages(packages ${arg_PACKAGES})
  target_link_libraries(${target} ${scope} penstock_framework ${arg_DEPENDS} ${packages})
  target_include_directories(${target} ${scope} "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>")
  set_property(GLOBAL APPEND PROPERTY PENSTOCK_STAGE_TARGETS ${target})
  set_property(GLOBAL APPEND PROPERTY PENSTOCK_STAGE_PACKAGES ${packages})
endfunction()
