// SPDX-License-Identifier: Apache-2.0
#include "framework/spec/quantity_pattern.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "penstock/units.h"

namespace penstock::spec {
namespace {

class Patterns {
 public:
  explicit Patterns(const std::vector<std::string>& patterns) {
    for (const std::string& pattern : patterns) compiled_.push_back(std::make_unique<re2::RE2>(pattern));
  }
  bool match(const std::string& text) const {
    return std::all_of(compiled_.begin(), compiled_.end(),
                       [&](const auto& pattern) { return re2::RE2::PartialMatch(text, *pattern); });
  }

 private:
  std::vector<std::unique_ptr<re2::RE2>> compiled_;
};

/// Numbers around `value` in each unit, as people write them.
std::vector<std::string> spellings(const std::vector<std::string>& units) {
  std::vector<std::string> texts;
  for (const char* number :
       {"0",    "0.0",  "0.001", "0.5",   "00.50",  "0.999",  "1",     "01",     "1.0",     "1.5",     "1.50",   "2",
        "5",    "9",    "9.999", "10",    "10.001", "15",     "29",    "29.5",   "30",      "30.0",    "30.25",  "31",
        "59",   "60",   "61",    "89",    "90",     "90.001", "91",    "99",     "100",     "101",     "1000",   "1023",
        "1024", "1025", "1500",  "29999", "30000",  "30001",  "90000", "100000", "1048575", "1048576", "1048577"}) {
    for (const std::string& unit : units) {
      texts.push_back(std::string(number) + " " + unit);
      texts.push_back(number + unit);
    }
  }
  return texts;
}

TEST(QuantityPattern, AcceptsTheDurationsWithinTheBoundsAndNoOthers) {
  const std::vector<OptionRange> ranges = {{},
                                           at_least(1),
                                           at_least(1e6),
                                           at_most(30e9),
                                           between(1e6, 90e9),
                                           between(1.5e9, 100e9),
                                           between(30e9, 30e9),
                                           at_most(3600e9)};
  for (const OptionRange& range : ranges) {
    const Patterns patterns(duration_patterns(range));
    for (const std::string& text : spellings({"ns", "us", "ms", "s", "min", "h", "d"})) {
      const auto duration = parse_duration(text);
      if (!duration) continue;  // No whole number of nanoseconds: the schema may accept it.
      const auto value = static_cast<double>(duration->count());
      const bool is_within = value >= range.min.value_or(0) && value <= range.max.value_or(1e300);
      EXPECT_EQ(patterns.match(text), is_within)
          << text << " in " << range.min.value_or(-1) << " to " << range.max.value_or(-1);
    }
  }
}

TEST(QuantityPattern, AcceptsTheSizesWithinTheBoundsAndNoOthers) {
  const std::vector<OptionRange> ranges = {
      {}, at_least(1), at_least(1024), at_most(1 << 20), between(1500, 1 << 30), between(1, 100'000'000)};
  for (const OptionRange& range : ranges) {
    const Patterns patterns(byte_size_patterns(range));
    for (const std::string& text : spellings({"B", "kB", "KiB", "MB", "MiB", "GB", "GiB", "TB", "TiB"})) {
      const auto size = parse_byte_size(text);
      if (!size) continue;
      const auto value = static_cast<double>(size->bytes);
      const bool is_within = value >= range.min.value_or(0) && value <= range.max.value_or(1e300);
      EXPECT_EQ(patterns.match(text), is_within)
          << text << " in " << range.min.value_or(-1) << " to " << range.max.value_or(-1);
    }
  }
}

TEST(QuantityPattern, RefusesWhatIsNoQuantity) {
  for (const OptionRange& range : {OptionRange{}, at_least(1e6), at_most(30e9)}) {
    for (const char* text : {"", "s", "15", "15 s ", " 15 s", "1. s", ".5 s", "-1 s", "1e3 s", "15 sec", "1,5 s"}) {
      EXPECT_FALSE(Patterns(duration_patterns(range)).match(text)) << text;
    }
  }
}

}  // namespace
}  // namespace penstock::spec
