// SPDX-License-Identifier: Apache-2.0
#include "tests/stages/resize/jpeg_samples.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "stages/resize/jpeg_encoder.h"

namespace penstock::test {
namespace {

double luma_of(const std::array<int, 4>& p) { return 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2]; }

double sample_of(const std::array<int, 4>& p, int plane) {
  if (plane == 0) return luma_of(p);
  return plane == 1 ? 128 + 0.564 * (p[2] - luma_of(p)) : 128 + 0.713 * (p[0] - luma_of(p));
}

}  // namespace

std::string encode_jpeg(const TestImage& image, stages::Subsampling chroma, int quality) {
  stages::JpegPlanes planes;
  planes.count = image.bands == 1 ? 1 : 3;
  planes.size = {image.width, image.height};
  planes.chroma = planes.count == 1 ? stages::Subsampling{} : chroma;
  for (int i = 0; i < planes.count; ++i) {
    const stages::Subsampling sampling = planes.subsampling(i);
    stages::Plane& plane = planes.planes[static_cast<std::size_t>(i)];
    plane.reshape((image.width + sampling.horizontal - 1) / sampling.horizontal,
                  (image.height + sampling.vertical - 1) / sampling.vertical);
    for (int y = 0; y < plane.height(); ++y) {
      for (int x = 0; x < plane.width(); ++x) {
        double sum = 0;
        for (int v = 0; v < sampling.vertical; ++v) {
          for (int u = 0; u < sampling.horizontal; ++u) {
            sum += sample_of(image.at(std::min(x * sampling.horizontal + u, image.width - 1),
                                      std::min(y * sampling.vertical + v, image.height - 1)),
                             i);
          }
        }
        const double mean = sum / (sampling.horizontal * sampling.vertical);
        plane.row(y)[x] = static_cast<std::uint8_t>(std::clamp(std::lround(mean), 0l, 255l));
      }
    }
  }
  stages::JpegEncoder encoder;
  return encoder.encode(planes, quality);
}

std::string with_orientation(std::string_view jpeg, int orientation) {
  using namespace std::string_literals;
  const std::string exif = "\xff\xe1\x00\x22"s + "Exif\0\0"s + "MM\0*\0\0\0\x08"s + "\0\x01"s +
                           "\x01\x12\0\x03\0\0\0\x01\0"s + static_cast<char>(orientation) + "\0\0\0\0\0\0"s;
  return std::string(jpeg.substr(0, 2)) + exif + std::string(jpeg.substr(2));
}

std::string with_bands(std::string_view jpeg, int bands) {
  jpeg_error_mgr errors;
  jpeg_decompress_struct in{};
  in.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&in);
  jpeg_mem_src(&in, reinterpret_cast<const unsigned char*>(jpeg.data()), jpeg.size());
  jpeg_read_header(&in, TRUE);
  jvirt_barray_ptr* coefficients = jpeg_read_coefficients(&in);
  jpeg_compress_struct out{};
  out.err = &errors;
  jpeg_create_compress(&out);
  unsigned char* data = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&out, &data, &size);
  jpeg_copy_critical_parameters(&in, &out);
  std::vector<jpeg_scan_info> script;
  jpeg_scan_info first{.comps_in_scan = in.num_components};
  for (int i = 0; i < in.num_components; ++i) first.component_index[i] = i;
  script.push_back(first);
  for (int i = 0; i < in.num_components; ++i) {
    for (int k = 1; k <= bands; ++k) {
      script.push_back({.comps_in_scan = 1, .component_index = {i}, .Ss = k, .Se = k == bands ? 63 : k});
    }
  }
  out.scan_info = script.data();
  out.num_scans = static_cast<int>(script.size());
  jpeg_write_coefficients(&out, coefficients);
  jpeg_finish_compress(&out);
  std::string result(reinterpret_cast<const char*>(data), size);
  jpeg_destroy_compress(&out);
  jpeg_finish_decompress(&in);
  jpeg_destroy_decompress(&in);
  std::free(data);
  return result;
}

TestImage photo() { return decode_image(read_file("configs/samples/photos/china.jpg")); }

TestImage cut(const TestImage& image, int width, int height) {
  TestImage part{width, height, image.bands, {}};
  for (int y = 0; y < height; ++y) {
    const auto begin = image.pixels.begin() + static_cast<std::ptrdiff_t>(y) * image.width * image.bands;
    part.pixels.insert(part.pixels.end(), begin, begin + static_cast<std::ptrdiff_t>(width) * image.bands);
  }
  return part;
}

double psnr(const TestImage& a, const TestImage& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) {
    const double difference = a.pixels[i] - b.pixels[i];
    sum += difference * difference;
  }
  return sum == 0 ? 99 : std::min(99.0, 10 * std::log10(255.0 * 255.0 * static_cast<double>(a.pixels.size()) / sum));
}

double mean_difference(const TestImage& a, const TestImage& b, int band) {
  double sum = 0;
  for (std::size_t i = static_cast<std::size_t>(band); i < a.pixels.size(); i += static_cast<std::size_t>(a.bands)) {
    sum += a.pixels[i] - b.pixels[i];
  }
  return sum * a.bands / static_cast<double>(a.pixels.size());
}

}  // namespace penstock::test
