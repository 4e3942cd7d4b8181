// A value becomes text: the payload, or an attribute.
// SPDX-License-Identifier: Apache-2.0
#include "stages/format/format.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "penstock/bytes.h"
#include "penstock/stage.h"
#include "penstock/utf8.h"
#include "stages/common/item_template.h"
#include "stages/common/json_text.h"
#include "stages/common/payload_value.h"

namespace penstock::stages {
namespace {

struct FormatParams {
  std::optional<ItemTemplate> text;
  std::optional<std::string> attribute;
};

class Format final : public Transform<Payload, Payload> {
 public:
  explicit Format(FormatParams params) : params_(std::move(params)) {}

  Payload process(const Payload& in, StageContext& context) const override {
    std::string text;
    if (params_.text) {
      text = params_.text->expand(context);
    } else {
      std::string scratch;
      text = text_of(in, context.key(), scratch);
    }
    if (!params_.attribute) {
      const std::uint64_t size = text.size();
      return Payload(Bytes(std::move(text), context.keep(size)));
    }
    if (find_invalid_utf8(text) != text.size()) throw ItemError(kNotUtf8, "an attribute holds UTF-8");
    context.set_attribute(*params_.attribute, std::move(text));
    return in;
  }

  std::uint64_t memory_need(const Payload& in, const StageContext&) const {
    // The text, and while it grows once more as much; in JSON a byte may become an escape of six.
    return params_.text ? 0 : 2 * (in.holds<Bytes>() || in.holds<Text>() ? 1 : 6) * in.bytes();
  }

 private:
  const FormatParams params_;
};

const PayloadType* output_of(const FormatParams& params) { return params.attribute ? nullptr : &payload_type<Bytes>(); }

}  // namespace

StageSpec format_spec() {
  return describe_stage<Format, FormatParams>("format")
      .summary("Make text of a payload, or of the key and attributes.")
      .input<Payload>("value", "An integer, JSON, text or bytes; any payload when `text` is given.")
      .output_by_options<Bytes>("text", "The text; with `attribute` the payload stays as it is.", output_of)
      .param(&FormatParams::text, "text", "Write this instead of the payload, e.g. `{key}: {image.width}`.")
      .param(&FormatParams::attribute, "attribute", "Set this attribute to the text, and leave the payload alone.",
             at_least(1))
      .any_attributes()
      .error(kNoText)
      .error(kNotUtf8)
      .error(kMissingAttribute)
      .example(R"({"type": "format", "text": "{key} is done"})");
}

}  // namespace penstock::stages
