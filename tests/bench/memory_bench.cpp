// What the program's memory does when the input gets longer.
//
//     ./dev bench memory [ITEMS…]
//
// `penstock run` reads the sample photos, makes them fit into 32 x 32 pixels and writes them to files: 1,000, 10,000
// and 100,000 items (or ITEMS…), each in a process of its own. The resident set is what the report of the run says;
// nothing that grows with the number of items may show in it. SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/bench/sample_photos.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace penstock::bench {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPipeline = R"({
  "name": "memory",
  "stages": [
    { "name": "photos", "type": "csv", "path": "items.csv", "key": "name" },
    { "name": "download", "type": "download", "url": "file:photos/{photo}", "file_root": "photos" },
    { "name": "resize", "type": "resize", "width": 32, "height": 32, "format": "jpeg" },
    { "name": "upload", "type": "upload", "to": "file:out/{key}.jpg" }
  ]
}
)";

/// The smallest of the samples and those of its size.
std::vector<fs::path> equal_photos() {
  std::vector<fs::path> photos = sample_photos();
  std::uintmax_t least = UINTMAX_MAX;
  for (const fs::path& photo : photos) least = std::min(least, fs::file_size(photo));
  std::erase_if(photos, [least](const fs::path& photo) { return fs::file_size(photo) > least + least / 20; });
  return photos;
}

struct Result {
  double peak_mib = 0;
  double seconds = 0;
};

Result run(std::size_t items) {
  testing::TempDir folder;
  std::vector<std::string> names;
  fs::create_directories(folder.path("photos"));
  for (const fs::path& photo : equal_photos()) {
    names.push_back(photo.filename());
    fs::copy_file(photo, folder.path("photos") / photo.filename());
  }
  std::string lines = "name,photo\n";
  for (std::size_t i = 0; i < items; ++i) lines += std::to_string(i) + "," + names[i % names.size()] + "\n";
  folder.write("items.csv", lines);
  const std::string pipeline = folder.write("memory.json", kPipeline);
  const std::string report = folder.path("report.json");

  testing::ChildProcess program({PENSTOCK_PROGRAM, "run", pipeline, "--progress", "never", "--report", report});
  if (program.wait() != 0) throw std::runtime_error(program.error_output());
  const nlohmann::json values = nlohmann::json::parse(std::ifstream(report));
  if (values.at("items").at("done") != items) throw std::runtime_error("not all items are done");
  return {.peak_mib = values.at("peak_rss_bytes").get<double>() / (1 << 20),
          .seconds = values.at("seconds").get<double>()};
}

void compare(const std::vector<std::size_t>& counts) {
  std::printf("photos from files -> 32 x 32 JPEG -> files; peak resident set of `penstock run`\n\n");
  std::printf("%9s %9s %16s %9s\n", "items", "MiB", "ratio to first", "items/s");
  double first = 0;
  for (const std::size_t count : counts) {
    const Result result = run(count);
    if (first == 0) first = result.peak_mib;
    std::printf("%9zu %9.1f %16.3f %9.0f\n", count, result.peak_mib, result.peak_mib / first,
                static_cast<double>(count) / result.seconds);
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace penstock::bench

int main(int argc, char** argv) {
  std::vector<std::size_t> counts;
  for (int i = 1; i < argc; ++i) counts.push_back(std::strtoull(argv[i], nullptr, 10));
  if (counts.empty()) counts = {1'000, 10'000, 100'000};
  try {
    penstock::bench::compare(counts);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "memory: %s\n", error.what());
    return 1;
  }
}
