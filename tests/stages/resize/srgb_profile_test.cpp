// SPDX-License-Identifier: Apache-2.0
#include "stages/resize/srgb_profile.h"

#include <gtest/gtest.h>
#include <vips/vips.h>

#include <string>

#include "stages/common/vips_image.h"

namespace penstock::stages {
namespace {

// A profile that libvips brings: "srgb", "p3", "cmyk".
std::string profile(const char* name) {
  start_vips();
  VipsBlob* blob = nullptr;
  EXPECT_EQ(vips_profile_load(name, &blob, nullptr), 0);
  size_t size = 0;
  const void* data = vips_blob_get(blob, &size);
  std::string icc(static_cast<const char*>(data), size);
  vips_area_unref(VIPS_AREA(blob));
  return icc;
}

TEST(SrgbProfile, KnowsSrgb) { EXPECT_TRUE(is_srgb_profile(profile("srgb"))); }

TEST(SrgbProfile, TellsOtherSpacesApart) {
  EXPECT_FALSE(is_srgb_profile(profile("p3")));
  EXPECT_FALSE(is_srgb_profile(profile("cmyk")));
}

TEST(SrgbProfile, DoubtsEveryBeginningOfAProfile) {
  const std::string icc = profile("srgb");
  for (std::size_t length = 0; length < 400; ++length) EXPECT_FALSE(is_srgb_profile(icc.substr(0, length)));
}

TEST(SrgbProfile, SeesAnotherColorant) {
  std::string icc = profile("srgb");
  const std::size_t entry = icc.find("rXYZ", 128);
  ASSERT_NE(entry, std::string::npos);
  const auto byte = [&](std::size_t at) { return static_cast<std::size_t>(static_cast<unsigned char>(icc[at])); };
  const std::size_t body = byte(entry + 4) << 24 | byte(entry + 5) << 16 | byte(entry + 6) << 8 | byte(entry + 7);
  icc[body + 10] = '\0';  // The fraction's high byte of X.
  EXPECT_FALSE(is_srgb_profile(icc));
}

}  // namespace
}  // namespace penstock::stages
