// Test files: what they can say, and what is told when it is not so.
// SPDX-License-Identifier: Apache-2.0
#include "framework/testing/run_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/temp_dir.h"
#include "tests/support/test_stages.h"

namespace penstock::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char* kAdd = R"({"type": "numbers", "count": 3}, {"type": "add", "amount": 10}, {"type": "discard"})";
constexpr const char* kWait =
    R"({"type": "numbers", "count": 2}, {"type": "wait", "timeout": "60 s", "retry": {"attempts": 3, "backoff": "10 s"}}, {"type": "discard"})";
constexpr const char* kTexts = R"({"type": "nothing"}, {"type": "print"})";

class TestFiles : public ::testing::Test {
 protected:
  /// Writes a pipeline of `stages` and a file with one test that has these keys besides its name.
  TestFile load(const std::string& stages, const std::string& keys) const {
    folder_.write("p.json", R"({"stages": [)" + stages + "]}");
    return load_test_file(folder_.write("p.test.json", R"({"pipeline": "p.json", "tests": [
  {"name": "it", )" + keys + "}]}"));
  }
  TestResult run(const std::string& stages, const std::string& keys) const {
    TestEnvironment environment{.registry = [](const auto&) { return test::test_registry(); },
                                .forms = framework_payload_forms()};
    return run_test(load(stages, keys), 0, environment);
  }
  /// The differences, a line each.
  std::string differences(const std::string& stages, const std::string& keys) const {
    const TestResult result = run(stages, keys);
    std::string text;
    for (const Diagnostic& error : result.errors) text += "unexpected: " + to_string(error) + "\n";
    for (const std::string& line : result.differences) text += line + "\n";
    return text;
  }
  /// The errors of the file, without its folder.
  std::string errors(const std::string& stages, const std::string& keys) const {
    std::string text;
    try {
      for (const Diagnostic& error : run(stages, keys).errors) text += to_string(error) + "\n";
    } catch (const ConfigError& error) {
      text = std::string(error.what()) + "\n";
    }
    while (text.find(folder_.path() + "/") != std::string::npos) {
      text.erase(text.find(folder_.path() + "/"), folder_.path().size() + 1);
    }
    return text;
  }
  const TempDir& folder() const { return folder_; }

 private:
  TempDir folder_;
};

TEST_F(TestFiles, PassWhenAllIsAsExpected) {
  EXPECT_EQ(differences(kAdd, R"("feed": {"numbers": [{"key": "a", "payload": {"json": 1}}]},
      "expect": {"items": {"admitted": 1, "done": 1}, "stages": {
        "add": {"in": 1, "out": 1, "items": [{"key": "a", "payload": {"type": "integer", "json": 11}}]},
        "discard": {"items": [{"key": "a"}], "ordered": true}}})"),
            "");
}

TEST_F(TestFiles, CompareCountsOfItemsAndStages) {
  EXPECT_EQ(differences(kAdd, R"("expect": {"items": {"admitted": 4, "dropped": 1},
      "stages": {"add": {"in": 2, "out": 3, "retries": 1}}})"),
            "items admitted: expected 4, got 3\n"
            "items dropped: expected 1, got 0\n"
            "stage \"add\", in: expected 2, got 3\n"
            "stage \"add\", retries: expected 1, got 0\n");
}

TEST_F(TestFiles, CompareItemsWithTheirAttributesAndPayloads) {
  EXPECT_EQ(differences(kAdd, R"("feed": {"numbers": [
        {"key": "a", "attributes": {"color": "red", "size": 2}, "payload": {"json": 1}},
        {"key": "extra", "payload": {"json": 5}}]},
      "expect": {"stages": {"discard": {"items": [
        {"key": "a", "attributes": {"color": "blue", "size": 2.0, "weight": 3}, "payload": {"json": 12, "bytes": 8}},
        {"key": "b"}]}}})"),
            "stage \"discard\": item \"a\"\n"
            "  attribute `color`: expected \"blue\", got \"red\"\n"
            "  attribute `weight`: expected 3, got nothing; it has: color, size\n"
            "  payload: json: expected 12, got 11\n"
            "stage \"discard\": item \"b\" is missing\n"
            "stage \"discard\": item \"extra\" was not expected\n");
}

TEST_F(TestFiles, CompareBytesByTextDigestAndFile) {
  folder().write("same.txt", "hello");
  const std::string feed = R"("feed": {"nothing": [{"key": "a", "payload": {"text": "hello"}}]}, )";
  const auto payload = [](const std::string& wanted) {
    return R"("expect": {"stages": {"print": {"items": [{"key": "a", "payload": )" + wanted + "}]}}}";
  };
  EXPECT_EQ(differences(kTexts, feed + payload(R"({"file": "same.txt", "text": "hello", "bytes": 5,
      "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"})")),
            "");
  EXPECT_EQ(differences(kTexts, feed + payload(R"({"type": "bytes", "text": "help!", "bytes": 6,
      "sha256": "0000000000000000000000000000000000000000000000000000000000000000"})")),
            "stage \"print\": item \"a\"\n"
            "  payload: type: expected `bytes`, got `text`\n"
            "  payload: bytes: expected 6, got 5\n"
            "  payload: sha256: expected 0000000000000000000000000000000000000000000000000000000000000000, got "
            "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\n"
            "  payload: text: expected 5 bytes, got 5 bytes; they differ from byte 3 on:\n"
            "    expected \"help!\"\n"
            "    got      \"hello\"\n");
}

TEST_F(TestFiles, CompareTheOrderOnlyWhenItIsAskedFor) {
  const auto expect = [](const char* ordered) {
    return std::string(
               R"("expect": {"stages": {"numbers": {"items": [{"key": "1"}, {"key": "0"}, {"key": "2"}], "ordered": )") +
           ordered + "}}}";
  };
  EXPECT_EQ(differences(kAdd, expect("false")), "");
  EXPECT_EQ(differences(kAdd, expect("true")),
            "stage \"numbers\": the items are those that were expected, in another order\n"
            "  expected [1], [0], 2\n"
            "  got      [0], [1], 2\n");
}

TEST_F(TestFiles, TakeNoFailureInSilence) {
  const std::string faults =
      R"("faults": {"add": [{"key": "1", "fail": {"code": "add.no", "message": "not today"}}]}, )";
  const std::string told = "not expected: item \"1\" failed in stage \"add\": add.no: not today\n";
  EXPECT_EQ(differences(kAdd, faults + R"("expect": {})"), told);
  EXPECT_EQ(differences(kAdd, faults + R"("expect": {"items": {"failed": 1}})"), "");
  EXPECT_EQ(differences(kAdd, faults + R"("expect": {"items": {"failed": 2}})"),
            "items failed: expected 2, got 1\n" + told);
  EXPECT_EQ(differences(kAdd, faults + R"("expect": {"failures": [
      {"key": "1", "stage": "add", "code": "add.no", "attempts": 2, "message": "today"},
      {"key": "2", "stage": "add", "code": "add.no"}]})"),
            "failure of item \"1\": attempts: expected 2, got 1\n"
            "failure: expected item \"2\" to fail in stage \"add\" with add.no\n");
}

TEST_F(TestFiles, AnswerForReplacedStagesInTurn) {
  EXPECT_EQ(
      differences(kWait,
                  R"("feed": {"numbers": [{"key": "a", "payload": {"json": 1}}, {"key": "b", "payload": {"json": 2}}]},
      "replace": {"wait": [
        {"key": "a", "fail": {"code": "wait.busy", "transient": true}},
        {"key": "a", "fail": {"code": "wait.busy", "transient": true}},
        {"key": "a", "payload": {"json": 7}, "attributes": {"seen": true}, "delay": "30 s"},
        {"drop": "the others do not matter"}]},
      "seeds": 20,
      "expect": {"items": {"done": 1, "dropped": 1}, "at_least": "30 s", "at_most": "61 s",
        "stages": {"wait": {"retries": 2, "items": [{"key": "a", "attributes": {"seen": true}, "payload": {"json": 7}}]}}})"),
      "");
}

TEST_F(TestFiles, TellOfItemsWithoutAnAnswer) {
  EXPECT_EQ(differences(kAdd, R"("replace": {"add": [{"key": "0"}, {"key": "1"}]}, "expect": {})"),
            "not expected: item \"2\" failed in stage \"add\": stage.exception: the test has no answer of the stage "
            "\"add\" for the item \"2\"\n");
}

TEST_F(TestFiles, ChooseThePortsOfRoutes) {
  EXPECT_EQ(
      differences(
          R"({"type": "numbers", "count": 1}, {"type": "deal"}, {"name": "evens", "type": "discard", "from": "deal.even"},
      {"name": "odds", "type": "discard", "from": "deal.odd"})",
          R"("replace": {"deal": [{"port": "odd"}]},
      "expect": {"stages": {"odds": {"items": [{"key": "0"}]}, "deal": {"items": [{"key": "0", "port": "even"}]}}})"),
      "stage \"deal\": item \"0\"\n  port: expected `even`, got `odd`\n");
}

TEST_F(TestFiles, MeasureTheTimeOfTheRunsClock) {
  EXPECT_EQ(
      differences(
          kWait,
          R"("faults": {"wait": [{"key": "1", "delay": "20 s"}]}, "expect": {"at_least": "1 min", "at_most": "10 s"})"),
      "time: expected at least 60 s, got 20001 ms\n"
      "time: expected at most 10 s, got 20001 ms\n");
}

TEST_F(TestFiles, DrainAndCancelRuns) {
  EXPECT_EQ(differences(kWait, R"("faults": {"wait": [{"delay": "20 s"}]}, "cancel_after": "10 s",
      "expect": {"outcome": "cancelled", "items": {"cancelled": 2}})"),
            "");
  EXPECT_EQ(differences(kWait, R"("faults": {"wait": [{"delay": "5 s"}]}, "drain_after": "2 s",
      "expect": {"outcome": "drained", "items": {"done": 2}})"),
            "");
}

TEST_F(TestFiles, TellWhyARunWasAborted) {
  const std::string stages =
      R"({"type": "numbers", "count": 1}, {"type": "add", "on_failure": "stop"}, {"type": "discard"})";
  const std::string fault = R"("faults": {"add": [{"fail": {"code": "add.no"}}]}, )";
  EXPECT_EQ(
      differences(
          stages,
          fault +
              R"("expect": {"outcome": "aborted", "abort": {"stage": "add", "code": "add.no"}, "items": {"failed": 1}})"),
      "");
  EXPECT_THAT(differences(stages, fault + R"("expect": {"items": {"failed": 1}})"),
              HasSubstr("outcome: expected completed, got aborted\naborted by stage \"add\": add.no: "));
}

TEST_F(TestFiles, ExpectTheFilesOfTheFolderOfTheTest) {
  EXPECT_EQ(differences(kAdd, R"("expect": {"files": {"a.txt": {}}})"), "file \"a.txt\" is missing\n");
  EXPECT_EQ(differences(kAdd, R"("expect": {"files": {}})"), "");
}

TEST_F(TestFiles, NameTheSeedThatFailed) {
  const TestResult result = run(
      R"({"type": "numbers", "count": 4}, {"type": "wait", "time": "0 s"}, {"type": "discard", "concurrency": "serial"})",
      R"("seeds": 1000, "faults": {"wait": [{"call": 2, "delay": "2 ms"}]},
         "expect": {"stages": {"discard": {"ordered": true, "items": [{"key": "0"}, {"key": "1"}, {"key": "2"}, {"key": "3"}]}}})");
  EXPECT_FALSE(result.has_passed());
  EXPECT_TRUE(result.seed.has_value());
}

TEST_F(TestFiles, FailWhenThePipelineDoesNotPassTheCheck) {
  const std::string text = differences(R"({"type": "numbers", "cuont": 3}, {"type": "discard"})", R"("expect": {})");
  EXPECT_THAT(text, HasSubstr("the pipeline does not pass the check:\n  "));
  EXPECT_THAT(text, HasSubstr("p.json:1:33: error[option.unknown] at /stages/0/cuont\n"));
  EXPECT_THAT(text, HasSubstr("help: did you mean `count`?"));
}

// --- Errors of the file itself ---

TEST_F(TestFiles, AreCheckedLikePipelines) {
  EXPECT_EQ(errors(kAdd, R"("fed": {}, "seeds": 0, "expect": {"outcome": "fine", "stages": {"add": {"in": "3"}}})"),
            "p.test.json:2:18: error[option.unknown] at /tests/0/fed\n"
            "  `tests[0]` has no option `fed`; it has: name, params, feed, replace, faults, http, keep, drain_after, "
            "cancel_after, seeds, expect\n"
            "  help: did you mean `feed`?\n"
            "p.test.json:2:38: error[option.range] at /tests/0/seeds\n"
            "  option `tests[0].seeds`: expected an integer from 1 to 1000000, got 0\n"
            "p.test.json:2:63: error[option.value] at /tests/0/expect/outcome\n"
            "  option `tests[0].expect.outcome`: expected one of \"completed\", \"drained\", \"cancelled\", "
            "\"aborted\", got \"fine\"\n"
            "p.test.json:2:96: error[option.type] at /tests/0/expect/stages/add/in\n"
            "  option `tests[0].expect.stages.add.in`: expected an integer, at least 0, got \"3\"\n");
}

TEST_F(TestFiles, NameStagesThatThereAreNot) {
  EXPECT_EQ(errors(kAdd, R"("feed": {"numbrs": []}, "keep": ["add"],
    "expect": {"stages": {"ad": {"in": 1}}})"),
            "p.test.json:2:37: error[test.stage] at /tests/0/feed/numbrs\n"
            "  test \"it\": there is no stage \"numbrs\"; there are: numbers, add, discard; did you mean `numbers`?\n"
            "p.test.json:2:51: error[test.stage] at /tests/0/keep/0\n"
            "  test \"it\": stage \"add\": it is no sink: it does its work in any case\n"
            "p.test.json:3:33: error[test.stage] at /tests/0/expect/stages/ad\n"
            "  test \"it\": there is no stage \"ad\"; there are: numbers, add, discard; did you mean `add`?\n");
}

TEST_F(TestFiles, SayWhyAPayloadCannotBeMade) {
  EXPECT_THAT(errors(kAdd, R"("feed": {"numbers": [{"key": "a", "payload": {"text": "1"}}]}, "expect": {})"),
              HasSubstr("error[test.payload] at /tests/0/feed/numbers/0/payload\n"
                        "  test \"it\": a payload of type `integer` is made of a `json` that is an integer\n"));
  EXPECT_THAT(errors(kTexts, R"("feed": {"nothing": [{"key": "a", "payload": {"file": "gone.txt"}}]}, "expect": {})"),
              HasSubstr("\"gone.txt\" cannot be read: No such file or directory"));
  EXPECT_THAT(errors(kTexts, R"("feed": {"nothing": [{"key": "a", "payload": {"type": "photo"}}]}, "expect": {})"),
              HasSubstr("payloads of type `photo` cannot be written in a test; these can: none, integer, text, bytes"));
  EXPECT_THAT(
      errors(kTexts, R"("feed": {"nothing": [{"key": "a", "payload": {"type": "integer", "json": 1}}]}, "expect": {})"),
      HasSubstr("it emits payloads of type `text`, the item \"a\" to feed has one of type `integer`"));
}

TEST_F(TestFiles, RefuseWhatAStageCannotDo) {
  EXPECT_THAT(errors(kAdd, R"("faults": {"add": [{"delay": "1 s"}]}, "expect": {})"),
              HasSubstr("/tests/0/faults/add/0\n  test \"it\": stage \"add\": only asynchronous stages can wait"));
  EXPECT_THAT(errors(kAdd, R"("faults": {"add": [{"call": 1}]}, "expect": {})"),
              HasSubstr("expected one of `fail`, `drop` and `delay`"));
  EXPECT_THAT(errors(kAdd, R"("faults": {"add": [{"call": 1, "first": 1, "drop": ""}]}, "expect": {})"),
              HasSubstr("expected `call` or `first`, got both"));
  EXPECT_THAT(errors(kAdd, R"("replace": {"add": [{"delay": "1 s"}]}, "expect": {})"),
              HasSubstr("only asynchronous stages can wait before an answer"));
  EXPECT_THAT(errors(R"({"type": "numbers"}, {"type": "sum"}, {"type": "discard"})",
                     R"("replace": {"sum": [{"payload": {"json": 1}}]}, "expect": {})"),
              HasSubstr("answers are for stages that make one item of one"));
}

TEST_F(TestFiles, HaveTestsWithNamesOfTheirOwn) {
  const std::string path = folder().write("p.test.json", R"({"pipeline": "p.json", "tests": [
  {"name": "a", "expect": {}},
  {"name": "a", "expect": {}}]})");
  try {
    load_test_file(path);
    FAIL() << "it was accepted";
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), HasSubstr(":3:12: error[test.duplicate_name] at /tests/1/name\n"
                                        "  expected a name of its own, got \"a\", that of test 1"));
  }
}

TEST_F(TestFiles, MayBeMissing) {
  try {
    load_test_file("no-such.test.json");
    FAIL() << "it was accepted";
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(),
                 "no-such.test.json: error[file.read]\n"
                 "  expected a test file, but it cannot be read: No such file or directory\n"
                 "  help: check the path and its permissions");
  }
}

TEST_F(TestFiles, TellThatARecordingCannotBeRead) {
  TestEnvironment environment{.registry = [](const auto&) -> Registry { throw std::runtime_error("it is torn"); },
                              .forms = framework_payload_forms()};
  const TestResult result = run_test(load(kAdd, R"("http": "x.json", "expect": {})"), 0, environment);
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_EQ(result.errors[0].code, "test.recording");
  EXPECT_EQ(result.errors[0].where.pointer, "/tests/0/http");
  EXPECT_EQ(result.errors[0].message, "it is torn");
}

}  // namespace
}  // namespace penstock::testing
