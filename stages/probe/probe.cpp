// Sets attributes that say what the payload is: size, digest, and of an image its format and dimensions, from the
// header alone. The payload goes on unchanged. SPDX-License-Identifier: Apache-2.0
#include "stages/probe/probe.h"

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "penstock/bytes.h"
#include "penstock/stage.h"
#include "stages/common/image_format.h"
#include "stages/common/image_header.h"
#include "stages/common/vips_image.h"

namespace penstock::stages {
namespace {

enum class Digest { none, sha256 };
constexpr std::array<Name<Digest>, 2> names_of(Digest) {
  return {{{Digest::none, "none"}, {Digest::sha256, "sha256"}}};
}

constexpr ErrorCode kNotAnImage{"probe.not_an_image",
                                "`require_image` is set, and the payload is no image or its header cannot be read."};

struct ProbeParams {
  Digest digest = Digest::sha256;
  bool require_image = false;
};

std::string sha256(std::string_view data) {
  std::array<unsigned char, 32> digest{};
  EVP_Digest(data.data(), data.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (unsigned char byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

// Of the other formats only a decoder that is not made for hostile input could tell.
bool has_safe_header(ImageFormat format) {
  return format != ImageFormat::svg && format != ImageFormat::pdf && format != ImageFormat::jp2 &&
         format != ImageFormat::jxl;
}

class Probe final : public Transform<Payload, Payload> {
 public:
  explicit Probe(ProbeParams params) : params_(params) {}

  void open(StageContext&) override { start_vips(); }

  Payload process(const Payload& in, StageContext& context) const override {
    const std::string_view data = in.get<Bytes>().view();
    context.set_attribute("bytes", static_cast<std::int64_t>(data.size()));
    if (params_.digest == Digest::sha256) context.set_attribute("digest", sha256(data));
    if (const std::optional<ImageFormat> format = detect_image_format(data)) {
      context.set_attribute("image.format", std::string(name_of(*format)));
      describe_image(data, *format, context);
    } else if (params_.require_image) {
      throw ItemError(kNotAnImage, "expected an image, got " + describe_unknown_data(data));
    }
    return in;
  }

 private:
  void describe_image(std::string_view data, ImageFormat format, StageContext& context) const {
    std::string problem = "its header is no safe reading";
    if (has_safe_header(format)) {
      try {
        const ImageHeader header = read_any_header(data, format);
        context.set_attribute("image.width", std::int64_t{header.shown_width()});
        context.set_attribute("image.height", std::int64_t{header.shown_height()});
        return;
      } catch (const VipsError& error) {
        problem = *error.what() == '\0' ? "its header is damaged" : error.what();
      }
    }
    if (!params_.require_image) return;
    throw ItemError(kNotAnImage, "the " + std::string(name_of(format)) + " file of " + std::to_string(data.size()) +
                                     " bytes does not tell its size: " + problem);
  }

  ProbeParams params_;
};

}  // namespace

StageSpec probe_spec() {
  return describe_stage<Probe, ProbeParams>("probe")
      .summary("Says what an item holds, as attributes: size, digest, image format and dimensions. Decodes no pixels.")
      .input<Bytes>("data", "Any bytes.")
      .output_same_as_input("data", "The same bytes.")
      .param(&ProbeParams::digest, "digest", "Which digest of the bytes to compute.")
      .param(&ProbeParams::require_image, "require_image", "Whether bytes that are no readable image fail.")
      .error(kNotAnImage)
      .attribute("bytes", "Number of bytes.")
      .attribute("digest", "SHA-256 of the bytes, 64 hex digits; with `digest`: `sha256`.")
      .attribute("image.format", "jpeg, png, webp, gif, tiff, avif, heic, svg, jp2, jxl, pdf or bmp; only of images.")
      .attribute("image.width", "Pixels, as a viewer shows the image; not of svg, jp2, jxl and pdf.")
      .attribute("image.height", "Pixels, as a viewer shows the image; not of svg, jp2, jxl and pdf.")
      .example(R"({"type": "probe", "require_image": true})");
}

}  // namespace penstock::stages
