// Parsing and expansion of item templates.
// SPDX-License-Identifier: Apache-2.0
#include "stages/common/item_template.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "stages/common/percent_encoding.h"

namespace penstock::stages {
namespace {

using Kind = TemplatePart::Kind;

constexpr DiagnosticCode kCode = "option.template";
constexpr std::string_view kModifiers = "`{key:digest}`, `{key:name}` and `{key:stem}`";

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

/// Reads what stands between the braces that open at `offset`.
TemplatePart parse_placeholder(std::string_view inner, std::size_t offset) {
  const std::string place = " at character " + std::to_string(offset + 1);
  if (inner.empty()) {
    throw OptionError(kCode, "expected a name between the braces" + place + ", got `{}`",
                      "write `{key}`, the name of an attribute, or `{{}}` for literal braces");
  }
  if (inner.front() == ' ' || inner.back() == ' ') {
    throw OptionError(kCode, "expected no space inside the braces" + place + ", got " + quoted(inner));
  }
  const std::size_t colon = inner.find(':');
  if (colon == std::string_view::npos) {
    if (inner == "key") return {Kind::key, {}};
    return {Kind::attribute, std::string(inner)};
  }
  const std::string_view name = inner.substr(0, colon);
  const std::string_view modifier = inner.substr(colon + 1);
  if (name != "key") {
    throw OptionError(kCode, "only `key` takes a modifier, got " + quoted(inner) + place,
                      "write `{" + std::string(name) + "}`; the modifiers are " + std::string(kModifiers));
  }
  if (modifier == "digest") return {Kind::key_digest, {}};
  if (modifier == "name") return {Kind::key_name, {}};
  if (modifier == "stem") return {Kind::key_stem, {}};
  throw OptionError(kCode, "`key` has no modifier " + quoted(modifier) + place, "there are " + std::string(kModifiers));
}

std::vector<TemplatePart> parse_parts(std::string_view text) {
  std::vector<TemplatePart> parts;
  std::string literal;
  const auto end_literal = [&] {
    if (!literal.empty()) parts.push_back({Kind::literal, std::exchange(literal, {})});
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c != '{' && c != '}') {
      literal += c;
    } else if (at + 1 < text.size() && text[at + 1] == c) {
      literal += c;
      ++at;
    } else if (c == '}') {
      throw OptionError(kCode, "a `}` without `{` at character " + std::to_string(at + 1),
                        "write `}}` for a literal brace");
    } else {
      const std::size_t close = text.find_first_of("{}", at + 1);
      if (close == std::string_view::npos || text[close] == '{') {
        throw OptionError(kCode, "a `{` without `}` at character " + std::to_string(at + 1),
                          "write `{{` for a literal brace");
      }
      end_literal();
      parts.push_back(parse_placeholder(text.substr(at + 1, close - at - 1), at));
      at = close;
    }
  }
  end_literal();
  return parts;
}

std::string expand_part(const TemplatePart& part, std::string_view key, const Attributes& attributes) {
  switch (part.kind) {
    case Kind::literal:
      return part.text;
    case Kind::key:
      return std::string(key);
    case Kind::key_digest:
      return short_digest(key);
    case Kind::key_name:
      return safe_name(key);
    case Kind::key_stem:
      return safe_stem(key);
    case Kind::attribute:
      break;
  }
  const AttributeValue* value = attributes.find(part.text);
  if (value != nullptr) return to_text(*value);
  std::string known;
  for (const auto& entry : attributes.entries()) known += (known.empty() ? "" : ", ") + entry.first;
  throw ItemError(kMissingAttribute, "the template needs the attribute `" + part.text + "`; the item has " +
                                         (known.empty() ? "none" : "only: " + known));
}

constexpr std::string_view kFileScheme = "file:";

bool is_file_url(std::string_view url) {
  const auto is_same = [](char expected, char c) {
    return c == expected || (c >= 'A' && c <= 'Z' && c + 32 == expected);
  };
  return url.size() >= kFileScheme.size() && std::equal(kFileScheme.begin(), kFileScheme.end(), url.begin(), is_same);
}

/// Name of a placeholder, for messages.
std::string name_of(const TemplatePart& part) {
  return part.kind == Kind::attribute ? "the attribute `" + part.text + "`" : std::string("the key");
}

/// `url` holds what was expanded so far; it is a `file:` URL.
void check_file_value(std::string_view url, const TemplatePart& part, std::string_view value) {
  if (value.find('\0') != std::string_view::npos) {
    throw ItemError(kUnsafePath, name_of(part) + " holds a NUL character, which no file name can");
  }
  if (part.kind == Kind::attribute && value.find('/') != std::string_view::npos) {
    throw ItemError(kUnsafePath,
                    name_of(part) + " holds a `/`: expected one path segment, got \"" + std::string(value) + "\"");
  }
  const bool at_path_start = url.find_first_not_of('/', kFileScheme.size()) == std::string_view::npos;
  if (at_path_start && value.starts_with('/')) {
    throw ItemError(kUnsafePath, name_of(part) + " would make the path absolute: \"" + std::string(value) + "\"");
  }
}

/// Half-open range of bytes that a placeholder gave.
struct Span {
  std::size_t begin;
  std::size_t end;
};

/// A segment that a placeholder had a part in must be an ordinary name. Ends and starts that touch count: an empty
/// value between two literal dots makes `..` too.
void check_segments(std::string_view url, const std::vector<Span>& placeholders) {
  const bool is_file = is_file_url(url);
  const std::size_t path_end = is_file ? url.size() : std::min(url.find_first_of("?#"), url.size());
  for (std::size_t begin = is_file ? kFileScheme.size() : 0; begin <= path_end;) {
    const std::size_t end = std::min(url.find('/', begin), path_end);
    const bool is_touched = std::any_of(placeholders.begin(), placeholders.end(),
                                        [&](const Span& span) { return span.begin <= end && span.end >= begin; });
    const std::string segment = is_touched ? percent_decoded(url.substr(begin, end - begin)) : std::string();
    if (segment == "." || segment == "..") {
      throw ItemError(kUnsafePath,
                      "the key or an attribute makes a path segment `" + segment + "` in \"" + std::string(url) + "\"");
    }
    begin = end + 1;
  }
}

}  // namespace

ItemTemplate ItemTemplate::parse(std::string_view text) {
  ItemTemplate result;
  result.parts_ = parse_parts(text);
  result.text_ = text;
  return result;
}

std::string ItemTemplate::expand(std::string_view key, const Attributes& attributes) const {
  std::string out;
  for (const TemplatePart& part : parts_) out += expand_part(part, key, attributes);
  return out;
}

std::vector<std::string> ItemTemplate::used_attributes() const {
  std::vector<std::string> names;
  for (const TemplatePart& part : parts_) {
    if (part.kind != Kind::attribute) continue;
    if (std::find(names.begin(), names.end(), part.text) == names.end()) names.push_back(part.text);
  }
  return names;
}

bool ItemTemplate::keeps_keys_apart() const {
  return std::any_of(parts_.begin(), parts_.end(),
                     [](const TemplatePart& part) { return part.kind == Kind::key || part.kind == Kind::key_digest; });
}

std::string_view ItemTemplate::literal_prefix() const {
  if (parts_.empty() || parts_.front().kind != Kind::literal) return {};
  return parts_.front().text;
}

UrlTemplate UrlTemplate::parse(std::string_view text) {
  UrlTemplate result;
  result.template_ = ItemTemplate::parse(text);
  return result;
}

std::string UrlTemplate::expand(std::string_view key, const Attributes& attributes) const {
  const std::vector<TemplatePart>& parts = template_.parts();
  std::string url;
  std::vector<Span> placeholders;
  for (const TemplatePart& part : parts) {
    if (part.kind == Kind::literal || &part == &parts.front()) {
      url += expand_part(part, key, attributes);
      continue;
    }
    const std::string value = expand_part(part, key, attributes);
    const bool is_file = is_file_url(url);
    if (is_file) check_file_value(url, part, value);
    const std::size_t begin = url.size();
    url += percent_encoded(value, is_file && part.kind == Kind::key ? "/" : "");
    placeholders.push_back({begin, url.size()});
  }
  if (!placeholders.empty()) check_segments(url, placeholders);
  return url;
}

}  // namespace penstock::stages
