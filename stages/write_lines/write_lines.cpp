// A line of text or JSON for each item.
// SPDX-License-Identifier: Apache-2.0
#include "stages/write_lines/write_lines.h"

#include <array>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/stage.h"
#include "stages/common/json_text.h"
#include "stages/common/payload_value.h"
#include "stages/write_lines/line_output.h"

namespace penstock::stages {
namespace {

enum class LineFormat { text, json, item };
constexpr std::array<Name<LineFormat>, 3> names_of(LineFormat) {
  return {{{LineFormat::text, "text"}, {LineFormat::json, "json"}, {LineFormat::item, "item"}}};
}

struct WriteLinesParams {
  FilePath path{"-", "-"};
  LineFormat format = LineFormat::text;
};

nlohmann::json attributes_of(const StageContext& context) {
  nlohmann::json attributes = nlohmann::json::object();
  for (const auto& [name, value] : context.attributes().entries()) attributes[name] = json_of(value);
  return attributes;
}

class WriteLines final : public BlockingTransform<Payload, void> {
 public:
  explicit WriteLines(WriteLinesParams params) : format_(params.format), output_(std::move(params.path)) {}

  void open(StageContext&) override { output_.open(); }

  void process(const Payload& in, StageContext& context) const override {
    std::string line = line_of(in, context);
    if (!line.ends_with('\n')) line += '\n';
    const std::scoped_lock lock(mutex_);
    output_.write(line);
  }

  /// What a cancelled run has written is not the result that somebody waits for.
  void close(StageContext& context) override {
    const std::scoped_lock lock(mutex_);
    if (context.stop_requested()) {
      output_.discard();
    } else {
      output_.commit();
    }
  }

 private:
  std::string line_of(const Payload& in, const StageContext& context) const {
    switch (format_) {
      case LineFormat::json:
        return dump_json(json_of(in, context.key()));
      case LineFormat::item: {
        nlohmann::json payload = in.holds<None>() ? nlohmann::json() : json_of(in, context.key());
        return dump_json({{"key", context.key()}, {"attributes", attributes_of(context)}, {"payload", payload}});
      }
      case LineFormat::text:
        break;
    }
    std::string scratch;
    return std::string(text_of(in, context.key(), scratch));
  }

  const LineFormat format_;
  mutable std::mutex mutex_;  // With a `concurrency` above 1.
  mutable LineOutput output_;
};

}  // namespace

StageSpec write_lines_spec() {
  return describe_stage<WriteLines, WriteLinesParams>("write_lines")
      .summary("Write a line of text or JSON for each item, to standard output or a file.")
      .input<Payload>("items", "Integers, JSON, text or bytes; of items without payload the key.")
      .param(&WriteLinesParams::path, "path",
             "A file, which appears whole when the stage has ended; `-` is standard output.")
      .param(&WriteLinesParams::format, "format",
             "The payload as text, the payload as `json`, or the whole `item` as JSON: key, attributes and payload.")
      .default_concurrency(1)
      .error(kCannotCreate)
      .error(kCannotWrite)
      .error(kNoText)
      .error(kNotUtf8)
      .example(R"({"type": "write_lines", "path": "out.jsonl", "format": "item", "ordered": true})");
}

}  // namespace penstock::stages
