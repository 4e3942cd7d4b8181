# The benchmarks.

# penstock_add_benchmark(NAME fan_out SOURCES fan_out_bench.cpp [DEPENDS penstock_runtime] [PACKAGES json])
#
# Makes the program bench/<NAME> in the build tree, with Google Benchmark. The source brings its own main, or
# BENCHMARK_MAIN(). `./dev bench` runs all of them.
function(penstock_add_benchmark)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;DEPENDS;PACKAGES")
  set(target penstock_bench_${arg_NAME})
  add_executable(${target} ${arg_SOURCES})
  penstock_set_compile_options(${target})
  penstock_precompile_headers(${target} program)
  penstock_find_packages(packages benchmark ${arg_PACKAGES})
  target_link_libraries(${target} PRIVATE ${arg_DEPENDS} ${packages})
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}")
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME ${arg_NAME} RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bench")
endfunction()
