// One item per line; its payload is the JSON value on that line.
// SPDX-License-Identifier: Apache-2.0
#include "stages/jsonl/jsonl.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/stage.h"
#include "stages/common/json_pointer_option.h"
#include "stages/common/text_input.h"
#include "stages/types/json.h"

namespace penstock::stages {
namespace {

constexpr ErrorCode kBadJson{"jsonl.bad_json", "A line is not a JSON value."};
constexpr ErrorCode kTooDeep{"jsonl.too_deep", "The JSON on a line is nested more than 64 levels deep."};
constexpr ErrorCode kMissingKey{"jsonl.missing_key", "A line has nothing at the pointer `key`."};
constexpr ErrorCode kNotScalar{"jsonl.not_scalar",
                               "The key or an attribute is an object, an array, or a number beyond 64 bits."};

// Documents are copied and written by recursion: what is let in must not exhaust a stack.
constexpr std::size_t kMaxDepth = 64;

using Pointer = nlohmann::json::json_pointer;

struct JsonlParams {
  FilePath path;
  std::optional<Pointer> key;
  std::vector<std::pair<std::string, Pointer>> attributes;
  ByteSize max_line_bytes{1U << 20U};
};

/// Deepest nesting of arrays and objects. Brackets within strings do not count.
std::size_t depth_of(std::string_view text) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

/// Nothing for arrays, objects, and integers that an attribute cannot hold.
std::optional<AttributeValue> scalar(const nlohmann::json& value) {
  using Type = nlohmann::json::value_t;
  switch (value.type()) {
    case Type::null:
      return AttributeValue(nullptr);
    case Type::boolean:
      return AttributeValue(value.get<bool>());
    case Type::number_unsigned:
      if (value.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return std::nullopt;
      return AttributeValue(value.get<std::int64_t>());
    case Type::number_integer:
      return AttributeValue(value.get<std::int64_t>());
    case Type::number_float:
      return AttributeValue(value.get<double>());
    case Type::string:
      return AttributeValue(value.get<std::string>());
    default:
      return std::nullopt;
  }
}

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
    if (depth_of(line) > kMaxDepth) {
      throw ItemError(kTooDeep,
                      lines_.place() + ": expected at most " + std::to_string(kMaxDepth) + " levels of nesting");
    }
    try {
      return nlohmann::json::parse(line);
    } catch (const nlohmann::json::parse_error& error) {
      throw ItemError(kBadJson, lines_.place() + ":" + std::to_string(error.byte) +
                                    ": expected a JSON value: " + without_prefix(error.what()));
    } catch (const nlohmann::json::exception& error) {  // A number that no double holds.
      throw ItemError(kBadJson, lines_.place() + ": expected a JSON value: " + without_prefix(error.what()));
    }
  }

  /// The parser's own words, without its error number and place.
  static std::string without_prefix(std::string_view message) {
    const std::size_t number = message.find("] ");
    if (number != std::string_view::npos) message.remove_prefix(number + 2);
    const std::size_t place = message.starts_with("parse error") ? message.find(": ") : std::string_view::npos;
    if (place != std::string_view::npos) message.remove_prefix(place + 2);
    return std::string(message);
  }

  std::string key_in(const nlohmann::json& value) const {
    if (!value.contains(*params_.key)) {
      throw ItemError(kMissingKey, lines_.place() + ": there is nothing at \"" + params_.key->to_string() + "\"");
    }
    return to_text(scalar_at(value, *params_.key, "the key"));
  }

  AttributeValue scalar_at(const nlohmann::json& value, const Pointer& pointer, const std::string& what) const {
    const nlohmann::json& part = value.at(pointer);
    std::optional<AttributeValue> result = scalar(part);
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
