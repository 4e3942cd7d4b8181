// The pipelines of configs/ as they stand, on the sample photos: every picture arrives, upright and of the right size.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "penstock/pipeline.h"
#include "penstock/testing/stage_runner.h"
#include "stages/builtin.h"
#include "stages/probe/probe.h"
#include "tests/support/direct_network.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_image.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPhotos = "configs/samples/photos";

RunReport run(const std::string& config, const LoadOptions& options, unsigned workers) {
  Registry registry;
  stages::register_builtin_stages(registry);
  const Pipeline pipeline = Pipeline::from_file(config, registry, options);
  EXPECT_TRUE(pipeline.warnings().empty());
  return pipeline.start({.workers = workers}).wait();
}

std::vector<fs::path> photos() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(kPhotos)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

struct ImageFacts {
  std::string format;
  double width = 0;
  double height = 0;
};

/// As a viewer shows it.
ImageFacts facts_of(const fs::path& file) {
  testing::StageRunner probe(stages::probe_spec(), R"({"require_image": true})");
  const testing::Outcome outcome =
      probe.run({.key = file.string(), .attributes = {}, .payload = Payload(Bytes(test::read_file(file)))});
  EXPECT_EQ(outcome.verdict, testing::Outcome::Verdict::emitted) << file << ": " << outcome.message;
  if (outcome.verdict != testing::Outcome::Verdict::emitted) return {};
  const auto number = [&](const char* name) {
    return static_cast<double>(std::get<std::int64_t>(*outcome.attributes.find(name)));
  };
  return {std::get<std::string>(*outcome.attributes.find("image.format")), number("image.width"),
          number("image.height")};
}

/// The largest size that has the proportions of `photo` and fits into the box; never larger than the photo.
void expect_fits(const ImageFacts& image, const ImageFacts& photo, double box_width, double box_height,
                 const fs::path& file) {
  const double scale = std::min({1.0, box_width / photo.width, box_height / photo.height});
  EXPECT_NEAR(image.width, photo.width * scale, 1) << file;
  EXPECT_NEAR(image.height, photo.height * scale, 1) << file;
}

/// Mean difference of all samples, 0 to 255; 255 when the sizes differ.
double difference(const test::TestImage& a, const test::TestImage& b) {
  if (a.width != b.width || a.height != b.height || a.bands != b.bands) return 255;
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) sum += std::abs(int{a.pixels[i]} - int{b.pixels[i]});
  return sum / static_cast<double>(a.pixels.size());
}

class Configs : public ::testing::TestWithParam<unsigned> {
 protected:
  Configs() { testing::use_no_proxy(); }

  fs::path out(const std::string& name) const { return folder_.path("out/" + name); }
  std::string out_url() const { return "file:" + folder_.path("out"); }
  std::size_t files_in(const std::string& name) const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(out(name)), {}));
  }
  const testing::TempDir& folder() const { return folder_; }

 private:
  testing::TempDir folder_;
};

TEST_P(Configs, ThumbnailsFitTheirBoxAndAreUpright) {
  const RunReport report = run("configs/thumbnails.json", {.parameters = {{"to", out_url()}}, .base = {}}, GetParam());

  EXPECT_EQ(report.outcome, RunOutcome::completed);
  EXPECT_TRUE(report.items.is_balanced());
  EXPECT_EQ(report.items.done, photos().size());
  EXPECT_EQ(report.items.admitted, photos().size());
  EXPECT_EQ(files_in(""), photos().size());
  for (const fs::path& photo : photos()) {
    const fs::path thumbnail = out(photo.stem().string() + ".jpg");
    ASSERT_TRUE(fs::exists(thumbnail)) << thumbnail;
    const ImageFacts facts = facts_of(thumbnail);
    EXPECT_EQ(facts.format, "jpeg") << thumbnail;
    expect_fits(facts, facts_of(photo), 256, 256, thumbnail);
    EXPECT_FALSE(test::has_metadata(test::read_file(thumbnail), "exif-data")) << thumbnail;
  }
}

TEST_P(Configs, ThumbnailsOfTurnedPhotosShowTheSamePicture) {
  run("configs/thumbnails.json", {.parameters = {{"to", out_url()}}, .base = {}}, GetParam());

  const test::TestImage upright = test::decode_image(test::read_file(out("china.jpg")));
  for (int orientation = 2; orientation <= 8; ++orientation) {
    const fs::path turned = out("china_orientation_" + std::to_string(orientation) + ".jpg");
    EXPECT_LT(difference(upright, test::decode_image(test::read_file(turned))), 6) << turned;
  }
  // The measure tells pictures apart.
  test::TestImage mirrored = upright;
  std::reverse(mirrored.pixels.begin(), mirrored.pixels.end());
  EXPECT_GT(difference(upright, mirrored), 20);
}

TEST_P(Configs, BranchingMakesTwoSizesAndKeepsWhatIsNoImage) {
  const std::string notes = folder().write("photos/notes.jpg", "no picture at all");
  std::string urls;
  for (const fs::path& photo : photos()) {
    fs::copy_file(photo, folder().path("photos/" + photo.filename().string()));
    urls += "file:photos/" + photo.filename().string() + "\n";
  }
  urls += "file:photos/notes.jpg\nfile:photos/gone.jpg\n";
  folder().write("urls.txt", urls);
  const LoadOptions options{.parameters = {{"urls", "urls.txt"}, {"root", "photos"}, {"out", "file:out"}},
                            .base = folder().path()};

  const RunReport report = run("configs/branching.json", options, GetParam());

  EXPECT_EQ(report.outcome, RunOutcome::completed);
  EXPECT_TRUE(report.items.is_balanced());
  EXPECT_EQ(report.items.done, photos().size() + 1);
  EXPECT_EQ(report.items.failed, 1U) << "the photo that is not there";
  EXPECT_EQ(files_in("unreadable"), 1U);
  EXPECT_EQ(test::read_file(out("unreadable/notes.jpg")), test::read_file(notes));
  EXPECT_EQ(files_in("square"), photos().size());
  EXPECT_EQ(files_in("screen"), photos().size());
  for (const fs::path& photo : photos()) {
    const ImageFacts square = facts_of(out("square/" + photo.stem().string() + ".webp"));
    EXPECT_EQ(square.format, "webp");
    EXPECT_LE(square.width, 160);
    EXPECT_LE(square.height, 160);
    const fs::path screen = out("screen/" + photo.stem().string() + ".jpg");
    expect_fits(facts_of(screen), facts_of(photo), 1280, 800, screen);
  }
}

TEST(ConfigTests, EveryPipelineHasThem) {
  int pipelines = 0;
  for (const auto& entry : fs::recursive_directory_iterator("configs")) {
    const std::string name = entry.path().filename().string();
    const bool is_pipeline = name.ends_with(".json") && !name.ends_with(".test.json") &&
                             !name.ends_with(".http.json") && !name.ends_with(".schema.json");
    if (!is_pipeline) continue;
    ++pipelines;
    const fs::path tests = fs::path(entry.path()).replace_extension(".test.json");
    EXPECT_TRUE(fs::exists(tests)) << name << " has no " << tests;
  }
  EXPECT_GE(pipelines, 20);
}

INSTANTIATE_TEST_SUITE_P(Workers, Configs, ::testing::Values(1U, 2U, 8U),
                         [](const auto& workers) { return std::to_string(workers.param); });

}  // namespace
}  // namespace penstock
