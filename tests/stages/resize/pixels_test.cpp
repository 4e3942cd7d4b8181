// SPDX-License-Identifier: Apache-2.0
#include "stages/resize/pixels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/support/test_image.h"

namespace penstock::stages {
namespace {

Pixels stored_pixels(const test::TestImage& image) {
  Pixels pixels({image.width, image.height}, image.bands);
  std::copy(image.pixels.begin(), image.pixels.end(), pixels.data.get());
  return pixels;
}

std::vector<std::uint8_t> pixels_of(const Pixels& pixels) {
  return {pixels.data.get(), pixels.data.get() + pixels.bytes()};
}

class Orientation : public ::testing::TestWithParam<int> {};

TEST_P(Orientation, IsUndoneForEveryNumberOfBands) {
  for (int bands = 1; bands <= 4; ++bands) {
    const test::TestImage upright = test::noise(150, 70, bands);  // More than one square in each direction.
    const Pixels stored = stored_pixels(test::stored_for(upright, GetParam()));
    Pixels canvas({150, 70}, bands);
    compose_rows(stored, {.orientation = GetParam(), .canvas = {150, 70}, .bands = bands}, canvas, 0, 70);
    EXPECT_EQ(pixels_of(canvas), upright.pixels);
  }
}

TEST_P(Orientation, IsUndoneInAnyDivisionOfTheRows) {
  const test::TestImage upright = test::noise(90, 130);
  const Pixels stored = stored_pixels(test::stored_for(upright, GetParam()));
  const Composition how{.orientation = GetParam(), .canvas = {100, 150}, .left = 4, .top = 11, .bands = 3};
  Pixels whole({100, 150}, 3);
  compose_rows(stored, how, whole, 0, 150);
  Pixels divided({100, 150}, 3);
  for (int row = 0; row < 150; row += 7) compose_rows(stored, how, divided, row, std::min(row + 7, 150));
  EXPECT_EQ(pixels_of(whole), pixels_of(divided));
}

INSTANTIATE_TEST_SUITE_P(ComposeRows, Orientation, ::testing::Range(1, 9));

TEST(ComposeRows, BlendsWithRounding) {
  const Pixels stored = stored_pixels(test::plain(1, 1, {255, 100, 0, 128}));
  Pixels canvas({1, 1}, 3);
  compose_rows(stored, {.canvas = {1, 1}, .bands = 3, .background = {0, 0, 0, 255}}, canvas, 0, 1);
  EXPECT_EQ(pixels_of(canvas), (std::vector<std::uint8_t>{128, 50, 0}));
}

TEST(ComposeRows, MakesColoursOfGrey) {
  test::TestImage grey = test::noise(2, 1, 1);
  Pixels canvas({2, 1}, 4);
  compose_rows(stored_pixels(grey), {.canvas = {2, 1}, .bands = 4}, canvas, 0, 1);
  const std::uint8_t a = grey.pixels[0];
  const std::uint8_t b = grey.pixels[1];
  EXPECT_EQ(pixels_of(canvas), (std::vector<std::uint8_t>{a, a, a, 255, b, b, b, 255}));
}

}  // namespace
}  // namespace penstock::stages
