// Everything that the runtime does in time and between threads goes through here, so that it can be replaced by a
// single-threaded stepper on a manual clock.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "framework/runtime/bunch.h"
#include "penstock/event_loop.h"

namespace penstock::runtime {

/// A node of the running graph. run() is called on any worker, several at once.
class Node {
 public:
  virtual ~Node() = default;
  /// Works on a message; takes ownership. The result goes to the node at the other end of the edge; null for nothing.
  virtual Bunch* run(Bunch* message) = 0;

  Node* edge = nullptr;     ///< The node that run()'s results go to.
  bool takes_null = false;  ///< A null message means something. Never at the end of an edge.
  void* handle = nullptr;   ///< The executor's own.
};

/// Thread safety: put(), run_blocking() and loop().post() from any thread; the rest as it says.
class Executor {
 public:
  virtual ~Executor() = default;

  /// Makes the node known. REQUIRES: nodes are attached back to front (node.edge first), before anything is put.
  virtual void attach(Node& node) = 0;
  /// Hands a message to a node: run() will be called once with it, never inside this call.
  virtual void put(Node& node, Bunch* message) = 0;
  virtual EventLoop& loop() = 0;
  /// Runs `work` on a thread that may block; never inside this call.
  virtual void run_blocking(std::function<void()> work) = 0;
  /// Runs `work` now, where nested oneTBB algorithms are safe.
  virtual void run_parallel(const std::function<void()>& work) = 0;
  /// Runs `work` on the event loop and waits for it. REQUIRES: not called on the loop.
  virtual void run_on_loop(const std::function<void()>& work) = 0;
  /// Blocks until done() has been called. REQUIRES: called on a thread that may block, by one thread at a time.
  virtual void wait_done() = 0;
  /// The run is over: wakes wait_done().
  virtual void done() = 0;
  /// Waits for everything that still runs and ends all threads; what is only due later is forgotten. After it nothing
  /// calls into the run any more. REQUIRES: done() has been called.
  virtual void shut_down() = 0;
  /// How many nodes may run at once.
  virtual unsigned workers() const = 0;
  /// A number in [0, 1), for the jitter of retries. Event-loop thread only.
  virtual double random() = 0;
};

}  // namespace penstock::runtime
