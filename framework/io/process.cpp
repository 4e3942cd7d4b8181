// A group ends when every pidfd has become readable. The members stay zombies until then, and the group's number stays
// taken: signals to the group can meet nobody else.
// SPDX-License-Identifier: Apache-2.0
#include "penstock/process.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <system_error>

#include "framework/io/launch.h"
#include "framework/io/spawn.h"
#include "framework/io/spawn_thread.h"

namespace penstock {
namespace {

constexpr std::size_t kErrorText = 4096;

/// Reaps a process that has ended, and notes its memory.
ProcessStatus reap(const io::SpawnedProcess& process, std::uint64_t& peak_memory) {
  int status = 0;
  rusage usage{};
  while (::wait4(process.id, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  peak_memory = std::max(peak_memory, static_cast<std::uint64_t>(usage.ru_maxrss) * 1024);
  if (WIFSIGNALED(status)) return {.signal = WTERMSIG(status)};
  return {.code = WEXITSTATUS(status)};
}

/// What kept its program from being executed; 0: nothing did.
int execution_error(const io::SpawnedProcess& process, const ProcessStatus& status) {
  int error = 0;
  if (status.code != io::kNotExecuted || !process.report) return 0;
  return ::read(process.report.get(), &error, sizeof error) == sizeof error ? error : 0;
}

}  // namespace

struct ProcessGroup::State {
  State(EventLoop& l, io::SpawnThread& t, io::SpawnedGroup g, std::vector<std::string> names)
      : loop(l), thread(t), group(std::move(g)), programs(std::move(names)), alive(group.processes.size()) {}

  ~State() {
    unwatch();
    if (statuses.empty()) {
      // Not here: a process may take its time even to die.
      auto left = std::make_shared<std::vector<io::SpawnedProcess>>(std::move(group.processes));
      ::kill(-left->front().id, SIGKILL);
      thread.run([left] { io::kill_and_reap(*left); });
    }
  }

  /// Throws std::system_error.
  void watch() {
    watches.reserve(group.processes.size());
    for (const io::SpawnedProcess& process : group.processes) {
      const std::size_t index = watches.size();
      watches.push_back(loop.watch(process.handle.get(), Readiness::readable, [this, index] { on_exit(index); }));
    }
    error_watch = loop.watch(group.errors.get(), Readiness::readable, [this] { read_errors(); });
  }

  void unwatch() {
    for (EventLoop::WatchId& watch : watches) stop(watch);
    stop(error_watch);
  }

  void stop(EventLoop::WatchId& watch) const {
    if (const EventLoop::WatchId id = std::exchange(watch, 0)) loop.unwatch(id);
  }

  void on_exit(std::size_t index) {
    stop(watches[index]);
    if (--alive == 0) finish();
  }

  /// The last thing that a callback does: who is told may destroy this.
  void finish() {
    ::kill(-group.id(), SIGKILL);  // What they have left behind.
    for (const io::SpawnedProcess& process : group.processes) {
      const ProcessStatus status = reap(process, peak_memory);
      if (const int error = execution_error(process, status); error != 0 && failed == nullptr) {
        failed_error = error;
        failed = &programs[statuses.size()];
      }
      statuses.push_back(status);
    }
    while (error_watch != 0 && read_errors()) {
    }
    unwatch();
    if (on_end) std::exchange(on_end, nullptr)();
  }

  /// False when there is nothing more now.
  bool read_errors() {
    std::array<char, std::size_t{4} * kErrorText> block;
    const ssize_t count = ::read(group.errors.get(), block.data(), block.size());
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (count <= 0) {
      stop(error_watch);
      return false;
    }
    error_text.append(block.data(), static_cast<std::size_t>(count));
    if (error_text.size() > kErrorText) error_text.erase(0, error_text.size() - kErrorText);
    return true;
  }

  EventLoop& loop;
  io::SpawnThread& thread;
  io::SpawnedGroup group;
  const std::vector<std::string> programs;  // For messages.
  std::size_t alive;
  std::vector<EventLoop::WatchId> watches;  // Of `group.processes`; 0: it has ended.
  EventLoop::WatchId error_watch = 0;
  std::string error_text;
  std::uint64_t peak_memory = 0;
  std::vector<ProcessStatus> statuses;  // Empty until all have ended.
  const std::string* failed = nullptr;  // The program that could not be executed.
  int failed_error = 0;
  std::function<void()> on_end;
};

ProcessGroup::ProcessGroup(std::unique_ptr<State> state) : state_(std::move(state)) {}
ProcessGroup::ProcessGroup(ProcessGroup&&) noexcept = default;
ProcessGroup& ProcessGroup::operator=(ProcessGroup&&) noexcept = default;
ProcessGroup::~ProcessGroup() = default;

int ProcessGroup::input() const { return state_->group.input.get(); }
int ProcessGroup::output() const { return state_->group.output.get(); }
void ProcessGroup::close_input() { state_->group.input = UniqueFd(); }
void ProcessGroup::close_output() { state_->group.output = UniqueFd(); }
bool ProcessGroup::has_ended() const { return !state_->statuses.empty(); }
void ProcessGroup::on_end(std::function<void()> work) { state_->on_end = std::move(work); }

void ProcessGroup::kill() {
  if (!has_ended()) ::kill(-state_->group.id(), SIGKILL);
}
std::uint64_t ProcessGroup::peak_memory() const { return state_->peak_memory; }

Task<std::vector<ProcessStatus>> ProcessGroup::wait() {
  if (!has_ended()) {
    Completion<> ended;
    state_->on_end = [&ended] { ended.complete(true); };
    ended.on_cancel([this] { state_->on_end = nullptr; });
    co_await ended;
  }
  if (state_->failed != nullptr) {
    throw std::system_error(state_->failed_error, std::generic_category(), "cannot start `" + *state_->failed + "`");
  }
  co_return state_->statuses;
}

Task<std::vector<ProcessStatus>> ProcessGroup::terminate(Duration kill_after) {
  if (!has_ended()) {
    close_input();
    close_output();
    const pid_t group = state_->group.id();
    ::kill(-group, SIGTERM);
    EventLoop& loop = state_->loop;
    const EventLoop::TimerId timer =
        loop.call_at(time_after(loop.now(), kill_after), [group] { ::kill(-group, SIGKILL); });
    Completion<> ended;
    ended.shield();
    state_->on_end = [&ended] { ended.complete(true); };
    co_await ended;
    loop.cancel_timer(timer);
  }
  co_return state_->statuses;
}

std::string ProcessGroup::error_text() const {
  const std::size_t end = state_->error_text.find_last_not_of("\r\n");
  return state_->error_text.substr(0, end == std::string::npos ? 0 : end + 1);
}

struct ProcessLauncher::State {
  explicit State(EventLoop& l) : loop(l) {}
  EventLoop& loop;
  const io::LaunchImage image;
  io::SpawnThread thread;  // Last: its jobs use the image.
};

ProcessLauncher::ProcessLauncher(EventLoop& loop) : state_(std::make_unique<State>(loop)) {}
ProcessLauncher::~ProcessLauncher() = default;

Task<ProcessGroup> ProcessLauncher::start(ProcessOptions options) {
  State& state = *state_;
  Completion<std::shared_ptr<io::SpawnedGroup>> spawned;
  spawned.shield();  // The thread uses this frame.
  state.thread.run([&state, &options, &spawned] {
    std::exception_ptr error;
    try {
      auto group = std::make_shared<io::SpawnedGroup>(io::spawn(options, state.image));
      state.loop.post([&spawned, group] { spawned.complete(group); });
      return;
    } catch (...) {
      error = std::current_exception();
    }
    // Behind the handler, and moved: this thread is done with the exception when the loop takes it.
    state.loop.post([&spawned, error = std::move(error)] { spawned.fail(error); });
  });
  const std::shared_ptr<io::SpawnedGroup> group = co_await spawned;
  std::vector<std::string> programs;
  for (const std::vector<std::string>& command : options.commands) programs.push_back(command.front());
  auto started =
      std::make_unique<ProcessGroup::State>(state.loop, state.thread, std::move(*group), std::move(programs));
  started->watch();
  co_return ProcessGroup(std::move(started));
}

}  // namespace penstock
