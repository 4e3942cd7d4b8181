// Every file of the fuzzing corpus, as it is and damaged in a thousand ways: with any compiler, and under the
// sanitizers of the preset. The fuzzer itself needs clang. SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "tests/support/test_image.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace penstock::test {
namespace {

std::vector<std::string> corpus() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator("tests/stages/resize/fuzz/corpus")) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> files;
  for (const auto& path : paths) files.push_back(read_file(path));
  return files;
}

void run(const std::string& data) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(data.data()), data.size());
}

TEST(PlanarCorpus, IsHarmless) {
  const std::vector<std::string> files = corpus();
  EXPECT_GE(files.size(), 10u);
  for (const std::string& file : files) run(file);
}

TEST(PlanarCorpus, IsHarmlessWhenDamaged) {
  std::mt19937 random(1);
  for (const std::string& file : corpus()) {
    for (int round = 0; round < 200; ++round) {
      std::string damaged = file;
      for (std::uint32_t i = 0; i < 1 + random() % 4; ++i)
        damaged[random() % damaged.size()] = static_cast<char>(random());
      if (round % 4 == 0) damaged.resize(damaged.size() - random() % damaged.size());
      for (int i = 0; i < 8; ++i) damaged += static_cast<char>(random());  // What is made of it.
      run(damaged);
    }
  }
}

}  // namespace
}  // namespace penstock::test
