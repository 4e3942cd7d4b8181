// Emits an item for each line that a program writes; the line is its key.
// SPDX-License-Identifier: Apache-2.0
#include "stages/command_lines/command_lines.h"

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/process.h"
#include "penstock/stage.h"
#include "stages/common/program_params.h"
#include "stages/common/text_input.h"

namespace penstock::stages {
namespace {

constexpr ProgramErrors kErrors = program_errors<"command_lines">();

struct CommandLinesParams : ProgramParams {
  std::vector<std::string> command;
  ByteSize max_line_bytes{1U << 20U};
};

class CommandLines final : public AsyncSource {
 public:
  explicit CommandLines(CommandLinesParams params)
      : params_(std::move(params)),
        program_(params_.command.empty() ? std::string() : params_.command.front()),
        lines_({.text = "the output of `" + program_ + "`", .resolved = {}},
               {.max_bytes = params_.max_line_bytes.bytes}) {}

  void open(StageContext& context) override { launcher_.emplace(context.loop()); }
  void close(StageContext&) override { launcher_.reset(); }

  Task<void> produce(SourceOutput& output, StageContext& context) override {
    ProcessGroup group = co_await start();
    std::vector<ProcessStatus> statuses;
    std::exception_ptr failure;
    try {
      co_await emit_lines(group, output, context);
      statuses = co_await group.wait();
    } catch (const std::system_error& error) {
      failure = std::make_exception_ptr(start_error(error, kErrors));
    } catch (...) {
      failure = std::current_exception();
    }
    lines_.close();
    if (failure) {
      co_await group.terminate(params_.kill_after);
      std::rethrow_exception(failure);
    }
    const std::vector<std::string> programs = {program_};
    check_statuses(statuses, programs, group.error_text(), params_, kErrors);
  }

 private:
  Task<ProcessGroup> start() {
    ProcessOptions options = process_options(params_);
    options.commands = {params_.command};
    try {
      co_return co_await launcher_->start(std::move(options));
    } catch (const std::system_error& error) {
      throw start_error(error, kErrors);
    }
  }

  Task<void> emit_lines(ProcessGroup& group, SourceOutput& output, StageContext& context) {
    lines_.read_from(group.output());
    const auto fill = [](std::string_view line, SourceItem& item) {
      item.key = line;
      return !line.empty();
    };
    return emit_each(lines_, fill, output, context);
  }

  const CommandLinesParams params_;
  const std::string program_;
  LineReader lines_;
  std::optional<ProcessLauncher> launcher_;
};

void check_params(const CommandLinesParams& params) {
  check_program_params(params);
  check_command(params.command, "/command");
}

}  // namespace

StageSpec command_lines_spec() {
  auto stage = describe_stage<CommandLines, CommandLinesParams>("command_lines");
  stage.summary("Emit an item for each line that a program writes; the line is its key.")
      .output<None>("lines", "Items without payload, in the order of the output; empty lines give none.")
      .param(&CommandLinesParams::command, "command", "The program, then its arguments. There is no shell.")
      .required()
      .param(&CommandLinesParams::max_line_bytes, "max_line_bytes", "A longer line ends the run.",
             between(1, 1024.0 * 1024 * 1024));
  describe_program_params(stage, kErrors);
  stage.check(check_params);
  return stage.error(kCannotOpen)
      .error(kCannotRead)
      .error(kTooLong)
      .error(kNotText)
      .descriptors_per_item(5)
      .example(R"({"type": "command_lines", "command": ["seq", "1", "100"]})");
}

}  // namespace penstock::stages
