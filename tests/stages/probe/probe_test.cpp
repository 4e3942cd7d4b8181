// SPDX-License-Identifier: Apache-2.0
#include "stages/probe/probe.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "penstock/bytes.h"
#include "penstock/testing/stage_runner.h"
#include "stages/types/encoded_image.h"
#include "tests/support/test_image.h"

namespace penstock::stages {
namespace {

using penstock::testing::Outcome;
using penstock::testing::StageRunner;

Outcome probe(std::string data, std::string_view options = "{}") {
  return StageRunner(probe_spec(), options).run({.key = "item", .payload = Payload(Bytes(std::move(data)))});
}

std::string attribute(const Outcome& outcome, std::string_view name) {
  const AttributeValue* value = outcome.attributes.find(name);
  return value == nullptr ? "none" : to_text(*value);
}

TEST(Probe, TellsFormatAndSizeOfImages) {
  for (const auto& [suffix, format] :
       {std::pair{".jpg", "jpeg"}, std::pair{".jpg[interlace]", "jpeg"}, std::pair{".png", "png"},
        std::pair{".webp", "webp"}, std::pair{".webp[lossless]", "webp"}, std::pair{".gif", "gif"},
        std::pair{".tif", "tiff"}, std::pair{".avif", "avif"}}) {
    SCOPED_TRACE(suffix);
    const Outcome outcome = probe(test::encode_image(test::quarters(70, 50), suffix));
    EXPECT_EQ(attribute(outcome, "image.format"), format);
    EXPECT_EQ(attribute(outcome, "image.width"), "70");
    EXPECT_EQ(attribute(outcome, "image.height"), "50");
  }
}

TEST(Probe, GivesTheSizeThatAViewerShows) {
  for (const char* suffix : {".jpg", ".png", ".webp", ".tif"}) {
    SCOPED_TRACE(suffix);
    const Outcome outcome = probe(test::encode_image(test::quarters(70, 50), suffix, 6));
    EXPECT_EQ(attribute(outcome, "image.width"), "50");
    EXPECT_EQ(attribute(outcome, "image.height"), "70");
  }
}

TEST(Probe, CountsAndDigestsTheBytes) {
  const Outcome outcome = probe("abc");
  EXPECT_EQ(attribute(outcome, "bytes"), "3");
  // FIPS 180-2, appendix B.1.
  EXPECT_EQ(attribute(outcome, "digest"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(attribute(outcome, "image.format"), "none");
}

TEST(Probe, LeavesTheDigestOutOnRequest) {
  EXPECT_EQ(attribute(probe("abc", R"({"digest": "none"})"), "digest"), "none");
}

TEST(Probe, DecodesNoPixels) {
  const Outcome outcome = probe(test::png_that_claims(30'000, 20'000));
  EXPECT_EQ(attribute(outcome, "image.width"), "30000");
  EXPECT_EQ(attribute(outcome, "image.height"), "20000");
}

TEST(Probe, HandsTheSamePayloadOn) {
  StageRunner runner(probe_spec());
  const Payload image(EncodedImage(Bytes("abc"), ImageFormat::png, 1, 1));
  const Outcome outcome = runner.run({.key = "item", .payload = image});
  ASSERT_EQ(outcome.emitted.size(), 1u);
  EXPECT_TRUE(outcome.emitted.front().payload.holds<EncodedImage>());
  EXPECT_EQ(outcome.payload<Bytes>().view(), "abc");
}

TEST(Probe, RefusesWhatIsNoImageWhenImagesAreRequired) {
  const Outcome text = probe("hello", R"({"require_image": true})");
  EXPECT_EQ(text.code, "probe.not_an_image");
  EXPECT_NE(text.message.find("expected an image, got 5 bytes"), std::string::npos) << text.message;
  const Outcome head = probe(std::string("\xff\xd8\xff\xe0", 4), R"({"require_image": true})");
  EXPECT_EQ(head.code, "probe.not_an_image");
  EXPECT_NE(head.message.find("the jpeg file of 4 bytes does not tell its size"), std::string::npos) << head.message;
  EXPECT_EQ(probe("\xff\xd8\xff\xe0").verdict, Outcome::Verdict::emitted);
}

}  // namespace
}  // namespace penstock::stages
