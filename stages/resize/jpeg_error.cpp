// SPDX-License-Identifier: Apache-2.0
#include "stages/resize/jpeg_error.h"

#include <jerror.h>

#include <cstring>

namespace penstock::stages {
namespace {

// True when all samples are there in spite of the warning: bytes between two segments were skipped, or metadata are not
// as libjpeg knows them. Bytes before a restart marker are another thing: they belong to coded data.
bool is_harmless(const jpeg_error_mgr& manager) {
  switch (manager.msg_code) {
    case JWRN_JFIF_MAJOR:
    case JWRN_ADOBE_XFORM:
    case JWRN_BOGUS_ICC:
      return true;
    case JWRN_EXTRANEOUS_DATA: {
      const int marker = manager.msg_parm.i[1];
      return marker < JPEG_RST0 || marker > JPEG_RST0 + 7;
    }
    default:
      return false;
  }
}

}  // namespace

JpegErrors::JpegErrors() {
  jpeg_std_error(&manager_);
  manager_.error_exit = on_error;
  manager_.emit_message = on_message;
  manager_.output_message = on_output;
}

void JpegErrors::fail(const char* words) {
  std::strncpy(text_, words, sizeof text_ - 1);
  std::longjmp(jump_, 1);
}

void JpegErrors::jump(j_common_ptr object) {
  manager_.format_message(object, text_);
  std::longjmp(jump_, 1);
}

void JpegErrors::on_error(j_common_ptr object) {
  // The manager is the first member, so that a pointer to it is one to this object.
  reinterpret_cast<JpegErrors*>(object->err)->jump(object);
}

void JpegErrors::on_message(j_common_ptr object, int level) {
  if (level >= 0) return;  // Traces.
  auto& errors = *reinterpret_cast<JpegErrors*>(object->err);
  ++errors.manager_.num_warnings;
  if (!is_harmless(errors.manager_)) errors.jump(object);
  errors.oddities_.has_any = true;
  if (errors.manager_.msg_code == JWRN_EXTRANEOUS_DATA && errors.manager_.msg_parm.i[1] == JPEG_EOI)
    errors.oddities_.skipped_before_end = static_cast<std::size_t>(errors.manager_.msg_parm.i[0]);
}

}  // namespace penstock::stages
