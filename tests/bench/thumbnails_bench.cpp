// The main job beside the same work written by hand: images per second and processor time per image.
//
//     ./dev bench thumbnails [IMAGES [ROUNDS]]
//     build/bench/bench/thumbnails --run COMMAND…
//
// The sample photos lie under IMAGES names (default 500) on an nginx on the loopback interface. They are downloaded,
// made to fit into 256 x 256 pixels and PUT back as JPEG: by the pipeline lines -> download -> resize -> upload, and by
// threads that call libcurl and libvips. The pipeline runs with `"engine": "vips"`, the very calls of those threads,
// and with the engine that `resize` takes by itself. All take turns for ROUNDS rounds (default 7), so that whatever
// else the machine does hits them alike. nginx runs on the same cores; its own time counts for nobody.
//
// With --run, COMMAND is started once with the path of the pipeline (engine vips) added to it, for profilers.
// SPDX-License-Identifier: Apache-2.0
#include <oneapi/tbb/global_control.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "penstock/pipeline.h"
#include "stages/builtin.h"
#include "tests/bench/cost.h"
#include "tests/bench/photo_server.h"
#include "tests/bench/thumbnails_by_hand.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX leaves it to programs to declare it

namespace penstock::bench {
namespace {

unsigned cores() { return std::max(1U, std::thread::hardware_concurrency()); }
// Two per core: while one waits for the server, another one computes.
unsigned threads_by_hand() { return 2 * cores(); }

void check(std::size_t uploaded, std::size_t expected) {
  if (uploaded == expected) return;
  throw std::runtime_error(std::to_string(uploaded) + " of " + std::to_string(expected) + " thumbnails arrived");
}

Cost run_pipeline(const Pipeline& pipeline) {
  return cost_of([&] {
    Run run = pipeline.start({.workers = cores()});
    for (const ErrorSummary& error : run.wait().errors) {
      std::fprintf(stderr, "%s: %s: %s\n", error.stage.c_str(), error.code.c_str(), error.example_message.c_str());
    }
  });
}

/// What one round took, one side of it.
struct Rounds {
  std::vector<double> images_per_second;
  std::vector<double> cpu_ms;
  std::vector<double> busy_cores;
  std::vector<double> idle_cores;

  void add(const Cost& cost, std::size_t images) {
    const auto count = static_cast<double>(images);
    images_per_second.push_back(count / cost.elapsed);
    cpu_ms.push_back(cost.cpu() * 1000 / count);
    busy_cores.push_back(cost.busy_cores());
    idle_cores.push_back(cost.idle_cores());
    std::printf("  %6.1f images/s %6.3f + %5.3f ms %5.2f cores |", images_per_second.back(), cost.user * 1000 / count,
                cost.system * 1000 / count, busy_cores.back());
  }
};

void print_spread(const char* what, const std::vector<double>& values) {
  const Spread spread = spread_of(values);
  std::printf("%-44s %8.3f  (%.3f to %.3f)\n", what, spread.median, spread.least, spread.most);
}

std::vector<double> ratios(const std::vector<double>& ours, const std::vector<double>& theirs) {
  std::vector<double> result;
  for (std::size_t i = 0; i < ours.size(); ++i) result.push_back(ours[i] / theirs[i]);
  return result;
}

void compare(std::size_t images, int rounds) {
  PhotoServer server(images);
  Registry registry;
  stages::register_builtin_stages(registry);
  const Pipeline same_calls = Pipeline::from_string(thumbnails_pipeline(server, "penstock", "vips"), registry);
  const Pipeline as_it_comes = Pipeline::from_string(thumbnails_pipeline(server, "penstock", "auto"), registry);
  // One more than workers: oneTBB counts the thread that starts the work, and that one only waits here.
  const oneapi::tbb::global_control control(oneapi::tbb::global_control::max_allowed_parallelism, cores() + 1);

  std::printf("%zu photos from nginx -> 256 x 256 JPEG -> nginx; %u cores, penstock %u workers, by hand %u threads\n",
              images, cores(), cores(), threads_by_hand());
  std::printf("per image: user + system time of this process, nginx not counted\n\n");
  std::printf("  %-46s|  %-46s|  by hand\n", "penstock, engine vips", "penstock");
  Rounds penstock;
  Rounds automatic;
  Rounds by_hand;
  const auto ours = [&](Rounds& rounds_of_it, const Pipeline& pipeline) {
    rounds_of_it.add(run_pipeline(pipeline), images);
    check(server.take_all("penstock"), images);
  };
  const auto theirs = [&] {
    const std::string gallery = server.gallery("by_hand");
    by_hand.add(cost_of([&] { make_thumbnails_by_hand(server.urls(), gallery, threads_by_hand()); }), images);
    check(server.take_all("by_hand"), images);
  };
  for (int round = 0; round < rounds; ++round) {
    ours(penstock, same_calls);
    ours(automatic, as_it_comes);
    theirs();
    std::printf("\n");
    std::fflush(stdout);
  }
  std::printf("\nmedian (least to most) of %d rounds\n", rounds);
  print_spread("engine vips, images per second", penstock.images_per_second);
  print_spread("engine vips, cores busy with it", penstock.busy_cores);
  print_spread("engine vips, cores idle (the rest: nginx)", penstock.idle_cores);
  print_spread("engine vips, ms of CPU per image", penstock.cpu_ms);
  print_spread("penstock, images per second", automatic.images_per_second);
  print_spread("penstock, ms of CPU per image", automatic.cpu_ms);
  print_spread("by hand, ms of CPU per image", by_hand.cpu_ms);
  print_spread("ratio of CPU per image, vips / by hand", ratios(penstock.cpu_ms, by_hand.cpu_ms));
  print_spread("ratio of images per second, vips", ratios(penstock.images_per_second, by_hand.images_per_second));
  print_spread("ratio of CPU per image, penstock / by hand", ratios(automatic.cpu_ms, by_hand.cpu_ms));
  print_spread("ratio of images per second, penstock", ratios(automatic.images_per_second, by_hand.images_per_second));
}

int run_command(std::size_t images, char** command, int count) {
  PhotoServer server(images);
  testing::TempDir folder;
  std::string file = folder.write("thumbnails.json", thumbnails_pipeline(server, "penstock", "vips"));
  std::vector<char*> arguments(command, command + count);
  arguments.push_back(file.data());
  arguments.push_back(nullptr);
  pid_t process = -1;
  if (const int failed = ::posix_spawnp(&process, arguments[0], nullptr, nullptr, arguments.data(), environ)) {
    throw std::runtime_error(std::string(arguments[0]) + ": " + std::strerror(failed));
  }
  int status = 0;
  ::waitpid(process, &status, 0);
  check(server.take_all("penstock"), images);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}  // namespace
}  // namespace penstock::bench

int main(int argc, char** argv) {
  constexpr std::size_t kImages = 500;
  constexpr std::size_t kImagesOfCommand = 3000;
  try {
    if (argc > 2 && std::strcmp(argv[1], "--run") == 0) {
      return penstock::bench::run_command(kImagesOfCommand, argv + 2, argc - 2);
    }
    penstock::bench::compare(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : kImages,
                             argc > 2 ? std::atoi(argv[2]) : 7);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "thumbnails: %s\n", error.what());
    return 1;
  }
}
