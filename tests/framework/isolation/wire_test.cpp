// SPDX-License-Identifier: Apache-2.0
#include "framework/isolation/wire.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "framework/isolation/channel.h"

namespace penstock::isolation {
namespace {

OptionValue all_options() {
  return OptionMap{{"none", OptionValue()},
                   {"yes", true},
                   {"number", std::int64_t{-5}},
                   {"fraction", 0.25},
                   {"text", std::string("a\0b", 3)},
                   {"time", Duration(7)},
                   {"size", ByteSize{9}},
                   {"list", OptionList{OptionValue(std::int64_t{1}), OptionValue(OptionMap{{"deep", false}})}}};
}

Attributes all_attributes() {
  Attributes attributes;
  attributes.set("null", nullptr);
  attributes.set("yes", true);
  attributes.set("number", std::int64_t{INT64_MIN});
  attributes.set("fraction", 1.5);
  attributes.set("text", "\xff");
  return attributes;
}

Result full_result() {
  Result result;
  result.verdict = detail::Verdict::fail;
  result.is_last = true;
  result.attributes = all_attributes();
  result.type = "bytes";
  result.drop_reason = "why";
  result.failure = {"a.b", "message", Persistence::transient, std::chrono::milliseconds(12)};
  return result;
}

TEST(Wire, OptionsAreReadAsTheyWereWritten) {
  WireWriter out;
  out.option(all_options());
  WireReader in(out.bytes());
  EXPECT_TRUE(in.option() == all_options());
}

TEST(Wire, AttributesAreReadAsTheyWereWritten) {
  WireWriter out;
  out.attributes(all_attributes());
  WireReader in(out.bytes());
  EXPECT_EQ(in.attributes().entries(), all_attributes().entries());
}

TEST(Wire, ResultsAreReadAsTheyWereWritten) {
  const Result result = decode_result(encode_result(full_result()));
  EXPECT_EQ(result.verdict, detail::Verdict::fail);
  EXPECT_TRUE(result.is_last);
  EXPECT_EQ(result.attributes.entries(), all_attributes().entries());
  EXPECT_EQ(result.type, "bytes");
  EXPECT_EQ(result.drop_reason, "why");
  EXPECT_EQ(result.failure.code, "a.b");
  EXPECT_EQ(result.failure.message, "message");
  EXPECT_EQ(result.failure.persistence, Persistence::transient);
  EXPECT_EQ(result.failure.retry_after, std::chrono::milliseconds(12));
}

TEST(Wire, WhatIsCutOffIsGarbled) {
  const std::string whole = encode_result(full_result());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THROW(decode_result(std::string_view(whole).substr(0, size)), WireError) << size;
  }
}

TEST(Wire, LengthsBeyondTheEndAreGarbled) {
  WireWriter out;
  out.number(~std::uint64_t{0});
  WireReader text(out.bytes());
  EXPECT_THROW(text.text(), WireError);
  WireReader attributes(out.bytes());
  EXPECT_THROW(attributes.attributes(), WireError);
}

}  // namespace
}  // namespace penstock::isolation
