// `resize` from JPEG to JPEG beside libvips, sharp and the floor, on one core: milliseconds, and how near the results
// are to a full-resolution Lanczos-3 reference.
//
//     ./dev bench resize [PHOTO…]
//
// Without photos the samples of configs/ are taken, and pictures of 12 megapixels and of 2725 x 2225 pixels (the size
// of sharp's own benchmark) that are put together of them. Photos of up to 1,040 pixels a side become 256 pixels, the
// one of 2725 x 2225 becomes 720 x 588, larger ones 1024; all at quality 80. The floor is libjpeg's decoding at the
// scale that `fast` takes, and its encoding of the planes of the result. sharp is measured where build/bench/sharp has
// it;
// `./dev bench` puts it there when npm is at hand. SPDX-License-Identifier: Apache-2.0
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "penstock/bytes.h"
#include "penstock/testing/stage_runner.h"
#include "stages/common/vips_image.h"
#include "stages/resize/planar.h"
#include "stages/resize/renditions.h"
#include "stages/resize/resize.h"
#include "stages/types/encoded_image.h"
#include "tests/support/test_image.h"

namespace penstock::stages {
namespace {

namespace fs = std::filesystem;
using test::TestImage;

constexpr int kQuality = 80;
constexpr const char* kThreeSizes = "three sizes";
constexpr const char* kSharp = "build/bench/sharp";

struct Job {
  std::string name;
  std::string photo;  // The file's bytes.
  Size box;
};

struct Figures {
  double milliseconds = std::numeric_limits<double>::infinity();
  double psnr = 0;
  double ssim = 0;
  std::size_t bytes = 0;
};

double milliseconds_of(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

int rounds_of(const Job& job) { return job.photo.size() > 400'000 ? 15 : 60; }

// --- Likeness ---

TestImage image_of(VipsImage* image) {
  TestImage pixels{image->Xsize, image->Ysize, image->Bands, {}};
  pixels.pixels.resize(static_cast<std::size_t>(pixels.width) * pixels.height * pixels.bands);
  read_pixels(image, {0, 0, pixels.width, pixels.height}, reinterpret_cast<std::byte*>(pixels.pixels.data()),
              [] { return false; });
  return pixels;
}

TestImage reference(const Job& job) {
  const VipsImagePtr full = open_vips_image(job.photo, ImageFormat::jpeg);
  const Size size = place({full->Xsize, full->Ysize}, {.width = job.box.width, .height = job.box.height}).scaled;
  const VipsImagePtr small = make_vips_image([&](VipsImage** out) {
    return vips_reduce(full.get(), out, static_cast<double>(full->Xsize) / static_cast<double>(size.width),
                       static_cast<double>(full->Ysize) / static_cast<double>(size.height), "kernel",
                       VIPS_KERNEL_LANCZOS3, nullptr);
  });
  return image_of(small.get());
}

double psnr(const TestImage& a, const TestImage& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) {
    const double difference = a.pixels[i] - b.pixels[i];
    sum += difference * difference;
  }
  return 10 * std::log10(255.0 * 255.0 * static_cast<double>(a.pixels.size()) / std::max(sum, 1e-9));
}

// Z. Wang and others, "Image Quality Assessment: From Error Visibility to Structural Similarity" (2004), of the mean of
// the colours, in windows of 8 x 8 at each fourth pixel.
double ssim(const TestImage& a, const TestImage& b) {
  const auto grey = [](const TestImage& image, int x, int y) {
    const auto pixel = image.at(x, y);
    return (pixel[0] + pixel[1] + pixel[2]) / 3.0;
  };
  double sum = 0;
  int count = 0;
  for (int top = 0; top + 8 <= a.height; top += 4) {
    for (int left = 0; left + 8 <= a.width; left += 4) {
      double ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
      for (int y = top; y < top + 8; ++y) {
        for (int x = left; x < left + 8; ++x) {
          const double p = grey(a, x, y);
          const double q = grey(b, x, y);
          ma += p / 64;
          mb += q / 64;
          aa += p * p / 64;
          bb += q * q / 64;
          ab += p * q / 64;
        }
      }
      const double va = aa - ma * ma;
      const double vb = bb - mb * mb;
      const double c1 = 6.5025;
      const double c2 = 58.5225;
      sum += (2 * ma * mb + c1) * (2 * (ab - ma * mb) + c2) / ((ma * ma + mb * mb + c1) * (va + vb + c2));
      ++count;
    }
  }
  return count == 0 ? 1 : sum / count;
}

void judge(Figures& figures, const std::string& file, const TestImage& expected) {
  const TestImage image = test::decode_image(file);
  figures.bytes = file.size();
  if (image.pixels.size() != expected.pixels.size()) return;  // Another size: no figure.
  figures.psnr = psnr(image, expected);
  figures.ssim = ssim(image, expected);
}

// --- Ours, and the floor ---

std::string options_of(const Job& job, const char* engine, const char* mode) {
  return nlohmann::json({{"width", job.box.width},
                         {"height", job.box.height},
                         {"format", "jpeg"},
                         {"quality", kQuality},
                         {"engine", engine},
                         {"quality_mode", mode}})
      .dump();
}

// The box, half and a quarter of it.
std::string renditions_of(const Job& job) {
  nlohmann::json sizes = nlohmann::json::array();
  for (const int part : {1, 2, 4}) {
    sizes.push_back(
        {{"name", std::to_string(part)}, {"width", job.box.width / part}, {"height", job.box.height / part}});
  }
  return nlohmann::json({{"renditions", sizes}, {"format", "jpeg"}, {"quality", kQuality}}).dump();
}

// One of our ways to make the result.
class Way {
 public:
  Way(const Job& job, const StageSpec& spec, const std::string& options)
      : runner_(spec, options), payload_(Bytes(job.photo)) {}

  // Nothing where the way is not open to the photo.
  std::optional<double> once() {
    testing::Outcome outcome;
    const double time = milliseconds_of([&] { outcome = runner_.run({.key = "photo", .payload = payload_}); });
    if (outcome.verdict != testing::Outcome::Verdict::emitted) return std::nullopt;
    file_ = std::string(outcome.payload<EncodedImage>().view());  // Of several, the first.
    return time;
  }
  const std::string& file() const { return file_; }

 private:
  testing::StageRunner runner_;
  Payload payload_;
  std::string file_;
};

struct Floor {
  double decode = std::numeric_limits<double>::infinity();
  double encode = std::numeric_limits<double>::infinity();
};

Floor floor_of(const Job& job, const std::string& result) {
  Floor floor;
  PlanarTask task;
  const auto never = [] { return false; };
  JpegDecoder decoder;
  std::array<Plane, 3> planes;
  for (int i = 0; i < rounds_of(job); ++i) {
    const double time = milliseconds_of([&] {
      const JpegPicture picture = decoder.open(job.photo);
      task.placement = place(picture.size, {.width = job.box.width, .height = job.box.height});
      const PlanarScale scale = planar_scale(picture, task);
      decoder.decode(scale.luma, scale.chroma, planes, never);
    });
    floor.decode = std::min(floor.decode, time);
  }
  JpegPlanes picture;
  const JpegPicture header = decoder.open(result);
  decoder.decode(8, 8, planes, never);
  picture.count = header.count;
  picture.size = header.size;
  picture.chroma = header.chroma;
  for (int i = 0; i < picture.count; ++i) {
    const Size size = header.plane_size(i, 8);
    Plane& plane = picture.planes[static_cast<std::size_t>(i)];
    plane.reshape(static_cast<int>(size.width), static_cast<int>(size.height));
    for (int y = 0; y < plane.height(); ++y) {
      std::copy_n(planes[static_cast<std::size_t>(i)].row(y), plane.width(), plane.row(y));
    }
  }
  JpegEncoder encoder;
  for (int i = 0; i < rounds_of(job); ++i) {
    floor.encode = std::min(floor.encode, milliseconds_of([&] { (void)encoder.encode(picture, kQuality); }));
  }
  return floor;
}

// --- sharp ---

// Milliseconds and files, one for each job; empty without sharp.
std::vector<std::pair<double, std::string>> with_sharp(const std::vector<Job>& jobs, const fs::path& folder) {
  if (!fs::exists(fs::path(kSharp) / "node_modules/sharp")) return {};
  nlohmann::json list = nlohmann::json::array();
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const fs::path in = folder / (std::to_string(i) + ".jpg");
    std::ofstream(in, std::ios::binary) << jobs[i].photo;
    list.push_back({{"in", in.string()},
                    {"out", (folder / (std::to_string(i) + ".sharp.jpg")).string()},
                    {"width", jobs[i].box.width},
                    {"height", jobs[i].box.height},
                    {"quality", kQuality},
                    {"rounds", rounds_of(jobs[i])}});
  }
  std::ofstream(folder / "jobs.json") << list.dump();
  const std::string command = "UV_THREADPOOL_SIZE=1 node tests/bench/resize_sharp.mjs " + std::string(kSharp) + " '" +
                              (folder / "jobs.json").string() + "' > '" + (folder / "times.json").string() + "'";
  if (std::system(command.c_str()) != 0) return {};
  const nlohmann::json times = nlohmann::json::parse(std::ifstream(folder / "times.json"));
  std::vector<std::pair<double, std::string>> results;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    results.emplace_back(times[i].get<double>(), test::read_file(folder / (std::to_string(i) + ".sharp.jpg")));
  }
  return results;
}

// --- Photos ---

// A picture of that size, of the samples side by side.
std::string mosaic(int width, int height) {
  std::vector<TestImage> tiles;
  for (const char* name : {"china", "flower", "petals"}) {
    tiles.push_back(test::decode_image(test::read_file("configs/samples/photos/" + std::string(name) + ".jpg")));
  }
  TestImage image{width, height, 3, {}};
  image.pixels.reserve(static_cast<std::size_t>(width) * height * 3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const TestImage& tile = tiles[static_cast<std::size_t>(x / 640 + y / 427) % tiles.size()];
      const auto pixel = tile.at(x % 640 % tile.width, y % 427 % tile.height);
      for (int band = 0; band < 3; ++band)
        image.pixels.push_back(static_cast<std::uint8_t>(pixel[static_cast<std::size_t>(band)]));
    }
  }
  return test::encode_image(image, ".jpg[Q=85]");
}

Job job_of(std::string name, std::string photo) {
  const std::optional<ImageHeader> header = read_image_header(photo, ImageFormat::jpeg);
  if (!header) throw std::runtime_error(name + " is no JPEG");
  Size box{1024, 1024};
  if (header->width <= 1040 && header->height <= 1040) box = {256, 256};
  if (header->width == 2725 && header->height == 2225) box = {720, 588};
  name += ", " + std::to_string(header->width) + " x " + std::to_string(header->height);
  return {std::move(name), std::move(photo), box};
}

std::vector<Job> jobs_of(int count, char** paths) {
  std::vector<Job> jobs;
  for (int i = 0; i < count; ++i) jobs.push_back(job_of(fs::path(paths[i]).filename(), test::read_file(paths[i])));
  if (!jobs.empty()) return jobs;
  for (const char* name : {"china", "grace_hopper", "petals", "flower"}) {
    jobs.push_back(job_of(name, test::read_file("configs/samples/photos/" + std::string(name) + ".jpg")));
  }
  jobs.push_back(job_of("mosaic", mosaic(2725, 2225)));
  jobs.push_back(job_of("mosaic", mosaic(4000, 3000)));
  return jobs;
}

void print(const char* name, const Figures& figures, double sharp) {
  if (!std::isfinite(figures.milliseconds)) {
    std::printf("  %-12s not possible\n", name);
    return;
  }
  std::printf("  %-12s %8.2f ms", name, figures.milliseconds);
  if (std::isfinite(sharp)) std::printf("  %5.2f x sharp", sharp / figures.milliseconds);
  std::printf("  PSNR %5.2f dB  SSIM %.4f  %7zu bytes\n", figures.psnr, figures.ssim, figures.bytes);
}

void stay_on_one_core() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(static_cast<std::size_t>(sched_getcpu()), &cores);
  sched_setaffinity(0, sizeof cores, &cores);
}

int run(int count, char** paths) {
  stay_on_one_core();
  start_vips();
  std::string pattern = (fs::temp_directory_path() / "penstock-bench-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) return 1;
  const fs::path folder = pattern;
  const std::vector<Job> jobs = jobs_of(count, paths);
  const auto sharp = with_sharp(jobs, folder);
  if (sharp.empty()) std::printf("without sharp: %s has none\n", kSharp);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const Job& job = jobs[i];
    const TestImage expected = reference(job);
    std::map<std::string, Way> ways;
    ways.try_emplace("planar fast", job, resize_spec(), options_of(job, "planar", "fast"));
    ways.try_emplace("planar best", job, resize_spec(), options_of(job, "planar", "best"));
    ways.try_emplace("vips", job, resize_spec(), options_of(job, "vips", "fast"));
    ways.try_emplace(kThreeSizes, job, renditions_spec(), renditions_of(job));
    std::map<std::string, Figures> figures;
    for (int round = 0; round < rounds_of(job); ++round) {
      for (auto& [name, way] : ways) {
        const std::optional<double> time = way.once();
        if (time) figures[name].milliseconds = std::min(figures[name].milliseconds, *time);
      }
    }
    Figures theirs;
    if (!sharp.empty()) {
      theirs.milliseconds = sharp[i].first;
      judge(theirs, sharp[i].second, expected);
    }
    std::printf("%s to %d x %d\n", job.name.c_str(), expected.width, expected.height);
    for (auto& [name, way] : ways) {
      if (name == kThreeSizes) continue;
      if (!way.file().empty()) judge(figures[name], way.file(), expected);
      print(name.c_str(), figures[name], theirs.milliseconds);
    }
    if (!sharp.empty()) print("sharp", theirs, theirs.milliseconds);
    const Figures& fast = figures["planar fast"];
    if (!std::isfinite(fast.milliseconds)) continue;
    const Floor floor = floor_of(job, ways.at("planar fast").file());
    std::printf("  %-12s %8.2f ms = decode %.2f + encode %.2f; planar fast takes %.2f of it\n", "floor",
                floor.decode + floor.encode, floor.decode, floor.encode,
                fast.milliseconds / (floor.decode + floor.encode));
    std::printf("  %-12s %8.2f ms with `renditions`, %.2f of the largest alone\n", kThreeSizes,
                figures[kThreeSizes].milliseconds, figures[kThreeSizes].milliseconds / fast.milliseconds);
  }
  fs::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace penstock::stages

int main(int argc, char** argv) { return penstock::stages::run(argc - 1, argv + 1); }
