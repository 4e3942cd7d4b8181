// SPDX-License-Identifier: Apache-2.0
#include "cli/summary.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>

#include "cli/progress_text.h"
#include "cli/terminal_text.h"

namespace penstock::cli {
namespace {

constexpr std::size_t kMostErrors = 10;
constexpr std::size_t kLongestExample = 200;

std::string mebibytes(std::uint64_t bytes) {
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.1f MiB", static_cast<double>(bytes) / (1024.0 * 1024.0));
  return buffer.data();
}

std::string counts(const ItemCounts& items) {
  std::string text = grouped(items.done) + " done";
  if (items.dropped != 0) text += ", " + grouped(items.dropped) + " dropped";
  if (items.failed != 0) text += ", " + grouped(items.failed) + " failed";
  if (items.cancelled != 0) text += ", " + grouped(items.cancelled) + " cancelled";
  return text + " of " + grouped(items.admitted) + " items";
}

std::string errors_text(const RunReport& report) {
  std::string text;
  const std::size_t shown = std::min(report.errors.size(), kMostErrors);
  for (std::size_t i = 0; i < shown; ++i) {
    const ErrorSummary& error = report.errors[i];
    text += "  " + grouped(error.count) + " x " + error.code + " in \"" + escape_controls(error.stage) + "\"\n";
    text += "      " + fit(escape_controls(error.example_key), kLongestExample) + ": " +
            fit(escape_controls(error.example_message), kLongestExample) + "\n";
  }
  if (shown < report.errors.size()) text += "  and " + std::to_string(report.errors.size() - shown) + " other errors\n";
  return text;
}

/// A relative `file:` URL as a path from here.
std::string readable_target(const std::string& target, const std::string& base) {
  constexpr std::string_view kScheme = "file:";
  if (!target.starts_with(kScheme) || target.starts_with("file:/")) return target;
  const std::filesystem::path path(target.substr(kScheme.size()));
  return (std::filesystem::path(base) / path).lexically_normal().string();
}

}  // namespace

std::string summary(const RunReport& report, const std::vector<std::string>& outputs) {
  std::string text = escape_controls(report.pipeline) + ": " + to_string(report.outcome) + " in " +
                     short_duration(report.seconds) + ": " + counts(report.items);
  if (report.seconds > 0 && report.items.settled() != 0) {
    text += ", " + short_number(static_cast<double>(report.items.settled()) / report.seconds) + " items/s";
  }
  text += "\n";
  if (report.abort) {
    text += "  aborted";
    if (!report.abort->stage.empty()) text += " by \"" + escape_controls(report.abort->stage) + "\"";
    text += ": " + report.abort->code + ": " + escape_controls(report.abort->message) + "\n";
  }
  text += errors_text(report);
  text += "  at most " + grouped(report.peak_items_in_flight) + " items in flight, " +
          mebibytes(report.peak_rss_bytes) + " of memory\n";
  for (const std::string& output : outputs) text += "  " + escape_controls(output) + "\n";
  return text;
}

std::vector<std::string> outputs_of(const graph::Graph& graph, const std::string& base) {
  std::vector<std::string> outputs;
  for (const graph::GraphStage& stage : graph.stages) {
    if (stage.spec->output) continue;
    for (const ParamSpec& param : stage.spec->params) {
      const OptionValue value = param.get(stage.params.get());
      if (param.is_secret || !param.is_required || !value.holds<std::string>()) continue;
      outputs.push_back(stage.name + ": " + readable_target(value.get<std::string>(), base));
    }
  }
  return outputs;
}

}  // namespace penstock::cli
