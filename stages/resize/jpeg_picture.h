// How a JPEG holds its picture.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "stages/resize/geometry.h"
#include "stages/resize/plane.h"

namespace penstock::stages {

/// How many samples of luma one sample of chroma stands for: {2, 2} is 4:2:0. Samples of chroma lie in the middle of
/// theirs (JFIF 1.02).
struct Subsampling {
  int horizontal = 1;
  int vertical = 1;
  friend bool operator==(const Subsampling&, const Subsampling&) = default;
};

/// Luma, blue and red difference (ITU-R BT.601, 0..255); or luma alone.
struct JpegPlanes {
  int count = 3;  ///< 1 or 3.
  Size size;      ///< Of luma.
  Subsampling chroma;
  std::array<Plane, 3> planes;

  Subsampling subsampling(int plane) const { return plane == 0 ? Subsampling{} : chroma; }
};

/// The header of a JPEG whose planes we can work with.
struct JpegPicture {
  Size size;      ///< As stored.
  int count = 3;  ///< Planes: 1 or 3.
  Subsampling chroma;
  bool has_several_scans = false;  ///< Then the decoder keeps all coefficients.

  Subsampling subsampling(int plane) const { return plane == 0 ? Subsampling{} : chroma; }

  /// Samples of a plane that is decoded at `eighths` / 8 of its size.
  Size plane_size(int plane, int eighths) const {
    const auto side = [&](std::int64_t full, std::int64_t per_sample) {
      return (full * eighths + 8 * per_sample - 1) / (8 * per_sample);
    };
    return {side(size.width, subsampling(plane).horizontal), side(size.height, subsampling(plane).vertical)};
  }

  /// The same in whole blocks of the largest sampling factors, as a decoder writes it.
  Size decoded_size(int plane, int eighths) const {
    const auto side = [&](std::int64_t full, std::int64_t factor, std::int64_t per_sample) {
      return (full + 8 * factor - 1) / (8 * factor) * factor / per_sample * eighths;
    };
    return {side(size.width, chroma.horizontal, subsampling(plane).horizontal),
            side(size.height, chroma.vertical, subsampling(plane).vertical)};
  }

  /// Bytes of all coefficients.
  std::uint64_t coefficient_bytes() const {
    std::int64_t samples = 0;
    for (int i = 0; i < count; ++i) samples += decoded_size(i, 8).pixels();
    return static_cast<std::uint64_t>(samples) * 2;
  }
};

}  // namespace penstock::stages
