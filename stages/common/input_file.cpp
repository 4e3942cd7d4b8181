// Descriptors that are read without blocking the event loop.
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "stages/common/text_input.h"

namespace penstock::stages {
namespace {

std::string system_message(int error) { return std::generic_category().message(error); }

/// A descriptor that is readable when `descriptor` is; -1 for files and devices such as /dev/null, which are always
/// ready and refuse to be watched. Stands in for the descriptor on the event loop, which may make what it watches
/// non-blocking: a flag that standard input shares with other programs.
int make_poller(int descriptor) {
  const int poller = ::epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN;
  if (poller >= 0 && ::epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event) == 0) return poller;
  if (poller >= 0) ::close(poller);
  return -1;
}

/// Standard input is in blocking mode, and so is a pipe that someone else reads too: look again before each read.
bool is_readable_now(int descriptor) {
  pollfd entry{.fd = descriptor, .events = POLLIN, .revents = 0};
  return ::poll(&entry, 1, 0) > 0;
}

/// -1 when there is nothing to read after all.
ssize_t read_some(int descriptor, char* to, std::size_t size) {
  for (;;) {
    const ssize_t count = ::read(descriptor, to, size);
    if (count >= 0) return count;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return -1;
    if (errno != EINTR) throw std::system_error(errno, std::generic_category());
  }
}

}  // namespace

void InputFile::open() {
  const auto refuse = [&](const std::string& reason) {
    throw ItemError(kCannotOpen, "cannot open " + name() + ": " + reason);
  };
  if (path_.resolved == "-") {
    descriptor_ = STDIN_FILENO;
    is_owned_ = false;
  } else {
    // O_NONBLOCK: a named pipe without a writer must not hold up the loop. It means nothing to a regular file.
    descriptor_ = ::open(path_.resolved.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (descriptor_ < 0) refuse(system_message(errno));
    is_owned_ = true;
  }
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) refuse(system_message(errno));
  if (S_ISDIR(status.st_mode)) {
    close();
    refuse("it is a folder; expected a file");
  }
  if (!S_ISREG(status.st_mode)) poller_ = make_poller(descriptor_);
}

void InputFile::read_from(int pipe) {
  descriptor_ = pipe;
  is_owned_ = false;
  poller_ = make_poller(pipe);
}

void InputFile::close() {
  if (is_owned_ && descriptor_ >= 0) ::close(descriptor_);
  if (poller_ >= 0) ::close(poller_);
  descriptor_ = poller_ = -1;
}

std::string InputFile::name() const { return path_.resolved == "-" ? "standard input" : path_.text; }

Task<std::size_t> InputFile::read(StageContext& context, char* to, std::size_t size) {
  std::string reason;
  try {
    if (poller_ < 0) {
      auto work = [this, to, size] { return read_some(descriptor_, to, size); };
      const ssize_t count = co_await context.blocking(work);
      if (count >= 0) co_return static_cast<std::size_t>(count);
      reason = "no data, though it is no pipe";
    }
    while (poller_ >= 0) {
      co_await context.loop().ready(poller_, Readiness::readable);
      const ssize_t count = is_readable_now(descriptor_) ? read_some(descriptor_, to, size) : -1;
      if (count >= 0) co_return static_cast<std::size_t>(count);
    }
  } catch (const std::system_error& error) {
    reason = error.code().message();
  }
  throw ItemError(kCannotRead, "cannot read " + name() + ": " + reason);
}

}  // namespace penstock::stages
