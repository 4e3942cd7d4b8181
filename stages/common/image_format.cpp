// Magic bytes of image files.
//
// Sources: the formats' specifications; ISO/IEC 14496-12 (file type box) and the brand lists of MIAF, AVIF and HEIF.
// SPDX-License-Identifier: Apache-2.0
#include "stages/common/image_format.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <cstdint>

namespace penstock::stages {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kTextWindow = 1024;  // How far the root element of an SVG is looked for.

std::uint32_t big_endian(std::string_view data, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(data[at + i]);
  return value;
}

// The format that one brand of a file type box stands for.
std::optional<ImageFormat> format_of_brand(std::string_view brand) {
  for (std::string_view avif : {"avif"sv, "avis"sv}) {
    if (brand == avif) return ImageFormat::avif;
  }
  for (std::string_view heic : {"heic"sv, "heix"sv, "hevc"sv, "hevx"sv, "heim"sv, "heis"sv}) {
    if (brand == heic) return ImageFormat::heic;
  }
  return std::nullopt;
}

// `mif1` and `msf1` as major brand say only "an image"; the compatible brands then name the codec.
std::optional<ImageFormat> detect_file_type_box(std::string_view data) {
  if (data.size() < 16 || data.substr(4, 4) != "ftyp"sv) return std::nullopt;
  if (auto format = format_of_brand(data.substr(8, 4))) return format;
  if (data.substr(8, 4) != "mif1"sv && data.substr(8, 4) != "msf1"sv) return std::nullopt;
  const std::size_t end = std::min<std::size_t>({data.size(), big_endian(data, 0), kTextWindow});
  for (std::size_t at = 16; at + 4 <= end; at += 4) {
    if (auto format = format_of_brand(data.substr(at, 4))) return format;
  }
  return std::nullopt;
}

std::string_view skip_space(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf"sv)) text.remove_prefix(3);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

bool is_svg(std::string_view data) {
  const std::string_view text = skip_space(data.substr(0, kTextWindow));
  return text.starts_with('<') && text.find("<svg"sv) != std::string_view::npos;
}

}  // namespace

std::optional<ImageFormat> detect_image_format(std::string_view data) {
  struct Magic {
    std::string_view bytes;
    ImageFormat format;
  };
  static constexpr std::array kMagic{
      Magic{"\xff\xd8\xff"sv, ImageFormat::jpeg},
      Magic{"\x89PNG\r\n\x1a\n"sv, ImageFormat::png},
      Magic{"GIF87a"sv, ImageFormat::gif},
      Magic{"GIF89a"sv, ImageFormat::gif},
      Magic{"II*\0"sv, ImageFormat::tiff},
      Magic{"MM\0*"sv, ImageFormat::tiff},
      Magic{"II+\0"sv, ImageFormat::tiff},  // BigTIFF
      Magic{"MM\0+"sv, ImageFormat::tiff},
      Magic{"\0\0\0\x0cjP  \r\n\x87\n"sv, ImageFormat::jp2},
      Magic{"\xff\x4f\xff\x51"sv, ImageFormat::jp2},  // A bare codestream.
      Magic{"\xff\x0a"sv, ImageFormat::jxl},
      Magic{"\0\0\0\x0cJXL \r\n\x87\n"sv, ImageFormat::jxl},
      Magic{"%PDF-"sv, ImageFormat::pdf},
  };
  for (const Magic& magic : kMagic) {
    if (data.starts_with(magic.bytes)) return magic.format;
  }
  if (data.size() >= 12 && data.starts_with("RIFF"sv) && data.substr(8, 4) == "WEBP"sv) return ImageFormat::webp;
  // Two letters begin many a text; a bitmap also has two reserved fields of zero.
  if (data.size() >= 14 && data.starts_with("BM"sv) && data.substr(6, 4) == "\0\0\0\0"sv) return ImageFormat::bmp;
  if (auto format = detect_file_type_box(data)) return format;
  if (is_svg(data)) return ImageFormat::svg;
  return std::nullopt;
}

std::string describe_unknown_data(std::string_view data) {
  if (data.empty()) return "no bytes at all";
  std::string head(skip_space(data.substr(0, kTextWindow)));
  std::transform(head.begin(), head.end(), head.begin(), [](unsigned char c) { return std::tolower(c); });
  for (std::string_view html : {"<!doctype html"sv, "<html"sv, "<head"sv, "<body"sv}) {
    if (head.starts_with(html)) return "an HTML page";
  }
  if (head.starts_with("<?xml")) return "an XML document";
  if (head.starts_with('{') || head.starts_with('[')) return "JSON or other text";
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text = data.size() == 1 ? "one byte" : std::to_string(data.size()) + " bytes";
  text += " that begin with";
  for (unsigned char c : data.substr(0, 8)) {
    text += ' ';
    text += kDigits[c >> 4];
    text += kDigits[c & 15];
  }
  return text;
}

}  // namespace penstock::stages
