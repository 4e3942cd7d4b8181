// SPDX-License-Identifier: Apache-2.0
#include "framework/spec/read_options.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "framework/spec/located_json.h"
#include "penstock/option_codec.h"

namespace penstock::spec {
namespace {

enum class Fit { inside, stretch };
constexpr std::array<Name<Fit>, 2> names_of(Fit) { return {{{Fit::inside, "inside"}, {Fit::stretch, "stretch"}}}; }

struct Login {
  std::string user;
  std::string password;
};
std::vector<ParamSpec> params_of(const Login*) {
  std::vector<ParamSpec> params = {param(&Login::user, "user", "Who."),
                                   param(&Login::password, "password", "Hush.", at_least(8))};
  params[0].is_required = true;
  params[1].is_secret = true;
  return params;
}

struct Options {
  int width = 0;
  double ratio = 1;
  bool sharp = false;
  std::string title = "none";
  Fit fit = Fit::inside;
  Duration pause = std::chrono::seconds(1);
  ByteSize size{1024};
  std::optional<int> limit = 7;
  std::vector<Duration> pauses;
  std::vector<std::pair<std::string, int>> weights;
  Login login;
  std::vector<Login> logins;
  FilePath path;
  std::string token;
};

const std::vector<ParamSpec>& params() {
  static const std::vector<ParamSpec> kParams = [] {
    std::vector<ParamSpec> params = {
        param(&Options::width, "width", "Pixels.", between(0, 65535)),
        param(&Options::ratio, "ratio", "Of sides.", between(0.5, 2)),
        param(&Options::sharp, "sharp", "Or not."),
        param(&Options::title, "title", "A few words.", between(1, 5)),
        param(&Options::fit, "fit", "How."),
        param(&Options::pause, "pause", "Between two.", at_least(1e6)),
        param(&Options::size, "size", "Of a block.", between(1, 1 << 20)),
        param(&Options::limit, "limit", "Or none."),
        param(&Options::pauses, "pauses", "Several.", at_most(2)),
        param(&Options::weights, "weights", "By name."),
        param(&Options::login, "login", "Who."),
        param(&Options::logins, "logins", "Several."),
        param(&Options::path, "path", "A file."),
        param(&Options::token, "token", "Hush.", at_least(4)),
    };
    params.back().is_secret = true;
    params[3].set = [](void* target, const OptionValue& value, const OptionContext&) {
      if (value.get<std::string>() == "bad") {
        throw OptionError("option.template", "\"bad\" is no title", "write another one");
      }
      if (value.get<std::string>() == "worse") throw std::runtime_error("no");
      static_cast<Options*>(target)->title = value.get<std::string>();
    };
    return params;
  }();
  return kParams;
}

struct Outcome {
  Options options;
  bool is_fine = false;
  std::string errors;
};

Outcome read(const std::string& text, std::vector<OptionRule> rules = {}) {
  Diagnostics out("f");
  const std::optional<LocatedValue> object = read_json(text, out);
  const OptionContext context{.base = "/base"};
  const OptionReader reader{.prefix = stage_prefix("thumb"),
                            .owner = "`resize`",
                            .context = context,
                            .diagnostics = out,
                            .other_keys = {"name", "concurrency"}};
  Outcome outcome;
  const Place place = Place::at_pointer("/stages/2");
  outcome.is_fine = reader.read(*object, place, params(), &outcome.options);
  if (outcome.is_fine) outcome.is_fine = reader.check_rules(*object, place, params(), rules, &outcome.options);
  for (const Diagnostic& diagnostic : out.sorted()) outcome.errors += to_string(diagnostic) + "\n";
  return outcome;
}

TEST(ReadOptions, LeavesDefaultsForKeysThatAreNotThere) {
  const Outcome outcome = read("{}");
  EXPECT_TRUE(outcome.is_fine);
  EXPECT_EQ(outcome.options.title, "none");
  EXPECT_EQ(outcome.options.limit, 7);
}

TEST(ReadOptions, ReadsEveryType) {
  const Outcome outcome = read(R"({"name": "skipped", "width": 5, "ratio": 2, "sharp": true, "title": "äöü",
      "fit": "stretch", "pause": "1.5 s", "size": "2 KiB", "limit": 9, "pauses": ["1 ms", "2 min"],
      "weights": {"b": 1, "a": 2}, "login": {"user": "u"}, "logins": [{"user": "v", "password": "12345678"}],
      "path": "a/../b", "token": "abcd"})");
  EXPECT_EQ(outcome.errors, "");
  EXPECT_EQ(outcome.options.width, 5);
  EXPECT_EQ(outcome.options.ratio, 2.0);
  EXPECT_TRUE(outcome.options.sharp);
  EXPECT_EQ(outcome.options.title, "äöü");
  EXPECT_EQ(outcome.options.fit, Fit::stretch);
  EXPECT_EQ(outcome.options.pause, Duration(std::chrono::milliseconds(1500)));
  EXPECT_EQ(outcome.options.size.bytes, 2048U);
  EXPECT_EQ(outcome.options.limit, 9);
  EXPECT_EQ(outcome.options.pauses.size(), 2U);
  EXPECT_EQ(outcome.options.weights, (std::vector<std::pair<std::string, int>>{{"b", 1}, {"a", 2}}));
  EXPECT_EQ(outcome.options.login.user, "u");
  EXPECT_EQ(outcome.options.logins[0].password, "12345678");
  EXPECT_EQ(outcome.options.path.resolved, "/base/b");
}

TEST(ReadOptions, TakesAWholeNumberWrittenAsAFraction) { EXPECT_EQ(read(R"({"width": 3.0})").options.width, 3); }

TEST(ReadOptions, ChecksRulesOnceAllOptionsAreFine) {
  const OptionRule rule{{}, [](const void* target) {
                          const auto& options = *static_cast<const Options*>(target);
                          if (options.width == 1)
                            throw OptionError("option.conflict", "has a width for " + options.token, "no", "/width");
                        }};
  EXPECT_EQ(read(R"({"width": 1, "token": "secret"})", {rule}).errors,
            "f:1:11: error[option.conflict] at /stages/2/width\n"
            "  stage \"thumb\": `resize` has a width for ***\n"
            "  help: no\n");
  EXPECT_EQ(read(R"({"width": 1, "sharp": 1})", {rule}).errors,
            "f:1:23: error[option.type] at /stages/2/sharp\n"
            "  stage \"thumb\": option `sharp`: expected true or false, got 1\n");
}

struct Case {
  const char* name;
  std::string text;
  std::string errors;
};

class OptionErrors : public testing::TestWithParam<Case> {};

TEST_P(OptionErrors, SayWhatWhereWhyAndHelp) {
  const Outcome outcome = read(GetParam().text);
  EXPECT_FALSE(outcome.is_fine);
  EXPECT_EQ(outcome.errors, GetParam().errors);
}

INSTANTIATE_TEST_SUITE_P(
    Table, OptionErrors,
    testing::Values(
        Case{"Unknown", "{\"widht\": 3}",
             "f:1:2: error[option.unknown] at /stages/2/widht\n"
             "  stage \"thumb\": `resize` has no option `widht`; it has: width, ratio, sharp, title, fit, "
             "pause, size, limit, pauses, weights, login, logins, path, token\n"
             "  help: did you mean `width`?\n"},
        Case{"UnknownNearACommonKey", "{\"concurency\": 3}",
             "f:1:2: error[option.unknown] at /stages/2/concurency\n"
             "  stage \"thumb\": `resize` has no option `concurency`; it has: width, ratio, sharp, title, "
             "fit, pause, size, limit, pauses, weights, login, logins, path, token\n"
             "  help: did you mean `concurrency`?\n"},
        Case{"UnknownAndFarFromAll", "{\"zzz\": 3}",
             "f:1:2: error[option.unknown] at /stages/2/zzz\n"
             "  stage \"thumb\": `resize` has no option `zzz`; it has: width, ratio, sharp, title, fit, "
             "pause, size, limit, pauses, weights, login, logins, path, token\n"},
        Case{"Types",
             "{\"width\": \"3\", \"ratio\": \"x\", \"sharp\": 0, \"title\": 5, \"fit\": 1, \"pause\": 15, \"size\": "
             "512,\n"
             "\"limit\": null, \"pauses\": \"1 s\", \"weights\": [], \"login\": \"u\", \"path\": {}}",
             "f:1:11: error[option.type] at /stages/2/width\n"
             "  stage \"thumb\": option `width`: expected an integer from 0 to 65535, got \"3\"\n"
             "f:1:25: error[option.type] at /stages/2/ratio\n"
             "  stage \"thumb\": option `ratio`: expected a number from 0.5 to 2, got \"x\"\n"
             "f:1:39: error[option.type] at /stages/2/sharp\n"
             "  stage \"thumb\": option `sharp`: expected true or false, got 0\n"
             "f:1:51: error[option.type] at /stages/2/title\n"
             "  stage \"thumb\": option `title`: expected a text from 1 to 5 characters, got 5\n"
             "f:1:61: error[option.type] at /stages/2/fit\n"
             "  stage \"thumb\": option `fit`: expected one of \"inside\", \"stretch\", got 1\n"
             "f:1:73: error[option.type] at /stages/2/pause\n"
             "  stage \"thumb\": option `pause`: expected a duration such as \"15 s\", at least 1 ms, got 15\n"
             "  help: write it as a text with its unit, e.g. \"15 s\"\n"
             "f:1:85: error[option.type] at /stages/2/size\n"
             "  stage \"thumb\": option `size`: expected a size such as \"512 MiB\" from 1 B to 1 MiB, got 512\n"
             "  help: write it as a text with its unit, e.g. \"512 B\"\n"
             "f:2:10: error[option.type] at /stages/2/limit\n"
             "  stage \"thumb\": option `limit`: expected an integer, got null\n"
             "f:2:26: error[option.type] at /stages/2/pauses\n"
             "  stage \"thumb\": option `pauses`: expected a list, at most 2 elements; each: a duration "
             "such as \"15 s\", got \"1 s\"\n"
             "f:2:44: error[option.type] at /stages/2/weights\n"
             "  stage \"thumb\": option `weights`: expected an object; each: an integer, got a list\n"
             "f:2:57: error[option.type] at /stages/2/login\n"
             "  stage \"thumb\": option `login`: expected an object, got \"u\"\n"
             "f:2:70: error[option.type] at /stages/2/path\n"
             "  stage \"thumb\": option `path`: expected a path that is not empty, got an object\n"},
        Case{"Ranges",
             "{\"width\": 65536, \"ratio\": 0.25, \"title\": \"sixsix\", \"pause\": \"1 us\", \"size\": \"2 MiB\", "
             "\"path\": \"\",\n"
             "\"pauses\": [\"1 s\", \"1 s\", \"1 s\"]}",
             "f:1:11: error[option.range] at /stages/2/width\n"
             "  stage \"thumb\": option `width`: expected an integer from 0 to 65535, got 65536\n"
             "f:1:27: error[option.range] at /stages/2/ratio\n"
             "  stage \"thumb\": option `ratio`: expected a number from 0.5 to 2, got 0.25\n"
             "f:1:42: error[option.range] at /stages/2/title\n"
             "  stage \"thumb\": option `title`: expected a text from 1 to 5 characters, got \"sixsix\"\n"
             "f:1:61: error[option.range] at /stages/2/pause\n"
             "  stage \"thumb\": option `pause`: expected a duration such as \"15 s\", at least 1 ms, got \"1 us\"\n"
             "f:1:77: error[option.range] at /stages/2/size\n"
             "  stage \"thumb\": option `size`: expected a size such as \"512 MiB\" from 1 B to 1 MiB, got "
             "\"2 MiB\"\n"
             "f:1:94: error[option.range] at /stages/2/path\n"
             "  stage \"thumb\": option `path`: expected a path that is not empty, got \"\"\n"
             "f:2:11: error[option.range] at /stages/2/pauses\n"
             "  stage \"thumb\": option `pauses`: expected a list, at most 2 elements; each: a duration "
             "such as \"15 s\", got 3 elements\n"},
        Case{"HugeNumbers", "{\"width\": 1e300, \"limit\": 3000000000, \"ratio\": -1e300}",
             "f:1:11: error[option.range] at /stages/2/width\n"
             "  stage \"thumb\": option `width`: expected an integer from 0 to 65535, got 1e+300\n"
             "f:1:27: error[option.range] at /stages/2/limit\n"
             "  stage \"thumb\": option `limit`: expected an integer, got 3000000000\n"
             "  help: the largest is 2147483647\n"
             "f:1:48: error[option.range] at /stages/2/ratio\n"
             "  stage \"thumb\": option `ratio`: expected a number from 0.5 to 2, got -1e+300\n"},
        Case{"Fraction", "{\"width\": 2.5}",
             "f:1:11: error[option.type] at /stages/2/width\n"
             "  stage \"thumb\": option `width`: expected an integer from 0 to 65535, got 2.5\n"},
        Case{"Values", "{\"fit\": \"insied\", \"pause\": \"15 sec\", \"size\": \"-1 B\"}",
             "f:1:9: error[option.value] at /stages/2/fit\n"
             "  stage \"thumb\": option `fit`: expected one of \"inside\", \"stretch\", got \"insied\"\n"
             "  help: did you mean `inside`?\n"
             "f:1:28: error[option.value] at /stages/2/pause\n"
             "  stage \"thumb\": option `pause`: expected a duration such as \"15 s\", at least 1 ms, got "
             "\"15 sec\"\n"
             "  help: the units are ns, us, ms, s, min, h, d\n"
             "f:1:46: error[option.value] at /stages/2/size\n"
             "  stage \"thumb\": option `size`: expected a size such as \"512 MiB\" from 1 B to 1 MiB, got \"-1 B\"\n"
             "  help: the units are B, kB, MB, GB, TB, KiB, MiB, GiB, TiB\n"},
        Case{"Nested",
             "{\"login\": {\"usr\": \"u\"}, \"logins\": [{\"user\": \"u\", \"password\": 3}, {\"user\": 7}, 8],\n"
             "\"weights\": {\"a/b\": \"x\"}, \"pauses\": [\"1 s\", \"2 x\"]}",
             "f:1:11: error[option.missing] at /stages/2/login\n"
             "  stage \"thumb\": `login` needs the option `user`: expected a text, got nothing\n"
             "  help: Who.\n"
             "f:1:12: error[option.unknown] at /stages/2/login/usr\n"
             "  stage \"thumb\": `login` has no option `usr`; it has: user, password\n"
             "  help: did you mean `user`?\n"
             "f:1:62: error[option.type] at /stages/2/logins/0/password\n"
             "  stage \"thumb\": option `logins[0].password`: expected a text, at least 8 characters, got ***\n"
             "f:1:75: error[option.type] at /stages/2/logins/1/user\n"
             "  stage \"thumb\": option `logins[1].user`: expected a text, got 7\n"
             "f:1:79: error[option.type] at /stages/2/logins/2\n"
             "  stage \"thumb\": option `logins[2]`: expected an object, got 8\n"
             "f:2:20: error[option.type] at /stages/2/weights/a~1b\n"
             "  stage \"thumb\": option `weights.a/b`: expected an integer, got \"x\"\n"
             "f:2:44: error[option.value] at /stages/2/pauses/1\n"
             "  stage \"thumb\": option `pauses[1]`: expected a duration such as \"15 s\", got \"2 x\"\n"
             "  help: the units are ns, us, ms, s, min, h, d\n"},
        Case{"Secrets", "{\"token\": \"abc\", \"login\": {\"user\": \"u\", \"password\": \"short\"}}",
             "f:1:11: error[option.range] at /stages/2/token\n"
             "  stage \"thumb\": option `token`: expected a text, at least 4 characters, got ***\n"
             "f:1:53: error[option.range] at /stages/2/login/password\n"
             "  stage \"thumb\": option `login.password`: expected a text, at least 8 characters, got ***\n"},
        Case{"CodecErrors", "{\"title\": \"bad\"}",
             "f:1:11: error[option.template] at /stages/2/title\n"
             "  stage \"thumb\": option `title`: \"bad\" is no title\n"
             "  help: write another one\n"},
        Case{"OtherExceptions", "{\"title\": \"worse\"}",
             "f:1:11: error[option.value] at /stages/2/title\n"
             "  stage \"thumb\": option `title`: no\n"},
        Case{"NulInAPath", "{\"path\": \"a\\u0000b\"}",
             "f:1:10: error[option.value] at /stages/2/path\n"
             "  stage \"thumb\": option `path`: a path cannot hold a NUL character\n"},
        Case{"LongTextsAreCut",
             "{\"fit\": "
             "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
             "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
             "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
             "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}",
             "f:1:9: error[option.value] at /stages/2/fit\n"
             "  stage \"thumb\": option `fit`: expected one of \"inside\", \"stretch\", got "
             "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...\"\n"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace penstock::spec
