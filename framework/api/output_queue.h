// What lies between an `output` stage and the host.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "penstock/host.h"
#include "penstock/stage_context.h"
#include "penstock/task.h"

namespace penstock::api {

/// One per `output` stage and run. An item stays with the coroutine that offers it until the host has it, so that it
/// counts as in flight. The host pulls, or has given a callback: then one job at a time calls it, item by item.
///
/// Thread safety: pull() and end() from any thread, offer() on the event loop.
class OutputQueue : public std::enable_shared_from_this<OutputQueue> {
 public:
  using Callback = std::function<void(OutputItem)>;
  /// Without a callback, items wait for pull().
  explicit OutputQueue(Callback callback) : callback_(std::move(callback)) {}

  enum class IfEmpty { wait, give_up };
  /// Nothing: there is none, and none will come or nobody wants to wait.
  std::optional<OutputItem> pull(IfEmpty if_empty);

  /// Ends when the host has the item; throws what its callback has thrown. Throws OperationCancelled when the
  /// operation stops before.
  Task<void> offer(OutputItem item, StageContext& context);
  /// Nothing more will come. May be called again.
  void end();

 private:
  struct Offer {
    OutputItem item;
    Completion<bool> arrived = {};
    std::exception_ptr error = nullptr;
  };
  void call_back();
  void note_arrival(Offer* offer);
  void complete_arrived();

  const Callback callback_;

  std::mutex mutex_;  // Guards what follows.
  std::condition_variable arrival_;
  std::list<Offer*> offers_;
  Offer* called_ = nullptr;    // The callback has its item now.
  std::list<Offer*> arrived_;  // The host has them; their coroutines do not know it yet.
  EventLoop* loop_ = nullptr;
  bool is_calling_ = false;
  bool is_over_ = false;
};

}  // namespace penstock::api
