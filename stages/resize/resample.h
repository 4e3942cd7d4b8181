// Scaling, mirroring and transposing of a plane of samples, with the vector instructions of the machine it runs on.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "stages/resize/axis_weights.h"
#include "stages/resize/plane.h"

namespace penstock::stages {

/// Calls `work(task)` for each task in [0, tasks), in any order, perhaps on several threads, and returns when all are
/// done.
using ForEachTask = std::function<void(int tasks, const std::function<void(int task)>& work)>;

/// Computes planes from planes: first along the columns, rounded and cut to 0..255, then along the rows. Keeps the
/// planes in between for the next call.
///
/// Thread safety: none; `for_each_task` may use several threads.
class Resampler {
 public:
  /// `out` becomes vertical.size() rows of horizontal.size() samples; with `transposed` it is the other way round:
  /// what was a row becomes a column. Planes of some megabytes are split into tasks. REQUIRES: the weights were made
  /// for the sides of `in`; `out` is another plane. Throws std::bad_alloc.
  void resample(const Plane& in, const AxisWeights& horizontal, const AxisWeights& vertical, bool transposed,
                Plane& out, const ForEachTask& for_each_task);

  /// Bytes of the planes in between, for an input whose `columns` are needed.
  static std::size_t bytes_for(std::int64_t columns, std::int64_t out_width, std::int64_t out_height);
  std::size_t capacity() const { return narrow_.capacity() + turned_.capacity() + filtered_.capacity(); }
  /// Gives the memory back.
  void clear();

 private:
  Plane narrow_;    // As high as the result, as wide as the input.
  Plane turned_;    // The same, transposed.
  Plane filtered_;  // The result, transposed.
};

}  // namespace penstock::stages
