// Reading text for sources: regular files, named pipes and standard input, in blocks, in constant memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/error.h"
#include "penstock/option_codec.h"
#include "penstock/stage.h"
#include "penstock/stage_context.h"
#include "penstock/task.h"

namespace penstock::stages {

/// A source of text declares all of these.
inline constexpr ErrorCode kCannotOpen{"input.cannot_open", "The input cannot be opened."};
inline constexpr ErrorCode kCannotRead{"input.cannot_read", "Reading the input failed."};
inline constexpr ErrorCode kTooLong{"input.too_long", "A line or row of the input is longer than its limit."};
inline constexpr ErrorCode kNotText{"input.not_text", "The input holds a NUL byte or invalid UTF-8."};

/// A descriptor that is read to its end without blocking the event loop.
///
/// Regular files are read by context.blocking(); pipes, terminals and sockets when the loop finds them readable, so
/// that a silent one ends at once when the operation stops. The flags of standard input are never changed: other
/// programs share them.
class InputFile {
 public:
  explicit InputFile(FilePath path) : path_(std::move(path)) {}
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile() { close(); }

  /// Throws ItemError kCannotOpen. A named pipe opens at once, with or without a writer.
  void open();
  /// Instead of open(): reads from a pipe that the caller keeps open until close().
  void read_from(int pipe);
  void close();

  /// Reads at least one byte and at most `size` into `to`; 0 is the end. Throws ItemError kCannotRead.
  /// REQUIRES: open; `to` stays valid until the task ends.
  Task<std::size_t> read(StageContext& context, char* to, std::size_t size);

  /// For messages: the path as written, or `standard input`.
  std::string name() const;

 private:
  FilePath path_;
  int descriptor_ = -1;
  bool is_owned_ = false;
  int poller_ = -1;  ///< Readable when a pipe, terminal or socket is; -1 for what never waits.
};

struct TextLimits {
  std::size_t max_bytes;                  ///< Of one line or row, its end excluded.
  std::size_t block_bytes = 512U << 10U;  ///< Of one read.
};

/// Text that was read and not taken yet, in one buffer that is used again and again. A byte order mark at the start
/// is skipped.
class TextInput {
 public:
  TextInput(FilePath path, std::size_t block_bytes) : file_(std::move(path)), block_bytes_(block_bytes) {}

  void open() { file_.open(); }
  void read_from(int pipe) { file_.read_from(pipe); }
  void close() { file_.close(); }
  std::string name() const { return file_.name(); }

  /// Valid until read_more().
  std::string_view text() const { return std::string_view(buffer_).substr(begin_, end_ - begin_); }
  /// Removes the first `count` bytes of text().
  void take(std::size_t count) { begin_ += count; }
  /// True when text() is all that is left.
  bool is_ended() const { return is_ended_; }
  /// Adds to text(), or notices the end.
  Task<void> read_more(StageContext& context);

 private:
  char* make_space();

  InputFile file_;
  std::size_t block_bytes_;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool is_started_ = false;  ///< The byte order mark was looked for.
  bool is_ended_ = false;
};

/// The lines of an input: `\n` and `\r\n` end a line, the last one may go without. A line with a NUL byte or invalid
/// UTF-8 is an error.
///
/// emit_each() reads one to its end.
class LineReader {
 public:
  LineReader(FilePath path, TextLimits limits) : limits_(limits), input_(std::move(path), limits.block_bytes) {}

  void open() { input_.open(); }
  void read_from(int pipe) { input_.read_from(pipe); }
  void close() { input_.close(); }

  /// The next line, valid until read_more(); nothing when more must be read, or at the end.
  /// Throws ItemError kTooLong or kNotText, with the place.
  std::optional<std::string_view> next();
  bool is_at_end() const { return input_.is_ended() && input_.text().empty(); }
  Task<void> read_more(StageContext& context) { return input_.read_more(context); }

  /// Of the line that next() gave last, from 1.
  std::uint64_t line_number() const { return line_number_; }
  /// `FILE:LINE`.
  std::string place() const { return input_.name() + ":" + std::to_string(line_number_); }

 private:
  TextLimits limits_;
  TextInput input_;
  std::size_t searched_ = 0;  ///< Bytes of the text that hold no line end.
  std::uint64_t line_number_ = 0;
};

/// Emits an item for each line of a LineReader, or row of a RowReader, to its end: `fill(line, item)` makes the item,
/// and returns false for a line that has none. REQUIRES: `reader` lives until the task ends.
template <class Reader, class Fill>
Task<void> emit_each(Reader& reader, Fill fill, SourceOutput& output, StageContext& context) {
  SourceItem item;
  for (;;) {
    while (const auto line = reader.next()) {
      if (!fill(*line, item)) continue;
      if (!output.try_emit(item)) co_await output.emit(std::move(item));
    }
    if (reader.is_at_end()) co_return;
    co_await reader.read_more(context);
  }
}

/// Throws ItemError kNotText for a NUL byte or invalid UTF-8 in `text`; `place` is `FILE:LINE`.
void check_text(std::string_view text, const std::string& place);

}  // namespace penstock::stages
