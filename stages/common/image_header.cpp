// Headers of JPEG (ITU-T T.81 B.2), PNG (W3C PNG 5), WebP (RFC 9649), GIF (GIF89a), TIFF (TIFF 6.0) and BMP, and the
// orientation tag of EXIF 2.32 wherever it is stored.
// SPDX-License-Identifier: Apache-2.0
#include "stages/common/image_header.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "stages/common/byte_reader.h"

namespace penstock::stages {
namespace {

using namespace std::string_view_literals;

constexpr std::uint32_t kMaxSide = 1u << 30;
constexpr std::uint32_t kMaxTags = 4096;  // Of one TIFF directory: an honest one has some dozens.
constexpr std::uint32_t kMaxChunks = 1u << 20;

// --- TIFF directories; EXIF is one, too ---

constexpr std::uint32_t kTagWidth = 256;
constexpr std::uint32_t kTagHeight = 257;
constexpr std::uint32_t kTagBitsPerSample = 258;
constexpr std::uint32_t kTagOrientation = 274;
constexpr std::uint32_t kTagSamplesPerPixel = 277;

// The first directory's tags that we want; 0: not there.
struct TiffTags {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t bits = 0;
  std::uint32_t samples = 0;
  std::uint32_t orientation = 0;
};

// The first value of a tag of type SHORT or LONG, in its place or where it points to.
std::uint32_t first_value(const ByteReader& tiff, std::uint64_t entry) {
  const std::uint32_t type = tiff.u16(entry + 2);
  const std::uint32_t count = tiff.u32(entry + 4);
  const std::uint64_t size = type == 3 ? 2 : type == 4 ? 4 : 0;
  if (size == 0 || count == 0) return 0;
  const std::uint64_t at = size * count > 4 ? tiff.u32(entry + 8) : entry + 8;
  return size == 2 ? tiff.u16(at) : tiff.u32(at);
}

// Nothing for BigTIFF: a decoder reads that.
std::optional<TiffTags> read_tiff_tags(std::string_view data) {
  const bool is_little = data.starts_with("II*\0"sv);
  if (!is_little && !data.starts_with("MM\0*"sv)) return std::nullopt;
  const ByteReader tiff(data, is_little ? ByteOrder::little : ByteOrder::big);
  const std::uint64_t directory = tiff.u32(4);
  if (!tiff.has(directory, 2)) return std::nullopt;
  const std::uint32_t count = tiff.u16(directory);
  if (count > kMaxTags || !tiff.has(directory + 2, std::uint64_t{12} * count)) return std::nullopt;
  TiffTags tags;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint64_t entry = directory + 2 + std::uint64_t{12} * i;
    const std::uint32_t value = first_value(tiff, entry);
    switch (tiff.u16(entry)) {
      case kTagWidth:
        tags.width = value;
        break;
      case kTagHeight:
        tags.height = value;
        break;
      case kTagBitsPerSample:
        tags.bits = value;
        break;
      case kTagSamplesPerPixel:
        tags.samples = value;
        break;
      case kTagOrientation:
        tags.orientation = value;
        break;
      default:
        break;
    }
  }
  return tags;
}

int orientation_of(std::string_view exif) {
  const std::optional<TiffTags> tags = read_tiff_tags(exif);
  return tags && tags->orientation >= 1 && tags->orientation <= 8 ? static_cast<int>(tags->orientation) : 1;
}

bool is_sane(const ImageHeader& header) {
  return header.width > 0 && header.height > 0 && header.width <= kMaxSide && header.height <= kMaxSide;
}

std::optional<ImageHeader> read_tiff(std::string_view data) {
  const std::optional<TiffTags> tags = read_tiff_tags(data);
  if (!tags) return std::nullopt;
  ImageHeader header;
  header.width = tags->width;
  header.height = tags->height;
  header.orientation = tags->orientation >= 1 && tags->orientation <= 8 ? static_cast<int>(tags->orientation) : 1;
  header.bands = static_cast<int>(std::clamp(tags->samples, 3u, 64u));  // A palette becomes three.
  header.bytes_per_sample = static_cast<int>(std::clamp((tags->bits + 7) / 8, 1u, 16u));
  if (!is_sane(header)) return std::nullopt;
  // Strips and tiles may be as large as the picture.
  header.kept_bytes = header.pixels() * static_cast<unsigned>(header.bands * header.bytes_per_sample);
  return header;
}

// --- JPEG ---

bool is_frame_header(std::uint32_t marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

// All coefficients of the picture, two bytes each, in whole blocks of the largest sampling factors.
std::uint64_t coefficient_bytes(const ByteReader& jpeg, std::uint64_t frame, const ImageHeader& header) {
  std::uint32_t max_h = 1;
  std::uint32_t max_v = 1;
  std::uint64_t blocks_per_unit = 0;
  for (int i = 0; i < header.bands; ++i) {
    const std::uint32_t factors = jpeg.u8(frame + 7 + 3 * static_cast<std::uint64_t>(i));
    max_h = std::max(max_h, factors >> 4);
    max_v = std::max(max_v, factors & 15);
    blocks_per_unit += std::uint64_t{factors >> 4} * (factors & 15);
  }
  const std::uint64_t units =
      ((header.width + 8ull * max_h - 1) / (8ull * max_h)) * ((header.height + 8ull * max_v - 1) / (8ull * max_v));
  return units * blocks_per_unit * 64 * 2;
}

std::optional<ImageHeader> read_jpeg(std::string_view data) {
  const ByteReader jpeg(data);
  ImageHeader header;
  bool has_orientation = false;
  std::uint64_t at = 2;
  while (jpeg.has(at, 4)) {
    if (jpeg.u8(at) != 0xff) {  // Decoders look for the next marker, too.
      ++at;
      continue;
    }
    const std::uint32_t marker = jpeg.u8(at + 1);
    if (marker == 0xff) {  // Fill byte.
      ++at;
      continue;
    }
    if (marker == 0 || marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {  // Without a body.
      at += 2;
      continue;
    }
    if (marker == 0xd9 || marker == 0xda) return std::nullopt;  // The picture begins without a frame header.
    const std::uint32_t length = jpeg.u16(at + 2);
    if (length < 2) return std::nullopt;
    const std::uint64_t body = at + 4;
    if (is_frame_header(marker)) {
      if (!jpeg.has(body, 6)) return std::nullopt;
      header.height = jpeg.u16(body + 1);
      header.width = jpeg.u16(body + 3);
      header.bands = static_cast<int>(jpeg.u8(body + 5));
      header.bytes_per_sample = jpeg.u8(body) > 8 ? 2 : 1;
      if (!is_sane(header) || header.bands < 1 || header.bands > 4) return std::nullopt;
      // Any JPEG may come in several scans; only a decoder finds that out of a sequential one, so count on it for those
      // that are progressive and for those whose first scan does not hold all components.
      const bool is_progressive = (marker & 3) == 2;
      const std::uint64_t scan = data.find("\xff\xda"sv, body + length - 2);
      const bool is_interleaved = scan != std::string_view::npos && static_cast<int>(jpeg.u8(scan + 4)) == header.bands;
      if (is_progressive || !is_interleaved) header.kept_bytes = coefficient_bytes(jpeg, body, header);
      return header;
    }
    if (marker == 0xe1 && !has_orientation && jpeg.text(body, 6) == "Exif\0\0"sv) {
      header.orientation = orientation_of(jpeg.text(body + 6, length - 8));
      has_orientation = true;
    }
    at += 2 + length;
  }
  return std::nullopt;
}

// --- PNG ---

std::optional<ImageHeader> read_png(std::string_view data) {
  const ByteReader png(data);
  if (png.text(12, 4) != "IHDR"sv || !png.has(16, 13)) return std::nullopt;
  ImageHeader header;
  header.width = png.u32(16);
  header.height = png.u32(20);
  const std::uint32_t colour_type = png.u8(25);
  // Grey, RGB, palette, grey and alpha, RGBA; a palette and a transparent colour become RGBA.
  header.bands = colour_type == 0 ? 2 : colour_type == 4 ? 2 : 4;
  header.bytes_per_sample = png.u8(24) > 8 ? 2 : 1;
  if (!is_sane(header)) return std::nullopt;
  if (png.u8(28) != 0)
    header.kept_bytes = header.pixels() * static_cast<unsigned>(header.bands * header.bytes_per_sample);
  std::uint64_t at = 33;
  for (std::uint32_t i = 0; i < kMaxChunks && png.has(at, 8); ++i) {  // eXIf stands before or after the picture.
    const std::uint64_t length = png.u32(at);
    const std::string_view name = png.text(at + 4, 4);
    if (name == "eXIf"sv) {
      header.orientation = orientation_of(png.text(at + 8, length));
      break;
    }
    at += 12 + length;
  }
  return header;
}

// --- WebP ---

int webp_orientation(const ByteReader& webp) {
  std::uint64_t at = 12;
  for (std::uint32_t i = 0; i < kMaxChunks && webp.has(at, 8); ++i) {
    const std::uint64_t length = webp.u32(at + 4);
    if (webp.text(at, 4) == "EXIF"sv) {
      std::string_view exif = webp.text(at + 8, length);
      if (exif.starts_with("Exif\0\0"sv)) exif.remove_prefix(6);  // Some writers copy the JPEG form.
      return orientation_of(exif);
    }
    at += 8 + length + (length & 1);
  }
  return 1;
}

std::optional<ImageHeader> read_webp(std::string_view data) {
  const ByteReader webp(data, ByteOrder::little);
  ImageHeader header;
  header.bands = 4;
  const std::string_view chunk = webp.text(12, 4);
  bool is_lossless = true;
  if (chunk == "VP8X"sv) {
    if (!webp.has(20, 10)) return std::nullopt;
    const std::uint32_t flags = webp.u8(20);
    if ((flags & 0x10) == 0) header.bands = 3;
    header.width = webp.u24(24) + 1;
    header.height = webp.u24(27) + 1;
    if ((flags & 0x08) != 0) header.orientation = webp_orientation(webp);
    is_lossless = data.substr(0, std::min<std::size_t>(data.size(), 1u << 20)).find("VP8 "sv) == std::string_view::npos;
    if ((flags & 0x02) != 0) is_lossless = true;  // An animation is put together on a canvas of full size.
  } else if (chunk == "VP8 "sv) {
    if (webp.text(23, 3) != "\x9d\x01\x2a"sv) return std::nullopt;
    header.bands = 3;
    header.width = webp.u16(26) & 0x3fff;
    header.height = webp.u16(28) & 0x3fff;
    is_lossless = false;
  } else if (chunk == "VP8L"sv) {
    if (webp.u8(20) != 0x2f) return std::nullopt;
    const std::uint32_t bits = webp.u32(21);
    header.width = (bits & 0x3fff) + 1;
    header.height = (bits >> 14 & 0x3fff) + 1;
  }
  if (!is_sane(header)) return std::nullopt;
  if (is_lossless) header.kept_bytes = header.pixels() * 5;  // ARGB, and the colour cache and transforms beside it.
  return header;
}

// --- GIF ---

// Decoders enlarge the screen to the frame that goes beyond it; the first frame counts.
std::optional<ImageHeader> read_gif(std::string_view data) {
  const ByteReader gif(data, ByteOrder::little);
  if (!gif.has(6, 7)) return std::nullopt;
  ImageHeader header;
  header.width = gif.u16(6);
  header.height = gif.u16(8);
  header.bands = 4;
  std::uint64_t at = 13;
  if (const std::uint32_t flags = gif.u8(10); (flags & 0x80) != 0) at += 3ull << ((flags & 7) + 1);
  for (std::uint32_t blocks = 0; blocks < kMaxChunks && gif.has(at, 1); ++blocks) {
    const std::uint32_t introducer = gif.u8(at);
    if (introducer == 0x2c) {
      if (!gif.has(at, 10)) break;
      const std::uint32_t right = gif.u16(at + 1) + gif.u16(at + 5);
      const std::uint32_t bottom = gif.u16(at + 3) + gif.u16(at + 7);
      header.width = std::max(header.width, right);
      header.height = std::max(header.height, bottom);
      break;
    }
    if (introducer != 0x21) break;
    at += 2;
    while (const std::uint32_t length = gif.u8(at)) at += 1 + length;
    ++at;
  }
  if (!is_sane(header)) return std::nullopt;
  header.kept_bytes = header.pixels() * 5;  // RGBA, and the indices of the frame.
  return header;
}

// --- BMP ---

// The header of OS/2 (12 bytes, 16-bit sides) or of Windows (40 bytes and more; a negative height means top-down).
std::optional<ImageHeader> read_bmp(std::string_view data) {
  const ByteReader bmp(data, ByteOrder::little);
  if (!bmp.has(14, 12)) return std::nullopt;
  ImageHeader header;
  header.bands = 4;
  if (bmp.u32(14) == 12) {
    header.width = bmp.u16(18);
    header.height = bmp.u16(20);
  } else {
    header.width = bmp.u32(18);
    const std::uint32_t height = bmp.u32(22);
    header.height = (height & 0x80000000) != 0 ? ~height + 1 : height;
  }
  if (header.width == 0 || header.height == 0 || header.width > 0x7fffffff) return std::nullopt;
  header.kept_bytes = header.pixels() * 16;  // ImageMagick keeps 16 bits of four channels, and libvips a copy.
  return header;
}

// --- Ends ---

// ` "IDAT"`; nothing when the name is not made of letters.
std::string quoted(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return std::all_of(name.begin(), name.end(), is_letter) ? " \"" + std::string(name) + "\"" : std::string();
}

std::optional<std::string> find_missing_png_end(const ByteReader& png) {
  std::uint64_t at = 8;
  while (png.has(at, 8)) {
    const std::uint64_t length = png.u32(at);
    const std::string_view name = png.text(at + 4, 4);
    if (name == "IEND"sv) return std::nullopt;
    if (!png.has(at, 12 + length)) return "the rest of a chunk" + quoted(name);
    at += 12 + length;
  }
  return "the IEND chunk";
}

std::optional<std::string> find_missing_box_end(const ByteReader& file) {
  std::uint64_t at = 0;
  while (file.has(at, 8)) {
    std::uint64_t length = file.u32(at);
    if (length == 0) return std::nullopt;  // Up to the end, wherever that is.
    if (length == 1) length = std::uint64_t{file.u32(at + 8)} << 32 | file.u32(at + 12);
    if (length < 8) return std::nullopt;  // Nonsense: the decoder's business.
    if (!file.has(at, length)) return "the rest of a box" + quoted(file.text(at + 4, 4));
    at += length;
  }
  return std::nullopt;
}

}  // namespace

std::optional<ImageHeader> read_image_header(std::string_view data, ImageFormat format) {
  switch (format) {
    case ImageFormat::jpeg:
      return read_jpeg(data);
    case ImageFormat::png:
      return read_png(data);
    case ImageFormat::webp:
      return read_webp(data);
    case ImageFormat::gif:
      return read_gif(data);
    case ImageFormat::tiff:
      return read_tiff(data);
    case ImageFormat::bmp:
      return read_bmp(data);
    default:
      return std::nullopt;
  }
}

std::optional<std::string> find_missing_end(std::string_view data, ImageFormat format) {
  switch (format) {
    case ImageFormat::png:
      return find_missing_png_end(ByteReader(data));
    case ImageFormat::webp: {
      const std::uint64_t needed = std::uint64_t{ByteReader(data, ByteOrder::little).u32(4)} + 8;
      // The padding byte of the last chunk is forgotten often.
      if (data.size() + 1 >= needed) return std::nullopt;
      return "the last " + std::to_string(needed - data.size()) + " of " + std::to_string(needed) + " bytes";
    }
    case ImageFormat::jpeg: {
      // Coded data never hold this marker; a preview picture in the metadata before them does.
      const std::size_t scan = data.find("\xff\xda"sv, 2);
      if (data.find("\xff\xd9"sv, scan == std::string_view::npos ? data.size() : scan) != std::string_view::npos)
        return std::nullopt;
      return "the end-of-image marker";
    }
    case ImageFormat::gif:
      if (data.find('\x3b', data.empty() ? 0 : data.size() - std::min<std::size_t>(data.size(), 64)) !=
          std::string_view::npos)
        return std::nullopt;
      return "the trailer";
    case ImageFormat::avif:
    case ImageFormat::heic:
      return find_missing_box_end(ByteReader(data));
    default:
      return std::nullopt;
  }
}

}  // namespace penstock::stages
