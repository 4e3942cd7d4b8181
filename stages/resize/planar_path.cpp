// SPDX-License-Identifier: Apache-2.0
#include "stages/resize/planar_path.h"

#include <algorithm>
#include <functional>
#include <new>
#include <string>

#include "penstock/error.h"
#include "stages/common/image_header.h"
#include "stages/resize/encode.h"
#include "stages/resize/errors.h"
#include "stages/resize/limits.h"
#include "stages/resize/split.h"

namespace penstock::stages {
namespace {

// What all idle workers together may keep: new memory costs a page fault for each 4 KiB, with a large picture a tenth
// of its time.
constexpr std::size_t kIdleBytes = std::size_t{32} << 20;

// Why a result cannot be made on planes, known before the file is looked at.
std::optional<std::string> obstacle(ImageFormat source, const ResizeParams& params) {
  if (source != ImageFormat::jpeg) return "the image is a " + std::string(name_of(source)) + ", not a jpeg";
  const ImageFormat format = output_format(params.format, source);
  if (format != ImageFormat::jpeg) return "the result is a " + std::string(name_of(format)) + ", not a jpeg";
  if (params.metadata == Metadata::keep) return "`metadata` is \"keep\"";
  return std::nullopt;
}

PlanarTask task_of(const ImageHeader& header, const ResizeParams& params) {
  return {.orientation = header.orientation,
          .placement = checked_placement(header, ImageFormat::jpeg, params),
          .kernel = params.kernel,
          .mode = params.quality_mode,
          .background = params.background,
          .quality = params.quality.value_or(default_quality(ImageFormat::jpeg).value_or(1))};
}

}  // namespace

bool may_be_planar(ImageFormat source, const ResizeParams& params) {
  return params.engine != Engine::vips && !obstacle(source, params);
}

void PlanarPath::Return::operator()(PlanarWorker* worker) const {
  std::unique_ptr<PlanarWorker> owned(worker);
  owned->close();
  const std::lock_guard lock(path->mutex_);
  if (path->idle_bytes_ + owned->capacity() > kIdleBytes) owned->clear();
  path->idle_bytes_ += owned->capacity();
  path->idle_.push_back(std::move(owned));
}

PlanarPath::Borrowed PlanarPath::borrow() const {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<PlanarWorker> worker = std::move(idle_.back());
      idle_.pop_back();
      idle_bytes_ -= worker->capacity();
      return Borrowed(worker.release(), Return{this});
    }
  }
  return Borrowed(new PlanarWorker, Return{this});
}

std::optional<PlanarPath::Picture> PlanarPath::open(std::string_view data, ImageFormat source,
                                                    std::span<const ResizeParams> results) const {
  const auto leave = [&](const std::string& why) -> std::optional<Picture> {
    const auto is_forced = [](const ResizeParams& params) { return params.engine == Engine::planar; };
    if (std::any_of(results.begin(), results.end(), is_forced)) throw ItemError(kNotPlanar, why);
    return std::nullopt;
  };
  for (const ResizeParams& params : results) {
    if (params.engine == Engine::vips) return std::nullopt;
    if (const auto why = obstacle(source, params)) return leave(*why);
  }
  const ImageHeader header = checked_header(data, source, results.front());
  Picture picture(borrow(), data);
  try {
    picture.picture_ = picture.worker_->open(data);
  } catch (const JpegError& error) {
    return leave(error.what());
  }
  if (picture.picture_.size != Size{header.width, header.height}) return leave("the header is ambiguous");
  picture.source_ = {header.shown_width(), header.shown_height()};
  for (const ResizeParams& params : results) {
    const PlanarTask& task = picture.tasks_.emplace_back(task_of(header, params));
    if (picture.picture_.count == 1 && task.placement.has_border() && !params.background.is_grey()) {
      return leave("the picture is grey, and its border is not");
    }
    const PlanarScale scale = planar_scale(picture.picture_, task);
    picture.scale_ = {std::max(picture.scale_.luma, scale.luma), std::max(picture.scale_.chroma, scale.chroma)};
  }
  return picture;
}

std::uint64_t PlanarPath::Picture::memory_need() const {
  std::uint64_t most = 0;
  for (const PlanarTask& task : tasks_) most = std::max(most, planar_need(picture_, scale_, task));
  return most;
}

void PlanarPath::Picture::decode(StageContext& context) {
  try {
    worker_->decode(scale_, [&] { return context.stop_requested(); });
  } catch (const JpegError& error) {
    throw_decode_error(data_, ImageFormat::jpeg, error);
  } catch (const std::bad_alloc&) {
    throw ItemError(kTooLarge, "there is no memory for the picture");
  }
}

ResizeResult PlanarPath::Picture::render(std::size_t result, StageContext& context) {
  const PlanarTask& task = tasks_[result];
  const Size size = task.placement.canvas;
  const auto for_each_task = [&](int tasks, const std::function<void(int)>& work) { split(context, tasks, work); };
  try {
    return {worker_->render(task, for_each_task), size, source_};
  } catch (const JpegError& error) {
    throw_encode_error(size, ImageFormat::jpeg, error);
  } catch (const std::bad_alloc&) {
    throw ItemError(kTooLarge, "there is no memory for the result of " + text_of(size) + " pixels");
  }
}

}  // namespace penstock::stages
