// The planar path on arbitrary bytes. The first bytes are the JPEG, the last eight say what is made of it, so that
// every JPEG is an input as it stands. SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>

#include "stages/resize/planar.h"

namespace penstock::stages {
namespace {

constexpr std::size_t kChoices = 8;
constexpr std::int64_t kMaxPixels = 1 << 20;  // Larger ones are slow, and no different.

int side_of(std::uint8_t choice) { return choice < 128 ? choice : (choice - 127) * 5; }

PlanarTask task_of(const JpegPicture& picture, std::string_view choices) {
  const auto choice = [&](std::size_t i) { return static_cast<std::uint8_t>(choices[i]); };
  PlanarTask task;
  task.orientation = 1 + choice(0) % 8;
  const bool swaps = task.orientation >= 5;
  const Size upright = swaps ? Size{picture.size.height, picture.size.width} : picture.size;
  Box box{side_of(choice(1)), side_of(choice(2)), static_cast<Fit>(choice(3) % 4),
          static_cast<Position>(choice(3) / 4 % 9), choice(4) % 2 == 1};
  if (box.width == 0 && box.height == 0) box.width = 1;
  task.placement = place(upright, box);
  task.kernel = static_cast<Kernel>(choice(4) / 2 % 6);
  task.mode = static_cast<QualityMode>(choice(5) % 2);
  task.quality = 1 + choice(6) % 100;
  if (picture.count == 3) task.background = {choice(7), choice(6), choice(5), 255};
  return task;
}

void require(bool claim, const char* words) {
  if (claim) return;
  std::fprintf(stderr, "broken: %s\n", words);
  std::abort();
}

void run(std::string_view data) {
  static PlanarWorker worker;  // One after the other, failed or not, as in a stage.
  static JpegDecoder reader;
  const std::string_view choices = data.substr(data.size() - kChoices);
  worker.clear();  // So that the buffers are those of one picture.
  try {
    const JpegPicture picture = worker.open(data);
    if (picture.size.pixels() > kMaxPixels) return;
    const PlanarTask task = task_of(picture, choices);
    if (task.placement.canvas.pixels() > kMaxPixels || task.placement.scaled.width > kMaxScaledSide ||
        task.placement.scaled.height > kMaxScaledSide) {
      return;
    }
    const PlanarScale scale = planar_scale(picture, task);
    worker.decode(scale, [] { return false; });
    const std::string file = worker.render(task, [](int tasks, const std::function<void(int)>& work) {
      for (int i = 0; i < tasks; ++i) work(i);
    });
    require(worker.capacity() <= planar_need(picture, scale, task), "the buffers are within the need");
    const JpegPicture result = reader.open(file);
    require(result.size == task.placement.canvas, "the result has the size of the canvas");
    require(result.count == picture.count, "the result has as many planes as the picture");
  } catch (const JpegError&) {
    // As it should be for nearly all inputs.
  }
}

}  // namespace
}  // namespace penstock::stages

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size >= penstock::stages::kChoices) penstock::stages::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
