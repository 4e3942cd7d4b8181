// Text becomes a value: the payload, or attributes.
// SPDX-License-Identifier: Apache-2.0
#include "stages/parse/parse.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "penstock/stage.h"
#include "stages/common/item_template.h"
#include "stages/common/json_pointer_option.h"
#include "stages/common/json_text.h"
#include "stages/common/payload_value.h"
#include "stages/types/json.h"

namespace penstock::stages {
namespace {

enum class As { integer, json };
constexpr std::array<Name<As>, 2> names_of(As) { return {{{As::integer, "integer"}, {As::json, "json"}}}; }

constexpr ErrorCode kNotAnInteger{"parse.not_an_integer", "The text is no decimal integer of at most 64 bits."};
constexpr ErrorCode kBadJson{"parse.bad_json", "The text is no JSON value, or is nested more than 64 levels deep."};
constexpr ErrorCode kNotScalar{"parse.not_scalar",
                               "What an attribute should hold is an object, an array, or an integer beyond 64 bits."};

using Pointer = nlohmann::json::json_pointer;

struct ParseParams {
  As as = As::json;
  std::optional<ItemTemplate> text;
  std::optional<std::string> attribute;
  std::vector<std::pair<std::string, Pointer>> attributes;
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::int64_t integer_in(std::string_view text) {
  const std::string_view digits = trimmed(text);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc() && end == digits.data() + digits.size() && !digits.empty()) return value;
  if (error == std::errc::result_out_of_range) throw ItemError(kNotAnInteger, "the number has more than 64 bits");
  throw ItemError(kNotAnInteger, "expected an integer such as -12, got " +
                                     std::string(digits.empty() ? "nothing" : "something else") + " (" +
                                     std::to_string(text.size()) + " bytes)");
}

nlohmann::json json_in(std::string_view text) {
  try {
    return parse_json(text);
  } catch (const JsonTextError& error) {
    throw ItemError(kBadJson, (error.byte() > 0 ? "byte " + std::to_string(error.byte()) + ": " : "") + error.what());
  }
}

class Parse final : public Transform<Payload, Payload> {
 public:
  explicit Parse(ParseParams params) : params_(std::move(params)) {}

  Payload process(const Payload& in, StageContext& context) const override {
    std::string scratch;
    std::string_view text;
    if (params_.text) {
      scratch = params_.text->expand(context);
      text = scratch;
    } else {
      text = text_of(in, context.key(), scratch);
    }
    if (params_.as == As::integer) {
      const std::int64_t value = integer_in(text);
      if (!params_.attribute) return Payload(Integer{value});
      context.set_attribute(*params_.attribute, value);
      return in;
    }
    nlohmann::json value = json_in(text);
    for (const auto& [name, pointer] : params_.attributes) {
      if (value.contains(pointer)) set(context, name, value.at(pointer));
    }
    if (params_.attribute) {
      set(context, *params_.attribute, value);
      return in;
    }
    Json document(std::move(value));
    document.hold(context.keep(document.bytes()));
    return Payload(std::move(document));
  }

  /// A document of small values takes 16 bytes for each two of its text, and twice that while a list grows.
  std::uint64_t memory_need(const Payload& in, const StageContext&) const {
    return params_.as == As::integer || params_.text ? 0 : kBytesPerByte * in.bytes();
  }

 private:
  static constexpr std::uint64_t kBytesPerByte = 16;

  static void set(StageContext& context, const std::string& name, const nlohmann::json& value) {
    std::optional<AttributeValue> scalar = attribute_of(value);
    if (!scalar) {
      throw ItemError(kNotScalar, "expected a string, a number of at most 64 bits, true, false or null for `" + name +
                                      "`, got " + value.type_name());
    }
    context.set_attribute(name, *std::move(scalar));
  }

  const ParseParams params_;
};

void check_params(const ParseParams& params) {
  if (params.as == As::integer && !params.attributes.empty()) {
    throw OptionError("option.conflict", "`attributes` points into JSON, but `as` is \"integer\"",
                      "use `attribute` for a number", "/attributes");
  }
}

const PayloadType* output_of(const ParseParams& params) {
  if (params.attribute) return nullptr;
  return params.as == As::integer ? &payload_type<Integer>() : &payload_type<Json>();
}

}  // namespace

StageSpec parse_spec() {
  return describe_stage<Parse, ParseParams>("parse")
      .summary("Make an integer, JSON or attributes of text.")
      .input<Payload>("text", "Text or bytes; any payload when `text` is given.")
      .output_by_options<Integer, Json>("value", "As `as` says; with `attribute` the payload stays as it is.",
                                        output_of)
      .param(&ParseParams::as, "as", "What the text is.")
      .param(&ParseParams::text, "text", "Parse this instead of the payload, e.g. `{key}` or `{file.bytes}`.")
      .param(&ParseParams::attribute, "attribute", "Set this attribute to the value, and leave the payload alone.",
             at_least(1))
      .param(&ParseParams::attributes, "attributes",
             "Attributes to set, each with a JSON pointer to its value; a value that is missing sets none.")
      .check(check_params)
      .any_attributes()
      .error(kNotAnInteger)
      .error(kBadJson)
      .error(kNotScalar)
      .error(kNoText)
      .error(kNotUtf8)
      .error(kMissingAttribute)
      .example(R"({"type": "parse", "as": "integer", "text": "{key}"})");
}

}  // namespace penstock::stages
