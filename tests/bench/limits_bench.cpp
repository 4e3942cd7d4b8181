// Whether `limits.memory` holds when images need nearly all of it.
//
//     ./dev bench limits [WORKERS…]
//
// 64 images, 18 of them of 80 megapixels (9 JPEG, 6 progressive JPEG, 3 PNG), are scaled by `penstock run` under
// 256 MiB, with both engines of `resize` and 2 and 8 workers (or WORKERS…), each in a process of its own. Beside what
// was accounted and the peak of the resident set stands what is allowed: the limit, and a quarter and 64 MiB more.
// SPDX-License-Identifier: Apache-2.0
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
#include "tests/support/test_image.h"

namespace penstock::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kWidth = 10'328;
constexpr int kHeight = 7'746;
constexpr std::size_t kImages = 64;
constexpr double kLimitMib = 256;

constexpr const char* kPipeline = R"({
  "name": "limits",
  "params": { "engine": "auto" },
  "limits": { "items": 64, "memory": "256 MiB" },
  "stages": [
    { "name": "images", "type": "files", "root": "images" },
    { "name": "download", "type": "download", "url": "file:images/{key}", "file_root": "images" },
    { "name": "resize", "type": "resize", "width": 256, "height": 256, "engine": "${engine}" },
    { "name": "upload", "type": "upload", "to": "file:out/{key}", "overwrite": "always" }
  ]
}
)";

/// Big and small ones in turn, as their names sort.
void make_images(const testing::TempDir& folder) {
  test::TestImage image = test::quarters(kWidth, kHeight);
  for (std::size_t i = 0; i < image.pixels.size(); i += 97) image.pixels[i] ^= 31;
  struct Kind {
    const char* saver;
    const char* ending;
    int count;
  };
  int made = 0;
  const auto name = [&](const char* ending) {
    return "images/" + std::to_string(100 + made++ * 37 % kImages) + ending;
  };
  for (const Kind& kind : {Kind{".jpg[Q=75]", ".jpg", 9}, Kind{".jpg[Q=75,interlace]", ".jpg", 6},
                           Kind{".png[compression=1]", ".png", 3}}) {
    const std::string data = test::encode_image(image, kind.saver);
    for (int i = 0; i < kind.count; ++i) folder.write(name(kind.ending), data);
  }
  const std::vector<fs::path> photos = sample_photos();
  for (std::size_t i = 0; static_cast<std::size_t>(made) < kImages; ++i) {
    fs::copy_file(photos[i % photos.size()], folder.path(name(".jpg")));
  }
}

void run(const testing::TempDir& folder, const std::string& engine, const std::string& workers) {
  const std::string report = folder.path("report.json");
  testing::ChildProcess program({PENSTOCK_PROGRAM, "run", folder.path("limits.json"), "--set", "engine=" + engine,
                                 "--workers", workers, "--progress", "never", "--report", report});
  const int exit_code = program.wait();
  const nlohmann::json values = nlohmann::json::parse(std::ifstream(report));
  if (exit_code != 0 || values.at("items").at("done") != kImages) throw std::runtime_error(program.error_output());
  const double accounted = values.at("peak_memory_bytes").get<double>() / (1 << 20);
  const double resident = values.at("peak_rss_bytes").get<double>() / (1 << 20);
  std::printf("%7s %8s %9.1f %8.3f %9.1f %8.3f %8.1f\n", engine.c_str(), workers.c_str(), accounted,
              accounted / kLimitMib, resident, resident / (kLimitMib * 1.25 + 64), values.at("seconds").get<double>());
  std::fflush(stdout);
}

void compare(const std::vector<std::string>& workers) {
  const testing::TempDir folder;
  make_images(folder);
  folder.write("limits.json", kPipeline);
  std::printf("%zu images, 18 of 80 megapixels, under %.0f MiB; MiB and ratio to what is allowed\n\n", kImages,
              kLimitMib);
  std::printf("%7s %8s %9s %8s %9s %8s %8s\n", "engine", "workers", "accounted", "ratio", "resident", "ratio",
              "seconds");
  for (const char* engine : {"auto", "vips"}) {
    for (const std::string& count : workers) run(folder, engine, count);
  }
}

}  // namespace
}  // namespace penstock::bench

int main(int argc, char** argv) {
  std::vector<std::string> workers(argv + 1, argv + argc);
  if (workers.empty()) workers = {"2", "8"};
  try {
    penstock::bench::compare(workers);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "limits: %s\n", error.what());
    return 1;
  }
}
