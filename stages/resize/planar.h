// JPEG to JPEG on planes: what the inverse DCT gives is scaled and goes into the forward DCT; no pixel is converted to
// RGB and back, and chroma stays at half size.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "stages/resize/axis_weights.h"
#include "stages/resize/colour.h"
#include "stages/resize/geometry.h"
#include "stages/resize/jpeg_decoder.h"
#include "stages/resize/jpeg_encoder.h"
#include "stages/resize/jpeg_picture.h"
#include "stages/resize/kernel.h"
#include "stages/resize/resample.h"

namespace penstock::stages {

enum class QualityMode { fast, best };
constexpr std::array<Name<QualityMode>, 2> names_of(QualityMode) {
  return {{{QualityMode::fast, "fast"}, {QualityMode::best, "best"}}};
}

/// One result.
struct PlanarTask {
  int orientation = 1;  ///< EXIF value of the picture as it is stored.
  Placement placement;  ///< Upright.
  Kernel kernel = Kernel::lanczos3;
  QualityMode mode = QualityMode::fast;
  Colour background;  ///< Of the border. REQUIRES: grey where the picture is.
  int quality = 80;   ///< 1 to 100.
};

/// At how many eighths of their size planes are decoded: 1, 2, 4 or 8.
struct PlanarScale {
  int luma = 8;
  int chroma = 8;
};

/// What the task needs: each plane at least as large as in the result, with QualityMode::best twice as large, as far as
/// there is that much.
PlanarScale planar_scale(const JpegPicture& picture, const PlanarTask& task);

/// Bytes that decoding at this scale and one result need at their peak, the result included.
std::uint64_t planar_need(const JpegPicture& picture, const PlanarScale& scale, const PlanarTask& task);

/// Makes one picture after the other; keeps its buffers, decoder and encoder for the next one as long as they are
/// small. First open(), then decode(), then render() as often as wanted.
///
/// Thread safety: none.
class PlanarWorker {
 public:
  /// Reads the header. `data` must live until the end of decode(). Throws JpegError when the picture is damaged or is
  /// not one for planes.
  JpegPicture open(std::string_view data);

  /// Decodes what open() has read. Throws JpegError, OperationCancelled, std::bad_alloc.
  void decode(const PlanarScale& scale, const std::function<bool()>& should_stop);

  /// The file for one task, from the decoded planes. Throws JpegError, std::bad_alloc.
  std::string render(const PlanarTask& task, const ForEachTask& for_each_task);

  /// Ends the work on the picture; the buffers stay.
  void close() { decoder_.close(); }

  /// Bytes of the buffers that are kept for the next picture.
  std::size_t capacity() const;
  /// Gives them back.
  void clear();

 private:
  void place_plane(int plane, const PlanarTask& task, const ForEachTask& for_each_task);
  void resample(int plane, const PlanarTask& task, const PixelRect& part, Plane& out, const ForEachTask& for_each_task);

  JpegDecoder decoder_;
  JpegEncoder encoder_;
  Resampler resampler_;
  AxisWeightsCache weights_;
  JpegPicture picture_;
  PlanarScale scale_;
  std::array<Plane, 3> decoded_;
  Plane part_;  // Of a picture with a border.
  JpegPlanes result_;
};

}  // namespace penstock::stages
