// Decodes an image once and makes several files of it.
// SPDX-License-Identifier: Apache-2.0
#include "stages/resize/renditions.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "penstock/bytes.h"
#include "penstock/generator.h"
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

// One size. What it leaves open is as the stage's options say.
struct Rendition {
  std::string name;
  int width = 0;
  int height = 0;
  std::optional<Fit> fit;
  std::optional<OutputFormat> format;
  std::optional<int> quality;
};

std::vector<ParamSpec> params_of(const Rendition*) {
  std::vector<ParamSpec> params{
      param(&Rendition::name, "name", "The attribute `rendition` of the result.", at_least(1)),
      param(&Rendition::width, "width", "Width of the box in pixels; 0 follows `height`.", between(0, 65'535)),
      param(&Rendition::height, "height", "Height of the box in pixels; 0 follows `width`.", between(0, 65'535)),
      param(&Rendition::fit, "fit", "Instead of the stage's `fit`."),
      param(&Rendition::format, "format", "Instead of the stage's `format`."),
      param(&Rendition::quality, "quality", "Instead of the stage's `quality`.", between(1, 100))};
  params.front().is_required = true;
  return params;
}

namespace {

struct RenditionsParams : ResizeParams {
  std::vector<Rendition> renditions;
};

void check_renditions(const RenditionsParams& params) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < params.renditions.size(); ++i) {
    const Rendition& rendition = params.renditions[i];
    const std::string pointer = "/renditions/" + std::to_string(i);
    if (rendition.name.empty()) throw OptionError("option.missing", "expected `name`, got none", {}, pointer);
    if (rendition.width == 0 && rendition.height == 0) {
      throw OptionError("option.missing", "expected at least one of `width`, `height`, got none", {}, pointer);
    }
    if (std::find(names.begin(), names.end(), rendition.name) != names.end()) {
      throw OptionError("option.value", "two renditions have the name \"" + rendition.name + "\"",
                        "name them differently", pointer + "/name");
    }
    names.push_back(rendition.name);
  }
}

ResizeParams options_of(const RenditionsParams& params, const Rendition& rendition) {
  ResizeParams options = params;
  options.width = rendition.width;
  options.height = rendition.height;
  options.fit = rendition.fit.value_or(params.fit);
  options.format = rendition.format.value_or(params.format);
  if (rendition.quality) options.quality = rendition.quality;
  return options;
}

class Renditions final : public Expand<Bytes, EncodedImage> {
 public:
  explicit Renditions(const RenditionsParams& params) : params_(params) {
    for (const Rendition& rendition : params.renditions) {
      names_.push_back(rendition.name);
      options_.push_back(options_of(params, rendition));
    }
  }

  void open(StageContext&) override { start_vips(); }

  Generator<EncodedImage> process(const Bytes& in, StageContext& context) const override {
    const ImageFormat source = allowed_format(in.view(), params_);
    const Groups groups = groups_of(source);
    std::optional<PlanarPath::Picture> planes;
    if (!groups.planar.empty()) planes = planar_.open(in.view(), source, groups.planar);
    if (planes) planes->decode(context);
    std::optional<VipsPicture> pixels;
    for (std::size_t i = 0; i < options_.size(); ++i) {
      const std::optional<std::size_t> place = planes ? groups.place[i] : std::nullopt;
      if (!place && !pixels) pixels.emplace(in.view(), source, planes ? groups.other : options_, context);
      ResizeResult result = place ? planes->render(*place, context) : pixels->render(options_[i], context);
      context.set_attribute("rendition", names_[i]);
      EncodedImage image = emitted(std::move(result), output_format(options_[i].format, source),
                                   place ? ResizePath::planar : ResizePath::vips, context);
      co_yield std::move(image);
    }
  }

  std::uint64_t memory_need(const Bytes& in, const StageContext&) const {
    try {
      const ImageFormat source = allowed_format(in.view(), params_);
      const Groups groups = groups_of(source);
      std::optional<PlanarPath::Picture> planes;
      if (!groups.planar.empty()) planes = planar_.open(in.view(), source, groups.planar);
      if (!planes) return VipsPicture::memory_need(in.view(), source, options_);
      const std::uint64_t on_planes = planes->memory_need();
      if (groups.other.empty()) return on_planes;
      return on_planes + VipsPicture::memory_need(in.view(), source, groups.other);
    } catch (const ItemError&) {
      return 0;  // process() finds the same and throws before it allocates.
    }
  }

 private:
  // Which renditions of a source may be made on planes, and which not.
  struct Groups {
    std::vector<ResizeParams> planar;
    std::vector<ResizeParams> other;
    std::vector<std::optional<std::size_t>> place;  // Of each rendition in `planar`.
  };

  Groups groups_of(ImageFormat source) const {
    Groups groups;
    for (const ResizeParams& options : options_) {
      // Forced, all of them are tried, and fail where it is impossible.
      const bool is_planar = options.engine == Engine::planar || may_be_planar(source, options);
      groups.place.push_back(is_planar ? std::optional(groups.planar.size()) : std::nullopt);
      (is_planar ? groups.planar : groups.other).push_back(options);
    }
    return groups;
  }

  ResizeParams params_;
  std::vector<std::string> names_;
  std::vector<ResizeParams> options_;
  PlanarPath planar_;
};

}  // namespace

StageSpec renditions_spec() {
  StageDescription<Renditions, RenditionsParams> stage = describe_stage<Renditions, RenditionsParams>("renditions");
  stage.summary("Makes several sizes of an image from one decode: one item for each, with the attribute `rendition`.")
      .input<Bytes>("image", "An image file. Of an animation, the first frame is taken.")
      .output<EncodedImage>("image", "One scaled image file after the other, in the order of `renditions`.")
      .param(&RenditionsParams::renditions, "renditions", "The sizes. Smaller ones may be made of larger ones.",
             at_least(1))
      .required();
  describe_common_options(stage);
  return stage.check(check_renditions)
      .attribute("rendition", "The `name` of the rendition.")
      .example(R"({"type": "renditions", "renditions": [
          {"name": "small", "width": 160}, {"name": "large", "width": 1024, "format": "webp"}]})");
}

}  // namespace penstock::stages
