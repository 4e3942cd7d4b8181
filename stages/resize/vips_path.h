// Any image to any image, with libvips: decoded to pixels, scaled, encoded.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "penstock/stage_context.h"
#include "stages/common/image_header.h"
#include "stages/common/vips_image.h"
#include "stages/resize/params.h"
#include "stages/resize/pixels.h"
#include "stages/resize/result.h"
#include "stages/types/encoded_image.h"

namespace penstock::stages {

/// Makes the result. REQUIRES: start_vips() was called. Throws ItemError, OperationCancelled.
ResizeResult resize_with_vips(std::string_view data, ImageFormat source, const ResizeParams& params,
                              StageContext& context);

/// Bytes that it needs at its peak, the result included. Throws ItemError.
std::uint64_t vips_need(std::string_view data, ImageFormat source, const ResizeParams& params);

/// A picture that is decoded once for several results, at the size of the largest of them.
///
/// Thread safety: none; successive calls may come from different threads.
class VipsPicture {
 public:
  /// Decodes. REQUIRES: start_vips() was called; there is a result, and all have the same limits. Throws ItemError,
  /// OperationCancelled.
  VipsPicture(std::string_view data, ImageFormat source, std::span<const ResizeParams> results, StageContext& context);

  /// Bytes that it and the making of the results one after the other need at their peak. REQUIRES: there is a result.
  /// Throws ItemError.
  static std::uint64_t memory_need(std::string_view data, ImageFormat source, std::span<const ResizeParams> results);

  /// Makes one of the results. Throws ItemError, OperationCancelled.
  ResizeResult render(const ResizeParams& params, StageContext& context) const;

 private:
  ImageFormat source_;
  ImageHeader header_;
  Pixels pixels_;  // All of the picture, as it is stored.
  VipsImagePtr metadata_;
};

}  // namespace penstock::stages
