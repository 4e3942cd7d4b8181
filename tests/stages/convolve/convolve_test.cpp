// The stage `convolve`.
// SPDX-License-Identifier: Apache-2.0
#include "stages/convolve/convolve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "penstock/bytes.h"
#include "penstock/diagnostic.h"
#include "penstock/testing/stage_runner.h"
#include "stages/convolve/filter_rows.h"
#include "stages/convolve/kernel_matrix.h"
#include "tests/support/test_image.h"

namespace penstock::stages {
namespace {

using penstock::testing::Outcome;
using penstock::testing::StageRunner;
using ::testing::HasSubstr;
using Rows = std::vector<std::vector<double>>;
using Sides = std::vector<std::pair<int, int>>;

Raster noise(int width, int height, int bands, unsigned seed) {
  std::mt19937 random(seed);
  Raster picture(width, height, bands);
  for (std::uint8_t& sample : picture.samples) sample = static_cast<std::uint8_t>(random());
  return picture;
}

/// By definition, in doubles.
double reference(const Raster& in, const Rows& kernel, double scale, double offset, int y, int x, int band) {
  const int rows = static_cast<int>(kernel.size());
  const int columns = static_cast<int>(kernel.front().size());
  double sum = 0;
  for (int ky = 0; ky < rows; ++ky) {
    for (int kx = 0; kx < columns; ++kx) {
      const int sy = std::clamp(y + ky - rows / 2, 0, in.height - 1);
      const int sx = std::clamp(x + kx - columns / 2, 0, in.width - 1);
      sum += kernel[static_cast<std::size_t>(ky)][static_cast<std::size_t>(kx)] * in.row(sy)[sx * in.bands + band];
    }
  }
  return std::clamp(sum * scale + offset, 0.0, 255.0);
}

void expect_filtered(const Raster& in, const Rows& kernel, double scale, double offset) {
  Raster out(in.width, in.height, in.bands);
  // In two parts: neither may depend on the other.
  filter_rows(in, KernelMatrix(kernel, scale, offset), in.height / 2, in.height, out);
  filter_rows(in, KernelMatrix(kernel, scale, offset), 0, in.height / 2, out);
  for (int y = 0; y < in.height; ++y) {
    for (int x = 0; x < in.width; ++x) {
      for (int band = 0; band < in.bands; ++band) {
        ASSERT_NEAR(out.row(y)[x * in.bands + band], reference(in, kernel, scale, offset, y, x, band),
                    0.55)  // Half a step, and what floats round.
            << kernel.front().size() << " x " << kernel.size() << " at " << y << ", " << x << ", " << band;
      }
    }
  }
}

Rows random_rows(int width, int height, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> weight(-1, 1);
  Rows rows(static_cast<std::size_t>(height), std::vector<double>(static_cast<std::size_t>(width)));
  for (auto& row : rows) {
    for (double& value : row) value = weight(random);
  }
  return rows;
}

TEST(Convolve, IsTheWeighedSumOfTheNeighbours) {
  for (const int bands : {1, 2, 3, 4}) {
    for (const auto& [width, height] : Sides{{1, 1}, {3, 3}, {5, 1}, {1, 7}, {9, 5}, {31, 31}}) {
      expect_filtered(noise(37, 23, bands, 1), random_rows(width, height, 2), 0.3, 100);
    }
  }
}

TEST(Convolve, ExtendsTheEdgesOfPicturesThatAreSmallerThanTheKernel) {
  for (const auto& [width, height] : Sides{{1, 1}, {2, 9}, {300, 2}}) {
    expect_filtered(noise(width, height, 3, 3), random_rows(31, 31, 4), 0.05, 128);
    expect_filtered(noise(width, height, 3, 3), blur_rows(15), 1, 0);
  }
}

TEST(Convolve, FindsKernelsThatAreAProduct) {
  EXPECT_TRUE(KernelMatrix(blur_rows(15)).separated().has_value());
  EXPECT_TRUE(KernelMatrix({{1, 0, -1}, {2, 0, -2}, {1, 0, -1}}).separated().has_value());
  EXPECT_FALSE(KernelMatrix(sharpen_rows(1)).separated().has_value());
  EXPECT_FALSE(KernelMatrix(edge_rows()).separated().has_value());
  EXPECT_FALSE(KernelMatrix(random_rows(3, 3, 5)).separated().has_value());
  EXPECT_FALSE(KernelMatrix({{0, 0, 0}, {0, 0, 0}, {0, 0, 0}}).separated().has_value());
}

TEST(Convolve, GivesTheSameWhetherTheKernelIsSeparatedOrNot) {
  expect_filtered(noise(64, 40, 3, 6), blur_rows(4), 1, 0);
  expect_filtered(noise(64, 40, 3, 6), {{1, 0, -1}, {2, 0, -2}, {1, 0, -1}}, 0.25, 128);
}

TEST(Convolve, KeepsThePlainGround) {
  Raster plain(20, 20, 3);
  std::fill(plain.samples.begin(), plain.samples.end(), std::uint8_t{77});
  for (const Rows& kernel : {blur_rows(1), blur_rows(15), sharpen_rows(3)}) {
    Raster out(20, 20, 3);
    filter_rows(plain, KernelMatrix(kernel), 0, 20, out);
    EXPECT_EQ(out.samples, plain.samples);
  }
}

Outcome run(const std::string& options, std::string file) {
  StageRunner runner(convolve_spec(), options);
  return runner.run({"k", {}, Payload(Bytes(std::move(file)))});
}

TEST(Convolve, FiltersFiles) {
  const test::TestImage image = test::noise(60, 40, 3);
  const Outcome outcome = run(R"({"kernel": [[0, 0, 0], [0, 0, 1], [0, 0, 0]]})", test::encode_image(image, ".png"));
  ASSERT_EQ(outcome.verdict, Outcome::Verdict::emitted) << outcome.message;
  const auto& result = outcome.payload<EncodedImage>();
  EXPECT_EQ(result.width(), 60);
  EXPECT_EQ(result.height(), 40);
  // The picture, one pixel to the left.
  const test::TestImage moved = test::decode_image(result.view());
  for (std::size_t y = 0; y < 40; ++y) {
    for (std::size_t x = 0; x + 1 < 60; ++x) {
      for (std::size_t band = 0; band < 3; ++band) {
        ASSERT_EQ(moved.pixels[(y * 60 + x) * 3 + band], image.pixels[(y * 60 + x + 1) * 3 + band]) << y << " " << x;
      }
    }
  }
}

TEST(Convolve, SplitsALargePictureAndGivesTheSame) {
  const test::TestImage image = test::noise(1500, 1000, 3);
  StageRunner runner(convolve_spec(), R"({"radius": 5})");
  const Outcome outcome = runner.run({"k", {}, Payload(Bytes(test::encode_image(image, ".png")))});
  ASSERT_EQ(outcome.verdict, Outcome::Verdict::emitted) << outcome.message;
  EXPECT_GE(outcome.memory_need, 3U * 1500 * 1000 * 3);
  Raster in(1500, 1000, 3);
  std::copy(image.pixels.begin(), image.pixels.end(), in.samples.begin());
  Raster expected(1500, 1000, 3);
  filter_rows(in, KernelMatrix(blur_rows(5)), 0, 1000, expected);
  const test::TestImage decoded = test::decode_image(outcome.payload<EncodedImage>().view());
  EXPECT_TRUE(
      std::equal(expected.samples.begin(), expected.samples.end(), decoded.pixels.begin(), decoded.pixels.end()));
}

TEST(Convolve, TurnsPicturesUpright) {
  const Outcome outcome = run("{}", test::encode_image(test::quarters(64, 48), ".jpg", 6));
  ASSERT_EQ(outcome.verdict, Outcome::Verdict::emitted) << outcome.message;
  EXPECT_EQ(outcome.payload<EncodedImage>().width(), 48);
  EXPECT_EQ(outcome.payload<EncodedImage>().height(), 64);
}

TEST(Convolve, RefusesWhatItCannotRead) {
  EXPECT_EQ(run("{}", "GIF89a").code, "convolve.unsupported");
  EXPECT_EQ(run("{}", "text").code, "convolve.unsupported");
  const std::string png = test::encode_image(test::noise(40, 30, 3), ".png");
  EXPECT_EQ(run("{}", png.substr(0, png.size() / 2)).code, "convolve.damaged");
  EXPECT_EQ(run(R"({"max_pixels": 1199})", png).code, "convolve.too_large");
}

std::string error_of(const std::string& options) {
  try {
    StageRunner runner(convolve_spec(), options);
  } catch (const ConfigError& error) {
    const Diagnostic& first = error.diagnostics().front();
    return first.code + " at " + first.where.pointer + ": " + first.message;
  }
  return {};
}

TEST(Convolve, TakesKernelsWithOddSidesOnly) {
  EXPECT_THAT(error_of(R"({"kernel": [[1, 1]]})"), HasSubstr("got 1 x 2"));
  EXPECT_THAT(error_of(R"({"kernel": [[1, 1, 1], [1, 1, 1], [1, 1]]})"), HasSubstr("at /kernel/2"));
}

}  // namespace
}  // namespace penstock::stages
