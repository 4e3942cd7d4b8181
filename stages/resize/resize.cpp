// Makes one image file of another, on one worker: on planes where that is possible, else with libvips.
// SPDX-License-Identifier: Apache-2.0
#include "stages/resize/resize.h"

#include <span>
#include <utility>

#include "penstock/bytes.h"
#include "penstock/stage.h"
#include "stages/common/vips_image.h"
#include "stages/resize/common_options.h"
#include "stages/resize/limits.h"
#include "stages/resize/params.h"
#include "stages/resize/planar_path.h"
#include "stages/resize/result.h"
#include "stages/resize/vips_path.h"
#include "stages/types/encoded_image.h"

namespace penstock::stages {
namespace {

class Resize final : public Transform<Bytes, EncodedImage> {
 public:
  explicit Resize(ResizeParams params) : params_(std::move(params)) {}

  void open(StageContext&) override { start_vips(); }

  EncodedImage process(const Bytes& in, StageContext& context) const override {
    const ImageFormat source = allowed_format(in.view(), params_);
    const ImageFormat format = output_format(params_.format, source);
    if (auto picture = planar_.open(in.view(), source, std::span(&params_, 1))) {
      picture->decode(context);
      return emitted(picture->render(0, context), format, ResizePath::planar, context);
    }
    return emitted(resize_with_vips(in.view(), source, params_, context), format, ResizePath::vips, context);
  }

  std::uint64_t memory_need(const Bytes& in, const StageContext&) const {
    try {
      const ImageFormat source = allowed_format(in.view(), params_);
      if (const auto picture = planar_.open(in.view(), source, std::span(&params_, 1))) return picture->memory_need();
      return vips_need(in.view(), source, params_);
    } catch (const ItemError&) {
      return 0;  // process() finds the same and throws before it allocates.
    }
  }

 private:
  ResizeParams params_;
  PlanarPath planar_;
};

}  // namespace

StageSpec resize_spec() {
  StageDescription<Resize, ResizeParams> stage = describe_stage<Resize, ResizeParams>("resize");
  stage.summary("Scales an image to a box and encodes it again: upright, in sRGB, without metadata.")
      .input<Bytes>("image", "An image file. Of an animation, the first frame is taken.")
      .output<EncodedImage>("image", "The scaled image file.")
      .param(&ResizeParams::width, "width", "Width of the box in pixels; 0 follows `height`.", between(0, 65'535))
      .param(&ResizeParams::height, "height", "Height of the box in pixels; 0 follows `width`.", between(0, 65'535));
  describe_common_options(stage);
  return stage.at_least_one_of(&ResizeParams::width, &ResizeParams::height)
      .example(R"({"type": "resize", "width": 256, "height": 256})");
}

}  // namespace penstock::stages
