// What `resize` fails with.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/error.h"

namespace penstock::stages {

inline constexpr ErrorCode kUnknownFormat{"resize.unknown_format",
                                          "The input does not begin like an image of any known format."};
inline constexpr ErrorCode kFormatNotAllowed{"resize.format_not_allowed",
                                             "The input is an image of a format that `formats` does not name."};
inline constexpr ErrorCode kTruncated{"resize.truncated", "The image file ends before its picture does."};
inline constexpr ErrorCode kCorrupt{"resize.corrupt",
                                    "The image file is damaged: its header or its picture cannot be decoded."};
inline constexpr ErrorCode kTooManyPixels{"resize.too_many_pixels", "The image has more pixels than `max_pixels`."};
inline constexpr ErrorCode kTooLarge{"resize.too_large_dimensions",
                                     "The result would be larger than its format, or `max_pixels`, allows."};
inline constexpr ErrorCode kEncodeFailed{"resize.encode_failed",
                                         "The result could not be written in the format asked for."};
inline constexpr ErrorCode kNotPlanar{"resize.not_planar",
                                      "With `\"engine\": \"planar\"`: the image cannot be worked on as planes."};

}  // namespace penstock::stages
