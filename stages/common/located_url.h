// A URL template as an option, with the folder that relative `file:` URLs count from.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "penstock/option_codec.h"
#include "stages/common/item_template.h"

namespace penstock::stages {

struct LocatedUrl {
  UrlTemplate url;
  std::string base;  ///< The configuration's folder.
};

}  // namespace penstock::stages

namespace penstock {

template <>
struct OptionCodec<stages::LocatedUrl> {
  using Inner = OptionCodec<stages::UrlTemplate>;
  static OptionType type() { return Inner::type(); }
  static stages::LocatedUrl from(const OptionValue& value, const OptionContext& context) {
    return {Inner::from(value, context), context.base};
  }
  static OptionValue to(const stages::LocatedUrl& value) { return Inner::to(value.url); }
  static std::vector<std::string> used_attributes(const stages::LocatedUrl& value) {
    return Inner::used_attributes(value.url);
  }
};

}  // namespace penstock
