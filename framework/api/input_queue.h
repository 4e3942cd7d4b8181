// What lies between the threads of the host and an `input` stage.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "penstock/event_loop.h"
#include "penstock/item.h"
#include "penstock/payload.h"
#include "penstock/task.h"

namespace penstock::api {

/// One per `input` stage and run; the handles of the host share it with the stage.
///
/// Invariants: (1) every item that was taken is either given to take() or refused, once. (2) After refuse_all() nothing
/// is taken any more. Thread safety: the host's members from any thread; the stage's on the event loop.
class InputQueue {
 public:
  InputQueue(std::string stage, const PayloadType& type, std::size_t capacity)
      : stage_(std::move(stage)), type_(type), capacity_(capacity) {}

  // --- For the host ---

  /// Throws std::invalid_argument when the payload has another type than the stage gives.
  void check_type(const SourceItem& item) const;
  enum class IfFull { wait, give_up };
  /// False leaves the item as it is.
  bool put(SourceItem& item, IfFull if_full);
  void close();
  std::vector<std::string> take_refused();

  // --- For the stage and the run ---

  /// The next item; nothing when there is none now.
  std::optional<SourceItem> take();
  /// Waits until take() may give something. False: closed, and nothing will come.
  Task<bool> wait(EventLoop& loop);
  /// An item that was taken could not be let in.
  void refuse(const std::string& key, detail::ItemWatcher* watcher);
  /// Closes, and refuses what waits. Any thread; may be called again.
  void refuse_all();

 private:
  void wake_stage();

  const std::string stage_;
  const PayloadType& type_;
  const std::size_t capacity_;

  std::mutex mutex_;  // Guards what follows.
  std::condition_variable room_;
  std::deque<SourceItem> items_;
  std::vector<std::string> refused_;
  bool is_closed_ = false;
  EventLoop* sleeper_ = nullptr;  // The loop of a stage that waits.

  Completion<bool>* waiting_ = nullptr;  // Event-loop thread only.
};

}  // namespace penstock::api
