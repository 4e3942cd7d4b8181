// What libjpeg says, as exceptions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>

// After cstdio, whose types it needs.
#include <jpeglib.h>

namespace penstock::stages {

/// A picture cannot be decoded or encoded. what() has libjpeg's own words.
class JpegError : public std::exception {
 public:
  explicit JpegError(std::string text) : text_(std::move(text)) {}
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

/// The error manager of one libjpeg object. Errors, and warnings that mean lost samples, end the call that is going on;
/// nothing is printed.
///
/// libjpeg is C: an exception must not pass through it. So run() jumps out of it, and then throws.
class JpegErrors {
 public:
  JpegErrors();
  JpegErrors(const JpegErrors&) = delete;
  JpegErrors& operator=(const JpegErrors&) = delete;

  /// For the `err` of the object.
  jpeg_error_mgr* manager() { return &manager_; }

  /// Runs `work`, which calls libjpeg. REQUIRES: nothing in `work` has a destructor, as it may be jumped over. Throws
  /// JpegError; after that the object must be aborted.
  template <class Work>
  void run(Work work) {
    if (setjmp(jump_) != 0) throw JpegError(text_);
    work();
  }

  /// For callbacks of libjpeg: ends the call that is going on like an error, with these words.
  [[noreturn]] void fail(const char* words);

  /// What was unusual, and cost no samples, since the last call.
  struct Oddities {
    bool has_any = false;
    std::size_t skipped_before_end = 0;  ///< Bytes that stand between the last sample and the end-of-image marker.
  };
  Oddities take_oddities() { return std::exchange(oddities_, {}); }

 private:
  static void on_error(j_common_ptr object);
  static void on_message(j_common_ptr object, int level);
  static void on_output(j_common_ptr) {}
  [[noreturn]] void jump(j_common_ptr object);

  jpeg_error_mgr manager_{};
  std::jmp_buf jump_{};
  char text_[JMSG_LENGTH_MAX] = {};
  Oddities oddities_;
};

}  // namespace penstock::stages
