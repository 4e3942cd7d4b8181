// SPDX-License-Identifier: Apache-2.0
#include "tests/support/child_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX leaves it to programs to declare it

namespace penstock::testing {
namespace {

struct Pipe {
  int read = -1;
  int write = -1;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
  return {ends[0], ends[1]};
}

/// A pseudo-terminal: what is written to `write` is read from `read`.
Pipe make_terminal() {
  const int host = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (host < 0 || ::grantpt(host) != 0 || ::unlockpt(host) != 0) {
    throw std::system_error(errno, std::generic_category(), "posix_openpt");
  }
  winsize size{};
  size.ws_col = 100;
  size.ws_row = 30;
  ::ioctl(host, TIOCSWINSZ, &size);
  const int terminal = ::open(::ptsname(host), O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal < 0) throw std::system_error(errno, std::generic_category(), "open of the terminal");
  return {host, terminal};
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> environment_with(const std::map<std::string, std::string>& added) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!added.contains(text.substr(0, text.find('=')))) result.push_back(text);
  }
  for (const auto& [name, value] : added) result.push_back(name + "=" + value);
  return result;
}

}  // namespace

ChildProcess::ChildProcess(std::vector<std::string> arguments) : ChildProcess(std::move(arguments), Options{}) {}

ChildProcess::ChildProcess(std::vector<std::string> arguments, Options options) {
  const Pipe input = make_pipe();
  const Pipe output = make_pipe();
  const Pipe error = options.has_terminal ? make_terminal() : make_pipe();
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input.read, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output.write, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, error.write, STDERR_FILENO);

  std::vector<std::string> environment = environment_with(options.environment);
  std::vector<char*> argv = pointers(arguments);
  std::vector<char*> envp = pointers(environment);
  const int failed = ::posix_spawn(&process_, argv[0], &actions, nullptr, argv.data(), envp.data());
  ::posix_spawn_file_actions_destroy(&actions);
  for (const int descriptor : {input.read, output.write, error.write}) ::close(descriptor);
  input_ = input.write;
  if (options.input == Input::empty) close_input();
  output_reader_ = std::thread([this, output] { read(output.read, output_); });
  error_reader_ = std::thread([this, error] { read(error.read, error_output_); });
  if (failed != 0) process_ = -1;
}

ChildProcess::~ChildProcess() {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  close_input();
  if (output_reader_.joinable()) output_reader_.join();
  if (error_reader_.joinable()) error_reader_.join();
}

void ChildProcess::read(int descriptor, std::string& text) {
  std::array<char, 4096> buffer{};
  while (true) {
    const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    const std::lock_guard lock(mutex_);
    if (count <= 0) {  // A terminal whose other end is closed gives EIO.
      if (&text == &error_output_) is_error_closed_ = true;
      changed_.notify_all();
      break;
    }
    text.append(buffer.data(), static_cast<std::size_t>(count));
    changed_.notify_all();
  }
  ::close(descriptor);
}

void ChildProcess::write_input(const std::string& text) const {
  [[maybe_unused]] const ssize_t written = ::write(input_, text.data(), text.size());
}

void ChildProcess::close_input() {
  if (input_ >= 0) ::close(input_);
  input_ = -1;
}

void ChildProcess::send_signal(int signal) const { ::kill(process_, signal); }

bool ChildProcess::wait_for_error_text(const std::string& text) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return is_error_closed_ || error_output_.find(text) != std::string::npos; });
  return error_output_.find(text) != std::string::npos;
}

int ChildProcess::wait() {
  if (process_ > 0) {
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = -1;
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    output_reader_.join();
    error_reader_.join();
  }
  return exit_code_;
}

}  // namespace penstock::testing
