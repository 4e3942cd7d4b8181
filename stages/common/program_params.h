// The options that every stage which runs programs has, and what it says when they fail.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "penstock/error.h"
#include "penstock/option_codec.h"
#include "penstock/process.h"
#include "penstock/stage_spec.h"
#include "stages/common/error_area.h"

namespace penstock::stages {

/// Base of the options of such a stage.
struct ProgramParams {
  std::vector<std::pair<std::string, std::string>> environment;
  std::optional<FilePath> working_folder;
  std::vector<int> success_codes = {0};
  Duration kill_after = std::chrono::seconds(5);
};

/// How programs fail, by stage: `subprocess.exit_*` where the stage is `subprocess`.
struct ProgramErrors {
  ErrorCode cannot_start;
  ErrorCode exit;    ///< A family.
  ErrorCode signal;  ///< A family.

  std::array<ErrorCode, 3> all() const { return {cannot_start, exit, signal}; }
};

template <Literal Area>
constexpr ProgramErrors program_errors() {
  using detail::joined_code;
  return {
      .cannot_start = joined_code<Area, ".cannot_start">(
          "The program is not there, may not be executed, or the system has no room for another process; the last is "
          "transient.",
          Persistence::permanent),
      .exit = joined_code<Area, ".exit_*">(
          "The program ended with this exit code, which is not among `success_codes`. Code 75 is transient: programs "
          "ask by it to be tried again.",
          Persistence::permanent),
      .signal = joined_code<Area, ".signal_*">("A signal ended the program: 9 is SIGKILL, 11 a violation of memory.",
                                               Persistence::permanent),
  };
}

/// What the options say about a process; the commands are left to the caller.
ProcessOptions process_options(const ProgramParams& params);

/// Throws OptionError for names and values that an environment cannot have.
void check_program_params(const ProgramParams& params);

/// Throws OptionError unless `command` names a program: not empty, no NUL character. `pointer`: of the option.
void check_command(const std::vector<std::string>& command, const std::string& pointer);

/// What start() or wait() has thrown, as an error of the item.
ItemError start_error(const std::system_error& error, const ProgramErrors& errors);

/// Throws ItemError for the first of the programs that failed. One that was ended by SIGPIPE has not, unless it is the
/// last: its reader had seen enough. `error_text`: what they wrote to standard error.
void check_statuses(const std::vector<ProcessStatus>& statuses, const std::vector<std::string>& programs,
                    const std::string& error_text, const ProgramParams& params, const ProgramErrors& errors);

/// Adds the options and errors to the declaration of a stage.
template <class Stage, class Params>
void describe_program_params(StageDescription<Stage, Params>& stage, const ProgramErrors& errors) {
  const auto of = []<class T>(T ProgramParams::*member) { return static_cast<T Params::*>(member); };
  stage
      .param(
          of(&ProgramParams::environment), "environment",
          "Variables that are added to the environment. Their values are shown nowhere, and replaced by `***` in what "
          "programs write to standard error.")
      .secret()
      .param(of(&ProgramParams::working_folder), "working_folder",
             "Where programs run; relative to the configuration's folder. Default: where the pipeline was started.")
      .param(of(&ProgramParams::success_codes), "success_codes", "Exit codes that are no failure.")
      .param(of(&ProgramParams::kill_after), "kill_after",
             "How long a program that is to end may go on after SIGTERM, before SIGKILL ends it and its children.");
  for (const ErrorCode& code : errors.all()) stage.error(code);
}

}  // namespace penstock::stages
