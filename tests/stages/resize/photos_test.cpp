// Real photographs: the samples of configs/; and more of them, with hostile files, where they lie beside the source
// tree:
// ../shared/photos/{ordinary,hostile} (or $PENSTOCK_TEST_PHOTOS) with their expected sizes and verdicts. Without these
// their tests are skipped.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

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
using Row = std::map<std::string, std::string>;

std::filesystem::path photos() {
  const char* given = std::getenv("PENSTOCK_TEST_PHOTOS");
  return given != nullptr ? given : "../shared/photos";
}

std::vector<Row> read_table(const std::filesystem::path& path) {
  std::vector<Row> rows;
  std::ifstream file(path);
  std::string line;
  std::vector<std::string> names;
  while (std::getline(file, line)) {
    std::vector<std::string> fields;
    std::istringstream in(line);
    for (std::string field; std::getline(in, field, '\t');) fields.push_back(field);
    if (names.empty()) {
      names = fields;
      continue;
    }
    Row row;
    for (std::size_t i = 0; i < fields.size(); ++i) row[names[i]] = fields[i];
    rows.push_back(row);
  }
  return rows;
}

std::int64_t number(const Attributes& attributes, std::string_view name) {
  const AttributeValue* value = attributes.find(name);
  return value == nullptr ? -1 : std::get<std::int64_t>(*value);
}

class Photos : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(photos())) GTEST_SKIP() << "there is no folder " << photos();
  }
};

test::TestImage thumbnail(StageRunner& runner, const std::filesystem::path& path) {
  const Outcome outcome = runner.run({.key = path.string(), .payload = Payload(Bytes(test::read_file(path)))});
  EXPECT_EQ(outcome.verdict, Outcome::Verdict::emitted) << path << ": " << outcome.code << ": " << outcome.message;
  return outcome.emitted.empty() ? test::TestImage{} : test::decode_image(outcome.payload<EncodedImage>().view());
}

TEST(SamplePhotos, AllGiveThumbnails) {
  StageRunner runner(resize_spec(), R"({"width": 128, "height": 128, "format": "jpeg"})");
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("configs/samples/photos")) {
    const test::TestImage image = thumbnail(runner, entry.path());
    EXPECT_LE(std::max(image.width, image.height), 128) << entry.path();
    ++count;
  }
  EXPECT_GE(count, 12);
}

TEST(SamplePhotos, StoredInAnyOrientationLookTheSame) {
  StageRunner runner(resize_spec(), R"({"width": 120, "height": 80, "fit": "stretch", "format": "png"})");
  const test::TestImage upright = thumbnail(runner, "configs/samples/photos/china.jpg");
  for (int orientation = 2; orientation <= 8; ++orientation) {
    SCOPED_TRACE(orientation);
    const test::TestImage image =
        thumbnail(runner, "configs/samples/photos/china_orientation_" + std::to_string(orientation) + ".jpg");
    ASSERT_EQ(image.pixels.size(), upright.pixels.size());
    double difference = 0;
    for (std::size_t i = 0; i < image.pixels.size(); ++i) difference += std::abs(image.pixels[i] - upright.pixels[i]);
    EXPECT_LT(difference / static_cast<double>(image.pixels.size()), 4.0);  // Wrongly turned, it is over 40.
  }
}

TEST_F(Photos, OrdinaryOnesAllGiveThumbnailsOfTheRightSize) {
  StageRunner runner(resize_spec(), R"({"width": 100, "height": 80, "formats":
      ["jpeg", "png", "webp", "gif", "tiff", "avif", "heic", "bmp"]})");
  for (const Row& row : read_table(photos() / "ordinary/expected.tsv")) {
    SCOPED_TRACE(row.at("file"));
    const int width = std::stoi(row.at("shown_w"));
    const int height = std::stoi(row.at("shown_h"));
    const Outcome outcome = runner.run(
        {.key = row.at("file"), .payload = Payload(Bytes(test::read_file(photos() / "ordinary" / row.at("file"))))});
    ASSERT_EQ(outcome.verdict, Outcome::Verdict::emitted) << outcome.code << ": " << outcome.message;
    EXPECT_EQ(number(outcome.attributes, "image.source_width"), width);
    EXPECT_EQ(number(outcome.attributes, "image.source_height"), height);
    const double scale = std::min({1.0, 100.0 / width, 80.0 / height});
    const auto& image = outcome.payload<EncodedImage>();
    EXPECT_NEAR(image.width(), width * scale, 0.51);
    EXPECT_NEAR(image.height(), height * scale, 0.51);
    const test::TestImage decoded = test::decode_image(image.view());
    EXPECT_EQ(decoded.width, image.width());
    EXPECT_EQ(decoded.height, image.height());
  }
}

// With chroma at half size and little loss by the encoder.
TEST_F(Photos, BothPathsOfAJpegLookTheSame) {
  int planar_count = 0;
  for (const Row& row : read_table(photos() / "ordinary/expected.tsv")) {
    SCOPED_TRACE(row.at("file"));
    const std::string data = test::read_file(photos() / "ordinary" / row.at("file"));
    for (const char* box : {R"("width": 256, "height": 256)", R"("width": 150, "height": 130, "fit": "cover")"}) {
      const auto run = [&](const std::string& engine) {
        StageRunner runner(resize_spec(), "{" + std::string(box) + R"(, "quality": 89, "format": "jpeg",
            "quality_mode": "best", "formats": ["jpeg", "png", "webp", "gif", "tiff", "avif", "heic", "bmp"], "engine": ")" +
                                              engine + "\"}");
        return runner.run({.key = row.at("file"), .payload = Payload(Bytes(data))});
      };
      const Outcome planar = run("planar");
      if (planar.code == "resize.not_planar") continue;
      ASSERT_EQ(planar.verdict, Outcome::Verdict::emitted) << planar.message;
      const test::TestImage ours = test::decode_image(planar.payload<EncodedImage>().view());
      const test::TestImage theirs = test::decode_image(run("vips").payload<EncodedImage>().view());
      ASSERT_EQ(ours.width, theirs.width);
      ASSERT_EQ(ours.height, theirs.height);
      ASSERT_EQ(ours.bands, theirs.bands);
      EXPECT_GE(test::psnr(ours, theirs), 35) << box;
      ++planar_count;
    }
  }
  EXPECT_GE(planar_count, 30);
}

TEST_F(Photos, HostileOnesAreRefusedOrGiveTheSizeNamed) {
  StageRunner runner(resize_spec(), R"({"width": 64, "formats":
      ["jpeg", "png", "webp", "gif", "tiff", "avif", "heic", "bmp", "svg"]})");
  for (const Row& row : read_table(photos() / "hostile/expected.tsv")) {
    SCOPED_TRACE(row.at("file"));
    const std::string& expect = row.at("expect");
    const Outcome outcome = runner.run(
        {.key = row.at("file"), .payload = Payload(Bytes(test::read_file(photos() / "hostile" / row.at("file"))))});
    const bool is_refused = outcome.verdict == Outcome::Verdict::failed;

    if (expect == "REJECT") {
      EXPECT_TRUE(is_refused);
    }
    if (expect == "LIMIT") {
      EXPECT_TRUE(is_refused);
      EXPECT_LT(outcome.memory_need, 1u << 20);
    }
    if (expect == "ACCEPT") {
      EXPECT_FALSE(is_refused) << outcome.code << ": " << outcome.message;
    }
    if (!is_refused) {
      EXPECT_EQ(number(outcome.attributes, "image.source_width"), std::stoi(row.at("w")));
      EXPECT_EQ(number(outcome.attributes, "image.source_height"), std::stoi(row.at("h")));
    }
  }
}

}  // namespace
}  // namespace penstock::stages
