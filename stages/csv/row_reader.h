// Text into rows of fields: RFC 4180.
//
//     row      = field *(delimiter field) (LF | CRLF | end of input)
//     field    = quoted | plain
//     quoted   = '"' *(any character but '"' | '""') '"'      may hold line ends and delimiters
//     plain    = *(any character but '"', delimiter and LF)
//
// Stricter than many readers: a quote within a plain field and text behind a closing quote are errors, for they are
// the traces of a broken file, whose fields would be taken for others.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/error.h"
#include "stages/common/text_input.h"

namespace penstock::stages {

inline constexpr ErrorCode kBadQuote{"csv.bad_quote", "A quote is where none may be, or is never closed."};

/// Rows one after the other, in constant memory. Blank lines are no rows. Used like LineReader.
class RowReader {
 public:
  RowReader(FilePath path, char delimiter, TextLimits limits);

  void open() { input_.open(); }
  void close() { input_.close(); }

  /// The fields of the next row, valid until the next call; null when more must be read, or at the end. Strings keep
  /// their capacity from row to row. Throws ItemError kBadQuote, kTooLong or kNotText, with the place.
  const std::vector<std::string>* next();
  bool is_at_end() const { return input_.is_ended() && input_.text().empty(); }
  Task<void> read_more(StageContext& context) { return input_.read_more(context); }

  std::string name() const { return input_.name(); }
  /// `FILE:LINE`, the line on which the last row begins.
  std::string place() const { return input_.name() + ":" + std::to_string(line_number_); }

 private:
  enum class State { field_start, plain, quoted, after_quote };
  struct Field {
    std::size_t begin;
    std::size_t end;
    bool has_doubled_quotes;
  };

  /// Scans on from where it stopped; true when the row is complete, `scanned_` is then behind its line end.
  bool scan(std::string_view text);
  bool scan_plain(std::string_view text);
  bool scan_after_quote(std::string_view text);
  void end_field(std::size_t end);
  void take_row(std::string_view row);
  [[noreturn]] void fail(const ErrorCode& code, std::string_view text, std::size_t offset, const std::string& message);

  char delimiter_;
  TextLimits limits_;
  TextInput input_;
  std::array<bool, 256> ends_plain_{};  ///< By byte: what a plain field cannot hold.

  // The row that is being read; offsets into the input's text, which begins with it.
  State state_ = State::field_start;
  std::vector<Field> spans_;
  std::size_t scanned_ = 0;
  std::size_t field_begin_ = 0;
  std::size_t row_end_ = 0;
  bool has_doubled_quotes_ = false;
  bool has_quotes_ = false;

  std::vector<std::string> fields_;
  std::uint64_t line_number_ = 0;  ///< Of the last row.
  std::uint64_t next_line_number_ = 1;
};

}  // namespace penstock::stages
