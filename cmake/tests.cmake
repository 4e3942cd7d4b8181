# The tests.

include(GoogleTest)
penstock_find_packages(gtest gtest)

# penstock_add_test(NAME graph_build SOURCES build_graph_test.cpp [DEPENDS penstock_graph] [LABELS graph]
#                   [PACKAGES json] [TIMEOUT 60])
#
# Makes the program penstock_test_<NAME> with GoogleTest's main and registers each of its tests with ctest. DEPENDS
# names targets. The tests run in the root of the source tree, at most TIMEOUT (300) seconds each.
function(penstock_add_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;TIMEOUT" "SOURCES;DEPENDS;LABELS;PACKAGES")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  set(target penstock_test_${arg_NAME})
  add_executable(${target} ${arg_SOURCES})
  penstock_set_compile_options(${target})
  penstock_precompile_headers(${target} tests)
  penstock_find_packages(packages gtest ${arg_PACKAGES})
  target_link_libraries(${target} PRIVATE ${arg_DEPENDS} ${packages} GTest::gmock_main)
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}")
  gtest_discover_tests(${target}
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
    TEST_LIST ${target}_tests
    PROPERTIES TIMEOUT ${arg_TIMEOUT})
  if(arg_LABELS)
    # PROPERTIES takes no lists. This file is read by ctest right after the discovered tests.
    set(file "${CMAKE_CURRENT_BINARY_DIR}/${target}_labels.cmake")
    file(CONFIGURE OUTPUT "${file}" @ONLY CONTENT [[
if(@target@_tests)
  set_tests_properties(${@target@_tests} PROPERTIES LABELS "@arg_LABELS@")
endif()
]])
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${file}")
  endif()
endfunction()
