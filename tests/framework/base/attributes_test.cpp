// SPDX-License-Identifier: Apache-2.0
#include "penstock/attributes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace penstock {
namespace {

std::vector<std::string> names(const Attributes& attributes) {
  std::vector<std::string> result;
  for (const auto& [name, value] : attributes.entries()) result.push_back(name);
  return result;
}

TEST(Attributes, AreEmptyByDefault) {
  const Attributes attributes;
  EXPECT_TRUE(attributes.empty());
  EXPECT_EQ(attributes.size(), 0U);
  EXPECT_TRUE(attributes.entries().empty());
  EXPECT_EQ(attributes.find("a"), nullptr);
}

TEST(Attributes, FindWhatWasSet) {
  Attributes attributes;
  attributes.set("image.width", std::int64_t{640});
  attributes.set("name", std::string("cat"));
  ASSERT_NE(attributes.find("image.width"), nullptr);
  EXPECT_EQ(*attributes.find("image.width"), AttributeValue(std::int64_t{640}));
  EXPECT_EQ(*attributes.find("name"), AttributeValue(std::string("cat")));
  EXPECT_EQ(attributes.find("image"), nullptr);
  EXPECT_EQ(attributes.size(), 2U);
}

TEST(Attributes, KeepTheOrderOfFirstInsertion) {
  Attributes attributes;
  attributes.set("b", true);
  attributes.set("a", true);
  attributes.set("c", true);
  attributes.set("b", false);
  EXPECT_EQ(names(attributes), (std::vector<std::string>{"b", "a", "c"}));
  EXPECT_EQ(*attributes.find("b"), AttributeValue(false));
  attributes.erase("b");
  attributes.set("b", true);
  EXPECT_EQ(names(attributes), (std::vector<std::string>{"a", "c", "b"}));
}

TEST(Attributes, KeepIntegersAndFloatingPointNumbersApart) {
  EXPECT_NE(AttributeValue(std::int64_t{1}), AttributeValue(1.0));
}

TEST(Attributes, EraseOfAnUnknownNameKeepsTheTableShared) {
  Attributes attributes;
  attributes.set("a", true);
  Attributes copy = attributes;
  copy.erase("b");
  EXPECT_EQ(copy.find("a"), attributes.find("a"));
  Attributes none;
  none.erase("a");
  EXPECT_TRUE(none.empty());
}

TEST(Attributes, CopiesShareOneTableUntilOneIsChanged) {
  Attributes original;
  original.set("a", std::int64_t{1});
  Attributes copy = original;
  EXPECT_EQ(copy.find("a"), original.find("a"));
  copy.set("a", std::int64_t{2});
  EXPECT_EQ(*original.find("a"), AttributeValue(std::int64_t{1}));
  EXPECT_EQ(*copy.find("a"), AttributeValue(std::int64_t{2}));
}

TEST(Attributes, EraseInACopyLeavesTheOriginal) {
  Attributes original;
  original.set("a", true);
  Attributes copy = original;
  copy.erase("a");
  EXPECT_TRUE(copy.empty());
  EXPECT_EQ(original.size(), 1U);
}

TEST(Attributes, AChangeOfASoleOwnerCopiesNothing) {
  Attributes attributes;
  attributes.set("a", true);
  { const Attributes copy = attributes; }
  const AttributeValue* before = attributes.find("a");
  attributes.set("a", false);
  EXPECT_EQ(attributes.find("a"), before);
}

TEST(Attributes, AMovedFromObjectIsEmptyAndUsable) {
  Attributes original;
  original.set("a", true);
  Attributes moved = std::move(original);
  EXPECT_EQ(moved.size(), 1U);
  EXPECT_TRUE(original.empty());  // NOLINT(bugprone-use-after-move): the claim.
  original.set("b", true);
  EXPECT_EQ(names(original), std::vector<std::string>{"b"});
}

TEST(Attributes, AssignmentReplacesAndSurvivesSelfAssignment) {
  Attributes a;
  a.set("a", true);
  Attributes b;
  b.set("b", true);
  b = a;
  EXPECT_EQ(names(b), std::vector<std::string>{"a"});
  const Attributes& same = b;
  b = same;
  EXPECT_EQ(names(b), std::vector<std::string>{"a"});
}

TEST(Attributes, ANameMayBeTextOfTheTableItself) {
  Attributes attributes;
  attributes.set("alias", std::string("a name that is too long for the small string"));
  Attributes copy = attributes;
  attributes.set(std::get<std::string>(*attributes.find("alias")), true);
  attributes.erase(attributes.entries().front().first);
  EXPECT_EQ(names(attributes), std::vector<std::string>{"a name that is too long for the small string"});
  EXPECT_EQ(names(copy), std::vector<std::string>{"alias"});
}

TEST(Attributes, CopiesAreChangedOnDifferentThreadsAtOnce) {
  Attributes shared;
  shared.set("a", std::int64_t{-1});
  std::vector<std::thread> threads;
  std::vector<Attributes> copies(4, shared);
  for (std::size_t i = 0; i < copies.size(); ++i) {
    threads.emplace_back([&copy = copies[i], i] {
      for (int round = 0; round < 1'000; ++round) {
        const Attributes before = copy;
        copy.set("a", static_cast<std::int64_t>(i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < copies.size(); ++i) {
    EXPECT_EQ(*copies[i].find("a"), AttributeValue(static_cast<std::int64_t>(i)));
  }
  EXPECT_EQ(*shared.find("a"), AttributeValue(std::int64_t{-1}));
}

TEST(AttributeText, WritesStringsAsTheyAre) {
  EXPECT_EQ(to_text(std::string("a \"b\"\n")), "a \"b\"\n");
  EXPECT_EQ(to_text(std::string()), "");
}

TEST(AttributeText, WritesTheNamesOfJson) {
  EXPECT_EQ(to_text(nullptr), "null");
  EXPECT_EQ(to_text(true), "true");
  EXPECT_EQ(to_text(false), "false");
}

TEST(AttributeText, WritesIntegers) {
  EXPECT_EQ(to_text(std::int64_t{0}), "0");
  EXPECT_EQ(to_text(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
}

TEST(AttributeText, WritesFloatingPointNumbersAsNoInteger) {
  EXPECT_EQ(to_text(1.0), "1.0");
  EXPECT_EQ(to_text(-0.0), "-0.0");
  EXPECT_EQ(to_text(0.1), "0.1");
  EXPECT_EQ(to_text(100'000.0), "100000.0");
  EXPECT_EQ(to_text(1e100), "1e+100");
}

TEST(AttributeText, WritesNullForWhatIsNoJsonNumber) {
  EXPECT_EQ(to_text(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(to_text(std::numeric_limits<double>::quiet_NaN()), "null");
}

TEST(AttributeText, WritesFloatingPointNumbersThatReadBackToTheSameValue) {
  constexpr unsigned kSeed = 20'232;
  std::mt19937_64 random(kSeed);
  std::uniform_real_distribution<double> exponent(-308, 308);
  for (int i = 0; i < 20'000; ++i) {
    const double value = std::pow(10.0, i % 2 == 0 ? exponent(random) : exponent(random) / 15);
    ASSERT_EQ(nlohmann::json::parse(to_text(value)).get<double>(), value) << to_text(value);
    ASSERT_TRUE(nlohmann::json::parse(to_text(value)).is_number_float()) << to_text(value);
  }
}

TEST(AttributeText, ChoosesTheNotationOfJson) {
  for (const double value : {1e-5, 9.99e-5, 1e-4, 0.001, 1.0, 123.25, 1e14, 999999999999999.0, 1e15, 1.5e15, 5e-324,
                             1.7976931348623157e308}) {
    EXPECT_EQ(to_text(value), nlohmann::json(value).dump());
    EXPECT_EQ(to_text(-value), nlohmann::json(-value).dump());
  }
}

}  // namespace
}  // namespace penstock
