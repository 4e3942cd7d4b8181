// A state machine that can stop at any byte and go on with the next block.
// SPDX-License-Identifier: Apache-2.0
#include "stages/csv/row_reader.h"

#include <algorithm>
#include <cstring>

#include "penstock/utf8.h"

namespace penstock::stages {

RowReader::RowReader(FilePath path, char delimiter, TextLimits limits)
    : delimiter_(delimiter), limits_(limits), input_(std::move(path), limits.block_bytes) {
  for (const char c : {delimiter, '"', '\n'}) ends_plain_[static_cast<unsigned char>(c)] = true;
}

const std::vector<std::string>* RowReader::next() {
  while (!is_at_end()) {
    const std::string_view text = input_.text();
    line_number_ = next_line_number_;
    const bool is_complete = scan(text);
    const std::size_t size = is_complete ? row_end_ : scanned_;
    if (size > limits_.max_bytes + (is_complete ? 0 : 2)) {  // The line end does not count.
      throw ItemError(kTooLong, place() + ": the row is longer than " + to_string(ByteSize{limits_.max_bytes}));
    }
    if (!is_complete) return nullptr;
    const bool is_blank = row_end_ == 0 && !has_quotes_;
    if (!is_blank) take_row(text.substr(0, row_end_));
    spans_.clear();
    next_line_number_ += static_cast<std::uint64_t>(std::count(text.begin(), text.begin() + scanned_, '\n'));
    input_.take(std::exchange(scanned_, 0));
    has_quotes_ = false;
    if (!is_blank) return &fields_;
  }
  return nullptr;
}

bool RowReader::scan(std::string_view text) {
  for (;;) {
    switch (state_) {
      case State::field_start:
        field_begin_ = scanned_;
        if (scanned_ == text.size() && !input_.is_ended()) return false;
        state_ = State::plain;
        if (scanned_ < text.size() && text[scanned_] == '"') {
          state_ = State::quoted;
          has_quotes_ = true;
          field_begin_ = ++scanned_;
        }
        break;
      case State::plain:
        if (scan_plain(text)) return true;
        if (state_ == State::plain) return false;
        break;
      case State::quoted: {
        const std::size_t quote = text.find('"', scanned_);
        if (quote == std::string_view::npos) {
          scanned_ = text.size();
          if (input_.is_ended()) fail(kBadQuote, text, field_begin_ - 1, "a quoted field is never closed");
          return false;
        }
        scanned_ = quote + 1;
        state_ = State::after_quote;
        break;
      }
      case State::after_quote:
        if (scan_after_quote(text)) return true;
        if (state_ == State::after_quote) return false;
        break;
    }
  }
}

/// True: the row is complete. False in the same state: more text is needed.
bool RowReader::scan_plain(std::string_view text) {
  while (scanned_ < text.size() && !ends_plain_[static_cast<unsigned char>(text[scanned_])]) ++scanned_;
  const bool is_at_end = scanned_ == text.size();
  if (is_at_end && !input_.is_ended()) return false;
  if (is_at_end || text[scanned_] == '\n') {
    const bool has_return = scanned_ > field_begin_ && text[scanned_ - 1] == '\r';
    row_end_ = has_return ? scanned_ - 1 : scanned_;
    end_field(row_end_);
    scanned_ = std::min(scanned_ + 1, text.size());
    return true;
  }
  if (text[scanned_] == '"') fail(kBadQuote, text, scanned_, "a quote within a field that does not start with one");
  end_field(scanned_++);
  return false;
}

bool RowReader::scan_after_quote(std::string_view text) {
  const std::size_t quote = scanned_ - 1;
  if (scanned_ == text.size()) {
    if (!input_.is_ended()) return false;
    end_field(quote);
    row_end_ = scanned_;
    return true;
  }
  const char c = text[scanned_];
  if (c == '"') {
    has_doubled_quotes_ = true;
    ++scanned_;
    state_ = State::quoted;
    return false;
  }
  if (c == delimiter_) {
    end_field(quote);
    ++scanned_;
    return false;
  }
  if (c == '\r' && scanned_ + 1 == text.size() && !input_.is_ended()) return false;
  const std::size_t line_end = scanned_ + (c == '\r' ? 1 : 0);
  if (line_end < text.size() && text[line_end] != '\n') {
    fail(kBadQuote, text, scanned_, "text behind the closing quote of a field");
  }
  end_field(quote);
  row_end_ = scanned_;
  scanned_ = std::min(line_end + 1, text.size());
  return true;
}

void RowReader::end_field(std::size_t end) {
  spans_.push_back({field_begin_, end, std::exchange(has_doubled_quotes_, false)});
  state_ = State::field_start;
}

void RowReader::take_row(std::string_view row) {
  if (std::memchr(row.data(), 0, row.size()) != nullptr || find_invalid_utf8(row) != row.size()) {
    check_text(row, place());
  }
  fields_.resize(spans_.size());
  for (std::size_t i = 0; i < spans_.size(); ++i) {
    const Field& span = spans_[i];
    std::string& field = fields_[i];
    field.assign(row.substr(span.begin, span.end - span.begin));
    if (!span.has_doubled_quotes) continue;
    std::size_t kept = 0;
    for (std::size_t at = 0; at < field.size(); ++at) {
      field[kept++] = field[at];
      if (field[at] == '"') ++at;  // The second of a pair.
    }
    field.resize(kept);
  }
}

void RowReader::fail(const ErrorCode& code, std::string_view text, std::size_t offset, const std::string& message) {
  const std::string_view before = text.substr(0, offset);
  const auto lines = static_cast<std::uint64_t>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0.
  throw ItemError(code, input_.name() + ":" + std::to_string(line_number_ + lines) + ":" +
                            std::to_string(offset - line_begin + 1) + ": " + message +
                            "; quotes within a field are written twice, and the field within quotes");
}

}  // namespace penstock::stages
