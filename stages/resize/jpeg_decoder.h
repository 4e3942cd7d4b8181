// From a JPEG to its planes, perhaps at a part of their size.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <functional>
#include <string_view>

#include "stages/resize/jpeg_error.h"
#include "stages/resize/jpeg_picture.h"

namespace penstock::stages {

/// Decodes one JPEG after the other.
///
/// Invariants: 1. Between calls the libjpeg object is idle, or has read a header. 2. `eighths_` is what the next start
/// sets.
/// Thread safety: none.
class JpegDecoder {
 public:
  JpegDecoder();
  ~JpegDecoder();
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;

  /// Reads the header; `data` must live until the end of decode(). Throws JpegError when it is damaged, and when the
  /// picture is not one for planes: other than 8-bit YCbCr or grey, sampled in an unusual way, coded arithmetically, or
  /// with a colour profile other than sRGB.
  JpegPicture open(std::string_view data);

  /// Decodes all of the picture that open() has read, luma at `luma_eighths` / 8 of its size and chroma at
  /// `chroma_eighths` / 8 of its own: 1, 2, 4 or 8. Planes are JpegPicture::plane_size() large; what memory they have
  /// beyond is overwritten. Throws JpegError, also for samples that are missing or damaged; OperationCancelled when
  /// `should_stop` says yes; std::bad_alloc.
  void decode(int luma_eighths, int chroma_eighths, std::array<Plane, 3>& planes,
              const std::function<bool()>& should_stop);

  /// Forgets the picture that open() has read.
  void close() { jpeg_abort_decompress(&object_); }

 private:
  static void on_realize(j_common_ptr object);
  static void on_progress(j_common_ptr object);
  void set_scales();
  bool has_foreign_profile();

  JpegErrors errors_;
  jpeg_decompress_struct object_{};
  jpeg_progress_mgr progress_{};
  void (*realize_)(j_common_ptr) = nullptr;
  std::array<int, 3> eighths_{8, 8, 8};
  const std::function<bool()>* should_stop_ = nullptr;
  bool is_stopped_ = false;
};

}  // namespace penstock::stages
