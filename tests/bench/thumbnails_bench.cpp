// The main job beside the same libvips calls in a bare loop: images per second and processor time per image.
//
//     ./dev bench thumbnails [IMAGES]
//
// The sample photos, copied under IMAGES names (default 600) into a temporary folder, are read, made to fit into 256 x
// 256 pixels and written as JPEG: by the pipeline lines -> download(file:) -> resize -> upload(file:), and by two
// threads that call libvips and write files. Both have libvips' code generation off and one thread per image.
// SPDX-License-Identifier: Apache-2.0
#include <oneapi/tbb/global_control.h>
#include <sys/resource.h>
#include <vips/vips.h>

// After vips.h, whose types it needs.
#include <vips/vector.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "penstock/pipeline.h"
#include "stages/builtin.h"

namespace {

namespace fs = std::filesystem;

struct Cost {
  double images_per_second = 0;
  double cpu_ms_per_image = 0;
};

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

template <class Work>
Cost measure(std::size_t images, Work work) {
  const double cpu = cpu_seconds();
  const auto begin = std::chrono::steady_clock::now();
  work();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const auto count = static_cast<double>(images);
  return {count / seconds, (cpu_seconds() - cpu) * 1000 / count};
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void thumbnail(const fs::path& from, const fs::path& to) {
  std::string data = read_file(from);
  VipsImage* image = nullptr;
  void* out = nullptr;
  std::size_t size = 0;
  if (vips_thumbnail_buffer(data.data(), data.size(), &image, 256, "height", 256, "size", VIPS_SIZE_DOWN, nullptr) !=
          0 ||
      vips_jpegsave_buffer(image, &out, &size, "Q", 80, "strip", TRUE, nullptr) != 0) {
    std::fprintf(stderr, "%s: %s\n", from.c_str(), vips_error_buffer());
    std::abort();
  }
  std::ofstream(to, std::ios::binary).write(static_cast<const char*>(out), static_cast<std::streamsize>(size));
  g_free(out);
  g_object_unref(image);
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t images = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 600;
  const fs::path samples = "configs/samples/photos";
  std::string pattern = (fs::temp_directory_path() / "penstock-bench-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) return 1;
  const fs::path folder = pattern;
  fs::create_directories(folder / "in");
  fs::create_directories(folder / "bare");
  std::vector<fs::path> photos;
  for (const auto& entry : fs::directory_iterator(samples)) {
    if (entry.path().extension() == ".jpg") photos.push_back(entry.path());
  }
  std::sort(photos.begin(), photos.end());
  if (photos.empty()) {
    std::fprintf(stderr, "no photos in %s; run this from the top of the repository\n", samples.c_str());
    return 1;
  }
  {
    std::ofstream list(folder / "urls.txt");
    for (std::size_t i = 0; i < images; ++i) {
      const std::string name = std::to_string(i) + ".jpg";
      fs::copy_file(photos[i % photos.size()], folder / "in" / name);
      list << "file:in/" << name << "\n";
    }
  }

  penstock::Registry registry;
  penstock::stages::register_builtin_stages(registry);
  const std::string json = R"({"name": "bench", "stages": [
    {"type": "lines", "path": "urls.txt"},
    {"type": "download", "file_root": "in", "proxy": "", "url": "{key}"},
    {"type": "resize", "width": 256, "height": 256, "format": "jpeg", "quality": 80},
    {"type": "upload", "to": "file:out/{key:stem}.jpg"}]})";
  const auto pipeline = penstock::Pipeline::from_string(json, registry, {.base = folder.string()});

  std::printf("%zu photos -> 256 x 256 JPEG, two workers; three rounds, in turns\n", images);
  for (int round = 0; round < 3; ++round) {
    const oneapi::tbb::global_control control(oneapi::tbb::global_control::max_allowed_parallelism, 3);
    fs::remove_all(folder / "out");
    const Cost ours = measure(images, [&] {
      penstock::Run run = pipeline.start({.workers = 2});
      const penstock::RunReport& report = run.wait();
      for (const auto& error : report.errors) {
        std::fprintf(stderr, "%s: %s: %s\n", error.stage.c_str(), error.code.c_str(), error.example_message.c_str());
      }
      if (report.items.done != images) std::abort();
    });
    const Cost bare = measure(images, [&] {
      vips_concurrency_set(1);
      vips_cache_set_max(0);
      vips_vector_set_enabled(FALSE);
      std::atomic<std::size_t> next{0};
      const auto work = [&] {
        for (std::size_t i = next++; i < images; i = next++) {
          const std::string name = std::to_string(i) + ".jpg";
          thumbnail(folder / "in" / name, folder / "bare" / name);
        }
        vips_thread_shutdown();
      };
      std::thread other(work);
      work();
      other.join();
    });
    std::printf(
        "  penstock %6.1f images/s, %6.2f ms of CPU each | bare loop %6.1f images/s, %6.2f ms | CPU ratio %.3f\n",
        ours.images_per_second, ours.cpu_ms_per_image, bare.images_per_second, bare.cpu_ms_per_image,
        ours.cpu_ms_per_image / bare.cpu_ms_per_image);
  }
  fs::remove_all(folder);
  return 0;
}
