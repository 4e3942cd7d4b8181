// libjpeg-turbo gives planes in its "raw" mode: what the inverse DCT made, before upsampling and conversion.
// SPDX-License-Identifier: Apache-2.0
#include "stages/resize/jpeg_decoder.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <memory>

#include "penstock/error.h"
#include "stages/resize/srgb_profile.h"

namespace penstock::stages {
namespace {

// Progressive files have some ten scans. Each scan goes over the whole picture, so thousands in a small file are an
// attack.
constexpr int kMaxScans = 100;

constexpr int kMaxRows = 4 * DCTSIZE;  // Rows of a plane in one call: sampling factors are 4 at most.

// Some writers pad the end with zeros, or leave a byte too many. More than that is coded data: what came before was
// damaged, and decoded to fewer bits than were written. (libjpeg does not warn of every code that it cannot read.)
bool is_padding(const JOCTET* end, std::size_t count) {
  const JOCTET* begin = end - count;
  return count <= 2 || std::all_of(begin, end, [&](JOCTET byte) { return byte == *begin; });
}

bool is_power_of_two_up_to_4(int value) { return value == 1 || value == 2 || value == 4; }

}  // namespace

JpegDecoder::JpegDecoder() {
  object_.err = errors_.manager();
  errors_.run([this] {
    jpeg_create_decompress(&object_);
    jpeg_save_markers(&object_, JPEG_APP0 + 2, 0xffff);
  });
  object_.client_data = this;
  progress_.progress_monitor = on_progress;
  object_.progress = &progress_;
  realize_ = object_.mem->realize_virt_arrays;
  object_.mem->realize_virt_arrays = on_realize;
}

JpegDecoder::~JpegDecoder() { jpeg_destroy_decompress(&object_); }

JpegPicture JpegDecoder::open(std::string_view data) {
  close();
  errors_.take_oddities();
  should_stop_ = nullptr;
  errors_.run([&] {
    jpeg_mem_src(&object_, reinterpret_cast<const unsigned char*>(data.data()), data.size());
    jpeg_read_header(&object_, TRUE);
  });
  if (errors_.take_oddities().has_any) throw JpegError("there is something unusual in the header");
  if (object_.data_precision != 8) throw JpegError("samples have more than 8 bits");
  if (object_.arith_code != 0) throw JpegError("coefficients are coded arithmetically");
  const bool is_grey = object_.jpeg_color_space == JCS_GRAYSCALE && object_.num_components == 1;
  if (!is_grey && (object_.jpeg_color_space != JCS_YCbCr || object_.num_components != 3)) {
    throw JpegError("the colours are neither YCbCr nor grey");
  }
  JpegPicture picture;
  picture.size = {object_.image_width, object_.image_height};
  picture.count = object_.num_components;
  picture.has_several_scans = jpeg_has_multiple_scans(&object_) != 0;
  if (!is_grey) {
    const jpeg_component_info* luma = &object_.comp_info[0];
    const jpeg_component_info* blue = &object_.comp_info[1];
    const jpeg_component_info* red = &object_.comp_info[2];
    picture.chroma = {luma->h_samp_factor / blue->h_samp_factor, luma->v_samp_factor / blue->v_samp_factor};
    const bool is_usual = luma->h_samp_factor == picture.chroma.horizontal * blue->h_samp_factor &&
                          luma->v_samp_factor == picture.chroma.vertical * blue->v_samp_factor &&
                          blue->h_samp_factor == red->h_samp_factor && blue->v_samp_factor == red->v_samp_factor &&
                          is_power_of_two_up_to_4(picture.chroma.horizontal) &&
                          is_power_of_two_up_to_4(picture.chroma.vertical);
    if (!is_usual) throw JpegError("the planes are sampled in an unusual way");
  }
  if (has_foreign_profile()) throw JpegError("the colour profile is not sRGB");
  return picture;
}

bool JpegDecoder::has_foreign_profile() {
  if (object_.marker_list == nullptr) return false;
  JOCTET* data = nullptr;
  unsigned length = 0;
  bool is_found = false;
  errors_.run([&] { is_found = jpeg_read_icc_profile(&object_, &data, &length) != 0; });
  const std::unique_ptr<JOCTET, decltype(&std::free)> owned(data, std::free);
  if (!is_found) return errors_.take_oddities().has_any;  // Parts of a profile that do not fit.
  return !is_srgb_profile({reinterpret_cast<const char*>(data), length});
}

// libjpeg decodes the chroma of 4:2:0 at twice the scale of luma, to save itself the upsampling; we want it small, and
// each plane at a scale of its own. That choice is made when decompression starts, and is used once the memory has been
// realised: so it is replaced in between. (libjpeg-turbo 2.1.5, jdmaster.c: jpeg_calc_output_dimensions,
// master_selection.)
void JpegDecoder::on_realize(j_common_ptr object) {
  auto& decoder = *static_cast<JpegDecoder*>(object->client_data);
  decoder.realize_(object);
  decoder.set_scales();
}

void JpegDecoder::set_scales() {
  for (int i = 0; i < object_.num_components; ++i) {
    jpeg_component_info& component = object_.comp_info[i];
    const auto side = [&](JDIMENSION full, int factor, int max_factor) {
      const auto scale = static_cast<std::uint64_t>(factor) * static_cast<unsigned>(eighths_[i]);
      const auto whole = static_cast<std::uint64_t>(max_factor) * DCTSIZE;
      return static_cast<JDIMENSION>((full * scale + whole - 1) / whole);
    };
    component.DCT_scaled_size = eighths_[i];
    component.downsampled_width = side(object_.image_width, component.h_samp_factor, object_.max_h_samp_factor);
    component.downsampled_height = side(object_.image_height, component.v_samp_factor, object_.max_v_samp_factor);
  }
}

void JpegDecoder::on_progress(j_common_ptr object) {
  auto& decoder = *static_cast<JpegDecoder*>(object->client_data);
  if (decoder.object_.input_scan_number > kMaxScans) decoder.errors_.fail("the picture has more than 100 scans");
  if (decoder.should_stop_ != nullptr && (*decoder.should_stop_)()) {
    decoder.is_stopped_ = true;
    decoder.errors_.fail("stopped");
  }
}

void JpegDecoder::decode(int luma_eighths, int chroma_eighths, std::array<Plane, 3>& planes,
                         const std::function<bool()>& should_stop) {
  eighths_ = {luma_eighths, chroma_eighths, chroma_eighths};
  should_stop_ = &should_stop;
  is_stopped_ = false;
  object_.raw_data_out = TRUE;
  object_.do_fancy_upsampling = FALSE;
  object_.scale_num = static_cast<unsigned>(luma_eighths);
  object_.scale_denom = DCTSIZE;
  try {
    errors_.run([this] { jpeg_start_decompress(&object_); });
    std::array<std::array<JSAMPROW, kMaxRows>, 3> rows;
    std::array<JSAMPARRAY, 3> components{};
    std::array<int, 3> heights{};
    for (int i = 0; i < object_.num_components; ++i) {
      const jpeg_component_info& component = object_.comp_info[i];
      heights[i] = component.v_samp_factor * eighths_[i];
      components[i] = rows[i].data();
      planes[i].reshape(static_cast<int>(component.width_in_blocks) * eighths_[i],
                        static_cast<int>(object_.total_iMCU_rows) * heights[i]);
    }
    const auto height = static_cast<JDIMENSION>(object_.max_v_samp_factor * object_.min_DCT_scaled_size);
    errors_.run([&] {
      for (int band = 0; band < static_cast<int>(object_.total_iMCU_rows); ++band) {
        for (int i = 0; i < object_.num_components; ++i) {
          for (int y = 0; y < heights[i]; ++y) rows[i][y] = planes[i].row(band * heights[i] + y);
        }
        jpeg_read_raw_data(&object_, components.data(), height);
      }
      jpeg_finish_decompress(&object_);
    });
    const std::size_t skipped = errors_.take_oddities().skipped_before_end;
    // The source stands behind the end-of-image marker, which has two bytes.
    if (!is_padding(object_.src->next_input_byte - 2, skipped)) throw JpegError("coded data are left over at the end");
  } catch (const JpegError&) {
    close();
    if (is_stopped_) throw OperationCancelled();
    throw;
  }
}

}  // namespace penstock::stages
