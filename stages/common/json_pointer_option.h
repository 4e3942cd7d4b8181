// JSON pointers (RFC 6901) as options.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "penstock/option_codec.h"

namespace penstock {

template <>
struct OptionCodec<nlohmann::json::json_pointer> {
  static OptionType type() { return {.kind = OptionType::Kind::text, .hint = "a JSON pointer such as `/photo/url`"}; }
  static nlohmann::json::json_pointer from(const OptionValue& value, const OptionContext&) {
    const std::string& text = value.get<std::string>();
    try {
      return nlohmann::json::json_pointer(text);
    } catch (const nlohmann::json::exception&) {
      throw OptionError("option.value", "expected a JSON pointer, got \"" + text + "\"",
                        text.starts_with('/') ? "write `~0` for `~` and `~1` for `/`" : "write \"/" + text + "\"");
    }
  }
  static OptionValue to(const nlohmann::json::json_pointer& value) { return value.to_string(); }
};

}  // namespace penstock
