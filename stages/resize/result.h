// What either path of `resize` gives, and how it leaves the stage.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>

#include "penstock/option_codec.h"
#include "penstock/stage_context.h"
#include "stages/resize/geometry.h"
#include "stages/types/encoded_image.h"

namespace penstock::stages {

struct ResizeResult {
  std::string data;  ///< The file.
  Size size;         ///< Of the result.
  Size source;       ///< Of the input, upright.
};

enum class ResizePath { planar, vips };
constexpr std::array<Name<ResizePath>, 2> names_of(ResizePath) {
  return {{{ResizePath::planar, "planar"}, {ResizePath::vips, "vips"}}};
}

/// The payload, with the attributes that tell of it. It goes on holding its part of what was reserved for the work.
EncodedImage emitted(ResizeResult result, ImageFormat format, ResizePath path, StageContext& context);

}  // namespace penstock::stages
