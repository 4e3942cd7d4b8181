// SPDX-License-Identifier: Apache-2.0
#include "stages/common/program_params.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace penstock::stages {
namespace {

constexpr int kTryAgain = 75;  // EX_TEMPFAIL of sysexits(3).
constexpr std::size_t kLeastSecret = 4;

bool is_for_lack_of_room(int error) { return error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE; }

/// `text` without the values of variables. Very short ones would only make it unreadable.
std::string without_secrets(std::string text, const ProgramParams& params) {
  for (const auto& [name, value] : params.environment) {
    if (value.size() < kLeastSecret) continue;
    // The text is the end of a longer one: it may begin in the middle of a value.
    for (std::size_t cut = 1; cut + kLeastSecret <= value.size(); ++cut) {
      if (!text.starts_with(std::string_view(value).substr(cut))) continue;
      text.replace(0, value.size() - cut, "***");
      break;
    }
    for (std::size_t at = text.find(value); at != std::string::npos; at = text.find(value, at)) {
      text.replace(at, value.size(), "***");
    }
  }
  return text;
}

bool is_success(const ProcessStatus& status, const ProgramParams& params) {
  return status.signal == 0 &&
         std::find(params.success_codes.begin(), params.success_codes.end(), status.code) != params.success_codes.end();
}

std::string listed(const std::vector<int>& codes) {
  std::string text;
  for (const int code : codes) text += (text.empty() ? "" : ", ") + std::to_string(code);
  return text;
}

/// The code of a family with its number in place of the star.
std::string member_of(const ErrorCode& family, int number) {
  return std::string(family.code.substr(0, family.code.size() - 1)) + std::to_string(number);
}

}  // namespace

ProcessOptions process_options(const ProgramParams& params) {
  ProcessOptions options;
  options.environment = params.environment;
  if (params.working_folder) options.folder = params.working_folder->resolved;
  return options;
}

void check_program_params(const ProgramParams& params) {
  for (const auto& [name, value] : params.environment) {
    if (name.empty() || name.find_first_of(std::string_view("=\0", 2)) != std::string::npos) {
      throw OptionError("option.value",
                        "expected the name of a variable, without `=` and not empty, got \"" + name + "\"", {},
                        "/environment");
    }
    if (value.find('\0') != std::string::npos) {
      throw OptionError("option.value", "the variable `" + name + "` cannot hold a NUL character", {}, "/environment");
    }
  }
}

void check_command(const std::vector<std::string>& command, const std::string& pointer) {
  if (command.empty() || command.front().empty()) {
    throw OptionError("option.value", "expected a program and its arguments, e.g. [\"sort\", \"-u\"], got no program",
                      "write the program as the first element", pointer);
  }
  for (std::size_t i = 0; i < command.size(); ++i) {
    if (command[i].find('\0') == std::string::npos) continue;
    throw OptionError("option.value", "an argument cannot hold a NUL character", {}, pointer + "/" + std::to_string(i));
  }
}

ItemError start_error(const std::system_error& error, const ProgramErrors& errors) {
  return {std::string(errors.cannot_start.code), error.what(),
          is_for_lack_of_room(error.code().value()) ? Persistence::transient : Persistence::permanent};
}

void check_statuses(const std::vector<ProcessStatus>& statuses, const std::vector<std::string>& programs,
                    const std::string& error_text, const ProgramParams& params, const ProgramErrors& errors) {
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    const ProcessStatus& status = statuses[i];
    if (is_success(status, params)) continue;
    if (status.signal == SIGPIPE && i + 1 < statuses.size()) continue;
    std::string message = "`" + programs[i] + "` ";
    if (status.signal != 0) {
      message += "was ended by signal " + std::to_string(status.signal) + " (" + ::strsignal(status.signal) + ")";
    } else {
      message += "ended with exit code " + std::to_string(status.code) + ", expected " + listed(params.success_codes);
    }
    const std::string said = without_secrets(error_text, params);
    message += said.empty() ? "; it wrote nothing to standard error" : ": " + said;
    const bool is_signal = status.signal != 0;
    throw ItemError(member_of(is_signal ? errors.signal : errors.exit, is_signal ? status.signal : status.code),
                    std::move(message), status.code == kTryAgain ? Persistence::transient : Persistence::permanent);
  }
}

}  // namespace penstock::stages
