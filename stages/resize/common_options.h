// What `resize` and `renditions` declare alike.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"
#include "stages/resize/errors.h"
#include "stages/resize/params.h"

namespace penstock::stages {

/// Adds the options but the sizes, the errors and the attributes of the result. REQUIRES: Params is or extends
/// ResizeParams.
template <class S, class Params>
void describe_common_options(StageDescription<S, Params>& stage) {
  const auto of = []<class T>(T ResizeParams::*member) -> T Params::* { return member; };
  stage
      .param(
          of(&ResizeParams::fit), "fit",
          "`inside`: the whole picture within the box. `cover`: fills the box, what stands out is cut off. `contain`: "
          "like `inside`, then filled up to the box with `background`. `stretch`: exactly the box.")
      .param(of(&ResizeParams::enlarge), "enlarge", "Whether a picture smaller than the box is enlarged to it.")
      .param(of(&ResizeParams::position), "position", "Which part `cover` keeps, and where `contain` puts the picture.")
      .param(
          of(&ResizeParams::background), "background",
          "Colour of the border that `contain` adds, and behind transparent pixels where the output format has none.")
      .param(of(&ResizeParams::kernel), "kernel", "Resampling filter.")
      .param(of(&ResizeParams::format), "format",
             "Format of the result. `keep`: that of the input, or png where that cannot be written.")
      .param(of(&ResizeParams::quality), "quality",
             "Encoder quality; ignored by png, gif and tiff. Without it: jpeg and webp 80, avif and heic 50.",
             between(1, 100))
      .param(of(&ResizeParams::quality_mode), "quality_mode",
             "How much of a JPEG is decoded to scale it on planes. `fast`: at least 4/3 of the size of the result. "
             "`best`: at least twice that size, which is as good as all of it.")
      .param(
          of(&ResizeParams::engine), "engine",
          "`auto`: JPEG to JPEG on planes where that is possible, all else with libvips. `planar`: on planes, or the "
          "image fails. `vips`: all with libvips.")
      .param(of(&ResizeParams::max_pixels), "max_pixels",
             "Images with more pixels than this, and results that would have more, fail; known before decoding.",
             at_least(1))
      .param(
          of(&ResizeParams::formats), "formats",
          "Input formats that are let in. The decoders of svg, pdf, jp2, jxl and bmp are not made for hostile input.",
          at_least(1))
      .param(of(&ResizeParams::metadata), "metadata", "Whether EXIF, XMP, IPTC and the colour profile are kept.")
      .error(kUnknownFormat)
      .error(kFormatNotAllowed)
      .error(kTruncated)
      .error(kCorrupt)
      .error(kTooManyPixels)
      .error(kTooLarge)
      .error(kEncodeFailed)
      .error(kNotPlanar)
      .attribute("image.width", "Width of the result in pixels.")
      .attribute("image.height", "Height of the result in pixels.")
      .attribute("image.source_width", "Width of the input in pixels, after orientation.")
      .attribute("image.source_height", "Height of the input in pixels, after orientation.")
      .attribute("image.format", "Format of the result: jpeg, png, webp, gif, tiff, avif or heic.")
      .attribute("image.path", "How the result was made: planar or vips.")
      .counter("planar", "Results made on planes.")
      .counter("vips", "Results made with libvips.");
}

}  // namespace penstock::stages
