// Parsing of patterns, and matching as a set of places in the pattern: no backtracking over folders.
// SPDX-License-Identifier: Apache-2.0
#include "stages/common/glob.h"

#include <algorithm>

#include "penstock/utf8.h"

namespace penstock::stages {
namespace {

/// Characters of a name. A byte that is no UTF-8 is a character of its own, beyond those of Unicode.
std::vector<std::uint32_t> characters_of(std::string_view text) {
  constexpr std::uint32_t kInvalid = 0x110000;
  std::vector<std::uint32_t> characters;
  characters.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_character_size(text);
    const auto first = static_cast<unsigned char>(text[0]);
    std::uint32_t character = length == 0 ? kInvalid + first : first;
    if (length > 1) character &= 0x7FU >> length;
    for (std::size_t i = 1; i < length; ++i) character = character << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
    characters.push_back(character);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return characters;
}

[[noreturn]] void refuse(const std::string& message, const std::string& help = {}) {
  throw OptionError("option.glob", message, help);
}

}  // namespace

bool Glob::Token::takes(std::uint32_t c) const {
  if (kind == Kind::character) return c == character;
  if (kind == Kind::any_character) return true;
  const bool is_in = std::any_of(ranges.begin(), ranges.end(),
                                 [c](const auto& range) { return c >= range.first && c <= range.second; });
  return is_in == (kind == Kind::one_of);
}

Glob::Glob() : text_("**"), segments_{{.is_any_depth = true}} {}

Glob Glob::parse(std::string_view text) {
  if (text.empty()) refuse("expected a pattern, got \"\"", "write `**` for every file");
  if (text.find('\0') != std::string_view::npos) refuse("a pattern cannot hold a NUL character");
  if (text.starts_with('/')) refuse("expected a pattern relative to `root`, got \"" + std::string(text) + "\"");
  Glob glob;
  glob.text_ = text;
  glob.segments_.clear();
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('/', begin), text.size());
    glob.segments_.push_back(parse_segment(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return glob;
}

Glob::Segment Glob::parse_segment(std::string_view text) {
  if (text.empty() || text == "." || text == "..") {
    refuse("a segment of the pattern is \"" + std::string(text) + "\"",
           "patterns are paths below `root` without `.`, `..` and empty parts");
  }
  if (text == "**") return {.is_any_depth = true};
  if (text.find("**") != std::string_view::npos) {
    refuse("`**` stands alone between slashes, got \"" + std::string(text) + "\"", "write `**/*.jpg`");
  }
  Segment segment;
  const std::vector<std::uint32_t> characters = characters_of(text);
  for (std::size_t at = 0; at < characters.size(); ++at) {
    const std::uint32_t c = characters[at];
    if (c == '*') {
      segment.tokens.push_back({.kind = Token::Kind::any_text});
    } else if (c == '?') {
      segment.tokens.push_back({.kind = Token::Kind::any_character});
    } else if (c == '[') {
      segment.tokens.push_back(parse_class(characters, at));
    } else {
      segment.tokens.push_back({.kind = Token::Kind::character, .character = c});
    }
  }
  return segment;
}

/// `at` is at the opening bracket, and then at the closing one.
Glob::Token Glob::parse_class(const std::vector<std::uint32_t>& text, std::size_t& at) {
  Token token{.kind = Token::Kind::one_of};
  std::size_t i = at + 1;
  if (i < text.size() && (text[i] == '!' || text[i] == '^')) {
    token.kind = Token::Kind::none_of;
    ++i;
  }
  for (const std::size_t first = i; i < text.size(); ++i) {
    if (text[i] == ']' && i > first) {
      at = i;
      return token;
    }
    std::uint32_t last = text[i];
    const std::uint32_t low = last;
    if (i + 2 < text.size() && text[i + 1] == '-' && text[i + 2] != ']') {
      last = text[i + 2];
      i += 2;
      if (last < low) refuse("a range in brackets runs backwards", "write `[a-z]`, the lower character first");
    }
    token.ranges.emplace_back(low, last);
  }
  refuse("a `[` is never closed", "write `[[]` for a literal bracket; a class does not reach over a slash");
}

/// Also what follows a `**` that matches no folder. A `**` at the end matches at least one name.
void Glob::add(Progress& progress, std::size_t index) const {
  for (;;) {
    if (std::find(progress.begin(), progress.end(), index) == progress.end()) progress.push_back(index);
    if (index + 1 >= segments_.size() || !segments_[index].is_any_depth) return;
    ++index;
  }
}

Glob::Progress Glob::start() const {
  Progress progress;
  add(progress, 0);
  return progress;
}

Glob::Progress Glob::step(const Progress& progress, std::string_view name) const {
  Progress next;
  const std::vector<std::uint32_t> characters = characters_of(name);
  for (const std::size_t index : progress) {
    if (index == segments_.size()) continue;
    const Segment& segment = segments_[index];
    if (segment.is_any_depth) {
      add(next, index);
      if (index + 1 == segments_.size()) add(next, index + 1);
    } else if (matches_name(segment, characters)) {
      add(next, index + 1);
    }
  }
  std::sort(next.begin(), next.end());
  return next;
}

bool Glob::accepts(const Progress& progress) const { return !progress.empty() && progress.back() == segments_.size(); }

bool Glob::can_go_on(const Progress& progress) const {
  return !progress.empty() && progress.front() < segments_.size();
}

bool Glob::matches(std::string_view path) const {
  Progress progress = start();
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    progress = step(progress, path.substr(begin, end - begin));
    begin = end + 1;
  }
  return accepts(progress);
}

/// On a mismatch only the last `*` takes one character more: earlier ones need not be tried again.
bool Glob::matches_name(const Segment& segment, const std::vector<std::uint32_t>& name) {
  const std::vector<Token>& tokens = segment.tokens;
  std::size_t t = 0;
  std::size_t n = 0;
  std::size_t star = tokens.size();  // The last `*` seen, and where its text ends.
  std::size_t star_end = 0;
  while (n < name.size()) {
    if (t < tokens.size() && tokens[t].kind == Token::Kind::any_text) {
      star = t++;
      star_end = n;
    } else if (t < tokens.size() && tokens[t].takes(name[n])) {
      ++t;
      ++n;
    } else if (star < tokens.size()) {
      t = star + 1;
      n = ++star_end;
    } else {
      return false;
    }
  }
  while (t < tokens.size() && tokens[t].kind == Token::Kind::any_text) ++t;
  return t == tokens.size();
}

}  // namespace penstock::stages
