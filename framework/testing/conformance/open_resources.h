// What this process holds open, as the kernel counts it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <string>

namespace penstock::testing {

struct OpenResources {
  std::size_t descriptors = 0;
  std::size_t threads = 0;

  static OpenResources count() {
    namespace fs = std::filesystem;
    // The descriptor that reads the folder is counted each time alike.
    const auto descriptors = std::distance(fs::directory_iterator("/proc/self/fd"), {});
    const auto threads = std::count_if(fs::directory_iterator("/proc/self/task"), {},
                                       [](const fs::directory_entry& thread) { return !is_kept_by_libvips(thread); });
    return {static_cast<std::size_t>(descriptors), static_cast<std::size_t>(threads)};
  }

  friend bool operator==(const OpenResources&, const OpenResources&) = default;
  friend std::ostream& operator<<(std::ostream& out, const OpenResources& open) {
    return out << open.descriptors << " descriptors, " << open.threads << " threads";
  }

 private:
  /// libvips keeps its idle threads for 15 seconds (libvips/iofuncs/threadset.c).
  static bool is_kept_by_libvips(const std::filesystem::directory_entry& thread) {
    std::ifstream file(thread.path() / "comm");
    std::string name;
    std::getline(file, name);
    return name == "libvips worker";
  }
};

}  // namespace penstock::testing
