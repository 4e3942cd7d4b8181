// The launching program (launch.cpp) as a file that can be executed wherever this library runs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "penstock/unique_fd.h"

namespace penstock::io {

/// An anonymous file with the program, sealed. Nothing has to be installed or found.
///
/// Where the system refuses such files (sysctl vm.memfd_noexec) or the processor is one that launch.cpp does not know,
/// there is none: children then start without it, and without what it does.
class LaunchImage {
 public:
  LaunchImage();
  /// As where the system refuses it.
  static LaunchImage none() { return LaunchImage(UniqueFd()); }

  bool is_there() const { return static_cast<bool>(file_); }
  /// For a child of this process, which must not have closed or replaced its descriptors yet.
  std::string path() const { return "/proc/self/fd/" + std::to_string(file_.get()); }

 private:
  explicit LaunchImage(UniqueFd file) : file_(std::move(file)) {}

  UniqueFd file_;
};

/// `descriptor`, or a duplicate above those that a child's own take the place of.
UniqueFd above_standard(UniqueFd descriptor);

}  // namespace penstock::io
