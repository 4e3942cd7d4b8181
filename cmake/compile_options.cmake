# How every target of Penstock is compiled: language, warnings, precompiled headers, compiler cache.

# Gives `target` the language level, warnings and visibility of the project.
function(penstock_set_compile_options target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES
    CXX_EXTENSIONS OFF
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    COMPILE_WARNING_AS_ERROR ${PENSTOCK_WARNINGS_AS_ERRORS})
  get_target_property(type ${target} TYPE)
  if(NOT type STREQUAL "EXECUTABLE")
    # Static libraries too: they end up in shared ones, ours and those of plugins.
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    # Nobody replaces our public functions at run time: what is inline stays inline.
    target_compile_options(${target} PRIVATE -fno-semantic-interposition)
  endif()
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
    # Designated initialisers name what differs from the default; the rest is left out on purpose.
    -Wno-missing-field-initializers)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE
      # GCC 12 reports `"literal" + string` (PR 105651).
      -Wno-restrict
      # GCC 12 reports moved std::optional and std::variant members, above all in coroutine frames (PR 105562).
      -Wno-maybe-uninitialized
      # A target with other definitions than the precompiled header reads the plain header instead.
      -Wno-error=invalid-pch)
  endif()
endfunction()

# Compiles `target` with the precompiled headers: the common standard headers and nlohmann/json, and GoogleTest for
# KIND tests. The other kinds are library and program, whose code must be compiled alike. Every source still includes
# what it uses.
function(penstock_precompile_headers target KIND)
  if(NOT PENSTOCK_PRECOMPILED_HEADERS)
    return()
  endif()
  set(pch penstock_pch_${KIND})
  if(NOT TARGET ${pch})
    penstock_find_packages(packages json)
    set(headers
      <algorithm> <array> <atomic> <chrono> <cstddef> <cstdint> <filesystem> <functional> <map> <memory> <mutex>
      <optional> <span> <stdexcept> <string> <string_view> <unordered_map> <utility> <variant> <vector>
      <nlohmann/json.hpp>)
    if(KIND STREQUAL "tests")
      list(APPEND headers <gtest/gtest.h> <gmock/gmock.h>)
      penstock_find_packages(gtest gtest)
      list(APPEND packages ${gtest})
    endif()
    set(source "${PROJECT_BINARY_DIR}/pch/${pch}.cpp")
    file(CONFIGURE OUTPUT "${source}" CONTENT "")
    add_library(${pch} OBJECT "${source}")
    penstock_set_compile_options(${pch})
    if(NOT KIND STREQUAL "library")
      set_target_properties(${pch} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    endif()
    target_link_libraries(${pch} PRIVATE ${packages})
    target_precompile_headers(${pch} PRIVATE ${headers})
  endif()
  target_precompile_headers(${target} REUSE_FROM ${pch})
  get_target_property(packages ${pch} LINK_LIBRARIES)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:${packages}>)
endfunction()

find_program(PENSTOCK_CCACHE ccache)
mark_as_advanced(PENSTOCK_CCACHE)
if(PROJECT_IS_TOP_LEVEL AND PENSTOCK_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # ccache accepts precompiled headers only when told that their time stamps do not matter.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime;${PENSTOCK_CCACHE}")
  if(PENSTOCK_PRECOMPILED_HEADERS AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  endif()
endif()
