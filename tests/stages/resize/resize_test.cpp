// SPDX-License-Identifier: Apache-2.0
#include "stages/resize/resize.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/bytes.h"
#include "penstock/diagnostic.h"
#include "penstock/testing/stage_runner.h"
#include "stages/types/encoded_image.h"
#include "tests/support/test_image.h"

namespace penstock::stages {
namespace {

using penstock::testing::Outcome;
using penstock::testing::StageRunner;
using Pixel = std::array<int, 4>;

constexpr Pixel kRed{255, 0, 0, 255};
constexpr Pixel kGreen{0, 255, 0, 255};
constexpr Pixel kBlue{0, 0, 255, 255};
constexpr Pixel kWhite{255, 255, 255, 255};

Outcome resize(std::string data, std::string_view options) {
  return StageRunner(resize_spec(), options).run({.key = "photo", .payload = Payload(Bytes(std::move(data)))});
}

// The decoded result. Fails the test, and gives a pixel, when there is none.
test::TestImage result(const Outcome& outcome) {
  EXPECT_EQ(outcome.verdict, Outcome::Verdict::emitted) << outcome.code << ": " << outcome.message;
  if (outcome.emitted.empty()) return test::plain(1, 1, {1, 2, 3, 4});
  return test::decode_image(outcome.payload<EncodedImage>().view());
}

std::int64_t number(const Outcome& outcome, std::string_view name) {
  const AttributeValue* value = outcome.attributes.find(name);
  return value == nullptr ? -1 : std::get<std::int64_t>(*value);
}

std::string size_of(const test::TestImage& image) {
  return std::to_string(image.width) + "x" + std::to_string(image.height);
}

// Lossy formats and resampling move values a little.
::testing::AssertionResult is_about(const Pixel& got, const Pixel& expected, int tolerance = 24) {
  for (std::size_t i = 0; i < 4; ++i) {
    if (std::abs(got[i] - expected[i]) > tolerance) {
      return ::testing::AssertionFailure()
             << "(" << got[0] << ", " << got[1] << ", " << got[2] << ", " << got[3] << ") instead of (" << expected[0]
             << ", " << expected[1] << ", " << expected[2] << ", " << expected[3] << ")";
    }
  }
  return ::testing::AssertionSuccess();
}

// The corners of quarters() are where they belong.
void expect_upright(const test::TestImage& image) {
  EXPECT_TRUE(is_about(image.at(3, 3), kRed));
  EXPECT_TRUE(is_about(image.at(image.width - 4, 3), kGreen));
  EXPECT_TRUE(is_about(image.at(3, image.height - 4), kBlue));
  EXPECT_TRUE(is_about(image.at(image.width - 4, image.height - 4), kWhite));
}

TEST(Resize, SetsTheAttributesOfTheResultAndTheSource) {
  const Outcome outcome = resize(test::encode_image(test::quarters(400, 300), ".jpg"), R"({"width": 100})");
  EXPECT_EQ(number(outcome, "image.width"), 100);
  EXPECT_EQ(number(outcome, "image.height"), 75);
  EXPECT_EQ(number(outcome, "image.source_width"), 400);
  EXPECT_EQ(number(outcome, "image.source_height"), 300);
  EXPECT_EQ(*outcome.attributes.find("image.format"), AttributeValue("jpeg"));
  const auto& image = outcome.payload<EncodedImage>();
  EXPECT_EQ(image.format(), ImageFormat::jpeg);
  EXPECT_EQ(image.width(), 100);
  EXPECT_EQ(image.height(), 75);
}

struct FitCase {
  const char* options;
  const char* size;
};

class Fits : public ::testing::TestWithParam<FitCase> {};

TEST_P(Fits, GiveTheSizeOfTheBoxAsDocumented) {
  const test::TestImage image =
      result(resize(test::encode_image(test::quarters(400, 300), ".png"), GetParam().options));
  EXPECT_EQ(size_of(image), GetParam().size);
}

INSTANTIATE_TEST_SUITE_P(Resize, Fits,
                         ::testing::Values(FitCase{R"({"width": 120, "height": 120})", "120x90"},
                                           FitCase{R"({"width": 120, "height": 120, "fit": "cover"})", "120x120"},
                                           FitCase{R"({"width": 120, "height": 120, "fit": "contain"})", "120x120"},
                                           FitCase{R"({"width": 120, "height": 50, "fit": "stretch"})", "120x50"},
                                           FitCase{R"({"height": 30})", "40x30"},
                                           FitCase{R"({"width": 800})", "400x300"},
                                           FitCase{R"({"width": 800, "enlarge": true})", "800x600"},
                                           FitCase{R"({"width": 800, "height": 100, "fit": "cover"})", "400x100"},
                                           FitCase{R"({"width": 800, "height": 700, "fit": "contain"})", "800x700"},
                                           FitCase{R"({"width": 1, "height": 1})", "1x1"},
                                           FitCase{R"({"width": 401, "height": 2, "fit": "stretch"})", "400x2"}));

class Kernels : public ::testing::TestWithParam<const char*> {};

TEST_P(Kernels, KeepPlainQuartersPlain) {
  const std::string options = R"({"width": 100, "kernel": ")" + std::string(GetParam()) + "\"}";
  const test::TestImage image = result(resize(test::encode_image(test::quarters(400, 300), ".png"), options));
  EXPECT_EQ(size_of(image), "100x75");
  expect_upright(image);
}

INSTANTIATE_TEST_SUITE_P(Resize, Kernels,
                         ::testing::Values("nearest", "linear", "cubic", "mitchell", "lanczos2", "lanczos3"));

struct OrientationCase {
  int orientation;
  const char* suffix;
};

class Orientations : public ::testing::TestWithParam<OrientationCase> {
 protected:
  std::string photo() const {
    const auto [orientation, suffix] = GetParam();
    return test::encode_image(test::stored_for(test::quarters(400, 300), orientation), suffix, orientation);
  }
};

TEST_P(Orientations, BecomeUpright) {
  const Outcome outcome = resize(photo(), R"({"width": 80, "height": 80})");
  const test::TestImage image = result(outcome);
  EXPECT_EQ(size_of(image), "80x60");
  EXPECT_EQ(number(outcome, "image.source_width"), 400);
  EXPECT_EQ(number(outcome, "image.source_height"), 300);
  expect_upright(image);
}

TEST_P(Orientations, BecomeUprightAtFullSize) {
  const test::TestImage image = result(resize(photo(), R"({"width": 400})"));
  EXPECT_EQ(size_of(image), "400x300");
  expect_upright(image);
}

TEST_P(Orientations, CutTheNamedPartOfTheUprightPicture) {
  const test::TestImage image =
      result(resize(photo(), R"({"width": 90, "height": 90, "fit": "cover", "position": "left", "format": "png"})"));
  EXPECT_EQ(size_of(image), "90x90");
  EXPECT_TRUE(is_about(image.at(20, 3), kRed));  // Of 120 x 90 the left 90: red and blue are 60 wide.
  EXPECT_TRUE(is_about(image.at(75, 3), kGreen));
  EXPECT_TRUE(is_about(image.at(20, 86), kBlue));
}

TEST_P(Orientations, AreNotInTheResult) {
  const Outcome outcome = resize(photo(), R"({"width": 80, "format": "jpeg", "metadata": "keep"})");
  const Outcome again = resize(std::string(outcome.payload<EncodedImage>().view()), R"({"width": 40})");
  expect_upright(result(again));
}

INSTANTIATE_TEST_SUITE_P(Resize, Orientations,
                         ::testing::Values(OrientationCase{1, ".jpg"}, OrientationCase{2, ".jpg"},
                                           OrientationCase{3, ".jpg"}, OrientationCase{4, ".jpg"},
                                           OrientationCase{5, ".jpg"}, OrientationCase{6, ".jpg"},
                                           OrientationCase{7, ".jpg"}, OrientationCase{8, ".jpg"},
                                           OrientationCase{6, ".jpg[interlace]"}, OrientationCase{6, ".png"},
                                           OrientationCase{5, ".png[interlace]"}, OrientationCase{8, ".webp"},
                                           OrientationCase{3, ".tif"}, OrientationCase{6, ".tif[tile]"}));

TEST(Resize, ContainFillsTheBorderWithTheBackground) {
  const std::string photo = test::encode_image(test::quarters(400, 200), ".png");
  const test::TestImage image = result(resize(
      photo, R"({"width": 100, "height": 100, "fit": "contain", "background": "#204060", "position": "bottom"})"));
  EXPECT_TRUE(is_about(image.at(50, 10), {0x20, 0x40, 0x60, 255}, 0));
  EXPECT_TRUE(is_about(image.at(3, 53), kRed));
  EXPECT_TRUE(is_about(image.at(96, 96), kWhite));
}

TEST(Resize, ATransparentBorderNeedsAFormatWithAlpha) {
  const std::string photo = test::encode_image(test::quarters(400, 200), ".png");
  const std::string options = R"({"width": 100, "height": 100, "fit": "contain", "background": "transparent")";
  EXPECT_EQ(result(resize(photo, options + "}")).at(50, 10), (Pixel{0, 0, 0, 0}));
  EXPECT_TRUE(is_about(result(resize(photo, options + R"(, "format": "jpeg"})")).at(50, 10), {0, 0, 0, 255}, 8));
}

TEST(Resize, TransparentPixelsShowTheBackgroundInFormatsWithoutAlpha) {
  const std::string photo = test::encode_image(test::plain(64, 64, {255, 0, 0, 128}), ".png");
  const test::TestImage image = result(resize(photo, R"({"width": 32, "format": "jpeg", "background": "#0000ff"})"));
  EXPECT_TRUE(is_about(image.at(16, 16), {128, 0, 127, 255}, 8));
}

TEST(Resize, AlphaIsKeptWhereTheFormatHasIt) {
  const std::string photo = test::encode_image(test::plain(64, 64, {255, 0, 0, 128}), ".png");
  for (const char* format : {"png", "webp", "tiff", "avif"}) {
    SCOPED_TRACE(format);
    const std::string options = R"({"width": 32, "format": ")" + std::string(format) + "\"}";
    EXPECT_TRUE(is_about(result(resize(photo, options)).at(16, 16), {255, 0, 0, 128}, 12));
  }
}

TEST(Resize, ColoursOfTransparentPixelsDoNotBleed) {
  test::TestImage image = test::plain(64, 64, {255, 255, 255, 255});
  for (std::size_t pixel = 0; pixel < 64 * 64; ++pixel) {
    if (pixel % 64 < 31) image.pixels[4 * pixel] = image.pixels[4 * pixel + 1] = image.pixels[4 * pixel + 3] = 0;
  }
  const test::TestImage small = result(resize(test::encode_image(image, ".png"), R"({"width": 16})"));
  for (int x = 0; x < 16; ++x) {
    if (small.at(x, 8)[3] > 16) {
      EXPECT_GT(small.at(x, 8)[0], 200) << "at " << x;
    }
  }
}

TEST(Resize, GreyStaysGrey) {
  const Outcome outcome = resize(test::encode_image(test::noise(64, 64, 1), ".jpg"), R"({"width": 32})");
  EXPECT_EQ(result(outcome).bands, 1);
}

TEST(Resize, AColouredBorderMakesGreyPicturesColoured) {
  const std::string photo = test::encode_image(test::noise(64, 32, 1), ".png");
  const test::TestImage image =
      result(resize(photo, R"({"width": 32, "height": 32, "fit": "contain", "background": "#ff0000"})"));
  EXPECT_TRUE(is_about(image.at(1, 1), kRed, 0));
}

TEST(Resize, KeepsTheInputsFormatUnlessToldOtherwise) {
  for (const char* suffix : {".jpg", ".png", ".webp", ".gif", ".tif", ".avif"}) {
    SCOPED_TRACE(suffix);
    const std::string photo = test::encode_image(test::quarters(64, 48), suffix);
    const Outcome outcome = resize(photo, R"({"width": 32})");
    EXPECT_EQ(size_of(result(outcome)), "32x24");
    expect_upright(result(outcome));
  }
}

TEST(Resize, WritesEachOutputFormat) {
  const std::string photo = test::encode_image(test::quarters(64, 48), ".png");
  for (const char* format : {"jpeg", "png", "webp", "avif", "tiff", "gif"}) {
    SCOPED_TRACE(format);
    const Outcome outcome = resize(photo, R"({"width": 32, "format": ")" + std::string(format) + "\"}");
    expect_upright(result(outcome));
    EXPECT_EQ(*outcome.attributes.find("image.format"), AttributeValue(format));
  }
}

TEST(Resize, QualityChangesTheSize) {
  const std::string photo = test::encode_image(test::noise(256, 256), ".png");
  for (const char* format : {"jpeg", "webp", "avif"}) {
    SCOPED_TRACE(format);
    const std::string options = R"({"width": 256, "format": ")" + std::string(format) + R"(", "quality": )";
    const Outcome low = resize(photo, options + "20}");
    const Outcome high = resize(photo, options + "90}");
    EXPECT_LT(low.payload<EncodedImage>().size() * 2, high.payload<EncodedImage>().size());
  }
}

TEST(Resize, MetadataIsStrippedUnlessKept) {
  const std::string photo = test::encode_image(test::quarters(64, 48), ".jpg", 3);
  const Outcome stripped = resize(photo, R"({"width": 32})");
  const Outcome kept = resize(photo, R"({"width": 32, "metadata": "keep"})");
  EXPECT_FALSE(test::has_metadata(stripped.payload<EncodedImage>().view(), "exif-data"));
  EXPECT_TRUE(test::has_metadata(kept.payload<EncodedImage>().view(), "exif-data"));
}

TEST(Resize, SplitsLargeCanvasesWithTheSameResult) {
  // 12 MB on the canvas: composed in the arena for nested parallelism, turned and with a border.
  const std::string photo = test::encode_image(test::stored_for(test::quarters(1600, 1200), 6), ".jpg", 6);
  const test::TestImage image =
      result(resize(photo, R"({"width": 2000, "height": 2000, "fit": "contain", "background": "#808080"})"));
  EXPECT_EQ(size_of(image), "2000x2000");
  EXPECT_TRUE(is_about(image.at(203, 403), kRed));
  EXPECT_TRUE(is_about(image.at(1796, 1596), kWhite));
  EXPECT_TRUE(is_about(image.at(1000, 100), {128, 128, 128, 255}));
  EXPECT_TRUE(is_about(image.at(100, 1999), {128, 128, 128, 255}));
}

// --- Errors ---

void expect_error(const Outcome& outcome, std::string_view code, std::string_view words) {
  EXPECT_EQ(outcome.verdict, Outcome::Verdict::failed);
  EXPECT_EQ(outcome.code, code) << outcome.message;
  EXPECT_NE(outcome.message.find(words), std::string::npos) << outcome.message;
  EXPECT_EQ(outcome.persistence, Persistence::permanent);
}

TEST(ResizeErrors, UnknownFormat) {
  expect_error(resize("", R"({"width": 10})"), "resize.unknown_format", "expected an image, got no bytes at all");
  expect_error(resize("\xff", R"({"width": 10})"), "resize.unknown_format", "one byte that begin with ff");
  expect_error(resize("<!DOCTYPE html><html>", R"({"width": 10})"), "resize.unknown_format", "an HTML page");
}

TEST(ResizeErrors, FormatNotAllowed) {
  const std::string svg = R"(<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>)";
  expect_error(resize(svg, R"({"width": 10})"), "resize.format_not_allowed",
               "the image is a svg; allowed are jpeg, png, webp, gif, tiff, avif, heic");
  const std::string png = test::encode_image(test::quarters(8, 8), ".png");
  expect_error(resize(png, R"({"width": 10, "formats": ["jpeg"]})"), "resize.format_not_allowed", "allowed are jpeg");
}

TEST(ResizeErrors, AFormatThatIsNamedIsLetIn) {
  const std::string svg = R"(<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"/>)";
  EXPECT_EQ(size_of(result(resize(svg, R"({"width": 10, "formats": ["svg"]})"))), "10x5");
}

class Truncated : public ::testing::TestWithParam<const char*> {};

TEST_P(Truncated, FilesOfEveryFormatFail) {
  const std::string photo = test::encode_image(test::noise(200, 150), GetParam());
  for (std::size_t length : {photo.size() / 4, photo.size() / 2, photo.size() * 9 / 10}) {
    const Outcome outcome = resize(photo.substr(0, length), R"({"width": 50, "format": "jpeg"})");
    EXPECT_EQ(outcome.verdict, Outcome::Verdict::failed) << length << " of " << photo.size();
    EXPECT_TRUE(outcome.code == "resize.truncated" || outcome.code == "resize.corrupt") << outcome.code;
  }
}

TEST_P(Truncated, AreFoundBelowThePartThatIsKeptToo) {
  const std::string photo = test::encode_image(test::noise(200, 800), GetParam());
  const Outcome outcome = resize(photo.substr(0, photo.size() * 9 / 10),
                                 R"({"width": 50, "height": 50, "fit": "cover", "position": "top", "format": "jpeg"})");
  EXPECT_EQ(outcome.verdict, Outcome::Verdict::failed);
}

INSTANTIATE_TEST_SUITE_P(Resize, Truncated,
                         ::testing::Values(".jpg", ".jpg[interlace]", ".png", ".png[interlace]", ".webp",
                                           ".webp[lossless]", ".gif", ".tif", ".tif[compression=deflate]", ".avif"));

TEST(ResizeErrors, TruncatedSaysWhatIsMissing) {
  const std::string jpeg = test::encode_image(test::noise(200, 150), ".jpg");
  expect_error(resize(jpeg.substr(0, jpeg.size() / 2), R"({"width": 50})"), "resize.truncated",
               "ends too early: the end-of-image marker is missing");
  const std::string png = test::encode_image(test::noise(200, 150), ".png");
  expect_error(resize(png.substr(0, png.size() / 2), R"({"width": 50})"), "resize.truncated",
               "ends too early: the rest of a chunk \"IDAT\" is missing");
}

TEST(ResizeErrors, Corrupt) {
  std::string png = test::encode_image(test::noise(200, 150), ".png");
  for (std::size_t i = 100; i < 200; ++i) png[i] = '\x55';
  expect_error(resize(png, R"({"width": 50})"), "resize.corrupt", "cannot be decoded");
}

TEST(ResizeErrors, TooManyPixelsIsKnownFromTheHeader) {
  const Outcome bomb = resize(test::png_that_claims(30'000, 30'000), R"({"width": 50})");
  expect_error(bomb, "resize.too_many_pixels", "30000 x 30000 = 900000000 pixels; `max_pixels` is 100000000");
  EXPECT_EQ(bomb.memory_need, 0u);
  const std::string photo = test::encode_image(test::quarters(100, 100), ".jpg");
  expect_error(resize(photo, R"({"width": 50, "max_pixels": 9999})"), "resize.too_many_pixels", "`max_pixels` is 9999");
  EXPECT_EQ(resize(photo, R"({"width": 50, "max_pixels": 10000})").verdict, Outcome::Verdict::emitted);
}

TEST(ResizeErrors, TooLargeDimensions) {
  const std::string photo = test::encode_image(test::quarters(200, 10), ".png");
  expect_error(resize(photo, R"({"width": 16384, "enlarge": true, "format": "webp"})"), "resize.too_large_dimensions",
               "a side of a webp has at most 16383");
  expect_error(resize(photo, R"({"height": 4000, "enlarge": true})"), "resize.too_large_dimensions", "80000 x 4000");
  EXPECT_EQ(resize(photo, R"({"width": 16383, "enlarge": true, "format": "webp"})").verdict, Outcome::Verdict::emitted);
}

TEST(ResizeErrors, AnEnlargementBeyondAllBoundsIsRefused) {
  const std::string photo = test::encode_image(test::noise(1, 2000), ".png");
  const Outcome outcome = resize(photo, R"({"width": 60000, "height": 100, "fit": "cover", "enlarge": true})");
  expect_error(outcome, "resize.too_large_dimensions", "60000 x 120000000");
}

TEST(ResizeErrors, NothingIsPrinted) {
  ::testing::internal::CaptureStderr();
  ::testing::internal::CaptureStdout();
  const std::string jpeg = test::encode_image(test::noise(200, 150), ".jpg");
  (void)resize(jpeg.substr(0, jpeg.size() / 2), R"({"width": 50})");
  (void)resize(test::png_that_claims(100, 100), R"({"width": 50})");
  (void)resize(std::string("II*\0\x08\0\0\0\xff\xff", 10), R"({"width": 50})");
  (void)resize(std::string("GIF89a") + std::string(40, '\xff'), R"({"width": 50})");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
}

// --- Options ---

std::string option_error(std::string_view options) {
  try {
    StageRunner runner(resize_spec(), options);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(ResizeOptions, OneSideIsNeeded) { EXPECT_NE(option_error("{}").find("`width`, `height`"), std::string::npos); }

TEST(ResizeOptions, LimitsAreChecked) {
  for (const char* options :
       {R"({"width": 65536})", R"({"width": -1})", R"({"width": 10, "quality": 0})", R"({"width": 10, "quality": 101})",
        R"({"width": 10, "formats": ["exe"]})", R"({"width": 10, "fit": "fill"})", R"({"width": 10, "max_pixels": 0})",
        R"({"width": 10, "background": "#12"})", R"({"width": 10, "background": "blueish"})"}) {
    EXPECT_NE(option_error(options), "accepted") << options;
  }
}

TEST(ResizeOptions, AWrongColourNamesTheRightForms) {
  const std::string text = option_error(R"({"width": 10, "background": "#12"})");
  EXPECT_NE(text.find("expected a colour, got \"#12\""), std::string::npos) << text;
}

}  // namespace
}  // namespace penstock::stages
