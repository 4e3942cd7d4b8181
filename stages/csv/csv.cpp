// One item per row; one column is the key, the others are attributes.
// SPDX-License-Identifier: Apache-2.0
#include "stages/csv/csv.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "penstock/stage.h"
#include "stages/common/text_input.h"
#include "stages/csv/row_reader.h"

namespace penstock::stages {
namespace {

constexpr ErrorCode kMissingColumn{"csv.missing_column", "The header row does not name the column of the key."};
constexpr ErrorCode kDuplicateColumn{"csv.duplicate_column", "The header row names a column twice."};
constexpr ErrorCode kRaggedRow{"csv.ragged_row", "A row has more or fewer fields than the header row."};

struct CsvParams {
  FilePath path;
  std::string key;
  std::string delimiter = ",";
  ByteSize max_row_bytes{1U << 20U};
};

class Csv final : public AsyncSource {
 public:
  explicit Csv(CsvParams params)
      : params_(std::move(params)),
        rows_(params_.path, params_.delimiter.front(), {.max_bytes = params_.max_row_bytes.bytes}) {}

  void open(StageContext&) override { rows_.open(); }
  void close(StageContext&) override { rows_.close(); }

  Task<void> produce(SourceOutput& output, StageContext& context) override {
    const auto fill = [this](const std::vector<std::string>& fields, SourceItem& item) {
      if (columns_.empty()) {
        read_header(fields);
        return false;
      }
      item = make_item(fields);
      return true;
    };
    co_await emit_each(rows_, fill, output, context);
    if (columns_.empty()) throw ItemError(kMissingColumn, rows_.name() + ": expected a header row, got an empty input");
  }

 private:
  void read_header(const std::vector<std::string>& names) {
    columns_ = names;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const auto first = std::find(columns_.begin(), columns_.end(), columns_[i]);
      const auto at = static_cast<std::size_t>(first - columns_.begin());
      if (at != i && !columns_[i].empty()) {
        throw ItemError(kDuplicateColumn, rows_.place() + ": columns " + std::to_string(at + 1) + " and " +
                                              std::to_string(i + 1) + " are both named \"" + columns_[i] + "\"");
      }
    }
    const auto key = std::find(columns_.begin(), columns_.end(), params_.key);
    if (key == columns_.end()) {
      std::string listed;
      for (const std::string& name : columns_) listed += (listed.empty() ? "\"" : ", \"") + name + "\"";
      throw ItemError(kMissingColumn,
                      rows_.place() + ": there is no column \"" + params_.key + "\"; there are " + listed);
    }
    key_ = static_cast<std::size_t>(key - columns_.begin());
  }

  SourceItem make_item(const std::vector<std::string>& fields) const {
    if (fields.size() != columns_.size()) {
      throw ItemError(kRaggedRow, rows_.place() + ": expected " + std::to_string(columns_.size()) +
                                      " fields as in the header row, got " + std::to_string(fields.size()));
    }
    SourceItem item;
    item.key = fields[key_];
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (i != key_ && !columns_[i].empty()) item.attributes.set(columns_[i], fields[i]);
    }
    return item;
  }

  CsvParams params_;
  RowReader rows_;
  std::vector<std::string> columns_;  ///< Empty until the header row was read.
  std::size_t key_ = 0;
};

}  // namespace

StageSpec csv_spec() {
  return describe_stage<Csv, CsvParams>("csv")
      .summary("Emit an item for each row of a CSV file; one column is its key, the others are attributes.")
      .output<None>("rows", "Items without payload, in the order of the file.")
      .param(&CsvParams::path, "path",
             "A CSV file in UTF-8 with a header row, a named pipe, or `-` for standard input.")
      .required()
      .param(&CsvParams::key, "key", "Name of the column that holds the key.", at_least(1))
      .required()
      .param(&CsvParams::delimiter, "delimiter", "One character between the fields, e.g. `;` or a tab.", between(1, 1))
      .param(&CsvParams::max_row_bytes, "max_row_bytes", "A longer row ends the run.", between(1, 1024.0 * 1024 * 1024))
      .check([](const CsvParams& params) {
        const auto c = static_cast<unsigned char>(params.delimiter.front());
        if (c == '"' || c == '\r' || c == '\n' || c == 0 || c >= 0x80) {
          throw OptionError("option.value", "expected one ASCII character other than a quote, a line end or NUL",
                            "write `,`, `;`, `|` or `\\t`", "/delimiter");
        }
      })
      .any_attributes()
      .error(kCannotOpen)
      .error(kCannotRead)
      .error(kTooLong)
      .error(kNotText)
      .error(kBadQuote)
      .error(kMissingColumn)
      .error(kDuplicateColumn)
      .error(kRaggedRow)
      .example(R"({"type": "csv", "path": "photos.csv", "key": "url"})");
}

}  // namespace penstock::stages
