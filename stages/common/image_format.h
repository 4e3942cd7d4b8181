// The format of an image file, found by its first bytes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "stages/types/encoded_image.h"

namespace penstock::stages {

/// The format that the magic bytes of `data` name; file names and media types play no part. Looks at the first
/// kilobyte at most and never fails: nothing means that no known format begins like this.
std::optional<ImageFormat> detect_image_format(std::string_view data);

/// What `data` looks like when it is no known image, for error messages: "empty", "an HTML page", "text" or
/// "bytes 4d 5a 90 00".
std::string describe_unknown_data(std::string_view data);

}  // namespace penstock::stages
