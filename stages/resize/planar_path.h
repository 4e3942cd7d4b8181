// Which pictures `resize` works on as planes, and that work.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/stage_context.h"
#include "stages/resize/params.h"
#include "stages/resize/planar.h"
#include "stages/resize/result.h"
#include "stages/types/encoded_image.h"

namespace penstock::stages {

/// False when the options and the format alone rule the planar path out; only the header of the picture can tell the
/// rest.
bool may_be_planar(ImageFormat source, const ResizeParams& params);

/// The planar path of one stage, with a worker for each picture in work.
///
/// Thread safety: all members may be called at once.
class PlanarPath {
 public:
  class Picture;

  /// A picture for one result or several; nothing when libvips must make one of them. `data` and this must outlive it.
  /// Throws ItemError (kNotPlanar when the options leave no other path).
  std::optional<Picture> open(std::string_view data, ImageFormat source, std::span<const ResizeParams> results) const;

 private:
  struct Return {
    const PlanarPath* path = nullptr;
    void operator()(PlanarWorker* worker) const;
  };
  using Borrowed = std::unique_ptr<PlanarWorker, Return>;
  Borrowed borrow() const;

  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<PlanarWorker>> idle_;
  mutable std::size_t idle_bytes_ = 0;  // Of their buffers.
};

/// A picture whose header is read, and its worker.
///
/// Thread safety: none; successive calls may come from different threads.
class PlanarPath::Picture {
 public:
  /// Bytes that decode() and the largest result need at their peak.
  std::uint64_t memory_need() const;

  /// Throws ItemError, OperationCancelled.
  void decode(StageContext& context);

  /// Makes one of the results that open() was asked for. REQUIRES: decode() was called. Throws ItemError.
  ResizeResult render(std::size_t result, StageContext& context);

 private:
  friend class PlanarPath;
  Picture(Borrowed worker, std::string_view data) : worker_(std::move(worker)), data_(data) {}

  Borrowed worker_;
  std::string_view data_;
  Size source_;  // Upright.
  JpegPicture picture_;
  PlanarScale scale_{1, 1};
  std::vector<PlanarTask> tasks_;
};

}  // namespace penstock::stages
