// The command `test`: files and folders, what it prints, reports, exit codes.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/schema.h"
#include "cli/test_junit.h"
#include "cli/test_payloads.h"
#include "framework/testing/conformance/schema_validator.h"
#include "stages/types/encoded_image.h"
#include "stages/types/json.h"
#include "tests/cli/program.h"
#include "tests/support/nginx_server.h"
#include "tests/support/temp_dir.h"

namespace penstock::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kPipeline = R"({"stages": [
  {"name": "rows", "type": "csv", "path": "in.csv", "key": "id"},
  {"name": "keep", "type": "drop", "when": {"attribute": "size", "less_than": 10}}]})";
constexpr const char* kTests = R"({"pipeline": "p.json", "tests": [
  {"name": "small ones are dropped",
   "feed": {"rows": [{"key": "a", "attributes": {"id": "a", "size": 5}}, {"key": "b", "attributes": {"id": "b", "size": 50}}]},
   "expect": {"items": {"done": 1, "dropped": 1}}},
  {"name": "all are kept", "feed": {"rows": [{"key": "a", "attributes": {"size": 5}}]}, "expect": {"items": {"done": 1}}}
]})";

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class TestCommand : public ::testing::Test {
 protected:
  TestCommand() {
    folder_.write("p.json", kPipeline);
    file_ = folder_.write("p.test.json", kTests);
  }
  const testing::TempDir& folder() const { return folder_; }
  const std::string& file() const { return file_; }

 private:
  testing::TempDir folder_;
  std::string file_;
};

TEST_F(TestCommand, TellsWhatPassedAndWhatDidNot) {
  const Result result = run_program({"test", file()});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.error_output, "");
  EXPECT_EQ(result.output, file() +
                               "\n"
                               "  passed  small ones are dropped\n"
                               "  FAILED  all are kept, with seed 1 (run it alone with PENSTOCK_SEED=1)\n"
                               "    items done: expected 1, got 0\n"
                               "\n1 test passed, 1 failed\n");
}

TEST_F(TestCommand, RunsTheTestsThatTheFilterMeans) {
  const Result result = run_program({"test", file(), "--filter", "dropped"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, HasSubstr("\n1 test passed\n"));
  const Result none = run_program({"test", file(), "--filter", "no such test"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_EQ(none.error_output, "penstock: none of the tests is meant: none fits --filter\n");
}

TEST_F(TestCommand, FindsTheTestsOfAFolder) {
  folder().write("deep/er/q.json", kPipeline);
  folder().write("deep/er/q.test.json", R"({"pipeline": "q.json", "tests": [
    {"name": "nothing in, nothing out", "feed": {"rows": []}, "expect": {"items": {"admitted": 0}}}]})");
  const Result result = run_program({"test", folder().path(), "--filter", "nothing"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, HasSubstr("deep/er/q.test.json\n  passed  nothing in, nothing out\n"));
}

TEST_F(TestCommand, EndsWithTwoOnWrongUsage) {
  const testing::TempDir empty;
  EXPECT_EQ(run_program({"test"}).exit_code, 2);
  EXPECT_EQ(run_program({"test", file(), "--seeds", "0"}).exit_code, 2);
  const Result result = run_program({"test", empty.path()});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.error_output, HasSubstr("has no file *.test.json"));
  EXPECT_EQ(run_program({"test", "no-such.test.json"}).exit_code, 2);
}

TEST_F(TestCommand, EndsWithTwoOnAWrongTestFileAndRunsTheOthers) {
  const std::string wrong = folder().write("a.test.json", R"({"pipeline": "p.json", "tests": [
  {"name": "x", "feeed": {}, "expect": {}}]})");
  const Result result = run_program({"test", wrong, file(), "--filter", "test.json: small"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.error_output, HasSubstr(wrong + ":2:17: error[option.unknown] at /tests/0/feeed\n"));
  EXPECT_THAT(result.output, HasSubstr("\n1 test passed\n"));
}

TEST_F(TestCommand, ObeysTheVariableThatChoosesASeed) {
  ::setenv("PENSTOCK_SEED", "4711", 1);
  const Result result = run_program({"test", file()});
  ::setenv("PENSTOCK_SEED", "x", 1);
  const Result wrong = run_program({"test", file()});
  ::unsetenv("PENSTOCK_SEED");
  EXPECT_THAT(result.output, HasSubstr("with seed 4711"));
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.error_output, HasSubstr("PENSTOCK_SEED: expected a number, got \"x\""));
}

TEST_F(TestCommand, DoesNotMindTheProxiesOfTheMachine) {
  const std::string path = folder().write("h.json", R"({"stages": [
    {"type": "lines", "path": "x"}, {"type": "download"}, {"type": "upload", "to": "file:out/{key:digest}"}]})");
  folder().write("h.http.json",
                 R"({"exchanges": [{"url": "http://a.example/", "status": 200, "body": {"text": "hi"}}]})");
  folder().write("h.test.json", R"({"pipeline": "h.json", "tests": [{"name": "x", "http": "h.http.json",
    "feed": {"lines": [{"key": "http://a.example/"}]}, "expect": {"stages": {"upload": {"items": [
      {"key": "http://a.example/", "payload": {"text": "hi"}}]}}}}]})");
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  const Result result = run_program({"test", folder().path("h.test.json")});
  ::unsetenv("http_proxy");
  EXPECT_EQ(result.exit_code, 0) << result.output << result.error_output;
}

TEST_F(TestCommand, NeverConnectsAnywhere) {
  folder().write("h.json", R"({"stages": [
    {"type": "lines", "path": "x"}, {"type": "download", "network": "any"}, {"type": "upload", "to": "file:out/{key:digest}"}]})");
  folder().write("h.test.json", R"({"pipeline": "h.json", "tests": [{"name": "x",
    "feed": {"lines": [{"key": "http://127.0.0.1:1/"}]}, "expect": {}}]})");
  const Result result = run_program({"test", folder().path("h.test.json")});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output,
              HasSubstr("no answer is recorded for GET http://127.0.0.1:1/; nothing is recorded for its host"));
}

TEST_F(TestCommand, RecordsARealServerOnceAndReplaysItWithoutOne) {
  folder().write("h.json", R"({"params": {"server": ""}, "stages": [
    {"type": "lines", "path": "x"},
    {"type": "download", "network": "any", "url": "${server}/{key}", "proxy": ""},
    {"type": "upload", "to": "${server}/put/{key:name}", "network": "any", "proxy": ""}]})");
  std::string server_url;
  {
    const testing::NginxServer server(R"(
      location /a.txt { return 200 "hello"; }
      location /old.txt { return 302 /a.txt; }
      location /put/ { return 201; })");
    server_url = server.url("");
    folder().write("h.test.json", R"({"pipeline": "h.json", "tests": [{"name": "x", "http": "h.http.json",
      "params": {"server": ")" + server_url +
                                      R"("}, "keep": ["upload"], "seeds": 3,
      "feed": {"lines": [{"key": "a.txt"}, {"key": "old.txt"}, {"key": "gone.txt"}]},
      "expect": {"items": {"admitted": 3, "done": 2, "failed": 1},
        "failures": [{"key": "gone.txt", "stage": "download", "code": "download.http_404"}],
        "stages": {"upload": {"items": [{"key": "a.txt", "payload": {"text": "hello"}}, {"key": "old.txt", "payload": {"text": "hello"}}]}}}}]})");
    const Result recorded = run_program({"test", folder().path("h.test.json"), "--record"});
    EXPECT_EQ(recorded.exit_code, 0) << recorded.output << recorded.error_output;
    EXPECT_THAT(recorded.output, HasSubstr("    recorded " + folder().path("h.http.json") + "\n"));
  }
  const auto recording = nlohmann::json::parse(read(folder().path("h.http.json")));
  EXPECT_EQ(recording["exchanges"].size(), 6U);
  const Result replayed = run_program({"test", folder().path("h.test.json")});
  EXPECT_EQ(replayed.exit_code, 0) << replayed.output << replayed.error_output;
}

TEST_F(TestCommand, WritesJUnitXml) {
  const Result result = run_program({"test", file(), "--junit", folder().path("out.xml")});
  EXPECT_EQ(result.exit_code, 1);
  std::string xml = read(folder().path("out.xml"));
  for (std::size_t at = xml.find(" time=\""); at != std::string::npos; at = xml.find(" time=\"", at)) {
    xml.erase(at, xml.find('"', at + 7) - at + 1);
  }
  EXPECT_EQ(xml,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuites name=\"penstock\" tests=\"2\" failures=\"1\" errors=\"0\">\n"
            "  <testsuite name=\"" +
                file() +
                "\" tests=\"2\" failures=\"1\" errors=\"0\">\n"
                "    <testcase classname=\"" +
                file() +
                "\" name=\"small ones are dropped\"/>\n"
                "    <testcase classname=\"" +
                file() +
                "\" name=\"all are kept\">\n"
                "      <failure message=\"items done: expected 1, got 0\">"
                "with seed 1 (run it alone with PENSTOCK_SEED=1)\nitems done: expected 1, got 0\n</failure>\n"
                "    </testcase>\n"
                "  </testsuite>\n"
                "</testsuites>\n");
}

TEST(JUnit, HoldsNothingThatIsNoXml) {
  FinishedTest test{.file = "a<b>.json", .name = "\"&\x1b[2J\xff"};
  test.result.differences = {"]]>\x01"};
  const std::string xml = junit_xml({test});
  EXPECT_THAT(xml, HasSubstr("name=\"a&lt;b&gt;.json\""));
  EXPECT_THAT(xml, HasSubstr("name=\"&quot;&amp;\\x1b[2J\\xff\""));
  EXPECT_THAT(xml, HasSubstr("]]&gt;\\x01"));
  EXPECT_THAT(xml, Not(HasSubstr("\x1b")));
}

TEST(PayloadForms, WriteAndShowImagesAndJson) {
  const std::vector<testing::PayloadForm> forms = payload_forms();
  const auto& image = forms.back();
  ASSERT_EQ(image.type->name, "encoded_image");
  const Payload photo = image.make({.data = read("configs/samples/photos/china_orientation_6.jpg"), .json = {}});
  EXPECT_EQ(image.json(photo), R"({"format":"jpeg","width":480,"height":320})");
  EXPECT_THROW(image.make({.data = "no image", .json = {}}), std::invalid_argument);
  const auto& json = forms[forms.size() - 2];
  EXPECT_EQ(json.json(json.make({.data = {}, .json = R"({"a": [1]})"})), R"({"a":[1]})");
  EXPECT_THROW(json.make({.data = "x", .json = {}}), std::invalid_argument);
}

TEST(TestSchema, AcceptsTheTestFilesThatThereAre) {
  const testing::SchemaValidator validator(test_schema());
  int files = 0;
  for (const char* folder : {"configs", "tests/cli/mistakes", "docs/examples"}) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (!entry.path().string().ends_with(".test.json")) continue;
      ++files;
      EXPECT_TRUE(validator.accepts(nlohmann::ordered_json::parse(read(entry.path())))) << entry.path();
    }
  }
  EXPECT_GE(files, 4);
}

TEST(TestSchema, RejectsWhatTheReaderRejects) {
  const testing::SchemaValidator validator(test_schema());
  const auto accepts = [&](const std::string& text) { return validator.accepts(nlohmann::ordered_json::parse(text)); };
  EXPECT_TRUE(accepts(R"({"pipeline": "p.json", "tests": [{"name": "a", "expect": {}}]})"));
  for (const char* wrong : {
           R"({"tests": [{"name": "a", "expect": {}}]})",
           R"({"pipeline": "p.json"})",
           R"({"pipeline": "p.json", "tests": []})",
           R"({"pipeline": "p.json", "tests": [{"name": "a"}]})",
           R"({"pipeline": "p.json", "tests": [{"name": "", "expect": {}}]})",
           R"({"pipeline": "p.json", "tests": [{"name": "a", "feeed": {}, "expect": {}}]})",
           R"({"pipeline": "p.json", "tests": [{"name": "a", "seeds": 0, "expect": {}}]})",
           R"({"pipeline": "p.json", "tests": [{"name": "a", "feed": {"s": ["key"]}, "expect": {}}]})",
           R"({"pipeline": "p.json", "tests": [{"name": "a", "drain_after": 3, "expect": {}}]})",
           R"({"pipeline": "p.json", "tests": [{"name": "a", "expect": {"outcome": "fine"}}]})",
       }) {
    EXPECT_FALSE(accepts(wrong)) << wrong;
    const testing::TempDir folder;
    folder.write("p.json", kPipeline);
    EXPECT_EQ(run_program({"test", folder.write("x.test.json", wrong)}).exit_code, 2) << wrong;
  }
}

}  // namespace
}  // namespace penstock::cli
