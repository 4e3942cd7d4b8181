// Recognises the colour profile that most pictures carry for nothing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace penstock::stages {

/// True when the ICC profile describes sRGB itself, whoever wrote it: a conversion to sRGB would change nothing, and
/// setting one up costs more than a thumbnail. False when in doubt. Never throws, whatever the bytes are.
bool is_srgb_profile(std::string_view icc);

}  // namespace penstock::stages
