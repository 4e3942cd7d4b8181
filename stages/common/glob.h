// Patterns for relative paths, matched segment by segment while a tree is walked.
//
//     pattern = segment *("/" segment)
//     segment = "**"                          any number of folders; at the end: everything below
//             | 1*("*" | "?" | class | char)  within one name: any text, one character, one of a class, itself
//     class   = "[" ["!" | "^"] 1*(char | char "-" char) "]"      a "]" at its start stands for itself
//
// Names that start with a dot are names like others. A special character stands for itself in a class: `[*]`.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/option_codec.h"

namespace penstock::stages {

/// Immutable; thread safety: as a const value. Matching one name takes time of at most its length times that of the
/// pattern.
class Glob {
 public:
  /// How far a path has come through the pattern: indices of the segments that may match next, ascending.
  using Progress = std::vector<std::size_t>;

  /// Matches every path.
  Glob();
  /// Throws OptionError "option.glob".
  static Glob parse(std::string_view text);

  Progress start() const;
  /// After one more segment of the path. Empty: no path that goes on like this matches.
  Progress step(const Progress& progress, std::string_view name) const;
  /// True when the path as it is matches.
  bool accepts(const Progress& progress) const;
  /// True when a longer path may match.
  bool can_go_on(const Progress& progress) const;

  /// The whole path at once.
  bool matches(std::string_view path) const;
  const std::string& text() const { return text_; }

 private:
  struct Token {
    enum class Kind { character, any_character, any_text, one_of, none_of };
    Kind kind = Kind::character;
    std::uint32_t character = 0;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> ranges = {};  ///< Inclusive.

    bool takes(std::uint32_t c) const;
  };
  struct Segment {
    bool is_any_depth = false;
    std::vector<Token> tokens = {};
  };

  static Segment parse_segment(std::string_view text);
  static Token parse_class(const std::vector<std::uint32_t>& text, std::size_t& at);
  static bool matches_name(const Segment& segment, const std::vector<std::uint32_t>& name);
  void add(Progress& progress, std::size_t index) const;

  std::string text_;
  std::vector<Segment> segments_;
};

}  // namespace penstock::stages

namespace penstock {

template <>
struct OptionCodec<stages::Glob> {
  static OptionType type() {
    return {.kind = OptionType::Kind::text, .range = between(1, 4096), .hint = "a pattern such as `**/*.jpg`"};
  }
  static stages::Glob from(const OptionValue& value, const OptionContext&) {
    return stages::Glob::parse(value.get<std::string>());
  }
  static OptionValue to(const stages::Glob& value) { return value.text(); }
};

}  // namespace penstock
