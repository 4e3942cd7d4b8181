// One item per line; its payload is the JSON value on that line.
// SPDX-License-Identifier: Apache-2.0
#include "stages/jsonl/jsonl.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/stage.h"
#include "stages/common/json_pointer_option.h"
#include "stages/common/json_text.h"
#include "stages/common/text_input.h"
#include "stages/types/json.h"

namespace penstock::stages {
namespace {

constexpr ErrorCode kBadJson{"jsonl.bad_json", "A line is not a JSON value."};
constexpr ErrorCode kTooDeep{"jsonl.too_deep", "The JSON on a line is nested more than 64 levels deep."};
constexpr ErrorCode kMissingKey{"jsonl.missing_key", "A line has nothing at the pointer `key`."};
constexpr ErrorCode kNotScalar{"jsonl.not_scalar",
                               "The key or an attribute is an object, an array, or a number beyond 64 bits."};

using Pointer = nlohmann::json::json_pointer;

struct JsonlParams {
  FilePath path;
  std::optional<Pointer> key;
  std::vector<std::pair<std::string, Pointer>> attributes;
  ByteSize max_line_bytes{1U << 20U};
};

class Jsonl final : public AsyncSource {
 public:
  explicit Jsonl(JsonlParams params)
      : params_(std::move(params)), lines_(params_.path, {.max_bytes = params_.max_line_bytes.bytes}) {}

  void open(StageContext&) override { lines_.open(); }
  void close(StageContext&) override { lines_.close(); }

  Task<void> produce(SourceOutput& output, StageContext& context) override {
    const auto fill = [this](std::string_view line, SourceItem& item) {
      if (line.find_first_not_of(" \t") == std::string_view::npos) return false;
      item = make_item(line);
      return true;
    };
    return emit_each(lines_, fill, output, context);
  }

 private:
  SourceItem make_item(std::string_view line) const {
    nlohmann::json value = parse(line);
    SourceItem item;
    item.key = params_.key ? key_in(value) : std::to_string(lines_.line_number());
    for (const auto& [name, pointer] : params_.attributes) {
      if (!value.contains(pointer)) continue;
      item.attributes.set(name, scalar_at(value, pointer, "the attribute `" + name + "`"));
    }
    item.payload = Payload(Json(std::move(value)));
    return item;
  }

  nlohmann::json parse(std::string_view line) const {
    try {
      return parse_json(line);
    } catch (const JsonTextError& error) {
      const std::string place = lines_.place() + (error.byte() > 0 ? ":" + std::to_string(error.byte()) : "");
      throw ItemError(error.kind() == JsonTextError::Kind::depth ? kTooDeep : kBadJson, place + ": " + error.what());
    }
  }

  std::string key_in(const nlohmann::json& value) const {
    if (!value.contains(*params_.key)) {
      throw ItemError(kMissingKey, lines_.place() + ": there is nothing at \"" + params_.key->to_string() + "\"");
    }
    return to_text(scalar_at(value, *params_.key, "the key"));
  }

  AttributeValue scalar_at(const nlohmann::json& value, const Pointer& pointer, const std::string& what) const {
    const nlohmann::json& part = value.at(pointer);
    std::optional<AttributeValue> result = attribute_of(part);
    if (result) return *std::move(result);
    throw ItemError(kNotScalar, lines_.place() +
                                    ": expected a string, a number of at most 64 bits, true, false or null for " +
                                    what + " at \"" + pointer.to_string() + "\", got " + std::string(part.type_name()));
  }

  JsonlParams params_;
  LineReader lines_;
};

}  // namespace

StageSpec jsonl_spec() {
  return describe_stage<Jsonl, JsonlParams>("jsonl")
      .summary("Emit an item for each line of a JSON Lines file; the JSON value is its payload.")
      .output<Json>("values", "The JSON values, in the order of the file.")
      .param(&JsonlParams::path, "path",
             "A file with one JSON value per line, a named pipe, or `-` for standard input.")
      .required()
      .param(&JsonlParams::key, "key", "JSON pointer to the key, e.g. `/url`. Without it the key is the line number.")
      .param(&JsonlParams::attributes, "attributes",
             "Attributes to set, each with a JSON pointer to its value; a value that is missing sets none.")
      .param(&JsonlParams::max_line_bytes, "max_line_bytes", "A longer line ends the run.",
             between(1, 1024.0 * 1024 * 1024))
      .any_attributes()
      .error(kCannotOpen)
      .error(kCannotRead)
      .error(kTooLong)
      .error(kNotText)
      .error(kBadJson)
      .error(kTooDeep)
      .error(kMissingKey)
      .error(kNotScalar)
      .example(R"({"type": "jsonl", "path": "photos.jsonl", "key": "/url", "attributes": {"photo.width": "/size/0"}})");
}

}  // namespace penstock::stages
