// The options of `resize`.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "penstock/option_codec.h"
#include "stages/resize/colour.h"
#include "stages/resize/geometry.h"
#include "stages/resize/kernel.h"
#include "stages/resize/planar.h"
#include "stages/types/encoded_image.h"

namespace penstock::stages {

enum class OutputFormat { keep, jpeg, png, webp, avif, tiff, gif };
constexpr std::array<Name<OutputFormat>, 7> names_of(OutputFormat) {
  return {{{OutputFormat::keep, "keep"},
           {OutputFormat::jpeg, "jpeg"},
           {OutputFormat::png, "png"},
           {OutputFormat::webp, "webp"},
           {OutputFormat::avif, "avif"},
           {OutputFormat::tiff, "tiff"},
           {OutputFormat::gif, "gif"}}};
}

enum class Metadata { strip, keep };
constexpr std::array<Name<Metadata>, 2> names_of(Metadata) {
  return {{{Metadata::strip, "strip"}, {Metadata::keep, "keep"}}};
}

enum class Engine { automatic, planar, vips };
constexpr std::array<Name<Engine>, 3> names_of(Engine) {
  return {{{Engine::automatic, "auto"}, {Engine::planar, "planar"}, {Engine::vips, "vips"}}};
}

struct ResizeParams {
  int width = 0;
  int height = 0;
  Fit fit = Fit::inside;
  bool enlarge = false;
  Position position = Position::center;
  Colour background;
  Kernel kernel = Kernel::lanczos3;
  OutputFormat format = OutputFormat::keep;
  std::optional<int> quality;
  QualityMode quality_mode = QualityMode::fast;
  Engine engine = Engine::automatic;
  std::uint64_t max_pixels = 100'000'000;
  std::vector<ImageFormat> formats{ImageFormat::jpeg, ImageFormat::png,  ImageFormat::webp, ImageFormat::gif,
                                   ImageFormat::tiff, ImageFormat::avif, ImageFormat::heic};
  Metadata metadata = Metadata::strip;

  Box box() const { return {width, height, fit, position, enlarge}; }
};

}  // namespace penstock::stages
