// What the pages show is true: pipelines pass check, C++ stands in an example that is compiled, links lead somewhere.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/pipeline.h"
#include "stages/builtin.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Every page for people, from the root of the tree, where the tests run.
std::vector<fs::path> pages() {
  std::vector<fs::path> found = {"README.md", "CONTRIBUTING.md"};
  for (const char* folder : {"docs", "stages", "configs"}) {
    if (!fs::exists(folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.path().extension() == ".md") found.push_back(entry.path());
    }
  }
  return found;
}

/// The fenced blocks of a language.
std::vector<std::string> blocks(const std::string& page, const std::string& language) {
  std::vector<std::string> found;
  const std::string open = "```" + language + "\n";
  for (std::size_t at = page.find(open); at != std::string::npos; at = page.find(open, at)) {
    at += open.size();
    const std::size_t end = page.find("\n```", at);
    found.push_back(page.substr(at, end - at + 1));
  }
  return found;
}

/// The page without its fenced blocks: `](` in C++ is no link.
std::string without_blocks(const std::string& page) {
  std::string text;
  bool is_in_block = false;
  for (std::size_t at = 0; at < page.size();) {
    const std::size_t end = std::min(page.find('\n', at), page.size() - 1) + 1;
    const std::string_view line(page.data() + at, end - at);
    if (line.starts_with("```")) is_in_block = !is_in_block;
    if (!is_in_block) text += line;
    at = end;
  }
  return text;
}

TEST(Pages, EveryPipelinePassesCheck) {
  Registry registry;
  register_host_stages(registry);
  stages::register_builtin_stages(registry);
  int pipelines = 0;
  for (const fs::path& page : pages()) {
    for (const std::string& block : blocks(read(page), "json")) {
      const auto json = nlohmann::json::parse(block, nullptr, false);
      EXPECT_FALSE(json.is_discarded()) << page << "\n" << block;
      if (!json.is_object() || !json.contains("stages")) continue;
      ++pipelines;
      try {
        Pipeline::from_string(block, registry, {.worker = {"penstock", "worker"}});
      } catch (const ConfigError& error) {
        ADD_FAILURE() << page << "\n" << error.what();
      }
    }
  }
  EXPECT_GT(pipelines, 3);
}

/// All files of docs/examples.
std::vector<std::string> examples() {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator("docs/examples")) {
    if (entry.is_regular_file()) found.push_back(read(entry.path()));
  }
  return found;
}

TEST(Pages, EveryLineOfCppAndPythonStandsInAnExample) {
  const std::vector<std::string> files = examples();
  int quotes = 0;
  for (const fs::path& page : pages()) {
    for (const char* language : {"cpp", "python"}) {
      for (const std::string& block : blocks(read(page), language)) {
        const auto has_block = [&block](const std::string& file) { return file.find(block) != std::string::npos; };
        EXPECT_TRUE(std::any_of(files.begin(), files.end(), has_block)) << page << "\n" << block;
        ++quotes;
      }
    }
  }
  EXPECT_GT(quotes, 3);
}

// Pipelines too where a page promises that they have been run.
TEST(Pages, EveryTestFileAndRecordingStandsInAnExample) {
  const std::vector<std::string> files = examples();
  int quotes = 0;
  for (const fs::path& page : pages()) {
    for (const std::string& block : blocks(read(page), "json")) {
      const auto json = nlohmann::json::parse(block, nullptr, false);
      if (!json.is_object()) continue;
      const bool is_quoted = json.contains("tests") || json.contains("exchanges") || page == "docs/coming-from.md";
      if (!is_quoted) continue;
      EXPECT_NE(std::find(files.begin(), files.end(), block), files.end()) << page << "\n" << block;
      ++quotes;
    }
  }
  EXPECT_GE(quotes, 5);
}

/// As GitHub makes them: lower case, no punctuation, `-` for spaces.
std::string anchor_of(std::string_view heading) {
  std::string anchor;
  for (const char c : heading) {
    if (c == ' ') {
      anchor += '-';
    } else if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_') {
      anchor += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return anchor;
}

bool has_anchor(const std::string& page, const std::string& anchor) {
  for (std::size_t at = page.find("\n#"); at != std::string::npos; at = page.find("\n#", at + 1)) {
    const std::size_t text = page.find_first_not_of("# ", at + 1);
    if (anchor_of(page.substr(text, page.find('\n', text) - text)) == anchor) return true;
  }
  return false;
}

TEST(Pages, EveryLinkLeadsSomewhere) {
  int links = 0;
  for (const fs::path& page : pages()) {
    const std::string text = without_blocks(read(page));
    for (std::size_t at = text.find("]("); at != std::string::npos; at = text.find("](", at + 1)) {
      const std::string target = text.substr(at + 2, text.find(')', at) - at - 2);
      if (target.starts_with("http://") || target.starts_with("https://")) continue;
      const std::size_t hash = std::min(target.find('#'), target.size());
      const fs::path file = hash == 0 ? page : page.parent_path() / target.substr(0, hash);
      EXPECT_TRUE(fs::exists(file)) << page << " links to " << target;
      if (hash < target.size()) {
        EXPECT_TRUE(has_anchor(read(file), target.substr(hash + 1))) << page << " links to " << target;
      }
      ++links;
    }
  }
  EXPECT_GT(links, 10);
}

}  // namespace
}  // namespace penstock
