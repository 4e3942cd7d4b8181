// The planar path of resize: which pictures take it, that it gives what libvips gives, and that damage is found.
// SPDX-License-Identifier: Apache-2.0
#include "stages/resize/planar.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>

#include "penstock/bytes.h"
#include "penstock/testing/stage_runner.h"
#include "stages/resize/resize.h"
#include "stages/types/encoded_image.h"
#include "tests/stages/resize/jpeg_samples.h"
#include "tests/support/test_image.h"

namespace penstock::stages {
namespace {

using penstock::testing::Outcome;
using penstock::testing::StageRunner;

Outcome resize(std::string data, const std::string& options) {
  return StageRunner(resize_spec(), options).run({.key = "photo", .payload = Payload(Bytes(std::move(data)))});
}

// The options with one more.
std::string with(std::string_view options, std::string_view more) {
  return std::string(options.substr(0, options.size() - 1)) + ", " + std::string(more) + "}";
}

test::TestImage result(const Outcome& outcome) {
  EXPECT_EQ(outcome.verdict, Outcome::Verdict::emitted) << outcome.code << ": " << outcome.message;
  if (outcome.emitted.empty()) return test::plain(1, 1, {1, 2, 3, 4});
  return test::decode_image(outcome.payload<EncodedImage>().view());
}

std::string path_of(const Outcome& outcome) {
  const AttributeValue* value = outcome.attributes.find("image.path");
  return value == nullptr ? outcome.code : std::get<std::string>(*value);
}

std::string shape_of(const test::TestImage& image) {
  return std::to_string(image.width) + "x" + std::to_string(image.height) + "x" + std::to_string(image.bands);
}

// Both paths give pictures of the same size that look the same. The quality is the highest with chroma at half size, so
// that what the encoder loses hides little.
void expect_alike(const std::string& file, const std::string& options, double decibels) {
  const std::string asked = with(options, R"("quality": 89)");
  const test::TestImage planar = result(resize(file, with(asked, R"("engine": "planar")")));
  const test::TestImage vips = result(resize(file, with(asked, R"("engine": "vips")")));
  ASSERT_EQ(shape_of(planar), shape_of(vips)) << options;
  EXPECT_GE(test::psnr(planar, vips), decibels) << options;
}

// The result is that of resampling all pixels of the file, without a shortcut of any decoder.
void expect_right(const std::string& file, const std::string& options, double decibels, int orientation = 1) {
  const test::TestImage planar =
      result(resize(file, with(options, R"("engine": "planar", "quality_mode": "best", "quality": 100)")));
  const std::string pixels = test::encode_image(test::decode_image(file), ".png", orientation);
  const test::TestImage reference = result(resize(pixels, with(options, R"("format": "png")")));
  ASSERT_EQ(shape_of(planar), shape_of(reference)) << options;
  EXPECT_GE(test::psnr(planar, reference), decibels) << options;
}

const Subsampling kSubsamplings[] = {{1, 1}, {2, 1}, {2, 2}, {1, 2}, {4, 1}, {4, 2}, {1, 4}};

std::string name_of(const Subsampling& s) { return std::to_string(s.horizontal) + "x" + std::to_string(s.vertical); }

class Subsamplings : public ::testing::TestWithParam<Subsampling> {};

TEST_P(Subsamplings, GiveWhatLibvipsGives) {
  const std::string file = test::encode_jpeg(test::photo(), GetParam());
  for (const char* options : {R"({"width": 256, "height": 256})", R"({"width": 100})", R"({"width": 600})",
                              R"({"width": 640})", R"({"width": 60, "height": 60, "fit": "cover"})"}) {
    expect_alike(file, options, 32);
    expect_alike(file, with(options, R"("quality_mode": "best")"), 34);
  }
}

// No shift of the planes against each other, no seam: an odd picture, an odd place of the cut.
TEST_P(Subsamplings, AreSampledInTheRightPlaceForOddSizesToo) {
  for (const auto& [width, height] : {std::pair{333, 211}, std::pair{334, 212}, std::pair{209, 335}}) {
    const std::string file = test::encode_jpeg(test::cut(test::photo(), width, height), GetParam());
    for (const char* options : {R"({"width": 151})", R"({"width": 40})",
                                R"({"width": 75, "height": 43, "fit": "cover", "position": "bottom_right"})",
                                R"({"width": 121, "height": 131, "fit": "contain", "background": "#4080c0"})"}) {
      expect_right(file, options, 35);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Planar, Subsamplings, ::testing::ValuesIn(kSubsamplings),
                         [](const auto& test) { return name_of(test.param); });

class PlanarOrientation : public ::testing::TestWithParam<int> {};

TEST_P(PlanarOrientation, IsUndoneForEveryFit) {
  const test::TestImage picture = test::cut(test::photo(), 301, 403);
  const std::string file =
      test::with_orientation(test::encode_jpeg(test::stored_for(picture, GetParam()), {2, 2}), GetParam());
  for (const char* options :
       {R"({"width": 150, "height": 150})", R"({"width": 101, "height": 77, "fit": "cover", "position": "top_left"})",
        R"({"width": 90, "height": 91, "fit": "cover", "position": "right"})",
        R"({"width": 171, "height": 161, "fit": "contain", "position": "top_right", "background": "#ff8000"})",
        R"({"width": 141, "height": 91, "fit": "stretch"})", R"({"height": 403})"}) {
    expect_right(file, options, 35, GetParam());
  }
}

INSTANTIATE_TEST_SUITE_P(Planar, PlanarOrientation, ::testing::Range(1, 9));

class PlanarKernel : public ::testing::TestWithParam<const char*> {};

TEST_P(PlanarKernel, GivesWhatLibvipsGives) {
  const std::string file = test::encode_jpeg(test::photo(), {2, 2});
  expect_right(file, R"({"width": 250, "kernel": ")" + std::string(GetParam()) + "\"}", 36);
}

INSTANTIATE_TEST_SUITE_P(Planar, PlanarKernel,
                         ::testing::Values("linear", "cubic", "mitchell", "lanczos2", "lanczos3"));

TEST(Planar, AllSizesUpTo67GiveWhatLibvipsGives) {
  // Smooth, so that neither path has anything to filter: what differs is a shift or a seam.
  for (int width = 1; width <= 67; ++width) {
    const int height = 1 + (width * 29) % 67;
    test::TestImage image{width, height, 3, {}};
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        for (const int value : {60 + x, 200 - y, 90 + (x + y) / 2})
          image.pixels.push_back(static_cast<std::uint8_t>(value));
      }
    }
    const std::string file = test::encode_jpeg(image, kSubsamplings[width % 5], 100);
    for (const int box : {1, 2, 7, 16, 33, 66}) {
      const std::string side = std::to_string(box);
      expect_right(file, R"({"width": )" + side + "}", 38);
      expect_right(
          file,
          R"({"fit": "stretch", "width": )" + side + R"(, "height": )" + std::to_string(1 + (box * 13) % 67) + "}", 38);
    }
  }
}

// libvips 8.14 enlarges with a shift of half a pixel of the result, so that it cannot be the reference here.
TEST(Planar, EnlargesWithoutAShift) {
  test::TestImage ramp{40, 30, 3, {}};
  for (int i = 0; i < 40 * 30; ++i)
    ramp.pixels.insert(ramp.pixels.end(), 3, static_cast<std::uint8_t>(40 + 4 * (i % 40)));
  const test::TestImage image =
      result(resize(test::encode_jpeg(ramp, {2, 2}, 100), R"({"width": 200, "enlarge": true, "quality": 100})"));
  ASSERT_EQ(shape_of(image), "200x150x3");
  double sum = 0;
  for (int x = 50; x < 150; ++x) sum += image.at(x, 75)[1] - (40 + 4 * ((x + 0.5) / 5 - 0.5));
  EXPECT_NEAR(sum / 100, 0, 0.3);  // Half a pixel of the result would be 0.4.
}

TEST(Planar, GreyStaysGrey) {
  test::TestImage grey{640, 427, 1, {}};
  const test::TestImage photo = test::photo();
  for (std::size_t i = 0; i < photo.pixels.size(); i += 3) grey.pixels.push_back(photo.pixels[i]);
  const std::string file = test::encode_jpeg(grey, {1, 1});
  expect_right(file, R"({"width": 200})", 38);
  expect_right(file, R"({"width": 200, "height": 200, "fit": "contain", "background": "#808080"})", 38);
  EXPECT_EQ(result(resize(file, R"({"width": 200})")).bands, 1);
  EXPECT_EQ(path_of(resize(file, R"({"width": 200})")), "planar");
}

// A mean signed error would be seen as a tint.
TEST(Planar, DoesNotShiftColours) {
  const test::TestImage photo = test::photo();
  for (const Subsampling& chroma : kSubsamplings) {
    const std::string file = test::encode_jpeg(photo, chroma);
    const test::TestImage reference =
        result(resize(test::encode_image(photo, ".png"), R"({"width": 256, "format": "png"})"));
    for (const char* mode : {"fast", "best"}) {
      const test::TestImage image =
          result(resize(file, R"({"width": 256, "engine": "planar", "quality_mode": ")" + std::string(mode) + "\"}"));
      for (int band = 0; band < 3; ++band) {
        EXPECT_NEAR(test::mean_difference(image, reference, band), 0, 0.5) << name_of(chroma) << " " << mode;
      }
    }
  }
}

TEST(Planar, KeepsALineOfOnePixelInItsPlace) {
  for (const int at : {100, 101, 102, 103}) {
    test::TestImage line{400, 40, 3, {}};
    for (int i = 0; i < 400 * 40; ++i) line.pixels.insert(line.pixels.end(), 3, i % 400 == at ? 255 : 0);
    for (const char* mode : {"fast", "best"}) {
      const test::TestImage small =
          result(resize(test::encode_jpeg(line, {2, 2}, 100),
                        R"({"width": 100, "quality": 100, "quality_mode": ")" + std::string(mode) + "\"}"));
      double mass = 0;
      double moment = 0;
      for (int x = 15; x < 36; ++x) {
        mass += small.at(x, 5)[1];
        moment += small.at(x, 5)[1] * (x + 0.5);
      }
      // The decoder's own reduction leaves it in the right pixel, no more.
      EXPECT_NEAR(moment / mass, (at + 0.5) / 4, std::string_view(mode) == "fast" ? 0.4 : 0.25) << at << " " << mode;
    }
  }
}

// --- Which pictures ---

TEST(PlanarChoice, TakesJpegToJpegAndSaysSo) {
  const std::string jpeg = test::encode_jpeg(test::photo(), {2, 2});
  EXPECT_EQ(path_of(resize(jpeg, R"({"width": 100})")), "planar");
  EXPECT_EQ(path_of(resize(jpeg, R"({"width": 100, "engine": "planar"})")), "planar");
  EXPECT_EQ(path_of(resize(jpeg, R"({"width": 100, "engine": "vips"})")), "vips");
  EXPECT_EQ(path_of(resize(jpeg, R"({"width": 100, "format": "webp"})")), "vips");
  EXPECT_EQ(path_of(resize(jpeg, R"({"width": 100, "metadata": "keep"})")), "vips");
  EXPECT_EQ(path_of(resize(test::encode_image(test::photo(), ".jpg[interlace]"), R"({"width": 100})")), "planar");
  EXPECT_EQ(path_of(resize(test::encode_image(test::quarters(9, 9), ".png"), R"({"width": 4, "format": "jpeg"})")),
            "vips");
}

TEST(PlanarChoice, IsCounted) {
  const std::string jpeg = test::encode_jpeg(test::photo(), {2, 2});
  StageRunner runner(resize_spec(), R"({"width": 100})");
  for (const std::string& file : {jpeg, jpeg, test::encode_image(test::quarters(9, 9), ".png")}) {
    (void)runner.run({.key = "photo", .payload = Payload(Bytes(file))});
  }
  EXPECT_EQ(runner.counted("planar"), 2U);
  EXPECT_EQ(runner.counted("vips"), 1U);
}

TEST(PlanarChoice, LeavesUnusualPicturesToLibvips) {
  EXPECT_EQ(path_of(resize(test::read_file("configs/samples/photos/talk_cmyk.jpeg"), R"({"width": 100})")), "vips");
  const std::string grey = test::encode_image(test::noise(64, 32, 1), ".jpg");
  EXPECT_EQ(path_of(resize(grey, R"({"width": 32, "height": 32, "fit": "contain", "background": "#ff0000"})")), "vips");
}

TEST(PlanarChoice, AProfileOtherThanSrgbGoesToLibvips) {
  const std::string jpeg = test::encode_jpeg(test::photo(), {2, 2});
  const std::string profile = "no profile that anybody knows";
  std::string segment = "\xff\xe2";
  const std::size_t length = 2 + 14 + profile.size();
  segment += static_cast<char>(length >> 8);
  segment += static_cast<char>(length & 255);
  segment += std::string("ICC_PROFILE\0\1\1", 14) + profile;
  const std::string file = jpeg.substr(0, 2) + segment + jpeg.substr(2);
  EXPECT_EQ(path_of(resize(file, R"({"width": 100})")), "vips");
}

TEST(PlanarChoice, ForcedItFailsWhereItIsNotPossible) {
  const std::string png = test::encode_image(test::quarters(64, 48), ".png");
  const Outcome outcome = resize(png, R"({"width": 10, "format": "jpeg", "engine": "planar"})");
  EXPECT_EQ(outcome.code, "resize.not_planar");
  EXPECT_NE(outcome.message.find("the image is a png, not a jpeg"), std::string::npos) << outcome.message;
  const std::string cmyk = test::read_file("configs/samples/photos/talk_cmyk.jpeg");
  const Outcome other = resize(cmyk, R"({"width": 10, "engine": "planar"})");
  EXPECT_NE(other.message.find("the colours are neither YCbCr nor grey"), std::string::npos) << other.message;
}

JpegPicture picture_of(int width, int height, Subsampling chroma) {
  JpegPicture picture;
  picture.size = {width, height};
  picture.chroma = chroma;
  return picture;
}

PlanarScale scale_of(const JpegPicture& picture, int width, QualityMode mode, int quality = 80) {
  PlanarTask task;
  task.placement = place(picture.size, {.width = width});
  task.mode = mode;
  task.quality = quality;
  return planar_scale(picture, task);
}

TEST(PlanarScale, IsTheSmallestThatIsLargeEnoughForEachPlane) {
  const JpegPicture web = picture_of(600, 450, {2, 2});
  EXPECT_EQ(scale_of(web, 256, QualityMode::best).luma, 8);
  EXPECT_EQ(scale_of(web, 75, QualityMode::best).luma, 2);
  EXPECT_EQ(scale_of(web, 76, QualityMode::best).luma, 4);
  // Full chroma is cut down to what 4:2:0 needs; a result of 4:4:4 needs all of it.
  const JpegPicture full = picture_of(600, 450, {1, 1});
  EXPECT_EQ(scale_of(full, 256, QualityMode::fast).chroma, 2);
  EXPECT_EQ(scale_of(full, 256, QualityMode::fast, 95).chroma, 4);
  EXPECT_EQ(scale_of(web, 256, QualityMode::fast, 95).chroma, 8);
}

TEST(PlanarScale, OfFastIsNotJustAboveTheSizeOfTheResult) {
  const JpegPicture web = picture_of(600, 440, {2, 2});
  EXPECT_EQ(scale_of(web, 225, QualityMode::fast).luma, 4) << "300 is 4/3 of it";
  EXPECT_EQ(scale_of(web, 226, QualityMode::fast).luma, 8);
  EXPECT_EQ(scale_of(web, 282, QualityMode::fast).chroma, 4) << "150 is 17/16 of half of it";
  EXPECT_EQ(scale_of(web, 284, QualityMode::fast).chroma, 8);
  EXPECT_EQ(scale_of(web, 600, QualityMode::fast).luma, 8) << "there is no more";
}

// --- Damage ---

Outcome planar(const std::string& data) { return resize(data, R"({"width": 50, "engine": "planar"})"); }

TEST(PlanarErrors, TruncatedFilesFailWhereverTheyEnd) {
  for (const char* suffix : {".jpg", ".jpg[interlace]"}) {
    const std::string file = test::encode_image(test::photo(), suffix);
    for (const double part : {0.3, 0.5, 0.9, 0.999}) {
      const auto length = static_cast<std::size_t>(static_cast<double>(file.size()) * part);
      EXPECT_EQ(planar(file.substr(0, length)).code, "resize.truncated") << suffix << " " << part;
    }
  }
}

TEST(PlanarErrors, DamagedSamplesAreNoSuccess) {
  using namespace std::string_view_literals;
  const std::string file = test::encode_jpeg(test::photo(), {2, 2});
  // Markers where samples should be: a restart that was not announced, a table, the end. (JPEG has no checksum: damage
  // that is a valid code by chance is a picture like any other.)
  for (const std::string_view damage : {"\xff\xd3"sv, "\xff\xc4"sv, "\xff\xd9"sv}) {
    for (const std::size_t at : {file.size() / 4, file.size() / 2, file.size() - 500}) {
      std::string damaged = file;
      damaged.replace(at, damage.size(), damage);
      const Outcome outcome = planar(damaged);
      EXPECT_EQ(outcome.code, "resize.corrupt")
          << static_cast<int>(damage[1]) << " at " << at << ": " << outcome.message;
    }
  }
}

TEST(PlanarErrors, CodedDataThatAreLeftOverMeanDamage) {
  const std::string file = test::encode_jpeg(test::photo(), {2, 2});
  const Outcome outcome = planar(file.substr(0, file.size() - 2) + file.substr(file.size() / 2, 100) + "\xff\xd9");
  EXPECT_EQ(outcome.code, "resize.corrupt");
}

TEST(PlanarErrors, BytesBetweenSegmentsAreNoDamage) {
  const std::string file = test::encode_jpeg(test::photo(), {2, 2});
  const std::string padded = file.substr(0, file.size() - 2) + std::string(100, '\0') + file.substr(file.size() - 2);
  EXPECT_EQ(planar(padded).verdict, Outcome::Verdict::emitted);
  EXPECT_EQ(planar(file.substr(0, file.size() - 2) + "\x7f\xff\xd9").verdict, Outcome::Verdict::emitted);
  EXPECT_EQ(planar(file + "<html>").verdict, Outcome::Verdict::emitted);
}

TEST(PlanarErrors, ManyScansAreAnAttack) {
  const std::string file = test::encode_jpeg(test::photo(), {2, 2});
  EXPECT_EQ(planar(test::with_bands(file, 33)).verdict, Outcome::Verdict::emitted);
  const Outcome outcome = planar(test::with_bands(file, 34));
  EXPECT_EQ(outcome.code, "resize.corrupt");
  EXPECT_NE(outcome.message.find("more than 100 scans"), std::string::npos) << outcome.message;
}

TEST(PlanarErrors, AnotherPictureIsFineAfterAFailure) {
  const std::string file = test::encode_jpeg(test::photo(), {2, 2});
  StageRunner runner(resize_spec(), R"({"width": 50, "engine": "planar"})");
  const auto run = [&](const std::string& data) { return runner.run({.key = "p", .payload = Payload(Bytes(data))}); };
  const std::string expected(run(file).payload<EncodedImage>().view());
  EXPECT_EQ(run(file.substr(0, file.size() / 2)).verdict, Outcome::Verdict::failed);
  const std::string progressive = test::encode_image(test::photo(), ".jpg[interlace]");
  EXPECT_EQ(run(progressive.substr(0, progressive.size() / 2)).verdict, Outcome::Verdict::failed);
  EXPECT_EQ(run(file).payload<EncodedImage>().view(), expected);
}

TEST(Planar, DeclaresItsMemory) {
  const Outcome small = planar(test::encode_jpeg(test::photo(), {2, 2}));
  EXPECT_GT(small.memory_need, 1u << 20);
  EXPECT_LT(small.memory_need, 2u << 20);
  const Outcome progressive = planar(test::encode_image(test::photo(), ".jpg[interlace]"));
  EXPECT_GT(progressive.memory_need, small.memory_need + 640 * 427 * 3);
}

}  // namespace
}  // namespace penstock::stages
