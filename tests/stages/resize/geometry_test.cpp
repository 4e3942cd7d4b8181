// SPDX-License-Identifier: Apache-2.0
#include "stages/resize/geometry.h"

#include <gtest/gtest.h>

namespace penstock::stages {

void PrintTo(const Size& size, std::ostream* out) { *out << size.width << " x " << size.height; }
void PrintTo(const PixelRect& r, std::ostream* out) {
  *out << r.width << " x " << r.height << " at (" << r.left << ", " << r.top << ")";
}

namespace {

TEST(Place, InsideKeepsTheAspectRatio) {
  EXPECT_EQ(place({4000, 3000}, {.width = 256, .height = 256}).canvas, (Size{256, 192}));
  EXPECT_EQ(place({3000, 4000}, {.width = 256, .height = 256}).canvas, (Size{192, 256}));
}

TEST(Place, AMissingSideFollowsTheOther) {
  for (Fit fit : {Fit::inside, Fit::cover, Fit::contain, Fit::stretch}) {
    EXPECT_EQ(place({4000, 3000}, {.width = 400, .fit = fit}).canvas, (Size{400, 300}));
    EXPECT_EQ(place({4000, 3000}, {.height = 300, .fit = fit}).canvas, (Size{400, 300}));
  }
}

TEST(Place, EnlargesOnlyOnRequest) {
  EXPECT_EQ(place({100, 50}, {.width = 400, .height = 400}).canvas, (Size{100, 50}));
  EXPECT_EQ(place({100, 50}, {.width = 400, .height = 400, .may_enlarge = true}).canvas, (Size{400, 200}));
}

TEST(Place, CoverFillsTheBoxAndCutsTheRest) {
  const Placement placement = place({4000, 3000}, {.width = 300, .height = 300, .fit = Fit::cover});
  EXPECT_EQ(placement.scaled, (Size{400, 300}));
  EXPECT_EQ(placement.canvas, (Size{300, 300}));
  EXPECT_EQ(placement.crop, (PixelRect{50, 0, 300, 300}));
}

TEST(Place, CoverKeepsThePartThatThePositionNames) {
  const Box box{.width = 300, .height = 300, .fit = Fit::cover};
  Box left = box;
  left.position = Position::left;
  Box right = box;
  right.position = Position::bottom_right;
  EXPECT_EQ(place({4000, 3000}, left).crop.left, 0);
  EXPECT_EQ(place({4000, 3000}, right).crop.left, 100);
}

TEST(Place, CoverOfASmallPictureCutsWithoutEnlarging) {
  const Placement placement = place({100, 400}, {.width = 200, .height = 200, .fit = Fit::cover});
  EXPECT_EQ(placement.scaled, (Size{100, 400}));
  EXPECT_EQ(placement.canvas, (Size{100, 200}));
  EXPECT_EQ(placement.crop, (PixelRect{0, 100, 100, 200}));
}

TEST(Place, ContainAddsABorderUpToTheBox) {
  const Placement placement = place({4000, 2000}, {.width = 200, .height = 200, .fit = Fit::contain});
  EXPECT_EQ(placement.scaled, (Size{200, 100}));
  EXPECT_EQ(placement.canvas, (Size{200, 200}));
  EXPECT_EQ(placement.left, 0);
  EXPECT_EQ(placement.top, 50);
  EXPECT_TRUE(placement.has_border());
}

TEST(Place, StretchGivesExactlyTheBox) {
  EXPECT_EQ(place({4000, 3000}, {.width = 100, .height = 900, .fit = Fit::stretch}).canvas, (Size{100, 900}));
  EXPECT_EQ(place({40, 3000}, {.width = 100, .height = 900, .fit = Fit::stretch}).canvas, (Size{40, 900}));
}

TEST(Place, ASideIsNeverNothing) {
  EXPECT_EQ(place({60'000, 2}, {.width = 100, .height = 100}).canvas, (Size{100, 1}));
}

TEST(Place, AnEnormousScaleDoesNotOverflow) {
  EXPECT_GT(place({1, 1 << 30}, {.width = 65'535, .may_enlarge = true}).scaled.height, kMaxScaledSide);
}

TEST(StoredRect, FindsAPartOfATurnedPicture) {
  // Stored 30 x 20, upright 20 x 30; the upper left corner of the upright one is stored at the lower left.
  EXPECT_EQ(stored_rect({0, 0, 5, 7}, {30, 20}, 6), (PixelRect{0, 15, 7, 5}));
  // … and at the upper right for a turn the other way.
  EXPECT_EQ(stored_rect({0, 0, 5, 7}, {30, 20}, 8), (PixelRect{23, 0, 7, 5}));
  EXPECT_EQ(stored_rect({2, 3, 5, 7}, {30, 20}, 1), (PixelRect{2, 3, 5, 7}));
  EXPECT_EQ(stored_rect({2, 3, 5, 7}, {30, 20}, 3), (PixelRect{23, 10, 5, 7}));
}

}  // namespace
}  // namespace penstock::stages
