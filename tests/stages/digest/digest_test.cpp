// The stage `digest`.
// SPDX-License-Identifier: Apache-2.0
#include "stages/digest/digest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "penstock/bytes.h"
#include "penstock/diagnostic.h"
#include "penstock/testing/stage_runner.h"

namespace penstock::stages {
namespace {

using penstock::testing::Outcome;
using penstock::testing::StageRunner;

std::string digest(const std::string& algorithm, std::string data, const std::string& more = "") {
  StageRunner runner(digest_spec(), "{\"algorithms\": [\"" + algorithm + "\"]" + more + "}");
  const Outcome outcome = runner.run({"k", {}, Payload(Bytes(std::move(data)))});
  const AttributeValue* value = outcome.attributes.find("digest." + algorithm);
  return value != nullptr ? to_text(*value) : outcome.code;
}

/// 3,000,000 bytes.
std::string long_data() {
  std::string data;
  for (unsigned i = 0; i < 3'000'000; ++i) data += static_cast<char>(i * 7);
  return data;
}

// FIPS 180-4, RFC 1321, and xxHash's own test values.
TEST(Digest, KnowsTheValuesOfTheStandards) {
  EXPECT_EQ(digest("sha256", ""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(digest("sha256", "abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest("md5", ""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(digest("md5", "message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
  EXPECT_EQ(digest("xxh3", ""), "2d06800538d394c2");
}

TEST(Digest, HashesPartsAsObjectStoresDo) {
  EXPECT_EQ(digest("md5", long_data(), R"(, "part_bytes": "1 MB")"), "7b807cf86742571703f114a58c469247-3");
  EXPECT_EQ(digest("sha256", long_data(), R"(, "part_bytes": "700 kB")"),
            "0d7a7bec2fad694a92f7a1106f9efb11f02731891e4dbae2d764b9bee72bd1e1-5");
  EXPECT_EQ(digest("md5", "abc", R"(, "part_bytes": "1 MB")"), "af5da9f45af7a300e3aded972f8ff687-1");
}

TEST(Digest, ComputesSeveralAtOnceAndLeavesThePayloadAlone) {
  StageRunner runner(digest_spec(), R"({"algorithms": ["xxh3", "sha256", "md5"]})");
  const Outcome outcome = runner.run({"k", {}, Payload(Bytes(long_data()))});
  EXPECT_EQ(to_text(*outcome.attributes.find("digest.sha256")),
            "0a5d49e5dd9cc7aa647824dc6f29fbbbffe477e210f5668eed4420c51c381521");
  EXPECT_EQ(to_text(*outcome.attributes.find("digest.md5")), "58b690afd9b5f549cacb9402bcfcbfa0");
  EXPECT_EQ(to_text(*outcome.attributes.find("digest.xxh3")).size(), 16U);
  EXPECT_EQ(outcome.payload<Bytes>().view(), long_data());
}

TEST(Digest, TakesText) {
  StageRunner runner(digest_spec());
  const Outcome outcome = runner.run({"k", {}, Payload(Text{"abc"})});
  EXPECT_EQ(to_text(*outcome.attributes.find("digest.sha256")), digest("sha256", "abc"));
}

TEST(Digest, RefusesAnAlgorithmTwice) {
  try {
    StageRunner runner(digest_spec(), R"({"algorithms": ["md5", "md5"]})");
    FAIL() << "it is taken";
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.diagnostics().front().where.pointer, "/algorithms/1");
  }
}

}  // namespace
}  // namespace penstock::stages
