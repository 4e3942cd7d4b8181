// What a reader of text gives, with any size of block.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/stage.h"
#include "penstock/stage_spec.h"
#include "penstock/testing/stage_runner.h"
#include "stages/common/text_input.h"
#include "tests/support/temp_dir.h"

namespace penstock::testing {

struct BlockParams {
  FilePath path;
  std::int64_t block = 1;
  std::int64_t limit = 1000;
};

/// A source whose keys are what `Shown::show(reader, line)` makes of each line, or row, of `Shown::make_reader(path,
/// limits)`.
template <class Shown>
class BlockSource final : public AsyncSource {
 public:
  explicit BlockSource(const BlockParams& params)
      : reader_(Shown::make_reader(params.path, {.max_bytes = static_cast<std::size_t>(params.limit),
                                                 .block_bytes = static_cast<std::size_t>(params.block)})) {}
  void open(StageContext&) override { reader_.open(); }
  void close(StageContext&) override { reader_.close(); }
  Task<void> produce(SourceOutput& output, StageContext& context) override {
    const auto fill = [this](const auto& line, SourceItem& item) {
      item.key = Shown::show(reader_, line);
      return true;
    };
    return stages::emit_each(reader_, fill, output, context);
  }

 private:
  decltype(Shown::make_reader(FilePath(), {})) reader_;
};

/// The keys for a file `x` that holds `text`; in their place, `code: message` of the error if there is one.
template <class Shown>
std::vector<std::string> read_in_blocks(std::string_view text, std::size_t block, std::size_t limit = 1000) {
  const StageSpec spec = describe_stage<BlockSource<Shown>, BlockParams>("reader")
                             .summary("Shows what a reader gives.")
                             .template output<None>("lines", "Lines or rows.")
                             .param(&BlockParams::path, "path", "Input.")
                             .param(&BlockParams::block, "block", "Bytes of a block.")
                             .param(&BlockParams::limit, "limit", "Bytes of a line or row.");
  const TempDir folder;
  folder.write("x", text);
  StageRunner runner(
      spec, R"({"path": "x", "block": )" + std::to_string(block) + R"(, "limit": )" + std::to_string(limit) + "}",
      {.base = folder.path()});
  std::vector<std::string> keys;
  try {
    for (const SourceItem& item : runner.collect()) keys.push_back(item.key);
  } catch (const ItemError& error) {
    return {error.code() + ": " + error.message()};
  }
  return keys;
}

}  // namespace penstock::testing
