// Costly work in parallel, results in order, sixteen numbers in flight: oneTBB. Quoted by docs/coming-from.md.
// SPDX-License-Identifier: Apache-2.0
#include <oneapi/tbb/flow_graph.h>

#include <iostream>

#include "primes.h"

namespace flow = oneapi::tbb::flow;

struct Number {
  std::size_t index;
  std::int64_t end;
  std::int64_t primes;
};

int main() {
  flow::graph graph;
  flow::input_node<Number> numbers(graph, [n = std::size_t{0}](oneapi::tbb::flow_control& control) mutable {
    if (n == 100) control.stop();
    const Number number{n, static_cast<std::int64_t>(n + 1) * 100, 0};
    ++n;
    return number;
  });
  flow::limiter_node<Number> limit(graph, 16);
  flow::function_node<Number, Number> primes(graph, flow::unlimited, [](Number number) {
    number.primes = primes_below(number.end);
    return number;
  });
  flow::sequencer_node<Number> order(graph, [](const Number& number) { return number.index; });
  flow::function_node<Number> print(graph, flow::serial, [](const Number& number) {
    std::cout << number.end << ": " << number.primes << "\n";
    return flow::continue_msg();
  });
  flow::make_edge(numbers, limit);
  flow::make_edge(limit, primes);
  flow::make_edge(primes, order);
  flow::make_edge(order, print);
  flow::make_edge(print, limit.decrementer());
  numbers.activate();
  graph.wait_for_all();
}
