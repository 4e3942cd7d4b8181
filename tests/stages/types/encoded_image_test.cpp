// How image files are written down and read back.
// SPDX-License-Identifier: Apache-2.0
#include "stages/types/encoded_image.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace penstock::stages {
namespace {

class Account final : public MemoryAccount {
 public:
  void release(std::uint64_t bytes) noexcept override { released += bytes; }
  std::uint64_t released = 0;
};

class StringSink final : public ByteSink {
 public:
  void write(std::string_view bytes) override { text += bytes; }
  std::string text;
};

TEST(EncodedImage, IsReadBackAsItWas) {
  const Payload image(EncodedImage(Bytes(std::string("not \0 really", 12)), ImageFormat::webp, 640, 65'535));
  ASSERT_TRUE(image.type().is_encodable());
  StringSink sink;
  image.encode(sink);
  const Payload back = image.type().decode(sink.text, {});
  ASSERT_TRUE(back.holds<EncodedImage>());
  EXPECT_EQ(back.get<EncodedImage>().view(), std::string_view("not \0 really", 12));
  EXPECT_EQ(back.get<EncodedImage>().format(), ImageFormat::webp);
  EXPECT_EQ(back.get<EncodedImage>().width(), 640);
  EXPECT_EQ(back.get<EncodedImage>().height(), 65'535);
}

TEST(EncodedImage, HoldsNoMoreMemoryThanTheFileWhenItIsBack) {
  Account account;
  StringSink sink;
  const Payload image(EncodedImage(Bytes("file"), ImageFormat::jpeg, 1, 1));
  EXPECT_EQ(image.charged(), 0U);
  image.encode(sink);
  const Payload back = image.type().decode(sink.text, MemoryCharge(&account, sink.text.size()));
  EXPECT_EQ(back.charged(), 4U);
  EXPECT_EQ(account.released, sink.text.size() - 4);
}

}  // namespace
}  // namespace penstock::stages
