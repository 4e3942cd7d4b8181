# What others link and what is installed: libraries made of the parts of this build, and the files by which CMake and
# pkg-config find them.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# penstock_add_packaged_library(framework PARTS penstock_base penstock_spec [HEADERS penstock_headers] [TYPE STATIC]
#                               [PUBLIC penstock::framework] [PRIVATE TBB::tbb])
#
# Makes penstock::<name> of the objects of PARTS, static or shared as BUILD_SHARED_LIBS says unless TYPE does. HEADERS is
# the target with its public headers. Whoever links it gets PUBLIC as well; PRIVATE is needed to link a static one.
function(penstock_add_packaged_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TYPE" "PARTS;HEADERS;PUBLIC;PRIVATE")
  set(objects "")
  foreach(part IN LISTS arg_PARTS)
    get_target_property(type ${part} TYPE)
    if(NOT type STREQUAL "INTERFACE_LIBRARY")
      list(APPEND objects "$<TARGET_OBJECTS:${part}>")
    endif()
  endforeach()
  set(target penstock_${name}_library)
  add_library(${target} ${arg_TYPE} ${objects})
  add_library(penstock::${name} ALIAS ${target})
  # Apart from the libraries of the parts, one of which may have the same name.
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME penstock_${name}
    EXPORT_NAME ${name}
    LINKER_LANGUAGE CXX
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
    INSTALL_RPATH "$ORIGIN"
    ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib"
    LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
  target_link_libraries(${target} PUBLIC ${arg_HEADERS} ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
  set_property(GLOBAL PROPERTY PENSTOCK_PARTS_OF_${name} ${arg_PARTS})
  set_property(GLOBAL PROPERTY PENSTOCK_NEEDS_OF_${name} ${arg_PRIVATE})
  set_property(GLOBAL APPEND PROPERTY PENSTOCK_PACKAGED_LIBRARIES ${name})
  set_property(GLOBAL PROPERTY PENSTOCK_HEADERS_OF_${name} ${arg_HEADERS})
endfunction()

# Installs every packaged library with an export of its own, so that find_package() needs what is asked for and no more.
function(penstock_install_package)
  set(cmake_dir "${CMAKE_INSTALL_LIBDIR}/cmake/penstock")
  get_property(libraries GLOBAL PROPERTY PENSTOCK_PACKAGED_LIBRARIES)
  foreach(name IN LISTS libraries)
    get_property(headers GLOBAL PROPERTY PENSTOCK_HEADERS_OF_${name})
    # The headers of the stages keep the paths that they have here, below a folder of their own.
    set(include_dir "${CMAKE_INSTALL_INCLUDEDIR}")
    if(name STREQUAL "stages")
      string(APPEND include_dir "/penstock-stages")
    endif()
    install(TARGETS penstock_${name}_library ${headers} EXPORT penstock_${name}
      ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
      LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
      FILE_SET HEADERS DESTINATION "${include_dir}")
    install(EXPORT penstock_${name}
      NAMESPACE penstock:: DESTINATION "${cmake_dir}" FILE penstock-${name}-targets.cmake)
  endforeach()
  if(TARGET penstock)
    install(TARGETS penstock RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
  endif()

  set(PENSTOCK_SHARED FALSE)
  if(BUILD_SHARED_LIBS)
    set(PENSTOCK_SHARED TRUE)
  endif()
  configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/penstock-config.cmake.in"
    "${PROJECT_BINARY_DIR}/package/penstock-config.cmake"
    INSTALL_DESTINATION "${cmake_dir}" NO_SET_AND_CHECK_MACRO)
  # Before 1.0 a minor version may change the interface.
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/package/penstock-config-version.cmake"
    COMPATIBILITY SameMinorVersion)
  install(FILES
    "${PROJECT_BINARY_DIR}/package/penstock-config.cmake"
    "${PROJECT_BINARY_DIR}/package/penstock-config-version.cmake"
    DESTINATION "${cmake_dir}")
  penstock_install_pkg_config()
endfunction()

# penstock-framework.pc and penstock-stages.pc, with paths relative to themselves. Those who link static libraries need
# what these use; a shared one brings it along.
function(penstock_install_pkg_config)
  set(pkg_config_dir "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
  cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX
    BASE_DIRECTORY "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" OUTPUT_VARIABLE PENSTOCK_PREFIX_FROM_PKG_CONFIG)
  set(PENSTOCK_FRAMEWORK_REQUIRES "nlohmann_json >= 3.11, tbb >= 2021.8")
  set(PENSTOCK_STAGES_REQUIRES ", libcurl, libcares, vips, libjpeg, libhwy, libxxhash, sqlite3, openssl, re2")
  if(BUILD_SHARED_LIBS)
    set(PENSTOCK_FRAMEWORK_REQUIRES "nlohmann_json >= 3.11")
    set(PENSTOCK_STAGES_REQUIRES "")
  endif()
  foreach(name framework stages)
    if(TARGET penstock::${name})
      configure_file("${PROJECT_SOURCE_DIR}/cmake/penstock-${name}.pc.in"
        "${PROJECT_BINARY_DIR}/package/penstock-${name}.pc" @ONLY)
      install(FILES "${PROJECT_BINARY_DIR}/package/penstock-${name}.pc" DESTINATION "${pkg_config_dir}")
    endif()
  endforeach()
endfunction()
