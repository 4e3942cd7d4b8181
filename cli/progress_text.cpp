// SPDX-License-Identifier: Apache-2.0
#include "cli/progress_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include "cli/terminal_text.h"

namespace penstock::cli {
namespace {

std::string padded_left(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, columns(text)), ' ') + text;
}

std::string padded_right(const std::string& text, std::size_t width) {
  return text + std::string(width - std::min(width, columns(text)), ' ');
}

std::string rate(double per_second) { return short_number(per_second) + " items/s"; }

/// Seconds until the end at this rate; nothing when the end is not known.
std::optional<double> seconds_left(const Progress& progress, double items_per_second) {
  if (!progress.total || items_per_second <= 0 || *progress.total < progress.items.settled()) return std::nullopt;
  return static_cast<double>(*progress.total - progress.items.settled()) / items_per_second;
}

/// From 0 to 1; nothing when the end is not known.
std::optional<double> fraction_done(const Progress& progress) {
  if (!progress.total) return std::nullopt;
  if (*progress.total == 0) return 1;
  return std::min(1.0, static_cast<double>(progress.items.settled()) / static_cast<double>(*progress.total));
}

std::string percent(double fraction) {
  // Never 100 % before the end.
  return std::to_string(static_cast<int>(std::floor(fraction * 100))) + " %";
}

std::string bar(double fraction, std::size_t width) {
  const auto filled = static_cast<std::size_t>(std::floor(fraction * static_cast<double>(width)));
  std::string text = "[" + std::string(filled, '=');
  if (filled < width) text += ">" + std::string(width - filled - 1, ' ');
  return text + "]";
}

/// "520 of 1,000 items", "520 items".
std::string amount(const Progress& progress) {
  std::string text = grouped(progress.items.settled());
  if (progress.total) text += " of " + grouped(*progress.total);
  return text + " items";
}

std::string head_line(const Progress& progress, const ProgressView& view) {
  std::string text = escape_controls(view.pipeline);
  if (progress.is_draining) text += " (draining)";
  if (const auto done = fraction_done(progress)) {
    const std::size_t width = std::clamp<std::size_t>(view.columns / 8, 8, 40);
    text += "  " + bar(*done, width) + " " + padded_left(percent(*done), 5);
  }
  text += "  " + amount(progress) + "  " + rate(view.items_per_second);
  if (const auto left = seconds_left(progress, view.items_per_second)) {
    text += "  " + short_duration(*left) + " left";
  } else {
    text += "  " + short_duration(progress.seconds);
  }
  return text;
}

}  // namespace

std::string short_duration(double seconds) {
  std::array<char, 32> buffer{};
  const auto whole = static_cast<std::uint64_t>(std::min(seconds, 1e12));
  const auto pair = [&](std::uint64_t large, const char* large_unit, std::uint64_t small, const char* small_unit) {
    std::string text = std::to_string(large) + large_unit;
    return small == 0 ? text : text + " " + std::to_string(small) + small_unit;
  };
  if (seconds < 10) {
    std::snprintf(buffer.data(), buffer.size(), "%.1f s", seconds);
    return buffer.data();
  }
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3'600) return pair(whole / 60, " min", whole % 60, " s");
  if (whole < 86'400) return pair(whole / 3'600, " h", whole % 3'600 / 60, " min");
  return pair(whole / 86'400, " d", whole % 86'400 / 3'600, " h");
}

std::string short_number(double value) {
  if (value >= 100) return grouped(static_cast<std::uint64_t>(std::llround(value)));
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), value >= 10 ? "%.1f" : "%.2f", value);
  return value == 0 ? "0" : buffer.data();
}

std::vector<std::string> progress_block(const Progress& progress, const ProgressView& view) {
  const std::size_t width = view.columns > 1 ? view.columns - 1 : 1;
  std::vector<std::string> lines = {fit(head_line(progress, view), width)};
  std::size_t names = 5;
  for (const StageReport& stage : progress.stages) names = std::max(names, columns(escape_controls(stage.name)));
  names = std::min<std::size_t>(names, 24);

  const auto row = [&](std::string_view name, const std::array<std::string, 5>& cells) {
    std::string line = "  " + padded_right(fit(name, names), names);
    for (const std::string& cell : cells) line += " " + padded_left(cell, 10);
    return fit(line, width);
  };
  const std::size_t room = view.rows > 3 ? view.rows - 3 : 0;
  if (room == 0 || progress.stages.empty()) return lines;
  lines.push_back(row("stage", {"in", "out", "failed", "in flight", "waiting"}));
  const std::size_t shown = progress.stages.size() <= room ? progress.stages.size() : room - 1;
  for (std::size_t i = 0; i < shown; ++i) {
    const StageReport& stage = progress.stages[i];
    lines.push_back(row(escape_controls(stage.name), {grouped(stage.in), grouped(stage.out), grouped(stage.failed),
                                                      grouped(stage.in_flight), grouped(stage.waiting)}));
  }
  if (shown < progress.stages.size()) {
    lines.push_back(fit("  and " + std::to_string(progress.stages.size() - shown) + " more stages", width));
  }
  return lines;
}

std::string progress_line(const Progress& progress, const ProgressView& view) {
  std::string text = escape_controls(view.pipeline) + ": " + amount(progress);
  if (const auto done = fraction_done(progress)) text += " (" + percent(*done) + ")";
  text += ", " + rate(view.items_per_second);
  if (progress.items.failed != 0) text += ", " + grouped(progress.items.failed) + " failed";
  if (const auto left = seconds_left(progress, view.items_per_second)) text += ", " + short_duration(*left) + " left";
  if (progress.is_draining) text += ", draining";
  return text;
}

}  // namespace penstock::cli
