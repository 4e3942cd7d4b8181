// Mistakes that people make in pipelines, each made on purpose in a copy of tests/cli/mistakes, and what the tests of
// the pipeline say then.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/cli/program.h"
#include "tests/support/temp_dir.h"

namespace penstock::cli {
namespace {

namespace fs = std::filesystem;

struct Mistake {
  const char* name;
  std::vector<std::pair<std::string, std::string>> edits;  ///< Of gallery.json: what stands there, what is put there.
  std::string says;                                        ///< All that is printed below the name of the test.
};

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Without the options and stage types that there are: more of them are no mistake.
std::string without_lists(std::string text) {
  for (const std::string words : {"; it has: ", "; there are: "}) {
    const std::size_t at = text.find(words);
    if (at != std::string::npos) text.erase(at + words.size(), text.find('\n', at) - at - words.size());
  }
  return text;
}

class Mistakes : public ::testing::TestWithParam<Mistake> {
 protected:
  Mistakes() {
    for (const auto& entry : fs::directory_iterator("tests/cli/mistakes")) {
      fs::copy_file(entry.path(), folder_.path(entry.path().filename().string()));
    }
    for (const char* photo : {"flower.jpg", "bay_grey.png"}) {
      fs::copy_file(fs::path("configs/samples/photos") / photo, folder_.path(photo));
    }
  }

  void edit(const std::string& from, const std::string& to) {
    std::string text = read(folder_.path("gallery.json"));
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    folder_.write("gallery.json", text.replace(at, from.size(), to));
  }

  Result test() const {
    Result result = run_program({"test", folder_.path("gallery.test.json")});
    for (std::size_t at = 0; (at = result.output.find(folder_.path() + "/")) != std::string::npos;) {
      result.output.erase(at, folder_.path().size() + 1);
    }
    return result;
  }

 private:
  testing::TempDir folder_;
};

TEST_F(Mistakes, ThereAreNoneInThePipelineAsItIs) {
  const Result result = test();
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.output,
            "gallery.test.json\n"
            "  passed  photos become thumbnails in the order of the list, notes are kept\n"
            "\n1 test passed\n");
}

TEST_P(Mistakes, AreToldReadably) {
  for (const auto& [from, to] : GetParam().edits) edit(from, to);
  const Result result = test();
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.error_output, "");
  const std::string head =
      "gallery.test.json\n  FAILED  photos become thumbnails in the order of the list, notes are kept";
  const std::string tail = "\n0 tests passed, 1 failed\n";
  ASSERT_TRUE(result.output.starts_with(head)) << result.output;
  ASSERT_TRUE(result.output.ends_with(tail)) << result.output;
  const std::string body = result.output.substr(head.size(), result.output.size() - head.size() - tail.size());
  EXPECT_EQ(without_lists(body.substr(body.find('\n') + 1)), GetParam().says);
}

const std::vector<Mistake>& mistakes() {
  static const std::vector<Mistake> kMistakes = {
      {"WrongOption",
       {{"\"width\"", "\"widht\""}},
       "    the pipeline does not pass the check:\n"
       "      gallery.json:10:42: error[option.unknown] at /stages/3/widht\n"
       "        stage \"thumb\": `resize` has no option `widht`; it has: \n"
       "        help: did you mean `width`?\n"},
      {"WrongStageType",
       {{"\"type\": \"resize\"", "\"type\": \"rezise\""}},
       "    the pipeline does not pass the check:\n"
       "      gallery.json:10:32: error[stage.unknown_type] at /stages/3/type\n"
       "        stage \"thumb\": there is no stage type `rezise`; there are: \n"
       "        help: did you mean `resize`?\n"},
      {"WrongEdge",
       {{"\"from\": \"sort.notes\"", "\"from\": \"sort.photos\""}},
       "    items done: expected 4, got 3\n"
       "    not expected: item \"http://photos.example/b.png\" failed in stage \"read\": download.http_503: the server "
       "answered 503 to http://photos.example/b.png\n"
       "    file \"notes/note.txt\" is missing\n"
       "    file \"notes/a.jpg\" was not expected\n"
       "    file \"notes/c.jpg\" was not expected\n"},
      {"WrongOrder",
       {{"\"ordered\": true", "\"ordered\": false"}},
       "    stage \"save\": the items are those that were expected, in another order\n"
       "      expected [http://photos.example/a.jpg], [http://photos.example/b.png]\n"
       "      got      [http://photos.example/b.png], [http://photos.example/a.jpg]\n"},
      {"LostItem",
       {{"\"equals\": \"note\"", "\"equals\": \"notes\""}},
       "    items done: expected 4, got 3\n"
       "    items dropped: expected 1, got 2\n"
       "    file \"notes/note.txt\" is missing\n"},
      {"ChangedSize",
       {{"\"height\": 64", "\"height\": 48"}},
       "    stage \"save\": item \"http://photos.example/a.jpg\"\n"
       "      payload: json.width: expected 64, got 48\n"
       "      payload: json.height: expected 64, got 48\n"},
      {"ChangedFormat",
       {{"\"format\": \"jpeg\"", "\"format\": \"webp\""}},
       "    stage \"save\": item \"http://photos.example/a.jpg\"\n"
       "      payload: json.format: expected \"jpeg\", got \"webp\"\n"
       "    stage \"save\": item \"http://photos.example/b.png\"\n"
       "      payload: json.format: expected \"jpeg\", got \"webp\"\n"},
      {"WrongTarget",
       {{"{key:stem}.jpg", "{key:name}.jpg"}},
       "    file \"a.jpg\" is missing\n"
       "    file \"b.jpg\" is missing\n"
       "    file \"a.jpg.jpg\" was not expected\n"
       "    file \"b.png.jpg\" was not expected\n"},
      {"RetriesForgotten",
       {{"\"retry\": { \"attempts\": 3, \"backoff\": \"1 s\" }", "\"queue\": 9"}},
       "    items done: expected 4, got 3\n"
       "    not expected: item \"http://photos.example/b.png\" failed in stage \"fetch\": download.http_503: the "
       "server answered 503 to http://photos.example/b.png\n"
       "    stage \"fetch\", retries: expected 1, got 0\n"
       "    stage \"fetch\": item \"http://photos.example/b.png\" is missing\n"
       "    stage \"save\": item \"http://photos.example/b.png\" is missing\n"
       "    file \"b.jpg\" is missing\n"},
      {"TimeoutTooShort",
       {{"\"timeout\": \"15 s\"", "\"timeout\": \"5 s\""}},
       "    items done: expected 4, got 3\n"
       "    not expected: item \"http://photos.example/a.jpg\" failed in stage \"fetch\": download.timeout: no result "
       "within 5 s (attempt 3)\n"
       "    stage \"fetch\", retries: expected 1, got 3\n"
       "    stage \"fetch\": item \"http://photos.example/a.jpg\" is missing\n"
       "    stage \"save\": item \"http://photos.example/a.jpg\" is missing\n"
       "    file \"a.jpg\" is missing\n"},
      {"FailuresUnread",
       {{"\"from\": \"thumb.failed\"", "\"from\": \"thumb\""}},
       "    items done: expected 4, got 3\n"
       "    not expected: item \"http://photos.example/c.jpg\" failed in stage \"thumb\": resize.unknown_format: "
       "expected "
       "an image, got 8 bytes that begin with 6e 6f 20 70 68 6f 74 6f\n"
       "    file \"odd/c.jpg\" is missing; did you mean `odd/a.jpg`?\n"
       "    file \"odd/a.jpg\" was not expected\n"
       "    file \"odd/b.png\" was not expected\n"},
      {"WrongColumn",
       {{"\"key\": \"url\"", "\"key\": \"kind\""}},
       "    items done: expected 4, got 0\n"
       "    items dropped: expected 1, got 5\n"
       "    stage \"fetch\", retries: expected 1, got 0\n"
       "    stage \"fetch\": item \"http://photos.example/a.jpg\" is missing\n"
       "    stage \"fetch\": item \"http://photos.example/b.png\" is missing\n"
       "    stage \"fetch\": item \"http://photos.example/c.jpg\" is missing\n"
       "    stage \"save\": item \"http://photos.example/a.jpg\" is missing\n"
       "    stage \"save\": item \"http://photos.example/b.png\" is missing\n"
       "    file \"a.jpg\" is missing\n"
       "    file \"b.jpg\" is missing\n"
       "    file \"notes/note.txt\" is missing\n"
       "    file \"odd/c.jpg\" is missing\n"},
      {"FailuresSwallowed",
       {{"\"retry\": { \"attempts\": 3, \"backoff\": \"1 s\" }", "\"on_failure\": \"drop\""}},
       "    items done: expected 4, got 3\n"
       "    items dropped: expected 1, got 2\n"
       "    stage \"fetch\", retries: expected 1, got 0\n"
       "    stage \"fetch\": item \"http://photos.example/b.png\" is missing\n"
       "    stage \"save\": item \"http://photos.example/b.png\" is missing\n"
       "    file \"b.jpg\" is missing\n"},
  };
  return kMistakes;
}

INSTANTIATE_TEST_SUITE_P(Prepared, Mistakes, ::testing::ValuesIn(mistakes()),
                         [](const auto& mistake) { return std::string(mistake.param.name); });

}  // namespace
}  // namespace penstock::cli
