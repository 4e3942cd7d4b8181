// SPDX-License-Identifier: Apache-2.0
#include "stages/subprocess/exchange.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <utility>

namespace penstock::stages {
namespace {

constexpr std::size_t kBlock = 65'536;           // What a pipe of the kernel holds.
constexpr std::uint64_t kFirstCapacity = 4'096;  // Most programs write little.

}  // namespace

Exchange::~Exchange() {
  stop_watching(input_watch_);
  stop_watching(output_watch_);
  if (!group_.has_ended()) group_.on_end(nullptr);
}

Task<void> Exchange::run(StageContext& context) {
  if (!group_.has_ended()) group_.on_end([this] { wake(); });
  watch_input();
  watch_output();
  for (;;) {
    if (wanted_ != 0) {
      MemoryCharge charge = co_await context.reserve(wanted_);
      grow(std::move(charge));
      continue;
    }
    if (is_too_large_) {
      throw ItemError(kOutputTooLarge,
                      "the output is larger than `max_bytes` (" + to_string(ByteSize{max_bytes_}) + ")");
    }
    if (group_.has_ended()) {
      stop_watching(output_watch_);
      if (group_.output() < 0 || !read_output()) break;
      continue;
    }
    Completion<> event;
    event_ = &event;
    event.on_cancel([this] { event_ = nullptr; });
    co_await event;
  }
}

std::string Exchange::take_output() {
  if (output_.size() < output_.capacity() / 2) output_ = std::string(output_);  // Small outputs are many.
  charge_.shrink_to(output_.size());
  return std::move(output_);
}

void Exchange::watch_input() {
  if (group_.input() < 0) return;
  if (input_.empty()) {
    group_.close_input();
  } else {
    input_watch_ = loop_.watch(group_.input(), Readiness::writable, [this] { write_input(); });
  }
}

void Exchange::watch_output() {
  if (group_.output() < 0) return;
  output_watch_ = loop_.watch(group_.output(), Readiness::readable, [this] { read_output(); });
}

void Exchange::stop_watching(EventLoop::WatchId& watch) {
  if (const EventLoop::WatchId id = std::exchange(watch, 0)) loop_.unwatch(id);
}

void Exchange::write_input() {
  const ssize_t count = ::write(group_.input(), input_.data(), input_.size());
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  // EPIPE: nobody reads any more. Whether that is a failure, the exit codes tell.
  input_.remove_prefix(count < 0 ? input_.size() : static_cast<std::size_t>(count));
  if (!input_.empty()) return;
  stop_watching(input_watch_);
  group_.close_input();
}

bool Exchange::read_output() {
  const std::uint64_t room = capacity_ - output_.size();
  if (room == 0) {
    int available = 0;
    if (::ioctl(group_.output(), FIONREAD, &available) == 0 && available > 0) {
      want(static_cast<std::uint64_t>(available));
      return true;
    }
  }
  std::array<char, kBlock> block;
  // Without room there is nothing to read but the end.
  const ssize_t count = ::read(group_.output(), block.data(), std::clamp<std::uint64_t>(room, 1, block.size()));
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (count <= 0) {
    end_output();
    return false;
  }
  output_.append(block.data(), static_cast<std::size_t>(count));
  return true;
}

void Exchange::end_output() {
  stop_watching(output_watch_);
  group_.close_output();
}

void Exchange::want(std::uint64_t available) {
  stop_watching(output_watch_);
  if (capacity_ == max_bytes_) {
    is_too_large_ = true;
  } else {
    wanted_ = std::min(max_bytes_, std::max({2 * capacity_, output_.size() + available, kFirstCapacity}));
  }
  wake();
}

void Exchange::grow(MemoryCharge charge) {
  std::string larger;
  larger.reserve(wanted_);
  larger.append(output_);
  output_ = std::move(larger);
  capacity_ = std::exchange(wanted_, 0);
  charge_ = std::move(charge);  // Gives the old one back: the old buffer is gone.
  watch_output();
}

void Exchange::wake() {
  if (event_ != nullptr) std::exchange(event_, nullptr)->complete(true);
}

}  // namespace penstock::stages
