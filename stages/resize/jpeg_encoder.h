// From planes to a JPEG.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "stages/resize/jpeg_error.h"
#include "stages/resize/jpeg_picture.h"

namespace penstock::stages {

/// Encodes one picture after the other, as baseline JPEG without metadata.
///
/// Thread safety: none.
class JpegEncoder {
 public:
  JpegEncoder();
  ~JpegEncoder();
  JpegEncoder(const JpegEncoder&) = delete;
  JpegEncoder& operator=(const JpegEncoder&) = delete;

  /// `quality`: 1 to 100. Samples beyond the picture's right edge are overwritten up to the end of their block.
  /// REQUIRES: sides of 1 to 65,500; chroma subsampling of 1, 2 or 4. Throws JpegError.
  std::string encode(JpegPlanes& picture, int quality);

 private:
  using Chunk = std::array<JOCTET, std::size_t{64} << 10>;
  void add_chunk();
  std::string take_output();
  static void on_begin(j_compress_ptr object);
  static boolean on_full(j_compress_ptr object);
  static void on_end(j_compress_ptr object);
  void describe(const JpegPlanes& picture, int quality);
  void write(JpegPlanes& picture);

  JpegErrors errors_;
  jpeg_compress_struct object_{};
  jpeg_destination_mgr destination_{};
  // What is written, in pieces: a buffer that grows would be there twice. The first one stays for the next picture.
  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::size_t written_ = 0;
};

}  // namespace penstock::stages
