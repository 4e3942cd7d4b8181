// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/tbb_executor.h"

#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <condition_variable>
#include <latch>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "framework/io/asio_loop.h"
#include "framework/runtime/blocking_threads.h"

namespace penstock::runtime {
namespace {

namespace flow = oneapi::tbb::flow;

/// oneTBB's properties relied on: an unlimited function_node never rejects or queues; try_put() from a thread outside
/// of the arena enqueues there and wakes a worker; the last message of a body goes on by the edge as the next task of
/// the same worker. The graph is never cancelled and no exception leaves a body, so that no message is lost.
class TbbExecutor final : public Executor {
 public:
  TbbExecutor(unsigned workers, std::size_t blocking_threads)
      : workers_(available(workers)),
        arena_(static_cast<int>(workers_), 0),  // No slot is kept for a waiting thread: wait_done() sleeps.
        inner_(static_cast<int>(workers_)),
        blocking_(blocking_threads) {
    arena_.execute([this] { graph_ = std::make_unique<flow::graph>(); });
    loop_.start();
    // With a single thread allowed, oneTBB makes no workers at all: one of ours must wait in the graph.
    if (allowed() < 2) {
      graph_->reserve_wait();
      helper_ = std::thread([this] { arena_.execute([this] { graph_->wait_for_all(); }); });
    }
  }
  ~TbbExecutor() override { shut_down(); }

  void attach(Node& node) override {
    auto made = std::make_unique<FlowNode>(*graph_, flow::unlimited, [&node](Bunch* message) noexcept -> Bunch* {
      // An exception that got as far would cancel the graph, and the run would never end: end the process instead.
      // The edge forwards every result of its sender, nothing included.
      if (message == nullptr && !node.takes_null) return nullptr;
      return node.run(message);
    });
    if (node.edge != nullptr) flow::make_edge(*made, *static_cast<FlowNode*>(node.edge->handle));
    node.handle = made.get();
    nodes_.push_back(std::move(made));
  }
  void put(Node& node, Bunch* message) override { static_cast<FlowNode*>(node.handle)->try_put(message); }
  EventLoop& loop() override { return loop_; }
  void run_blocking(std::function<void()> work) override { blocking_.run(std::move(work)); }
  void run_parallel(const std::function<void()>& work) override { inner_.execute(work); }
  void run_on_loop(const std::function<void()>& work) override {
    std::latch ran(1);
    loop_.post([&] {
      work();
      ran.count_down();
    });
    ran.wait();
  }
  void wait_done() override {
    std::unique_lock lock(mutex_);
    over_.wait(lock, [this] { return is_over_; });
  }
  void done() override {
    const std::scoped_lock lock(mutex_);
    is_over_ = true;
    over_.notify_all();
  }
  void shut_down() override {
    if (std::exchange(is_shut_down_, true)) return;
    blocking_.finish();
    loop_.stop();
    if (helper_.joinable()) {
      graph_->release_wait();
      helper_.join();
    } else {
      arena_.execute([this] { graph_->wait_for_all(); });
    }
    nodes_.clear();
    graph_.reset();
  }
  unsigned workers() const override { return workers_; }
  double random() override { return std::uniform_real_distribution<double>()(random_); }

 private:
  using FlowNode = flow::function_node<Bunch*, Bunch*>;

  static std::size_t allowed() {
    using oneapi::tbb::global_control;
    return global_control::active_value(global_control::max_allowed_parallelism);
  }
  /// An arena without a reserved slot gets one worker less than the process may have threads.
  static unsigned available(unsigned wanted) {
    const auto most = static_cast<unsigned>(std::max<std::size_t>(1, allowed() - 1));
    return wanted == 0 ? most : std::min(wanted, most);
  }

  const unsigned workers_;
  oneapi::tbb::task_arena arena_;
  oneapi::tbb::task_arena inner_;
  std::unique_ptr<flow::graph> graph_;
  std::vector<std::unique_ptr<FlowNode>> nodes_;
  io::AsioLoop loop_;
  BlockingThreads blocking_;
  std::thread helper_;
  std::mutex mutex_;
  std::condition_variable over_;
  bool is_over_ = false;
  bool is_shut_down_ = false;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace

std::unique_ptr<Executor> make_tbb_executor(unsigned workers, std::size_t blocking_threads) {
  return std::make_unique<TbbExecutor>(workers, blocking_threads);
}

}  // namespace penstock::runtime
