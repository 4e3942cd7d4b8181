// SPDX-License-Identifier: Apache-2.0
#include "stages/resize/renditions.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "penstock/bytes.h"
#include "penstock/diagnostic.h"
#include "penstock/testing/stage_runner.h"
#include "stages/resize/resize.h"
#include "stages/types/encoded_image.h"
#include "tests/stages/resize/jpeg_samples.h"
#include "tests/support/test_image.h"

namespace penstock::stages {
namespace {

using penstock::testing::Emitted;
using penstock::testing::Outcome;
using penstock::testing::StageRunner;

constexpr const char* kThree = R"({"renditions": [
    {"name": "large", "width": 400},
    {"name": "square", "width": 90, "height": 90, "fit": "cover"},
    {"name": "small", "width": 50, "quality": 60}]})";

Outcome run(const StageSpec& spec, const std::string& data, std::string_view options) {
  return StageRunner(spec, options).run({.key = "photo", .payload = Payload(Bytes(data))});
}

std::string text(const Emitted& emitted, std::string_view name) {
  const AttributeValue* value = emitted.attributes.find(name);
  if (value == nullptr) return "none";
  return std::holds_alternative<std::string>(*value) ? std::get<std::string>(*value)
                                                     : std::to_string(std::get<std::int64_t>(*value));
}

std::string shape_of(const Emitted& emitted) {
  const test::TestImage image = test::decode_image(emitted.payload.get<EncodedImage>().view());
  return std::to_string(image.width) + "x" + std::to_string(image.height);
}

std::string summary(const Outcome& outcome) {
  std::string all;
  for (const Emitted& emitted : outcome.emitted) {
    all += text(emitted, "rendition") + " " + text(emitted, "image.format") + " " + shape_of(emitted) + " " +
           text(emitted, "image.path") + "\n";
  }
  return outcome.verdict == Outcome::Verdict::emitted ? all : outcome.code + ": " + outcome.message;
}

TEST(Renditions, ComeInTheirOrderWithTheirNames) {
  EXPECT_EQ(summary(run(renditions_spec(), test::encode_jpeg(test::photo(), {2, 2}), kThree)),
            "large jpeg 400x267 planar\nsquare jpeg 90x90 planar\nsmall jpeg 50x33 planar\n");
}

TEST(Renditions, OfOtherFormatsComeFromLibvips) {
  EXPECT_EQ(summary(run(renditions_spec(), test::encode_image(test::photo(), ".png"), kThree)),
            "large png 400x267 vips\nsquare png 90x90 vips\nsmall png 50x33 vips\n");
}

TEST(Renditions, OfSeveralFormatsGoBothWays) {
  EXPECT_EQ(summary(run(renditions_spec(), test::encode_jpeg(test::photo(), {2, 2}), R"({"renditions": [
                {"name": "a", "width": 300, "format": "webp"}, {"name": "b", "width": 200},
                {"name": "c", "width": 100, "format": "png"}]})")),
            "a webp 300x200 vips\nb jpeg 200x133 planar\nc png 100x67 vips\n");
}

TEST(Renditions, OnPlanesAreThoseOfResizeAtTheSameScale) {
  const std::string file = test::encode_jpeg(test::photo(), {2, 2});
  const Outcome one = run(renditions_spec(), file, R"({"renditions": [{"name": "a", "width": 200}]})");
  const Outcome same = run(resize_spec(), file, R"({"width": 200})");
  EXPECT_EQ(one.emitted.at(0).payload.get<EncodedImage>().view(), same.payload<EncodedImage>().view());
}

// One decode serves all: smaller ones are no worse for it.
TEST(Renditions, LookLikeThoseThatAreDecodedApart) {
  for (const char* suffix : {".jpg[Q=95]", ".png", ".webp[Q=95]", ".tif"}) {
    for (const int orientation : {1, 6}) {
      const std::string file = test::encode_image(test::stored_for(test::photo(), orientation), suffix, orientation);
      const Outcome together = run(renditions_spec(), file, R"({"format": "png", "renditions": [
          {"name": "large", "width": 400}, {"name": "small", "width": 120, "height": 60, "fit": "cover"}]})");
      const Outcome large = run(resize_spec(), file, R"({"width": 400, "format": "png"})");
      const Outcome small =
          run(resize_spec(), file, R"({"width": 120, "height": 60, "fit": "cover", "format": "png"})");
      ASSERT_EQ(together.emitted.size(), 2u) << together.message;
      const auto image = [](const Emitted& emitted) {
        return test::decode_image(emitted.payload.get<EncodedImage>().view());
      };
      EXPECT_EQ(test::psnr(image(together.emitted[0]), image(large.emitted[0])), 99) << suffix;
      EXPECT_GE(test::psnr(image(together.emitted[1]), image(small.emitted[0])), 30) << suffix;
    }
  }
}

TEST(Renditions, KeepMetadataOnEachOfThem) {
  const std::string file = test::encode_image(test::photo(), ".jpg", 1);
  const Outcome outcome = run(renditions_spec(), file, R"({"metadata": "keep", "renditions": [
      {"name": "a", "width": 60}, {"name": "b", "width": 30}]})");
  ASSERT_EQ(outcome.emitted.size(), 2u);
  for (const Emitted& emitted : outcome.emitted) {
    EXPECT_TRUE(test::has_metadata(emitted.payload.get<EncodedImage>().view(), "exif-data"));
  }
}

TEST(Renditions, ADamagedPictureFailsOnce) {
  const std::string file = test::encode_jpeg(test::photo(), {2, 2});
  const Outcome outcome = run(renditions_spec(), file.substr(0, file.size() / 2), kThree);
  EXPECT_EQ(outcome.code, "resize.truncated");
  EXPECT_TRUE(outcome.emitted.empty());
}

TEST(Renditions, ForcedOntoPlanesFailWhereOneIsImpossible) {
  const Outcome outcome = run(renditions_spec(), test::encode_jpeg(test::photo(), {2, 2}),
                              R"({"engine": "planar", "renditions": [
                                  {"name": "a", "width": 60}, {"name": "b", "width": 30, "format": "png"}]})");
  EXPECT_EQ(outcome.code, "resize.not_planar");
}

std::string option_error(std::string_view options) {
  try {
    StageRunner runner(renditions_spec(), options);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(RenditionsOptions, NeedASizeAndANameOfTheirOwn) {
  EXPECT_NE(option_error("{}"), "accepted");
  EXPECT_NE(option_error(R"({"renditions": []})"), "accepted");
  EXPECT_NE(option_error(R"({"renditions": [{"width": 3}]})"), "accepted");
  const std::string without_size = option_error(R"({"renditions": [{"name": "a"}]})");
  EXPECT_NE(without_size.find("/renditions/0"), std::string::npos) << without_size;
  const std::string twice = option_error(R"({"renditions": [{"name": "a", "width": 3}, {"name": "a", "width": 4}]})");
  EXPECT_NE(twice.find("two renditions have the name \"a\""), std::string::npos) << twice;
}

}  // namespace
}  // namespace penstock::stages
