// Item templates: what they accept, what they give, and what hostile keys cannot do to them.
// SPDX-License-Identifier: Apache-2.0
#include "stages/common/item_template.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/utf8.h"
#include "stages/common/percent_encoding.h"
#include "tests/support/error_text.h"

namespace penstock::stages {
namespace {

using penstock::testing::error_of;
using std::string_literals::operator""s;

std::string expand(std::string_view text, std::string_view key, const Attributes& attributes = {}) {
  return ItemTemplate::parse(text).expand(key, attributes);
}

std::string expand_url(std::string_view text, std::string_view key, const Attributes& attributes = {}) {
  return UrlTemplate::parse(text).expand(key, attributes);
}

std::string url_error(std::string_view text, std::string_view key, const Attributes& attributes = {}) {
  return error_of([&] { expand_url(text, key, attributes); });
}

Attributes one(std::string_view name, AttributeValue value) {
  Attributes attributes;
  attributes.set(name, std::move(value));
  return attributes;
}

TEST(ItemTemplate, ReplacesEveryKindOfPlaceholder) {
  Attributes attributes = one("image.width", std::int64_t{256});
  attributes.set("label", "red car");
  EXPECT_EQ(expand("{key}|{key:name}|{key:stem}|{image.width}|{label}", "https://h/a/cat%20one.jpg?x=1#y", attributes),
            "https://h/a/cat%20one.jpg?x=1#y|cat one.jpg|cat one|256|red car");
}

TEST(ItemTemplate, DigestIsTheFirstHalfOfSha256) {
  // printf abc | sha256sum
  EXPECT_EQ(expand("{key:digest}", "abc"), "ba7816bf8f01cfea414140de5dae2223");
  EXPECT_EQ(expand("{key:digest}", ""), "e3b0c44298fc1c149afbf4c8996fb924");
}

TEST(ItemTemplate, DoubledBracesAreLiterals) {
  EXPECT_EQ(expand("{{key}} {{{key}}} }}{{", "k"), "{key} {k} }{");
  EXPECT_EQ(expand("", "k"), "");
}

TEST(ItemTemplate, TextFromItemsIsNotExpandedAgain) { EXPECT_EQ(expand("{key}", "{key:digest}{{"), "{key:digest}{{"); }

TEST(ItemTemplate, RendersAttributesAsJsonScalars) {
  Attributes attributes = one("n", nullptr);
  attributes.set("b", true);
  attributes.set("d", 0.5);
  EXPECT_EQ(expand("{n} {b} {d}", "k", attributes), "null true 0.5");
}

TEST(ItemTemplate, MissingAttributeFailsTheItemAndListsWhatThereIs) {
  EXPECT_EQ(error_of([] { expand("{width}", "k", one("height", std::int64_t{1})); }),
            "template.missing_attribute: the template needs the attribute `width`; the item has only: height");
  EXPECT_EQ(error_of([] { expand("{width}", "k"); }),
            "template.missing_attribute: the template needs the attribute `width`; the item has none");
}

TEST(ItemTemplate, ReportsWhatItReads) {
  const ItemTemplate parsed = ItemTemplate::parse("a{x}{key}{y.z}{x}");
  EXPECT_EQ(parsed.used_attributes(), (std::vector<std::string>{"x", "y.z"}));
  EXPECT_EQ(parsed.literal_prefix(), "a");
  EXPECT_EQ(parsed.text(), "a{x}{key}{y.z}{x}");
  EXPECT_TRUE(parsed.keeps_keys_apart());
  EXPECT_TRUE(ItemTemplate::parse("{key:digest}.jpg").keeps_keys_apart());
  EXPECT_FALSE(ItemTemplate::parse("{key:name}{key:stem}{x}").keeps_keys_apart());
  EXPECT_EQ(ItemTemplate::parse("{x}").literal_prefix(), "");
}

struct BadTemplate {
  std::string text;
  std::string message;
};
void PrintTo(const BadTemplate& bad, std::ostream* out) { *out << ::testing::PrintToString(bad.text); }

class BadTemplates : public ::testing::TestWithParam<BadTemplate> {};

TEST_P(BadTemplates, AreRefusedWithTheirPlace) {
  const OptionContext context;
  try {
    OptionCodec<UrlTemplate>::from(OptionValue(GetParam().text), context);
    FAIL() << "accepted: " << GetParam().text;
  } catch (const OptionError& error) {
    EXPECT_EQ(error.code().name(), "option.template");
    EXPECT_EQ(error.what(), GetParam().message);
    EXPECT_FALSE(error.help().empty() && GetParam().text != "{ key }");
  }
}

INSTANTIATE_TEST_SUITE_P(
    ItemTemplate, BadTemplates,
    ::testing::Values(BadTemplate{"out/{key", "a `{` without `}` at character 5"},
                      BadTemplate{"{key{x}}", "a `{` without `}` at character 1"},
                      BadTemplate{"{", "a `{` without `}` at character 1"},
                      BadTemplate{"a}b", "a `}` without `{` at character 2"},
                      BadTemplate{"{key}}", "a `}` without `{` at character 6"},
                      BadTemplate{"{}", "expected a name between the braces at character 1, got `{}`"},
                      BadTemplate{"{ key }", "expected no space inside the braces at character 1, got \" key \""},
                      BadTemplate{"{key:hash}", "`key` has no modifier \"hash\" at character 1"},
                      BadTemplate{"{key:}", "`key` has no modifier \"\" at character 1"},
                      BadTemplate{"{key:Name}", "`key` has no modifier \"Name\" at character 1"},
                      BadTemplate{"x{label:stem}", "only `key` takes a modifier, got \"label:stem\" at character 2"}));

TEST(ItemTemplate, CodecRoundTripsTheText) {
  const OptionContext context;
  const auto value = OptionCodec<ItemTemplate>::from(OptionValue("a{{{x}"s), context);
  EXPECT_EQ(OptionCodec<ItemTemplate>::to(value), OptionValue("a{{{x}"s));
  EXPECT_EQ(OptionCodec<ItemTemplate>::used_attributes(value), std::vector<std::string>{"x"});
}

TEST(UrlTemplate, TakesTheFirstPlaceholderAsItIs) {
  EXPECT_EQ(expand_url("{key}", "https://h/a b?c=/../d"), "https://h/a b?c=/../d");
  EXPECT_EQ(expand_url("{key}?from={key}", "https://h/a"), "https://h/a?from=https%3A%2F%2Fh%2Fa");
  EXPECT_EQ(expand_url("{base}/{key}", "a b", one("base", "https://h/x y")), "https://h/x y/a%20b");
}

TEST(UrlTemplate, EncodesLaterPlaceholders) {
  EXPECT_EQ(expand_url("https://h/{key}", "a/b?c=1#d%é\n"), "https://h/a%2Fb%3Fc%3D1%23d%25%C3%A9%0A");
  EXPECT_EQ(expand_url("https://h/{x}", "k", one("x", "~a-b_c.d&e")), "https://h/~a-b_c.d%26e");
}

TEST(UrlTemplate, KeepsSlashesOfTheKeyInFileUrls) {
  EXPECT_EQ(expand_url("file:out/{key}", "a/b c.jpg"), "file:out/a/b%20c.jpg");
  EXPECT_EQ(expand_url("FILE:out/{key}", "a/b"), "FILE:out/a/b");
  EXPECT_EQ(expand_url("{root}/{key}", "a/b", one("root", "file:/data")), "file:/data/a/b");
}

TEST(UrlTemplate, LetsTheAuthorWriteDotSegments) {
  EXPECT_EQ(expand_url("file:../out/./{key}", "a"), "file:../out/./a");
}

TEST(UrlTemplate, RefusesKeysThatLeaveTheFolder) {
  for (const std::string key : {"..", ".", "../x", "a/../../x", "a/..", "./a", "a/./b"}) {
    EXPECT_TRUE(url_error("file:out/{key}", key).starts_with("template.unsafe_path: ")) << key;
  }
  EXPECT_EQ(url_error("file:out/{key}", "../x"),
            "template.unsafe_path: the key or an attribute makes a path segment `..` in \"file:out/../x\"");
  EXPECT_NE(url_error("file:{key}", ".."), "");
  EXPECT_NE(url_error("https://h/a/{key}", ".."), "");
  EXPECT_NE(url_error("https://h/a/{key}?x", ".."), "");
  EXPECT_NE(url_error("https://h/a/%2e{x}/b", "k", one("x", ".")), "");
  EXPECT_NE(url_error("file:out/{x}{y}/a", "k",
                      [] {
                        Attributes attributes = one("x", ".");
                        attributes.set("y", ".");
                        return attributes;
                      }()),
            "");
  EXPECT_NE(url_error("file:out/.{x}./a", "k", one("x", "")), "");
}

TEST(UrlTemplate, AcceptsDotsThatAreNoSegment) {
  EXPECT_EQ(url_error("file:out/{key}.jpg", ".."), "");
  EXPECT_EQ(url_error("file:out/{key}", "...//a..b/..c"), "");
  EXPECT_EQ(url_error("https://h/?path=/{key}", ".."), "");
  EXPECT_EQ(url_error("https://h/{key}", "../.."), "");  // One segment: its slash is encoded.
}

TEST(UrlTemplate, RefusesAbsoluteKeysWhereTheyWouldBeThePath) {
  EXPECT_EQ(url_error("file:{key}", "/etc/passwd"),
            "template.unsafe_path: the key would make the path absolute: \"/etc/passwd\"");
  EXPECT_NE(url_error("file:/{key}", "/host/x"), "");
  EXPECT_NE(url_error("file:///{key}", "/x"), "");
  EXPECT_EQ(expand_url("file:out/{key}", "/etc/passwd"), "file:out//etc/passwd");
}

TEST(UrlTemplate, RefusesNulAndForeignSlashesInFileUrls) {
  EXPECT_EQ(url_error("file:out/{key}", "a\0b"s),
            "template.unsafe_path: the key holds a NUL character, which no file name can");
  EXPECT_EQ(url_error("file:out/{x}", "k", one("x", "a/b")),
            "template.unsafe_path: the attribute `x` holds a `/`: expected one path segment, got \"a/b\"");
  EXPECT_EQ(expand_url("https://h/{key}", "a\0b"s), "https://h/a%00b");
}

struct NameCase {
  std::string key;
  std::string name;
  std::string stem;
};
void PrintTo(const NameCase& name, std::ostream* out) { *out << ::testing::PrintToString(name.key); }

class SafeNames : public ::testing::TestWithParam<NameCase> {};

TEST_P(SafeNames, AreTheLastSegmentMadeSafe) {
  EXPECT_EQ(safe_name(GetParam().key), GetParam().name);
  EXPECT_EQ(safe_stem(GetParam().key), GetParam().stem);
}

INSTANTIATE_TEST_SUITE_P(ItemTemplate, SafeNames,
                         ::testing::Values(NameCase{"cat.jpg", "cat.jpg", "cat"},                       //
                                           NameCase{"a/b/cat.tar.gz", "cat.tar.gz", "cat.tar"},         //
                                           NameCase{"https://h/a/cat.jpg?w=1/2#/f", "cat.jpg", "cat"},  //
                                           NameCase{"https://h/dir/", "dir", "dir"},                    //
                                           NameCase{"a/%2e%2e", "_.", "_"},                             //
                                           NameCase{"..", "_.", "_"},                                   //
                                           NameCase{".", "_", "_"},                                     //
                                           NameCase{"a/.htaccess", "_htaccess", "_htaccess"},           //
                                           NameCase{"a/x%2Fy%5Cz%00w", "x_y_z_w", "x_y_z_w"},           //
                                           NameCase{"a/100%.jpg", "100%.jpg", "100%"},                  //
                                           NameCase{"a/%zz%4", "%zz%4", "%zz%4"},                       //
                                           NameCase{"a/gr\xC3\xBC\xC3\x9F.png", "gr\xC3\xBC\xC3\x9F.png",
                                                    "gr\xC3\xBC\xC3\x9F"},
                                           NameCase{"a/\xC3(\xFF.png", "_(_.png", "_(_"},  //
                                           NameCase{"a/c:\\d*?", "c__d_", "c__d_"},        //
                                           NameCase{"a/tab\there\n", "tab_here_", "tab_here_"}));

TEST(SafeName, FallsBackToTheDigest) {
  for (const std::string key : {"", "/", "///", "https://host", "https://host/", "https://host/?a=b", "?x"}) {
    EXPECT_EQ(safe_name(key), short_digest(key)) << key;
    EXPECT_EQ(safe_stem(key), short_digest(key)) << key;
  }
}

TEST(SafeName, CutsLongNamesBetweenCharactersAndKeepsThemApart) {
  std::string key = "a/";
  for (int i = 0; i < 300; ++i) key += "\xC3\xBC";
  const std::string name = safe_name(key + ".jpeg");
  EXPECT_LE(name.size(), 200U);
  EXPECT_GE(name.size(), 198U);
  EXPECT_TRUE(name.ends_with("-" + short_digest(key + ".jpeg") + ".jpeg")) << name;
  EXPECT_EQ(find_invalid_utf8(name), name.size());
  EXPECT_NE(name, safe_name(key + "x.jpeg"));
  EXPECT_LE(safe_stem(key + ".jpeg").size(), 200U);
  EXPECT_EQ(safe_name("a/" + std::string(200, 'x')), std::string(200, 'x'));
  EXPECT_EQ(safe_name("a/" + std::string(201, 'x')).size(), 200U);
  EXPECT_EQ(safe_name("a/b." + std::string(400, 'x')).size(), 200U);
}

TEST(SafeName, HoldsForEveryPairOfBytes) {
  for (unsigned first = 0; first < 256; ++first) {
    for (unsigned second = 0; second < 256; ++second) {
      const std::string key = {static_cast<char>(first), static_cast<char>(second)};
      for (const std::string& name : {safe_name(key), safe_stem(key)}) {
        ASSERT_FALSE(name.empty()) << first << " " << second;
        ASSERT_NE(name.front(), '.') << first << " " << second;
        ASSERT_EQ(name.find_first_of("/\\\0"s), std::string::npos) << first << " " << second;
        ASSERT_EQ(find_invalid_utf8(name), name.size()) << first << " " << second;
      }
    }
  }
}

TEST(PercentEncoding, RoundTripsEveryByte) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  EXPECT_EQ(percent_decoded(percent_encoded(all)), all);
  EXPECT_EQ(percent_encoded("a/b c", "/"), "a/b%20c");
  EXPECT_EQ(percent_decoded("%4a%4J%%41%"), "J%4J%A%");
}

}  // namespace
}  // namespace penstock::stages
