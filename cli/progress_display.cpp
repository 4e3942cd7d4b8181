// The block is taken away by going up as many rows as it takes and clearing the rest of the screen. A terminal that
// became narrower since has wrapped its lines; so rows are counted with the width of now.
// SPDX-License-Identifier: Apache-2.0
#include "cli/progress_display.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "cli/progress_text.h"
#include "cli/terminal_text.h"

namespace penstock::cli {
namespace {

using std::chrono::milliseconds;

constexpr double kRateWindow = 10;  // Seconds that a rate looks back.

void write_error_stream(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written <= 0) return;  // Nobody reads: progress is not worth an end.
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

winsize terminal_size() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
    size.ws_col = 80;
    size.ws_row = 24;
  }
  return size;
}

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

}  // namespace

ProgressStyle progress_style(const std::string& setting) {
  if (setting == "never") return {};
  const char* terminal = std::getenv("TERM");
  const bool is_dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  if (::isatty(STDERR_FILENO) == 1 && !is_dumb) {
    return {ProgressMode::block, milliseconds(200), true, !is_set("NO_COLOR")};
  }
  if (setting == "always") return {ProgressMode::lines, milliseconds(1'000), true, false};
  return {ProgressMode::lines, milliseconds(5'000), false, false};
}

void ProgressDisplay::start(std::string pipeline, std::function<Progress()> snapshot) {
  if (style_.mode == ProgressMode::off) return;
  pipeline_ = std::move(pipeline);
  snapshot_ = std::move(snapshot);
  thread_ = std::thread([this] { show(); });
}

void ProgressDisplay::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  stopped_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void ProgressDisplay::print(std::string_view text) {
  const std::lock_guard lock(mutex_);
  const bool has_block = !drawn_.empty();
  erase();
  write_error_stream(text);
  if (!has_block) return;
  std::string again;
  for (const std::string& line : block_) {
    drawn_.push_back(columns(line));
    again += line + "\n";
  }
  write_error_stream(again);
}

void ProgressDisplay::show() {
  std::unique_lock lock(mutex_);
  if (!style_.starts_at_once) stopped_.wait_for(lock, style_.interval, [this] { return is_stopping_; });
  while (!is_stopping_) {
    // Not under the lock: whoever prints should not wait for a snapshot.
    lock.unlock();
    const Progress progress = snapshot_();
    lock.lock();
    draw(progress);
    stopped_.wait_for(lock, style_.interval, [this] { return is_stopping_; });
  }
  erase();
}

double ProgressDisplay::rate_of(const Progress& progress) {
  past_.emplace_back(progress.seconds, progress.items.settled());
  while (past_.size() > 2 && past_.front().first < progress.seconds - kRateWindow) past_.pop_front();
  const auto& [seconds, items] = past_.front();
  // The first snapshot has nothing to look back at but the start.
  if (past_.size() == 1) {
    return seconds > 0 ? static_cast<double>(items) / seconds : 0;
  }
  const double elapsed = progress.seconds - seconds;
  return elapsed > 0 ? static_cast<double>(progress.items.settled() - items) / elapsed : 0;
}

void ProgressDisplay::draw(const Progress& progress) {
  const winsize size = terminal_size();
  const ProgressView view{pipeline_, rate_of(progress), size.ws_col, size.ws_row};
  if (style_.mode == ProgressMode::lines) {
    write_error_stream(progress_line(progress, view) + "\n");
    return;
  }
  erase();
  block_ = progress_block(progress, view);
  std::string text;
  for (std::size_t i = 0; i < block_.size(); ++i) {
    drawn_.push_back(columns(block_[i]));
    const bool is_bold = style_.has_colour && i == 0;
    text += is_bold ? "\x1b[1m" + block_[i] + "\x1b[0m\n" : block_[i] + "\n";
  }
  write_error_stream(text);
}

void ProgressDisplay::erase() {
  if (drawn_.empty()) return;
  const std::size_t width = std::max<std::size_t>(terminal_size().ws_col, 1);
  std::size_t rows = 0;
  for (const std::size_t line : drawn_) rows += std::max<std::size_t>(1, (line + width - 1) / width);
  drawn_.clear();
  write_error_stream("\x1b[" + std::to_string(rows) + "A\r\x1b[J");
}

}  // namespace penstock::cli
