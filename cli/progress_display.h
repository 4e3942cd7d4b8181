// Shows the progress of a run on standard error: one block that is drawn again and again on a terminal, a line now and
// then elsewhere. Everything else that the program says meanwhile goes through print(), so that it stands above.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "penstock/run_report.h"

namespace penstock::cli {

enum class ProgressMode { off, lines, block };

/// `setting`: auto, always or never. auto shows a block on a terminal and a line every five seconds elsewhere; always
/// shows the first line at once and one each second.
struct ProgressStyle {
  ProgressMode mode = ProgressMode::off;
  std::chrono::milliseconds interval{0};
  bool starts_at_once = false;
  bool has_colour = false;
};
ProgressStyle progress_style(const std::string& setting);

/// Thread safety: every member may be called from any thread.
class ProgressDisplay {
 public:
  explicit ProgressDisplay(ProgressStyle style) : style_(style) {}
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;
  ~ProgressDisplay() { stop(); }

  /// Starts to show what `snapshot` gives, which is called on the display's thread until stop().
  void start(std::string pipeline, std::function<Progress()> snapshot);
  /// Takes the block away. Returns at once when nothing was started.
  void stop();
  /// Writes a text that ends with a line feed, above the block.
  void print(std::string_view text);

 private:
  void show();
  void draw(const Progress& progress);
  void erase();
  double rate_of(const Progress& progress);

  const ProgressStyle style_;
  std::string pipeline_;
  std::function<Progress()> snapshot_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool is_stopping_ = false;
  std::vector<std::size_t> drawn_;                     // Columns of each line of the block on the screen.
  std::vector<std::string> block_;                     // Its lines, to draw them again below what is printed.
  std::deque<std::pair<double, std::uint64_t>> past_;  // Seconds and settled items of the last seconds.
  std::thread thread_;
};

}  // namespace penstock::cli
