// The fixed-point resampling of planes against the same sums in double precision, on every instruction set of the
// machine. SPDX-License-Identifier: Apache-2.0
#include "stages/resize/resample.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace penstock::stages {
namespace {

void one_by_one(int tasks, const std::function<void(int)>& work) {
  for (int task = 0; task < tasks; ++task) work(task);
}

Plane noise(int width, int height) {
  std::mt19937 random(static_cast<unsigned>(width * 1000 + height));
  Plane plane;
  plane.reshape(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) plane.row(y)[x] = static_cast<std::uint8_t>(random());
  }
  return plane;
}

template <class Value>
Plane plane_of(int width, int height, Value value) {
  Plane plane;
  plane.reshape(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) plane.row(y)[x] = static_cast<std::uint8_t>(value(x, y));
  }
  return plane;
}

AxisMap scaling(int in, int out) {
  const double step = static_cast<double>(in) / out;
  return {0.5 * step, step};
}

// One axis, by the definition: edge samples are repeated, weights are normalised, the result is cut but not rounded.
std::vector<double> reference(const std::vector<double>& in, const AxisMap& map, int out_size, Kernel kernel) {
  std::vector<double> out;
  const double width = std::max(1.0, std::abs(map.step));
  const int in_size = static_cast<int>(in.size());
  for (int i = 0; i < out_size; ++i) {
    const double middle = map.start + i * map.step;
    double sum = 0;
    double weights = 0;
    if (kernel == Kernel::nearest) {
      sum = in[static_cast<std::size_t>(std::clamp(static_cast<int>(std::floor(middle)), 0, in_size - 1))];
      weights = 1;
    } else {
      // The loop ends one sample beyond the kernel on either side.
      const double reach = kernel_radius(kernel) * width;
      for (int k = static_cast<int>(std::floor(middle - reach)) - 1; k <= middle + reach + 1; ++k) {
        const double weight = kernel_value(kernel, (k + 0.5 - middle) / width);
        sum += weight * in[static_cast<std::size_t>(std::clamp(k, 0, in_size - 1))];
        weights += weight;
      }
    }
    out.push_back(std::clamp(sum / weights, 0.0, 255.0));
  }
  return out;
}

// Both axes, columns first. [y][x].
std::vector<std::vector<double>> reference(const Plane& in, const AxisMap& horizontal, const AxisMap& vertical,
                                           int out_width, int out_height, Kernel kernel) {
  std::vector<std::vector<double>> columns;
  for (int x = 0; x < in.width(); ++x) {
    std::vector<double> column;
    for (int y = 0; y < in.height(); ++y) column.push_back(in.row(y)[x]);
    columns.push_back(reference(column, vertical, out_height, kernel));
  }
  std::vector<std::vector<double>> rows;
  for (int y = 0; y < out_height; ++y) {
    std::vector<double> row;
    for (const std::vector<double>& column : columns) row.push_back(column[static_cast<std::size_t>(y)]);
    rows.push_back(reference(row, horizontal, out_width, kernel));
  }
  return rows;
}

Plane resampled(const Plane& in, const AxisMap& horizontal, const AxisMap& vertical, int out_width, int out_height,
                Kernel kernel, bool transposed = false) {
  Resampler resampler;
  Plane out;
  resampler.resample(in, AxisWeights(horizontal, in.width(), out_width, kernel),
                     AxisWeights(vertical, in.height(), out_height, kernel), transposed, out, one_by_one);
  return out;
}

Plane resampled(const Plane& in, int out_width, int out_height, Kernel kernel = Kernel::lanczos3) {
  return resampled(in, scaling(in.width(), out_width), scaling(in.height(), out_height), out_width, out_height, kernel);
}

// The largest difference. Rounding between the passes (0.5, times the absolute sum of the weights, at most 1.5) and at
// the end (0.5) makes up to 1.3.
double worst_difference(const Plane& got, const std::vector<std::vector<double>>& expected) {
  double worst = 0;
  for (int y = 0; y < got.height(); ++y) {
    for (int x = 0; x < got.width(); ++x) {
      worst =
          std::max(worst, std::abs(got.row(y)[x] - expected[static_cast<std::size_t>(y)][static_cast<std::size_t>(x)]));
    }
  }
  return worst;
}

std::string text_of(const Plane& plane) {
  std::string text;
  for (int y = 0; y < plane.height(); ++y) {
    text.append(reinterpret_cast<const char*>(plane.row(y)), static_cast<std::size_t>(plane.width()));
    text += '\n';
  }
  return text;
}

TEST(Resample, IsWithinRoundingOfDoublePrecisionForAllSizesUpTo67) {
  for (int in = 1; in <= 67; ++in) {
    for (int out = 1; out <= 67; ++out) {
      const int in_height = 68 - in;
      const int out_height = 1 + (out * 31) % 67;
      const Plane plane = noise(in, in_height);
      const Plane got = resampled(plane, out, out_height);
      const auto expected =
          reference(plane, scaling(in, out), scaling(in_height, out_height), out, out_height, Kernel::lanczos3);
      ASSERT_EQ(got.width(), out);
      ASSERT_EQ(got.height(), out_height);
      ASSERT_LE(worst_difference(got, expected), 1.4)
          << in << " x " << in_height << " to " << out << " x " << out_height;
    }
  }
}

class ResampleKernel : public ::testing::TestWithParam<Kernel> {};

TEST_P(ResampleKernel, IsWithinRoundingOfDoublePrecision) {
  for (const auto& [width, height] : {std::pair{200, 150}, std::pair{31, 7}, std::pair{49, 38}, std::pair{73, 61}}) {
    const Plane plane = noise(50, 37);
    const auto expected = reference(plane, scaling(50, width), scaling(37, height), width, height, GetParam());
    EXPECT_LE(worst_difference(resampled(plane, width, height, GetParam()), expected), 1.4) << width;
  }
}

TEST_P(ResampleKernel, LeavesFlatPlanesAsTheyAre) {
  for (const int value : {0, 1, 127, 128, 254, 255}) {
    const Plane plane = plane_of(97, 61, [&](int, int) { return value; });
    for (const int size : {1, 5, 60, 61, 97, 150}) {
      const Plane out = resampled(plane, size, size + 1, GetParam());
      for (int y = 0; y < out.height(); ++y) {
        for (int x = 0; x < out.width(); ++x) ASSERT_EQ(out.row(y)[x], value) << size;
      }
    }
  }
}

TEST_P(ResampleKernel, KeepsEverySampleWhenTheSizeStays) {
  const Plane plane = noise(61, 45);
  EXPECT_EQ(text_of(resampled(plane, 61, 45, GetParam())), text_of(plane));
}

INSTANTIATE_TEST_SUITE_P(All, ResampleKernel,
                         ::testing::Values(Kernel::nearest, Kernel::linear, Kernel::cubic, Kernel::mitchell,
                                           Kernel::lanczos2, Kernel::lanczos3),
                         [](const auto& test) {
                           for (const auto& entry : names_of(test.param)) {
                             if (entry.value == test.param) return std::string(entry.name);
                           }
                           return std::string();
                         });

TEST(Resample, ManyTapsAddUpWithoutDrift) {
  const Plane plane = noise(2000, 3);
  const auto expected = reference(plane, scaling(2000, 9), scaling(3, 3), 9, 3, Kernel::lanczos3);
  EXPECT_LE(worst_difference(resampled(plane, 9, 3), expected), 1.4);
}

TEST(Resample, ANegativeStepMirrors) {
  const Plane plane = noise(40, 30);
  const AxisMap left{0.5 * 40.0 / 25, 40.0 / 25};
  const AxisMap right{40 - left.start, -left.step};
  const Plane straight = resampled(plane, left, scaling(30, 20), 25, 20, Kernel::lanczos3);
  const Plane mirrored = resampled(plane, right, scaling(30, 20), 25, 20, Kernel::lanczos3);
  for (int y = 0; y < 20; ++y) {
    for (int x = 0; x < 25; ++x) ASSERT_NEAR(mirrored.row(y)[x], straight.row(y)[24 - x], 1);
  }
}

TEST(Resample, ATransposedResultHasTheSameSamples) {
  for (const auto& [width, height] : {std::pair{25, 20}, std::pair{40, 30}, std::pair{40, 11}, std::pair{90, 30}}) {
    const Plane plane = noise(40, 30);
    const Plane straight = resampled(plane, width, height);
    const Plane turned =
        resampled(plane, scaling(40, width), scaling(30, height), width, height, Kernel::lanczos3, true);
    ASSERT_EQ(turned.width(), height);
    ASSERT_EQ(turned.height(), width);
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) ASSERT_EQ(turned.row(x)[y], straight.row(y)[x]);
    }
  }
}

TEST(Resample, APartIsThatPartOfTheWhole) {
  const Plane plane = noise(400, 300);
  const Plane whole = resampled(plane, 150, 110);
  const double step = 400.0 / 150;
  const double down = 300.0 / 110;
  const Plane part = resampled(plane, {(70 + 0.5) * step, step}, {(33 + 0.5) * down, down}, 61, 40, Kernel::lanczos3);
  for (int y = 0; y < 40; ++y) {
    for (int x = 0; x < 61; ++x) ASSERT_NEAR(part.row(y)[x], whole.row(y + 33)[x + 70], 1);
  }
}

// A gradient shows a shift: a tenth of a sample would be a difference of 0.2.
TEST(Resample, DoesNotShiftGradients) {
  const Plane plane = plane_of(120, 90, [](int x, int y) { return 2 * x + (y & 0); });
  for (const int width : {30, 59, 77, 119, 241}) {
    const Plane out = resampled(plane, width, 45);
    double sum = 0;
    const int margin = width / 8;  // Edges are repeated, there the gradient ends.
    for (int x = margin; x < width - margin; ++x) sum += out.row(20)[x] - (2 * ((x + 0.5) * 120 / width) - 1);
    EXPECT_NEAR(sum / (width - 2 * margin), 0, 0.15) << width;
  }
}

TEST(Resample, KeepsALineInItsPlace) {
  const Plane plane = plane_of(100, 40, [](int x, int) { return x == 50 ? 255 : 0; });
  const Plane out = resampled(plane, 50, 20);
  double mass = 0;
  double moment = 0;
  for (int x = 0; x < 50; ++x) {
    mass += out.row(10)[x];
    moment += out.row(10)[x] * (x + 0.5);
  }
  EXPECT_NEAR(moment / mass, 50.5 / 2, 0.1);
}

TEST(Resample, EveryInstructionSetGivesTheSameSamples) {
  const Plane plane = noise(333, 201);
  const std::string expected = text_of(resampled(plane, 150, 97));
  for (std::int64_t targets = hwy::SupportedTargets(); targets != 0; targets &= targets - 1) {
    const std::int64_t target = targets & -targets;
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(target);
    EXPECT_EQ(text_of(resampled(plane, 150, 97)), expected) << hwy::TargetName(target);
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

TEST(Resample, TasksInAnyOrderGiveTheSameSamples) {
  const Plane plane = noise(1500, 1400);
  const AxisWeights horizontal(scaling(1500, 1100), 1500, 1100, Kernel::lanczos3);
  const AxisWeights vertical(scaling(1400, 1050), 1400, 1050, Kernel::lanczos3);
  Resampler resampler;
  Plane forwards;
  resampler.resample(plane, horizontal, vertical, false, forwards, one_by_one);
  Plane backwards;
  int calls = 0;
  resampler.resample(plane, horizontal, vertical, false, backwards,
                     [&](int tasks, const std::function<void(int)>& work) {
                       ++calls;
                       for (int task = tasks - 1; task >= 0; --task) work(task);
                     });
  EXPECT_EQ(calls, 4);
  EXPECT_EQ(text_of(forwards), text_of(backwards));
}

TEST(AxisWeights, AddUpToOneForEverySample) {
  for (const Kernel kernel : {Kernel::nearest, Kernel::linear, Kernel::cubic, Kernel::mitchell, Kernel::lanczos3}) {
    for (const int out : {1, 7, 100, 333}) {
      const AxisWeights weights(scaling(100, out), 100, out, kernel);
      for (int i = 0; i < out; ++i) {
        int sum = 0;
        for (const std::int16_t weight : weights.weights(i)) sum += weight;
        ASSERT_EQ(sum, AxisWeights::kOne);
        ASSERT_GE(weights.first(i), weights.begin());
        ASSERT_LE(weights.first(i) + static_cast<int>(weights.weights(i).size()), weights.end());
        ASSERT_LE(weights.end(), 100);
      }
    }
  }
}

TEST(AxisWeightsCache, GivesTheSameWeightsAgainAndOthersForAnotherMap) {
  AxisWeightsCache cache;
  const auto weights = cache.get(scaling(100, 50), 100, 50, Kernel::lanczos3);
  EXPECT_EQ(cache.get(scaling(100, 50), 100, 50, Kernel::lanczos3), weights);
  EXPECT_NE(cache.get(scaling(100, 50), 100, 50, Kernel::linear), weights);
  EXPECT_NE(cache.get({1.5, 2}, 100, 50, Kernel::lanczos3), weights);
  for (int size = 1; size <= 16; ++size) (void)cache.get(scaling(10, size), 10, size, Kernel::lanczos3);
  EXPECT_NE(cache.get(scaling(100, 50), 100, 50, Kernel::lanczos3), weights);
}

}  // namespace
}  // namespace penstock::stages
