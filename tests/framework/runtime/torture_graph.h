// Random valid graphs of misbehaving stages, and what must be true after each run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "framework/graph/graph.h"
#include "framework/runtime/executor.h"
#include "tests/framework/runtime/torture_stages.h"

namespace penstock::torture {

/// A graph made from a seed, with the logs of its stages.
struct TortureGraph {
  std::shared_ptr<graph::Graph> graph;
  std::deque<StageLog> logs;
  std::uint64_t largest_need = 0;    ///< That a compute stage declares.
  std::uint64_t largest_growth = 0;  ///< Of one asynchronous body, step by step.
  bool has_loads = false;            ///< Items hold memory from stage to stage.
  /// Stages whose only producers are limited transforms: (producers, consumer), for the bound on `queue`.
  struct QueueBound {
    std::vector<std::size_t> producers;
    std::size_t consumer;
    std::uint64_t most;
    bool was_exceeded = false;
  };
  std::vector<QueueBound> queue_bounds;

  enum class Stop { none, drain, cancel, drain_then_cancel } stop = Stop::none;
  std::uint64_t stop_after_us = 0;
  bool has_hang = false;  ///< Something never ends by itself: only a stop ends the run.
};

std::unique_ptr<TortureGraph> make_torture_graph(std::uint64_t seed);

/// Runs the graph of `seed` and returns what is wrong; nothing when all is well.
/// `one_ahead`: on one thread, where jobs may be done before their caller goes on.
enum class Threads { one, one_ahead, many };
std::optional<std::string> torture(std::uint64_t seed, std::unique_ptr<runtime::Executor> executor, Threads threads);

/// The graph in words, for a failing seed.
std::string describe(const TortureGraph& torture);

}  // namespace penstock::torture
