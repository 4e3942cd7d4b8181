// SPDX-License-Identifier: Apache-2.0
#include "stages/common/vips_image.h"

#include <vips/vector.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <optional>

#include "penstock/error.h"

namespace penstock::stages {
namespace {

constexpr int kStripRows = 16;  // As libvips itself computes wide pictures (VIPS__FATSTRIP_HEIGHT).

// The message domain of each loader; "" when it has several.
std::string_view domain_of(ImageFormat format) {
  switch (format) {
    case ImageFormat::jpeg:
      return "VipsJpeg";
    case ImageFormat::png:
      return "vipspng";
    case ImageFormat::webp:
      return "webp";
    case ImageFormat::gif:
      return "gifload";
    case ImageFormat::tiff:
      return "tiff";
    case ImageFormat::avif:
    case ImageFormat::heic:
      return "heif";
    default:
      return {};
  }
}

using Loader = int (*)(void*, size_t, VipsImage**, ...);

Loader loader_of(ImageFormat format) {
  switch (format) {
    case ImageFormat::jpeg:
      return vips_jpegload_buffer;
    case ImageFormat::png:
      return vips_pngload_buffer;
    case ImageFormat::webp:
      return vips_webpload_buffer;
    case ImageFormat::gif:
      return vips_gifload_buffer;
    case ImageFormat::tiff:
      return vips_tiffload_buffer;
    case ImageFormat::avif:
    case ImageFormat::heic:
      return vips_heifload_buffer;
    case ImageFormat::svg:
      return vips_svgload_buffer;
    case ImageFormat::jp2:
      return vips_jp2kload_buffer;
    case ImageFormat::jxl:
      return vips_jxlload_buffer;
    case ImageFormat::pdf:
      return vips_pdfload_buffer;
    case ImageFormat::bmp:
      return vips_magickload_buffer;  // The only one that reads it.
  }
  return nullptr;
}

const char* nickname_of(ImageFormat format) {
  switch (format) {
    case ImageFormat::jpeg:
      return "jpegload_buffer";
    case ImageFormat::png:
      return "pngload_buffer";
    case ImageFormat::webp:
      return "webpload_buffer";
    case ImageFormat::gif:
      return "gifload_buffer";
    case ImageFormat::tiff:
      return "tiffload_buffer";
    case ImageFormat::avif:
    case ImageFormat::heic:
      return "heifload_buffer";
    case ImageFormat::svg:
      return "svgload_buffer";
    case ImageFormat::jp2:
      return "jp2kload_buffer";
    case ImageFormat::jxl:
      return "jxlload_buffer";
    case ImageFormat::pdf:
      return "pdfload_buffer";
    case ImageFormat::bmp:
      return "magickload_buffer";
  }
  return "";
}

// Samples that the decoder of a format of the HEIF family holds for each pixel at its peak, measured with libheif 1.15:
// planes of the picture and of the reference frames, and the interleaved copy.
constexpr std::uint64_t kHeifBytesPerPixel = 12;

ImageHeader header_of(VipsImage* image) {
  ImageHeader header;
  header.width = static_cast<std::uint32_t>(image->Xsize);
  header.height = static_cast<std::uint32_t>(image->Ysize);
  header.orientation = vips_image_get_orientation(image);
  header.bands = image->Bands;
  header.bytes_per_sample = static_cast<int>(vips_format_sizeof(image->BandFmt));
  return header;
}

void discard_log(const gchar*, GLogLevelFlags, const gchar*, gpointer) {}

struct ThreadState {
  ~ThreadState() { vips_thread_shutdown(); }
};

struct Region {
  explicit Region(VipsImage* image) : region(vips_region_new(image)) {}
  ~Region() {
    if (region != nullptr) g_object_unref(region);
  }
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;
  VipsRegion* region;
};

}  // namespace

void start_vips() {
  static std::once_flag once;
  static std::optional<std::string> failure;
  std::call_once(once, [] {
    g_log_set_handler("VIPS", static_cast<GLogLevelFlags>(G_LOG_LEVEL_MASK | G_LOG_FLAG_RECURSION), discard_log,
                      nullptr);
    if (VIPS_INIT("penstock") != 0) {
      failure = take_vips_error();
      return;
    }
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    // libvips compiles a program for liborc with each picture that it shrinks, and liborc before 0.4.34 allocates and
    // frees these without a lock: with several pictures at once the process dies after some ten thousand of them.
    vips_vector_set_enabled(FALSE);
  });
  if (failure) throw VipsError("libvips does not start: " + *failure);
}

void use_vips_on_this_thread() {
  static thread_local ThreadState state;
  (void)state;
}

std::string take_vips_error(std::string_view domain) {
  static std::mutex mutex;
  std::string text;
  {
    const std::lock_guard lock(mutex);
    char* copy = vips_error_buffer_copy();  // Copies and clears under libvips' own lock.
    text = copy;
    g_free(copy);
  }
  // Messages may quote the data: keep them fit for reports.
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c != '\n' && (c < ' ' || c > '~'); }, '?');
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    // What the byte source says is a consequence of what the decoder found.
    if (!line.empty() && !line.starts_with("source:") && line.starts_with(domain)) return std::string(line);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

bool can_load(ImageFormat format) { return vips_type_find("VipsOperation", nickname_of(format)) != 0; }

VipsImagePtr open_vips_image(std::string_view data, ImageFormat format, double shrink) {
  // The loaders take a pointer to non-const, and leave the bytes alone.
  void* bytes = const_cast<char*>(data.data());
  const Loader load = loader_of(format);
  VipsImage* out = nullptr;
  int status = -1;
  if (format == ImageFormat::jpeg) {
    status = load(bytes, data.size(), &out, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_TRUNCATED,
                  "shrink", static_cast<int>(shrink), nullptr);
  } else if (format == ImageFormat::webp) {
    status = load(bytes, data.size(), &out, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_TRUNCATED,
                  "scale", 1.0 / shrink, nullptr);
  } else {
    status =
        load(bytes, data.size(), &out, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_TRUNCATED, nullptr);
  }
  if (status != 0) throw VipsError(take_vips_error(domain_of(format)));
  return VipsImagePtr(out);
}

ImageHeader read_any_header(std::string_view data, ImageFormat format) {
  if (const std::optional<ImageHeader> header = read_image_header(data, format)) return *header;
  use_vips_on_this_thread();
  const VipsImagePtr image = open_vips_image(data, format);
  ImageHeader header = header_of(image.get());
  header.kept_bytes = header.pixels() * kHeifBytesPerPixel * static_cast<unsigned>(header.bytes_per_sample);
  return header;
}

void read_pixels(VipsImage* image, const PixelRect& rect, std::byte* pixels, const std::function<bool()>& should_stop) {
  if (vips_image_pio_input(image) != 0) throw VipsError(take_vips_error());
  const Region part(image);
  if (part.region == nullptr) throw VipsError(take_vips_error());
  const std::size_t row_bytes = VIPS_IMAGE_SIZEOF_PEL(image) * static_cast<std::size_t>(rect.width);
  const int bottom = rect.top + rect.height;
  for (int top = rect.top; top < bottom; top += kStripRows) {
    if (should_stop()) throw OperationCancelled();
    const VipsRect strip{rect.left, top, rect.width, std::min(kStripRows, bottom - top)};
    if (vips_region_prepare(part.region, &strip) != 0) throw VipsError(take_vips_error());
    for (int y = strip.top; y < strip.top + strip.height; ++y) {
      std::memcpy(pixels, VIPS_REGION_ADDR(part.region, rect.left, y), row_bytes);
      pixels += row_bytes;
    }
  }
  if (bottom < image->Ysize) {
    const VipsRect last{0, image->Ysize - 1, 1, 1};
    if (vips_region_prepare(part.region, &last) != 0) throw VipsError(take_vips_error());
  }
}

}  // namespace penstock::stages
