// SPDX-License-Identifier: Apache-2.0
#include "framework/io/launch_image.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

#include "framework/io/launch.h"

#if defined(PENSTOCK_LAUNCH_PROGRAM)
__asm__(
    ".pushsection .rodata\n"
    ".local penstock_launch_begin, penstock_launch_end\n"
    "penstock_launch_begin: .incbin \"" PENSTOCK_LAUNCH_PROGRAM
    "\"\n"
    "penstock_launch_end:\n"
    ".popsection\n");
extern const char kLaunchBegin[] __asm__("penstock_launch_begin");
extern const char kLaunchEnd[] __asm__("penstock_launch_end");
#else
static constexpr char kLaunchBegin[] = "";
static constexpr const char* kLaunchEnd = kLaunchBegin;
#endif

namespace penstock::io {
namespace {

#if !defined(MFD_EXEC)
constexpr unsigned MFD_EXEC = 0x10;  // NOLINT(readability-identifier-naming): Linux 6.3 has it, glibc 2.36 not yet.
#endif

UniqueFd make_file() {
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  int descriptor = ::memfd_create("penstock-launch", kFlags | MFD_EXEC);
  if (descriptor < 0 && errno == EINVAL) descriptor = ::memfd_create("penstock-launch", kFlags);
  return above_standard(UniqueFd(descriptor));
}

}  // namespace

LaunchImage::LaunchImage() {
  const auto size = static_cast<std::size_t>(kLaunchEnd - kLaunchBegin);
  if (size == 0) return;
  UniqueFd file = make_file();
  if (!file || ::write(file.get(), kLaunchBegin, size) != static_cast<ssize_t>(size)) return;
  if (::fcntl(file.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) return;
  file_ = std::move(file);
}

UniqueFd above_standard(UniqueFd descriptor) {
  if (!descriptor || descriptor.get() > kReportDescriptor) return descriptor;
  return UniqueFd(::fcntl(descriptor.get(), F_DUPFD_CLOEXEC, kReportDescriptor + 1));
}

}  // namespace penstock::io
