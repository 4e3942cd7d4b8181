// posix_spawn() blocks the caller until the child has executed its program, but takes no copy of this process, however
// large it is, and runs none of its code. What the child must do itself is left to the launching program (launch.cpp).
// SPDX-License-Identifier: Apache-2.0
#include "framework/io/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "framework/io/launch.h"

namespace penstock::io {
namespace {

[[noreturn]] void fail(int error, const std::string& program) {
  throw std::system_error(error, std::generic_category(), "cannot start `" + program + "`");
}

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

Pipe make_pipe(const std::string& program) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail(errno, program);
  Pipe pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
  pipe.read_end = above_standard(std::move(pipe.read_end));
  pipe.write_end = above_standard(std::move(pipe.write_end));
  if (!pipe.read_end || !pipe.write_end) fail(errno, program);
  return pipe;
}

void set_non_blocking(const UniqueFd& descriptor) { ::fcntl(descriptor.get(), F_SETFL, O_NONBLOCK); }

bool is_variable(std::string_view entry, std::string_view name) {
  return entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=';
}

/// `NAME=VALUE` texts: what this process has, with the additions in place of what they replace.
std::vector<std::string> environment_of(const ProcessOptions& options) {
  std::vector<std::string> texts;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const bool is_replaced = std::any_of(options.environment.begin(), options.environment.end(),
                                         [&](const auto& added) { return is_variable(*entry, added.first); });
    if (!is_replaced) texts.emplace_back(*entry);
  }
  for (const auto& [name, value] : options.environment) texts.push_back(name + "=" + value);
  return texts;
}

/// The null-terminated array that exec takes. REQUIRES: `texts` lives longer.
std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::string path_variable(const std::vector<std::string>& environment) {
  constexpr std::string_view kName = "PATH";
  for (const std::string& entry : environment) {
    if (is_variable(entry, kName)) return entry.substr(kName.size() + 1);
  }
  return "/usr/local/bin:/usr/bin:/bin";
}

/// Where a program is, as execvp() would find it in PATH of the child. Throws std::system_error.
std::string find_program(const std::string& name, const std::vector<std::string>& environment) {
  if (name.find('/') != std::string::npos) return name;  // Counts from the folder of the child: exec will tell.
  const std::string folders = path_variable(environment);
  int error = ENOENT;
  for (std::size_t begin = 0; begin <= folders.size() && !name.empty();) {
    const std::size_t end = std::min(folders.find(':', begin), folders.size());
    const std::string folder = end == begin ? "." : folders.substr(begin, end - begin);
    const std::string path = folder + "/" + name;
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
      if (::access(path.c_str(), X_OK) == 0) return path;
      error = EACCES;
    }
    begin = end + 1;
  }
  fail(error, name);
}

/// What one child gets as its standard streams; -1 is /dev/null.
struct Streams {
  int input = -1;
  int output = -1;
  int errors = -1;
  int report = -1;
};

/// File actions and attributes of posix_spawn().
class SpawnSettings {
 public:
  SpawnSettings(const Streams& streams, const std::string& folder, pid_t group, bool closes_others) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
    if (!folder.empty()) posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
    add_stream(streams.input, STDIN_FILENO, O_RDONLY);
    add_stream(streams.output, STDOUT_FILENO, O_WRONLY);
    add_stream(streams.errors, STDERR_FILENO, O_WRONLY);
    if (closes_others) {
      posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    } else {
      posix_spawn_file_actions_adddup2(&actions_, streams.report, kReportDescriptor);
    }
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    posix_spawnattr_setpgroup(&attributes_, group);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    posix_spawnattr_destroy(&attributes_);
    posix_spawn_file_actions_destroy(&actions_);
  }

  /// 0, or what went wrong.
  int spawn(pid_t& id, const std::string& path, std::vector<std::string>& arguments, char* const* environment) const {
    return ::posix_spawn(&id, path.c_str(), &actions_, &attributes_, pointers_to(arguments).data(), environment);
  }

 private:
  void add_stream(int from, int to, int flags) {
    if (from < 0) {
      posix_spawn_file_actions_addopen(&actions_, to, "/dev/null", flags, 0);
    } else {
      posix_spawn_file_actions_adddup2(&actions_, from, to);
    }
  }

  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

class Spawner {
 public:
  Spawner(const ProcessOptions& options, const LaunchImage& image)
      : options_(options), image_(image), environment_(environment_of(options)) {}

  SpawnedGroup spawn() {
    try {
      connect();
    } catch (...) {
      kill_and_reap(group_.processes);
      throw;
    }
    return std::move(group_);
  }

 private:
  void connect() {
    Pipe errors = make_pipe(options_.commands.front().front());
    Pipe before;  // What the next process reads.
    if (options_.input == ProcessOptions::Input::pipe) {
      before = make_pipe(options_.commands.front().front());
      group_.input = std::move(before.write_end);
      set_non_blocking(group_.input);
    }
    for (std::size_t i = 0; i < options_.commands.size(); ++i) {
      const bool is_last = i + 1 == options_.commands.size();
      Pipe after;
      if (!is_last || options_.output == ProcessOptions::Output::pipe) after = make_pipe(options_.commands[i].front());
      Streams streams{before.read_end.get(), after.write_end.get(), errors.write_end.get()};
      if (i == 0 && options_.input == ProcessOptions::Input::given) streams.input = options_.given_input;
      start(options_.commands[i], streams);
      before.read_end = std::move(after.read_end);
    }
    group_.output = std::move(before.read_end);
    group_.errors = std::move(errors.read_end);
    if (group_.output) set_non_blocking(group_.output);
    set_non_blocking(group_.errors);
  }

  void start(const std::vector<std::string>& command, Streams streams) {
    const std::string& program = command.front();
    const std::string path = find_program(program, environment_);
    Pipe report = make_pipe(program);
    streams.report = report.write_end.get();
    const pid_t group = group_.processes.empty() ? 0 : group_.id();
    const std::vector<char*> environment = pointers_to(environment_);
    SpawnedProcess process;
    int error = ENOENT;
    if (image_.is_there()) {
      std::vector<std::string> arguments = {"penstock-launch", std::to_string(::getpid()), path};
      arguments.insert(arguments.end(), command.begin(), command.end());
      const SpawnSettings settings(streams, options_.folder, group, false);
      error = settings.spawn(process.id, image_.path(), arguments, environment.data());
    }
    // No image, or a system that does not execute such files.
    if (error == ENOENT || error == EACCES || error == EPERM) {
      std::vector<std::string> arguments = command;
      const SpawnSettings settings(streams, options_.folder, group, true);
      error = settings.spawn(process.id, path, arguments, environment.data());
    }
    if (error != 0) fail(error, has_folder() ? program : program + "` in `" + options_.folder);
    group_.processes.push_back(std::move(process));
    SpawnedProcess& started = group_.processes.back();
    started.report = std::move(report.read_end);
    set_non_blocking(started.report);
    started.handle = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, started.id, 0)));
    if (!started.handle) fail(errno, program);
  }

  bool has_folder() const {
    struct stat status {};
    return options_.folder.empty() || (::stat(options_.folder.c_str(), &status) == 0 && S_ISDIR(status.st_mode));
  }

  const ProcessOptions& options_;
  const LaunchImage& image_;
  std::vector<std::string> environment_;
  SpawnedGroup group_;
};

}  // namespace

SpawnedGroup spawn(const ProcessOptions& options, const LaunchImage& image) { return Spawner(options, image).spawn(); }

void kill_and_reap(const std::vector<SpawnedProcess>& processes) {
  if (processes.empty()) return;
  ::kill(-processes.front().id, SIGKILL);
  for (const SpawnedProcess& process : processes) {
    while (::waitpid(process.id, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

}  // namespace penstock::io
