// One item per line; the line is its key.
// SPDX-License-Identifier: Apache-2.0
#include "stages/lines/lines.h"

#include <string>
#include <string_view>
#include <utility>

#include "penstock/stage.h"
#include "stages/common/text_input.h"

namespace penstock::stages {
namespace {

struct LinesParams {
  FilePath path;
  std::string comments;
  ByteSize max_line_bytes{1U << 20U};
};

class Lines final : public AsyncSource {
 public:
  explicit Lines(LinesParams params)
      : params_(std::move(params)), lines_(params_.path, {.max_bytes = params_.max_line_bytes.bytes}) {}

  void open(StageContext&) override { lines_.open(); }
  void close(StageContext&) override { lines_.close(); }

  Task<void> produce(SourceOutput& output, StageContext& context) override {
    const auto fill = [this](std::string_view line, SourceItem& item) {
      if (is_skipped(line)) return false;
      item.key = line;
      return true;
    };
    return emit_each(lines_, fill, output, context);
  }

 private:
  bool is_skipped(std::string_view line) const {
    const std::size_t start = line.find_first_not_of(" \t");
    if (start == std::string_view::npos) return true;
    return !params_.comments.empty() && line.substr(start).starts_with(params_.comments);
  }

  LinesParams params_;
  LineReader lines_;
};

}  // namespace

StageSpec lines_spec() {
  return describe_stage<Lines, LinesParams>("lines")
      .summary("Emit an item for each line of a text file; the line is its key.")
      .output<None>("lines", "Items without payload, in the order of the file.")
      .param(&LinesParams::path, "path", "A text file in UTF-8, a named pipe, or `-` for standard input.")
      .required()
      .param(&LinesParams::comments, "comments", "Skip lines that start with this text, e.g. `#`; empty keeps all.")
      .param(&LinesParams::max_line_bytes, "max_line_bytes", "A longer line ends the run.",
             between(1, 1024.0 * 1024 * 1024))
      .error(kCannotOpen)
      .error(kCannotRead)
      .error(kTooLong)
      .error(kNotText)
      .example(R"({"type": "lines", "path": "urls.txt", "comments": "#"})");
}

}  // namespace penstock::stages
