// Blocks into lines.
// SPDX-License-Identifier: Apache-2.0
#include "stages/common/text_input.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "penstock/utf8.h"

namespace penstock::stages {
namespace {

std::string hex_byte(char c) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  return {'0', 'x', kHex[byte >> 4], kHex[byte & 15]};
}

}  // namespace

char* TextInput::make_space() {
  if (begin_ > 0) {
    // What is left of a block is less than one line: moving it costs little.
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() < end_ + block_bytes_) buffer_.resize(end_ + block_bytes_);
  return buffer_.data() + end_;
}

Task<void> TextInput::read_more(StageContext& context) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  do {
    char* space = make_space();
    const std::size_t count = co_await file_.read(context, space, block_bytes_);
    end_ += count;
    is_ended_ = count == 0;
    // Until the mark is there or cannot come any more.
  } while (!is_started_ && !is_ended_ && text().size() < kByteOrderMark.size() && kByteOrderMark.starts_with(text()));
  if (!std::exchange(is_started_, true) && text().starts_with(kByteOrderMark)) take(kByteOrderMark.size());
}

std::optional<std::string_view> LineReader::next() {
  const std::string_view text = input_.text();
  const std::size_t end = text.find('\n', searched_);
  std::string_view line = text.substr(0, end);
  const bool is_complete = end != std::string_view::npos || (input_.is_ended() && !text.empty());
  // One byte more may be the `\r` of the line end.
  if (line.size() > limits_.max_bytes + 1 || (line.size() > limits_.max_bytes && line.back() != '\r')) {
    ++line_number_;
    throw ItemError(kTooLong, place() + ": the line is longer than " + to_string(ByteSize{limits_.max_bytes}));
  }
  if (!is_complete) {
    searched_ = text.size();
    return std::nullopt;
  }
  ++line_number_;
  searched_ = 0;
  input_.take(std::min(line.size() + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  const bool is_text = std::memchr(line.data(), 0, line.size()) == nullptr && find_invalid_utf8(line) == line.size();
  if (!is_text) check_text(line, place());
  return line;
}

void check_text(std::string_view text, const std::string& place) {
  const std::size_t invalid = find_invalid_utf8(text);
  const std::size_t nul = text.find('\0');
  if (nul < invalid) {
    throw ItemError(kNotText, place + ": expected text, got a NUL byte at byte " + std::to_string(nul + 1) +
                                  "; is it a binary file, or UTF-16?");
  }
  if (invalid < text.size()) {
    throw ItemError(kNotText, place + ": expected UTF-8, got the byte " + hex_byte(text[invalid]) + " at byte " +
                                  std::to_string(invalid + 1) + "; convert the file, e.g. with iconv");
  }
}

}  // namespace penstock::stages
