// SPDX-License-Identifier: Apache-2.0
#include "stages/resize/jpeg_encoder.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <tuple>

namespace penstock::stages {
namespace {

constexpr int kMaxRows = 4 * DCTSIZE;  // Rows of a plane in one call: sampling factors are 4 at most.

// The DCT takes whole blocks.
void repeat_last_column(Plane& plane) {
  const int end = (plane.width() + DCTSIZE - 1) / DCTSIZE * DCTSIZE;
  for (int y = 0; y < plane.height(); ++y) {
    std::uint8_t* row = plane.row(y);
    std::memset(row + plane.width(), row[plane.width() - 1], static_cast<std::size_t>(end - plane.width()));
  }
}

}  // namespace

JpegEncoder::JpegEncoder() {
  object_.err = errors_.manager();
  errors_.run([this] { jpeg_create_compress(&object_); });
  object_.client_data = this;
  destination_.init_destination = on_begin;
  destination_.empty_output_buffer = on_full;
  destination_.term_destination = on_end;
  object_.dest = &destination_;
  add_chunk();
}

JpegEncoder::~JpegEncoder() { jpeg_destroy_compress(&object_); }

void JpegEncoder::add_chunk() {
  chunks_.push_back(std::make_unique<Chunk>());
  destination_.next_output_byte = chunks_.back()->data();
  destination_.free_in_buffer = chunks_.back()->size();
}

void JpegEncoder::on_begin(j_compress_ptr object) {
  auto& encoder = *static_cast<JpegEncoder*>(object->client_data);
  encoder.destination_.next_output_byte = encoder.chunks_.front()->data();
  encoder.destination_.free_in_buffer = encoder.chunks_.front()->size();
}

// The chunk is full, whatever free_in_buffer says (libjpeg.txt).
boolean JpegEncoder::on_full(j_compress_ptr object) {
  auto& encoder = *static_cast<JpegEncoder*>(object->client_data);
  try {
    encoder.add_chunk();
  } catch (const std::bad_alloc&) {
    encoder.errors_.fail("there is no memory for the result");
  }
  return TRUE;
}

void JpegEncoder::on_end(j_compress_ptr object) {
  auto& encoder = *static_cast<JpegEncoder*>(object->client_data);
  encoder.written_ = encoder.chunks_.size() * std::tuple_size_v<Chunk> - encoder.destination_.free_in_buffer;
}

std::string JpegEncoder::take_output() {
  std::string output;
  output.reserve(written_);
  for (const auto& chunk : chunks_) {
    output.append(reinterpret_cast<const char*>(chunk->data()), std::min(chunk->size(), written_ - output.size()));
  }
  chunks_.resize(1);
  return output;
}

void JpegEncoder::describe(const JpegPlanes& picture, int quality) {
  object_.image_width = static_cast<JDIMENSION>(picture.size.width);
  object_.image_height = static_cast<JDIMENSION>(picture.size.height);
  object_.input_components = picture.count;
  object_.in_color_space = picture.count == 1 ? JCS_GRAYSCALE : JCS_YCbCr;
  jpeg_set_defaults(&object_);
  jpeg_set_quality(&object_, quality, TRUE);
  object_.raw_data_in = TRUE;
  object_.comp_info[0].h_samp_factor = picture.count == 1 ? 1 : picture.chroma.horizontal;
  object_.comp_info[0].v_samp_factor = picture.count == 1 ? 1 : picture.chroma.vertical;
}

void JpegEncoder::write(JpegPlanes& picture) {
  std::array<std::array<JSAMPROW, kMaxRows>, 3> rows;
  std::array<JSAMPARRAY, 3> components{};
  for (int i = 0; i < picture.count; ++i) components[i] = rows[i].data();
  const int luma_rows = object_.comp_info[0].v_samp_factor * DCTSIZE;
  errors_.run([&] {
    jpeg_start_compress(&object_, TRUE);
    while (object_.next_scanline < object_.image_height) {
      const int band = static_cast<int>(object_.next_scanline) / luma_rows;
      for (int i = 0; i < picture.count; ++i) {
        Plane& plane = picture.planes[i];
        const int height = object_.comp_info[i].v_samp_factor * DCTSIZE;
        for (int y = 0; y < height; ++y) rows[i][y] = plane.row(std::min(band * height + y, plane.height() - 1));
      }
      jpeg_write_raw_data(&object_, components.data(), static_cast<JDIMENSION>(luma_rows));
    }
    jpeg_finish_compress(&object_);
  });
}

std::string JpegEncoder::encode(JpegPlanes& picture, int quality) {
  for (int i = 0; i < picture.count; ++i) repeat_last_column(picture.planes[i]);
  try {
    errors_.run([&] { describe(picture, quality); });
    write(picture);
  } catch (const JpegError&) {
    jpeg_abort_compress(&object_);
    chunks_.resize(1);
    throw;
  }
  return take_output();
}

}  // namespace penstock::stages
