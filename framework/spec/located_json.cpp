// Reads with nlohmann's SAX parser, which keeps its state on the heap (nesting cannot overflow the stack) but knows no
// positions. The parser takes its bytes through an iterator that says how far it has read; the start of each token
// follows from where the one before it ended.
// SPDX-License-Identifier: Apache-2.0
#include "framework/spec/located_json.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "framework/base/json_pointer.h"
#include "framework/base/quote.h"
#include "penstock/utf8.h"

namespace penstock::spec {
namespace {

/// Writes down how far the parser has read.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, std::size_t* consumed) : at_(at), consumed_(consumed) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    ++at_;
    ++*consumed_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) { return a.at_ == b.at_; }

 private:
  const char* at_;
  std::size_t* consumed_;
};

/// Lines and columns of offsets that never go back.
class PositionFinder {
 public:
  explicit PositionFinder(std::string_view text) : text_(text) {}
  Position at(std::size_t offset) {
    offset = std::min(offset, text_.size());
    for (; seen_ < offset; ++seen_) {
      if (text_[seen_] == '\n') {
        ++line_;
        line_start_ = seen_ + 1;
      }
    }
    return {line_, static_cast<std::uint32_t>(offset - line_start_ + 1)};
  }

 private:
  std::string_view text_;
  std::size_t seen_ = 0;
  std::uint32_t line_ = 1;
  std::size_t line_start_ = 0;
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_number_character(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}
bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '+';
}

/// What the parser says without its own preamble: `unexpected ']'; expected string literal`.
std::string reason_of(std::string_view what) {
  const bool is_key = what.find("while parsing object key - invalid") != std::string_view::npos;
  if (is_key && what.find("invalid string") == std::string_view::npos) return "unexpected; expected string literal";
  if (const std::size_t dash = what.find(" - "); dash != std::string_view::npos) what.remove_prefix(dash + 3);
  return std::string(what.substr(0, what.find("; last read")));
}

/// Builds the tree from the parser's events.
class TreeBuilder {
 public:
  TreeBuilder(std::string_view text, const std::size_t& consumed, Diagnostics& out)
      : text_(text), consumed_(consumed), out_(out), positions_(text) {}

  std::optional<LocatedValue> take_root() { return std::move(root_); }

  // The SAX interface of nlohmann::json. Every `false` ends the reading.
  bool null() { return add_scalar(nullptr); }
  bool boolean(bool value) { return add_scalar(value); }
  bool number_integer(std::int64_t value) { return add_number(value); }
  bool number_unsigned(std::uint64_t value) {
    if (value > static_cast<std::uint64_t>(INT64_MAX)) return add_overflow();
    return add_number(static_cast<std::int64_t>(value));
  }
  bool number_float(double value, const std::string& written) {
    // Integers that do not fit arrive here.
    if (written.find_first_of(".eE") == std::string::npos) return add_overflow();
    return add_number(value);
  }
  bool string(std::string& value) { return add_scalar(std::move(value)); }
  bool binary(nlohmann::json::binary_t&) { return false; }
  bool start_object(std::size_t) { return open(LocatedValue::Object()); }
  bool start_array(std::size_t) { return open(LocatedValue::List()); }
  bool key(std::string& name) {
    const Position position = positions_.at(token_start());
    if (name.size() > kMaxJsonKeyBytes) {
      out_.error("json.size", position, pointer_to_open(),
                 "expected a key of at most " + std::to_string(kMaxJsonKeyBytes) + " bytes, got " +
                     std::to_string(name.size()));
      return false;
    }
    end_token(':');
    std::get<LocatedValue::Object>(open_.back()->value).push_back({std::move(name), position, {}});
    return true;
  }
  bool end_object() {
    drop_duplicate_keys(std::get<LocatedValue::Object>(open_.back()->value));
    return close();
  }
  bool end_array() { return close(); }
  template <class Error>
  bool parse_error(std::size_t, const std::string& last_token, const Error& error) {
    report_syntax(reason_of(error.what()), last_token);
    return false;
  }

 private:
  /// Where the next token starts: behind blanks and the one separator that may stand there.
  std::size_t token_start() const {
    std::size_t at = skip_spaces(end_);
    if (separator_ != '\0' && at < text_.size() && text_[at] == separator_) at = skip_spaces(at + 1);
    return at;
  }
  std::size_t skip_spaces(std::size_t at) const {
    while (at < text_.size() && is_space(text_[at])) ++at;
    return at;
  }
  void end_token(char separator) {
    end_ = consumed_;
    separator_ = separator;
  }

  template <class T>
  bool add_scalar(T value) {
    const std::size_t start = token_start();
    end_token(',');
    return add(LocatedValue{.value = LocatedValue::Variant(std::move(value)), .position = positions_.at(start)}) !=
           nullptr;
  }
  /// Numbers end where the next token begins: the parser has read one byte more.
  template <class T>
  bool add_number(T value) {
    const std::size_t start = token_start();
    end_token(',');
    end_ = start;
    while (end_ < text_.size() && is_number_character(text_[end_])) ++end_;
    return add(LocatedValue{.value = LocatedValue::Variant(value), .position = positions_.at(start)}) != nullptr;
  }
  bool add_overflow() {
    const std::size_t start = token_start();
    if (!add_number(LocatedValue::Broken())) return false;
    out_.error("json.number", positions_.at(start), pointer_to_last(),
               "expected a number that fits, got " + quote_name(text_.substr(start, end_ - start)),
               "whole numbers lie between -9223372036854775808 and 9223372036854775807");
    return true;
  }

  template <class Container>
  bool open(Container container) {
    const Position position = positions_.at(token_start());
    if (open_.size() == kMaxJsonDepth) {
      out_.error("json.depth", position, pointer_to_open(),
                 "expected at most " + std::to_string(kMaxJsonDepth) + " levels of lists and objects, got more");
      return false;
    }
    end_token('\0');
    LocatedValue* added = add(LocatedValue{.value = std::move(container), .position = position});
    if (added == nullptr) return false;
    open_.push_back(added);
    return true;
  }
  bool close() {
    open_.pop_back();
    end_token(',');
    return true;
  }

  /// Puts a value where the parser stands. Only the innermost container grows, so pointers to the open ones stay valid.
  LocatedValue* add(LocatedValue value) {
    if (++values_ > kMaxJsonValues) {
      out_.error("json.size", value.position, pointer_to_open(),
                 "expected at most " + std::to_string(kMaxJsonValues) + " values in one file, got more");
      return nullptr;
    }
    if (open_.empty()) return &root_.emplace(std::move(value));
    if (auto* list = std::get_if<LocatedValue::List>(&open_.back()->value))
      return &list->emplace_back(std::move(value));
    LocatedValue& slot = std::get<LocatedValue::Object>(open_.back()->value).back().value;
    slot = std::move(value);
    return &slot;
  }

  void drop_duplicate_keys(LocatedValue::Object& members) {
    std::vector<std::size_t> order(members.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return members[a].key < members[b].key; });
    std::vector<bool> is_duplicate(members.size());
    std::size_t first = 0;
    bool has_duplicates = false;
    for (std::size_t i = 1; i < order.size(); ++i) {
      if (members[order[i]].key != members[order[first]].key) {
        first = i;
        continue;
      }
      const LocatedMember& again = members[order[i]];
      const Position before = members[order[first]].key_position;
      out_.error("json.duplicate_key", again.key_position, append_pointer(pointer_to_open(), again.key),
                 "expected each key once, got " + quote_name(again.key) + " again; the first one is at " +
                     std::to_string(before.line) + ":" + std::to_string(before.column),
                 "remove one of them");
      is_duplicate[order[i]] = true;
      has_duplicates = true;
    }
    if (!has_duplicates) return;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (is_duplicate[i]) continue;
      if (kept != i) members[kept] = std::move(members[i]);
      ++kept;
    }
    members.resize(kept);
  }

  std::string pointer_to_open() const { return pointer_above(open_.size()); }
  /// Of the value that was added last.
  std::string pointer_to_last() const {
    return open_.empty() ? std::string() : append_pointer(pointer_to_open(), last_token_of(*open_.back()));
  }
  /// Of open_[count - 1].
  std::string pointer_above(std::size_t count) const {
    std::string pointer;
    for (std::size_t i = 0; i + 1 < count; ++i) pointer = append_pointer(std::move(pointer), last_token_of(*open_[i]));
    return pointer;
  }
  static std::string last_token_of(const LocatedValue& container) {
    if (const auto* list = container.get_if<LocatedValue::List>()) return std::to_string(list->size() - 1);
    const auto& members = std::get<LocatedValue::Object>(container.value);
    return members.empty() ? std::string() : members.back().key;
  }

  void report_syntax(const std::string& reason, const std::string& last_token);

  std::string_view text_;
  const std::size_t& consumed_;
  Diagnostics& out_;
  PositionFinder positions_;
  std::optional<LocatedValue> root_;
  std::vector<LocatedValue*> open_;
  std::size_t end_ = 0;    // Behind the last token.
  char separator_ = '\0';  // What may stand between it and the next one.
  std::size_t values_ = 0;
};

/// ``expected ..., got ...`` out of `unexpected X; expected Y`.
std::string to_expectation(std::string_view reason, std::string_view found) {
  const std::size_t at = reason.find("; expected ");
  std::string wanted = at == std::string_view::npos ? "a JSON value" : std::string(reason.substr(at + 11));
  if (wanted.starts_with("'[', '{'")) wanted = "a JSON value";
  if (wanted == "string literal") wanted = "a key in double quotes";
  if (wanted == "end of input") wanted = "the end of the file";
  return "expected " + wanted + ", got " + std::string(found);
}

std::string syntax_help(std::string_view text, std::size_t start, char before) {
  const std::string_view rest = text.substr(std::min(start, text.size()));
  if (rest.starts_with("//") || rest.starts_with("/*") || rest.starts_with("#")) {
    return "JSON has no comments; use the key `description`";
  }
  if (rest.starts_with("'")) return "texts and keys stand in double quotes";
  if ((rest.starts_with("}") || rest.starts_with("]")) && before == ',') return "remove the comma before it";
  if (rest.starts_with("NaN") || rest.starts_with("Infinity") || rest.starts_with("-Infinity")) {
    return "JSON numbers are finite";
  }
  if (rest.starts_with("True") || rest.starts_with("False") || rest.starts_with("None")) {
    return "JSON writes true, false and null";
  }
  return {};
}

void TreeBuilder::report_syntax(const std::string& reason, const std::string& last_token) {
  std::size_t start = token_start();
  // Behind a key and its colon the parser reads that key's value.
  const std::string pointer = separator_ == ':' ? pointer_to_last() : pointer_to_open();
  if (reason.find("number overflow") != std::string::npos) {
    out_.error("json.number", positions_.at(start), pointer,
               "expected a number that fits, got " + quote_name(last_token), "the largest is about 1.8e308");
    return;
  }
  std::size_t last = start;
  while (last > 0 && is_space(text_[last - 1])) --last;
  const char before = last == 0 ? '\0' : text_[last - 1];
  if (start >= text_.size()) {
    out_.error("json.syntax", positions_.at(text_.size()), pointer,
               to_expectation(reason, text_.empty() ? "an empty file" : "the end of the file"),
               open_.empty() ? "" : "a bracket or brace that was opened is not closed");
    return;
  }
  if (text_[start] == '"' && reason.starts_with("invalid string")) {
    if (reason.find("missing closing quote") == std::string::npos && consumed_ > start) start = consumed_ - 1;
    out_.error("json.syntax", positions_.at(start), pointer, reason);
    return;
  }
  std::size_t end = start;
  while (end < text_.size() && is_word_character(text_[end])) ++end;
  end = std::max(end, start + std::max<std::size_t>(utf8_character_size(text_.substr(start)), 1));
  const bool is_trailing = root_ && open_.empty();
  out_.error(is_trailing ? DiagnosticCode("json.trailing_data") : DiagnosticCode("json.syntax"), positions_.at(start),
             pointer,
             text_[start] == '"' ? to_expectation(reason, "a text")
                                 : to_expectation(reason, quote_name(text_.substr(start, end - start))),
             is_trailing ? "a file holds one JSON object" : syntax_help(text_, start, before));
}

/// What no JSON document may hold, and the parser would not say well. True when there was nothing.
bool check_bytes(std::string_view text, Diagnostics& out) {
  if (const std::size_t at = find_invalid_utf8(text); at != text.size()) {
    out.error("json.utf8", PositionFinder(text).at(at), "", "expected UTF-8, got the byte " + quote(text.substr(at, 1)),
              "save the file as UTF-8");
    return false;
  }
  if (const std::size_t at = text.find('\0'); at != std::string_view::npos) {
    // To the parser it would be the end.
    out.error("json.syntax", PositionFinder(text).at(at), "", "expected JSON text, got a NUL character");
    return false;
  }
  return true;
}

}  // namespace

const LocatedMember* LocatedValue::find(std::string_view key) const {
  const auto* members = get_if<Object>();
  if (members == nullptr) return nullptr;
  const auto at = std::find_if(members->begin(), members->end(), [&](const LocatedMember& m) { return m.key == key; });
  return at == members->end() ? nullptr : &*at;
}

std::optional<LocatedValue> read_json(std::string_view text, Diagnostics& out) {
  if (text.size() > kMaxJsonBytes) {
    out.error("json.size", {1, 1}, "", "expected at most 16 MiB, got more");
    return std::nullopt;
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // A byte order mark; editors do not count it either.
  if (!check_bytes(text, out)) return std::nullopt;
  std::size_t consumed = 0;
  TreeBuilder builder(text, consumed, out);
  const CountingIterator begin(text.data(), &consumed);
  const CountingIterator end(text.data() + text.size(), &consumed);
  if (!nlohmann::json::sax_parse(begin, end, &builder)) return std::nullopt;
  return builder.take_root();
}

Position position_at(const LocatedValue& value, const std::string& pointer) {
  const LocatedValue* at = &value;
  const auto tokens = split_pointer(pointer);
  if (!tokens) return value.position;
  for (const std::string& token : *tokens) {
    if (const LocatedMember* member = at->find(token)) {
      at = &member->value;
    } else if (const auto* list = at->get_if<LocatedValue::List>()) {
      const std::size_t index =
          token.size() < 8 && !token.empty() && token.find_first_not_of("0123456789") == std::string::npos
              ? std::stoul(token)
              : list->size();
      if (index >= list->size()) break;
      at = &(*list)[index];
    } else {
      break;
    }
  }
  return at->position;
}

std::string describe(const LocatedValue& value) {
  if (value.printed != nullptr) return quote(*value.printed);
  if (const auto* text = value.get_if<std::string>()) return quote(*text);
  if (const auto* flag = value.get_if<bool>()) return *flag ? "true" : "false";
  if (const auto* integer = value.get_if<std::int64_t>()) return std::to_string(*integer);
  if (const auto* number = value.get_if<double>()) return nlohmann::json(*number).dump();
  if (value.holds<LocatedValue::List>()) return "a list";
  if (value.holds<LocatedValue::Object>()) return "an object";
  return "null";
}

}  // namespace penstock::spec
