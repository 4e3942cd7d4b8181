// Resize on several threads at once: same bytes as alone, errors that belong to their items, memory within the need.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <malloc.h>
#include <vips/vips.h>

#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/bytes.h"
#include "penstock/testing/stage_runner.h"
#include "stages/resize/renditions.h"
#include "stages/resize/resize.h"
#include "stages/types/encoded_image.h"
#include "tests/support/test_image.h"

namespace penstock::stages {
namespace {

using penstock::testing::Outcome;
using penstock::testing::StageRunner;

struct Sample {
  std::string name;
  std::string data;
};

std::vector<Sample> mixed_samples() {
  std::vector<Sample> samples;
  for (const char* suffix : {".jpg", ".jpg[interlace]", ".png", ".png[interlace]", ".webp", ".webp[lossless]", ".gif",
                             ".tif", ".tif[tile]"}) {
    const std::string whole = test::encode_image(test::noise(300, 200), suffix);
    samples.push_back({suffix, whole});
    samples.push_back({std::string(suffix) + " truncated", whole.substr(0, whole.size() / 2)});
  }
  samples.push_back({"empty", ""});
  samples.push_back({"bomb", test::png_that_claims(30'000, 30'000)});
  samples.push_back({"text", "hello"});
  return samples;
}

TEST(ResizeOnManyThreads, GivesWhatItGivesAlone) {
  const std::vector<Sample> samples = mixed_samples();
  StageRunner runner(resize_spec(), R"({"width": 64, "format": "png"})");
  std::vector<Outcome> alone;
  for (const Sample& sample : samples) {
    alone.push_back(runner.run({.key = sample.name, .payload = Payload(Bytes(sample.data))}));
  }
  std::vector<SourceItem> items;
  constexpr std::size_t kRounds = 10;
  for (std::size_t round = 0; round < kRounds; ++round) {
    for (const Sample& sample : samples) items.push_back({.key = sample.name, .payload = Payload(Bytes(sample.data))});
  }
  const std::vector<Outcome> together = runner.run_all(std::move(items), 8);
  for (std::size_t i = 0; i < together.size(); ++i) {
    const Outcome& expected = alone[i % samples.size()];
    ASSERT_EQ(together[i].verdict, expected.verdict) << together[i].key << ": " << together[i].message;
    EXPECT_EQ(together[i].code, expected.code) << together[i].key;
    if (expected.verdict == Outcome::Verdict::emitted) {
      EXPECT_EQ(together[i].payload<EncodedImage>().view(), expected.payload<EncodedImage>().view()) << together[i].key;
    }
  }
}

// The high-water mark of libvips covers the whole process and only rises: what it says counts when this test raised it,
// which it does for every format when the tests run one by one, as ctest does.
class MemoryNeed : public ::testing::TestWithParam<const char*> {};

TEST_P(MemoryNeed, CoversWhatLibvipsTakes) {
  const std::string photo = test::encode_image(test::noise(1500, 1400), GetParam());
  StageRunner runner(resize_spec(), R"({"width": 700, "format": "jpeg", "engine": "vips"})");
  runner.open();
  const std::size_t before = vips_tracked_get_mem();
  const std::size_t peak_before = vips_tracked_get_mem_highwater();
  const Outcome outcome = runner.run({.key = "photo", .payload = Payload(Bytes(photo))});
  ASSERT_EQ(outcome.verdict, Outcome::Verdict::emitted) << outcome.message;
  const std::size_t peak = vips_tracked_get_mem_highwater();
  if (peak > peak_before) {
    EXPECT_LE(peak - before, outcome.memory_need);
  }
  // A thread of libvips may still be clearing up its buffers, of some rows each.
  EXPECT_LT(vips_tracked_get_mem(), before + (1u << 20)) << "libvips keeps memory";
}

INSTANTIATE_TEST_SUITE_P(Resize, MemoryNeed,
                         ::testing::Values(".jpg", ".jpg[interlace]", ".png", ".gif", ".tif", ".tif[tile]",
                                           ".png[interlace]", ".webp", ".webp[lossless]"));

// The planar path allocates from the system: its peak is that of the resident set.
class PlanarMemoryNeed : public ::testing::TestWithParam<const char*> {};

std::uint64_t resident_bytes(std::string_view field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field)) return std::stoull(line.substr(field.size() + 1)) * 1024;
  }
  return 0;
}

TEST_P(PlanarMemoryNeed, CoversWhatItTakes) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers take memory of their own";
#endif
  const auto [suffix, options] = std::pair(std::string(GetParam()).substr(0, std::string(GetParam()).find(' ')),
                                           std::string(GetParam()).substr(std::string(GetParam()).find(' ') + 1));
  const std::string photo = test::encode_image(test::noise(3000, 2400), suffix, 6);
  StageRunner runner(options.find("renditions") == std::string::npos ? resize_spec() : renditions_spec(), options);
  runner.open();
  // What one small picture allocates once is not what a picture needs.
  (void)runner.run({.key = "small", .payload = Payload(Bytes(test::encode_image(test::noise(64, 64), ".jpg")))});
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";  // The peak begins anew.
  const std::uint64_t before = resident_bytes("VmRSS:");
  const Outcome outcome = runner.run({.key = "photo", .payload = Payload(Bytes(photo))});
  ASSERT_EQ(outcome.verdict, Outcome::Verdict::emitted) << outcome.message;
  const std::uint64_t taken = resident_bytes("VmHWM:") - before - photo.size();  // The payload is a copy.
  EXPECT_LE(taken, outcome.memory_need);
  EXPECT_GT(taken * 3, outcome.memory_need) << "asks for far too much";
}

INSTANTIATE_TEST_SUITE_P(
    Resize, PlanarMemoryNeed,
    ::testing::Values(R"(.jpg {"width": 700, "engine": "planar"})",
                      R"(.jpg[interlace] {"width": 700, "engine": "planar"})",
                      R"(.jpg {"width": 2400, "engine": "planar", "quality": 100})",
                      R"(.jpg {"width": 1500, "engine": "planar", "quality_mode": "best"})",
                      R"(.jpg {"width": 1900, "height": 1900, "fit": "contain", "engine": "planar"})",
                      R"(.jpg[subsample-mode=off] {"width": 900, "height": 300, "fit": "cover", "engine": "planar"})",
                      R"(.jpg {"renditions": [{"name": "a", "width": 1500}, {"name": "b", "width": 700}]})",
                      R"(.png {"renditions": [{"name": "a", "width": 1500}, {"name": "b", "width": 700}]})"));

TEST(MemoryNeed, IsSmallForAThumbnailOfALargeJpeg) {
  const std::string photo = test::encode_image(test::quarters(4000, 3000), ".jpg");
  StageRunner runner(resize_spec(), R"({"width": 256})");
  const Outcome outcome = runner.run({.key = "photo", .payload = Payload(Bytes(photo))});
  EXPECT_GT(outcome.memory_need, std::uint64_t{1} << 20);
  EXPECT_LT(outcome.memory_need, std::uint64_t{8} << 20) << "decoded it has 36 MB";
}

}  // namespace
}  // namespace penstock::stages
