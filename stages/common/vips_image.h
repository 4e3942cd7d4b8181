// libvips, tamed: started once and silently, errors as exceptions, one named loader per format, evaluation on the
// calling thread. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vips/vips.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "stages/common/image_header.h"
#include "stages/common/pixel_rect.h"
#include "stages/types/encoded_image.h"

namespace penstock::stages {

/// A libvips operation failed. what() has the library's own words as far as they are about this operation.
class VipsError : public std::exception {
 public:
  explicit VipsError(std::string text) : text_(std::move(text)) {}
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

/// Starts libvips for this process, once: one thread per image, operation cache and code generation off, its log output
/// (and nobody else's) discarded. Throws VipsError. It is never shut down: the process may use libvips elsewhere.
/// Thread safe.
void start_vips();

/// Call at the beginning of work on any thread: frees what libvips keeps for the thread when the thread ends. Cheap.
void use_vips_on_this_thread();

/// The libvips error buffer belongs to the whole process. Takes the first message of the given domain ("VipsJpeg") out
/// of it, or the first of any when `domain` is empty, and clears it. With failures on several threads in the same
/// microseconds it may be empty or speak of a like failure of another image of the same format: good for the end of a
/// message, never to decide anything.
std::string take_vips_error(std::string_view domain = {});

struct VipsUnref {
  void operator()(void* object) const noexcept { g_object_unref(object); }
};
/// Owns one reference.
using VipsImagePtr = std::unique_ptr<VipsImage, VipsUnref>;

/// Runs one libvips operation that makes an image, `int(VipsImage** out)`. Throws VipsError.
template <class Operation>
VipsImagePtr make_vips_image(Operation operation) {
  VipsImage* out = nullptr;
  if (operation(&out) != 0) throw VipsError(take_vips_error());
  return VipsImagePtr(out);
}

/// True when this libvips has a loader for the format.
bool can_load(ImageFormat format);

/// Opens an image with the loader of that format and no other, first frame only, read from top to bottom once; data
/// that end early or are damaged make the evaluation fail. Decodes nothing yet, for most formats.
///
/// `shrink` is how many times smaller the decoder may make the picture; what it gives is at least that size: jpeg takes
/// 1, 2, 4 and 8, webp any number, the others ignore it. REQUIRES: `data` outlives the image. Throws VipsError.
VipsImagePtr open_vips_image(std::string_view data, ImageFormat format, double shrink = 1);

/// The header as read_image_header() gives it, else as the decoder does. Throws VipsError when neither can.
ImageHeader read_any_header(std::string_view data, ImageFormat format);

/// Computes a part of a picture on the calling thread, from top to bottom, then runs through the rows below it, so that
/// damage there is found as well. `pixels` receives height x width x bands samples of the image's format, row-major.
/// Calls `should_stop` now and then and throws OperationCancelled when it says yes. Throws VipsError.
void read_pixels(VipsImage* image, const PixelRect& rect, std::byte* pixels, const std::function<bool()>& should_stop);

}  // namespace penstock::stages
