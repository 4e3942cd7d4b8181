// Relies on inotify(7): IN_CLOSE_WRITE comes when whoever wrote a file closes it, IN_MOVED_TO when a file is renamed
// into the folder, as programs do that write under another name first. Both mean that the file is whole.
// SPDX-License-Identifier: Apache-2.0
#include "stages/watch/watch.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "penstock/stage.h"
#include "stages/common/glob.h"
#include "penstock/unique_fd.h"

namespace penstock::stages {
namespace {

constexpr ErrorCode kCannotWatch{"watch.cannot_watch", "The folder `root` cannot be watched."};
constexpr ErrorCode kFolderGone{"watch.folder_gone", "The folder was removed, renamed or unmounted."};
constexpr ErrorCode kOverflow{"watch.overflow",
                              "Files arrived faster than they were let in, and the system has forgotten some."};

enum class Existing { skip, emit };
constexpr std::array<Name<Existing>, 2> names_of(Existing) {
  return {{{Existing::skip, "skip"}, {Existing::emit, "emit"}}};
}

struct WatchParams {
  FilePath root;
  Glob glob;
  Existing existing = Existing::skip;
  std::uint64_t max_items = 0;
};

struct ArrivedFile {
  std::string name;
  std::uint64_t bytes = 0;
  std::int64_t changed_ns = 0;
};

std::string system_message(int error) { return std::generic_category().message(error); }

class Watch final : public AsyncSource {
 public:
  explicit Watch(WatchParams params) : params_(std::move(params)) {}

  void open(StageContext&) override {
    events_ = UniqueFd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    const auto mask = std::uint32_t{IN_CLOSE_WRITE} | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
    if (!events_ || ::inotify_add_watch(events_.get(), params_.root.resolved.c_str(), mask) < 0) {
      throw ItemError(kCannotWatch, "cannot watch the folder " + params_.root.resolved + ": " + system_message(errno));
    }
  }
  void close(StageContext&) override { events_ = UniqueFd(); }

  Task<void> produce(SourceOutput& output, StageContext& context) override {
    // What is there is listed after the watch began: nothing can arrive in between.
    if (params_.existing == Existing::emit) {
      const auto list = [this] { return list_names(); };
      std::vector<std::string> names = co_await context.blocking(list);
      const std::vector<ArrivedFile> found = co_await look_at(std::move(names), context);
      for (const ArrivedFile& file : found) listed_.emplace(file.name, std::pair(file.bytes, file.changed_ns));
      co_await emit(found, output);
    }
    while (!is_full()) {
      co_await context.loop().ready(events_.get(), Readiness::readable);
      std::vector<ArrivedFile> arrived = co_await look_at(read_events(), context);
      std::erase_if(arrived, [this](const ArrivedFile& file) { return was_listed(file); });
      co_await emit(std::move(arrived), output);
    }
  }

 private:
  bool is_full() const { return params_.max_items != 0 && emitted_ == params_.max_items; }

  std::vector<std::string> list_names() const {
    std::vector<std::string> names;
    std::error_code error;
    std::filesystem::directory_iterator entries(params_.root.resolved, error);
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
      names.push_back(entries->path().filename().string());
    }
    if (error)
      throw ItemError(kCannotWatch, "cannot list the folder " + params_.root.resolved + ": " + error.message());
    std::sort(names.begin(), names.end());
    return names;
  }

  /// Names of files that have arrived, each once. The descriptor is readable.
  std::vector<std::string> read_events() {
    std::vector<std::string> names;
    alignas(inotify_event) std::array<char, 16 * 1024> buffer;
    const ssize_t size = ::read(events_.get(), buffer.data(), buffer.size());
    if (size < 0 && errno != EAGAIN && errno != EINTR) throw ItemError(kCannotWatch, system_message(errno));
    for (ssize_t at = 0; at < size;) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof(event));
      if ((event.mask & IN_Q_OVERFLOW) != 0) throw ItemError(kOverflow);
      if ((event.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)) != 0) {
        throw ItemError(kFolderGone, "the folder " + params_.root.resolved + " was removed, renamed or unmounted");
      }
      // The name is padded with NUL characters.
      std::string name(buffer.data() + at + static_cast<ssize_t>(sizeof(event)));
      at += static_cast<ssize_t>(sizeof(event) + event.len);
      if ((event.mask & IN_ISDIR) != 0 || std::find(names.begin(), names.end(), name) != names.end()) continue;
      names.push_back(std::move(name));
    }
    return names;
  }

  /// Those that match and are regular files, and still there.
  Task<std::vector<ArrivedFile>> look_at(std::vector<std::string> names, StageContext& context) const {
    std::erase_if(names, [this](const std::string& name) { return !params_.glob.matches(name); });
    const auto look = [this, &names] {
      std::vector<ArrivedFile> files;
      for (std::string& name : names) {
        struct stat status {};
        if (::lstat((params_.root.resolved + "/" + name).c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
        files.push_back({std::move(name), static_cast<std::uint64_t>(status.st_size),
                         status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec});
      }
      return files;
    };
    co_return co_await context.blocking(look);
  }

  /// True for the last event of a file that was listed when it was finished already.
  bool was_listed(const ArrivedFile& file) {
    const auto at = listed_.find(file.name);
    if (at == listed_.end()) return false;
    const bool is_same = at->second == std::pair(file.bytes, file.changed_ns);
    listed_.erase(at);
    return is_same;
  }

  Task<void> emit(std::vector<ArrivedFile> files, SourceOutput& output) {
    for (ArrivedFile& file : files) {
      if (is_full()) co_return;
      SourceItem item;
      item.key = std::move(file.name);
      item.attributes.set("file.bytes", static_cast<std::int64_t>(file.bytes));
      ++emitted_;
      if (!output.try_emit(item)) co_await output.emit(std::move(item));
    }
  }

  const WatchParams params_;
  UniqueFd events_;
  std::uint64_t emitted_ = 0;
  std::map<std::string, std::pair<std::uint64_t, std::int64_t>> listed_;  // Size and time of change.
};

}  // namespace

StageSpec watch_spec() {
  return describe_stage<Watch, WatchParams>("watch")
      .summary("Emit an item for each file that arrives in a folder, as soon as it is whole; runs until stopped.")
      .output<None>("files", "Items without payload, in the order in which the files were finished.")
      .param(&WatchParams::root, "root", "The folder.")
      .required()
      .param(&WatchParams::glob, "glob", "Which names: `*` any text, `?` one character, `[a-z]` one of a class.")
      .param(&WatchParams::existing, "existing",
             "What becomes of files that are there at the start: `skip` or `emit`, in the order of their names.")
      .param(&WatchParams::max_items, "max_items", "Ends after so many items; 0 goes on until the run is stopped.")
      .attribute("file.bytes", "Size of the file when it arrived.")
      .error(kCannotWatch)
      .error(kFolderGone)
      .error(kOverflow)
      .example(R"({"type": "watch", "root": "camera", "glob": "*.jpg", "existing": "emit", "max_items": 1})");
}

}  // namespace penstock::stages
