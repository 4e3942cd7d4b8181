// Costly work in parallel, results in order, sixteen numbers in flight: Taskflow. Quoted by docs/coming-from.md.
// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <iostream>
#include <taskflow/algorithm/pipeline.hpp>
#include <taskflow/taskflow.hpp>

#include "primes.h"

int main() {
  struct Number {
    std::int64_t end;
    std::int64_t primes;
  };
  std::array<Number, 16> lines;  // What is in flight: a number per line.
  tf::Pipeline pipeline(
      lines.size(),
      tf::Pipe{tf::PipeType::SERIAL,
               [&](tf::Pipeflow& flow) {
                 if (flow.token() == 100) return flow.stop();
                 lines[flow.line()].end = static_cast<std::int64_t>(flow.token() + 1) * 100;
               }},
      tf::Pipe{tf::PipeType::PARALLEL,
               [&](tf::Pipeflow& flow) { lines[flow.line()].primes = primes_below(lines[flow.line()].end); }},
      tf::Pipe{tf::PipeType::SERIAL, [&](tf::Pipeflow& flow) {
                 const Number& number = lines[flow.line()];
                 std::cout << number.end << ": " << number.primes << "\n";
               }});
  tf::Taskflow taskflow;
  taskflow.composed_of(pipeline);
  tf::Executor executor;
  executor.run(taskflow).wait();
}
