// Text with placeholders that are replaced for each item: `{key:stem}-{image.width}.jpg`.
//
//     {key}          the item's key                     {{  }}   literal braces
//     {key:digest}   first 32 hex digits of its SHA-256
//     {key:name}     last path segment of the key, without query, percent-decoded, made a safe file name
//     {key:stem}     the same without its last extension
//     {NAME}         the attribute NAME (any text without braces and colons)
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "penstock/attributes.h"
#include "penstock/error.h"
#include "penstock/option_codec.h"
#include "penstock/stage_context.h"

namespace penstock::stages {

/// A stage with a template option declares the first of these errors, with a UrlTemplate both.
inline constexpr ErrorCode kMissingAttribute{"template.missing_attribute",
                                             "A template names an attribute that the item does not have."};
inline constexpr ErrorCode kUnsafePath{"template.unsafe_path",
                                       "The key or an attribute would lead out of the folder that a template names."};

/// One stretch of a template.
struct TemplatePart {
  enum class Kind { literal, key, key_digest, key_name, key_stem, attribute };
  Kind kind = Kind::literal;
  std::string text;  ///< literal: what it stands for, braces resolved; attribute: its name.
};

/// A template for plain text. Immutable; thread safety: as a const value.
class ItemTemplate {
 public:
  /// The empty text.
  ItemTemplate() = default;
  /// Throws OptionError "option.template" that says where and why.
  static ItemTemplate parse(std::string_view text);

  /// Throws ItemError kMissingAttribute.
  std::string expand(const StageContext& context) const { return expand(context.key(), context.attributes()); }
  std::string expand(std::string_view key, const Attributes& attributes) const;

  /// As written.
  const std::string& text() const { return text_; }
  const std::vector<TemplatePart>& parts() const { return parts_; }
  /// Names of the attributes that it reads, each once.
  std::vector<std::string> used_attributes() const;
  /// True when items with different keys always give different texts: it holds `{key}` or `{key:digest}`.
  bool keeps_keys_apart() const;
  /// What every expansion starts with: the literal text before the first placeholder.
  std::string_view literal_prefix() const;

 private:
  std::string text_;
  std::vector<TemplatePart> parts_;
};

/// A template for a URL. A placeholder at the very start gives its text as it is (`{key}` may be a whole URL); later
/// ones are percent-encoded, except `/` in `{key}` of a `file:` URL. Hence the path of a `file:` URL must be
/// percent-decoded after it was split at `/`.
///
/// Later placeholders cannot change which folder the author wrote: a segment that they would make `.` or `..`, and
/// in `file:` URLs a NUL, a leading `/` that makes the path absolute, or a `/` out of an attribute, fail the item.
/// Immutable; thread safety: as a const value.
class UrlTemplate {
 public:
  UrlTemplate() = default;
  /// Throws OptionError "option.template".
  static UrlTemplate parse(std::string_view text);

  /// Throws ItemError kMissingAttribute or kUnsafePath.
  std::string expand(const StageContext& context) const { return expand(context.key(), context.attributes()); }
  std::string expand(std::string_view key, const Attributes& attributes) const;

  const std::string& text() const { return template_.text(); }
  std::vector<std::string> used_attributes() const { return template_.used_attributes(); }
  bool keeps_keys_apart() const { return template_.keeps_keys_apart(); }
  std::string_view literal_prefix() const { return template_.literal_prefix(); }

 private:
  ItemTemplate template_;
};

/// First 32 hex digits of the SHA-256 of `text`.
std::string short_digest(std::string_view text);

/// What `{key:name}` gives: never empty, `.` or `..`, at most 200 bytes (a longer one is cut and ends in a digest; the
/// rest up to the 255 bytes that file systems take is left to what the template adds), valid UTF-8 without control
/// characters and `/ \ : * ? " < > |`, not starting with a dot. A key without a last segment gives its digest.
std::string safe_name(std::string_view key);
/// What `{key:stem}` gives: safe_name() without its last extension.
std::string safe_stem(std::string_view key);

}  // namespace penstock::stages

namespace penstock {

template <>
struct OptionCodec<stages::ItemTemplate> {
  static OptionType type() { return {.kind = OptionType::Kind::text, .hint = "a template such as `{key:stem}.jpg`"}; }
  static stages::ItemTemplate from(const OptionValue& value, const OptionContext&) {
    return stages::ItemTemplate::parse(value.get<std::string>());
  }
  static OptionValue to(const stages::ItemTemplate& value) { return value.text(); }
  static std::vector<std::string> used_attributes(const stages::ItemTemplate& value) { return value.used_attributes(); }
};

template <>
struct OptionCodec<stages::UrlTemplate> {
  static OptionType type() {
    return {.kind = OptionType::Kind::text, .hint = "a URL template such as `file:out/{key:digest}.jpg`"};
  }
  static stages::UrlTemplate from(const OptionValue& value, const OptionContext&) {
    return stages::UrlTemplate::parse(value.get<std::string>());
  }
  static OptionValue to(const stages::UrlTemplate& value) { return value.text(); }
  static std::vector<std::string> used_attributes(const stages::UrlTemplate& value) { return value.used_attributes(); }
};

}  // namespace penstock
