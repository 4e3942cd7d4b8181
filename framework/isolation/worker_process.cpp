// SPDX-License-Identifier: Apache-2.0
#include "framework/isolation/worker_process.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "framework/base/engine_codes.h"
#include "framework/isolation/wire.h"

namespace penstock::isolation {
namespace {

struct SocketPair {
  UniqueFd ours;
  UniqueFd theirs;
};

SocketPair make_sockets() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot make a socket");
  }
  SocketPair pair{UniqueFd(ends[0]), UniqueFd(ends[1])};
  ::fcntl(pair.ours.get(), F_SETFL, O_NONBLOCK);
  return pair;
}

ItemError cannot_start(const std::string& why) {
  return ItemError(kIsolationCannotStart, "the worker cannot start: " + why);
}

}  // namespace

Task<std::unique_ptr<WorkerProcess>> WorkerProcess::start(EventLoop& loop, ProcessLauncher& launcher,
                                                          std::vector<std::string> command, std::string setup) {
  try {
    SocketPair sockets = make_sockets();
    ProcessOptions options;
    options.commands.push_back(std::move(command));
    options.input = ProcessOptions::Input::given;
    options.given_input = sockets.theirs.get();
    options.output = ProcessOptions::Output::discard;
    ProcessGroup group = co_await launcher.start(std::move(options));
    sockets.theirs = UniqueFd();

    Channel channel(std::move(sockets.ours), SharedRegion());
    auto worker = std::make_unique<WorkerProcess>(loop, std::move(group), std::move(channel));
    Datagram datagram = worker->channel_.write(setup, nullptr);
    const bool is_sent = worker->channel_.send(datagram, worker->channel_.region().descriptor());
    const bool is_answered = is_sent && co_await worker->receive(datagram);
    if (!is_answered) {
      worker->kill();
      const std::string end = co_await worker->end_text();
      throw cannot_start("it ended by " + end);
    }
    const std::string head = worker->channel_.head(datagram);
    WireReader in(head);
    worker->memory_when_ready_ = in.number<std::uint64_t>();
    worker->peak_when_ready_ = in.number<std::uint64_t>();
    if (const std::string refusal = in.text(); !refusal.empty()) throw cannot_start(refusal);
    co_return std::move(worker);
  } catch (const std::system_error& error) {
    throw cannot_start(error.what());
  } catch (const WireError& error) {
    throw cannot_start(error.what());
  }
}

Task<bool> WorkerProcess::receive(Datagram& datagram) {
  for (;;) {
    co_await loop_.ready(channel_.socket(), Readiness::readable);
    const Channel::Received received = channel_.receive(datagram);
    if (received != Channel::Received::nothing) co_return received == Channel::Received::message;
  }
}

Task<std::string> WorkerProcess::end_text() {
  // A worker that has only closed its socket is of no use either.
  group_.kill();
  std::string text;
  try {
    const std::vector<ProcessStatus> statuses = co_await group_.wait();
    const ProcessStatus& status = statuses.front();
    if (status.signal != 0) {
      text = "signal " + std::to_string(status.signal) + " (" + ::strsignal(status.signal) + ")";
    } else {
      text = "exit code " + std::to_string(status.code);
    }
  } catch (const std::system_error& error) {
    text = error.what();
  }
  const std::string last_words = group_.error_text();
  if (!last_words.empty()) text += ": " + last_words;
  co_return text;
}

std::uint64_t WorkerProcess::peak_growth() const {
  const std::uint64_t peak = group_.peak_memory();
  return peak > peak_when_ready_ ? peak - memory_when_ready_ : 0;
}

}  // namespace penstock::isolation
