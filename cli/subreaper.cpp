// A descendant that is orphaned becomes a child of the first living thread of its subreaper: the main thread
// (find_new_reaper() in Linux, kernel/exit.c). Children that were started here belong to the threads that did, so that
// the list of the main thread's children tells the two apart.
// SPDX-License-Identifier: Apache-2.0
#include "cli/subreaper.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

namespace penstock::cli {
namespace {

/// What the main thread was given; empty where the kernel does not tell (CONFIG_PROC_CHILDREN).
std::vector<pid_t> adopted_children() {
  const std::string main_thread = std::to_string(::getpid());
  std::ifstream file("/proc/self/task/" + main_thread + "/children");
  std::vector<pid_t> children;
  for (pid_t child = 0; file >> child;) children.push_back(child);
  return children;
}

sigset_t child_signal() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  return set;
}

}  // namespace

Subreaper::Subreaper() {
  const sigset_t set = child_signal();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = ::signalfd(-1, &set, SFD_CLOEXEC);
  stop_ = ::eventfd(0, EFD_CLOEXEC);
  if (signals_ < 0 || stop_ < 0) throw std::system_error(errno, std::generic_category(), "cannot watch children");
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  thread_ = std::thread([this] { watch(); });
}

Subreaper::~Subreaper() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(stop_, &one, sizeof one);
  thread_.join();
  ::close(signals_);
  ::close(stop_);
  // Each that dies may leave children of its own here.
  for (std::vector<pid_t> left = adopted_children(); !left.empty(); left = adopted_children()) {
    for (const pid_t child : left) {
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
    }
  }
}

void Subreaper::watch() const {
  for (;;) {
    std::array<pollfd, 2> waits = {{{signals_, POLLIN, 0}, {stop_, POLLIN, 0}}};
    if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return;
    if (waits[1].revents != 0) return;
    if (waits[0].revents == 0) continue;
    signalfd_siginfo info{};
    if (::read(signals_, &info, sizeof info) != sizeof info) continue;
    for (const pid_t child : adopted_children()) ::waitpid(child, nullptr, WNOHANG);
  }
}

}  // namespace penstock::cli
