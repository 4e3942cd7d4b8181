// One item per file; the path below the root is its key.
// SPDX-License-Identifier: Apache-2.0
#include "stages/files/files.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "penstock/stage.h"
#include "stages/common/glob.h"
#include "stages/files/folder_walk.h"

namespace penstock::stages {
namespace {

struct FilesParams {
  FilePath root;
  Glob glob;
};

class Files final : public Source {
 public:
  explicit Files(FilesParams params) : walk_(std::move(params.root.resolved), std::move(params.glob)) {}

  void open(StageContext&) override { walk_.open(); }
  void close(StageContext&) override { walk_.close(); }

  std::optional<SourceItem> next(StageContext& context) override {
    // A large tree without a match would not come back for long.
    const std::function<void()> check_stop = [&context] {
      if (context.stop_requested()) throw OperationCancelled();
    };
    std::optional<FoundFile> file = walk_.next(check_stop);
    if (!file) return std::nullopt;
    SourceItem item;
    item.key = std::move(file->path);
    item.attributes.set("file.bytes", static_cast<std::int64_t>(file->bytes));
    return item;
  }

 private:
  FolderWalk walk_;
};

}  // namespace

StageSpec files_spec() {
  return describe_stage<Files, FilesParams>("files")
      .summary("Emit an item for each file below a folder; its path relative to the folder is the key.")
      .output<None>("files", "Items without payload, in the byte order of their keys.")
      .param(&FilesParams::root, "root", "The folder.")
      .required()
      .param(&FilesParams::glob, "glob",
             "Which files: `*` any text within a name, `?` one character, `[a-z]` one of a class, `**` any number of "
             "folders.")
      .attribute("file.bytes", "Size of the file when it was found.")
      .error(kCannotOpenFolder)
      .error(kCannotReadFolder)
      .example(R"({"type": "files", "root": "photos", "glob": "**/*.jpg"})");
}

}  // namespace penstock::stages
