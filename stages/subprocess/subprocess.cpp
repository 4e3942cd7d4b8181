// Runs a program, or several connected by pipes, for each item. No argument ever reaches a shell.
// SPDX-License-Identifier: Apache-2.0
#include "stages/subprocess/subprocess.h"

#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "penstock/bytes.h"
#include "penstock/process.h"
#include "penstock/stage.h"
#include "penstock/utf8.h"
#include "stages/common/item_template.h"
#include "stages/common/program_params.h"
#include "stages/subprocess/exchange.h"

namespace penstock::stages {
namespace {

enum class StandardInput { none, payload };
constexpr std::array<Name<StandardInput>, 2> names_of(StandardInput) {
  return {{{StandardInput::none, "none"}, {StandardInput::payload, "payload"}}};
}

enum class StandardOutput { payload, attribute, discard };
constexpr std::array<Name<StandardOutput>, 3> names_of(StandardOutput) {
  return {{{StandardOutput::payload, "payload"},
           {StandardOutput::attribute, "attribute"},
           {StandardOutput::discard, "discard"}}};
}

constexpr ProgramErrors kErrors = program_errors<"subprocess">();
constexpr ErrorCode kBadArgument{"subprocess.bad_argument",
                                 "The key or an attribute puts a NUL character into an argument."};
constexpr ErrorCode kNotText{"subprocess.not_text", "The output is no UTF-8, and is to become an attribute."};
constexpr ErrorCode kTimeout{"subprocess.timeout", "The programs did not end within the stage's `timeout`.",
                             Persistence::transient};

constexpr const char* kOutputAttribute = "subprocess.stdout";
constexpr std::uint64_t kMaxAttributeBytes = 64 << 10;

using Command = std::vector<ItemTemplate>;

struct SubprocessParams : ProgramParams {
  Command command;
  std::optional<std::vector<Command>> pipe;
  StandardInput input = StandardInput::none;
  StandardOutput output = StandardOutput::payload;
  ByteSize max_bytes{100 << 20};

  std::vector<Command> commands() const { return pipe ? *pipe : std::vector<Command>{command}; }
  std::uint64_t max_output() const {
    return output == StandardOutput::attribute ? std::min(max_bytes.bytes, kMaxAttributeBytes) : max_bytes.bytes;
  }
};

std::string_view bytes_of(const Payload& payload) {
  return payload.holds<Text>() ? std::string_view(payload.get<Text>().value) : payload.get<Bytes>().view();
}

class Subprocess final : public AsyncTransform<Payload, Payload> {
 public:
  explicit Subprocess(SubprocessParams params) : params_(std::move(params)), commands_(params_.commands()) {
    for (const Command& command : commands_) programs_.push_back(command.front().text());
  }

  void open(StageContext& context) override { launcher_.emplace(context.loop()); }
  void close(StageContext&) override { launcher_.reset(); }

  Task<Payload> process(const Payload& in, StageContext& context) override {
    ProcessOptions options = process_options(params_);
    options.commands = expand(context);
    if (params_.input == StandardInput::payload) options.input = ProcessOptions::Input::pipe;
    if (params_.output == StandardOutput::discard) options.output = ProcessOptions::Output::discard;
    ProcessGroup group = co_await start(std::move(options));

    std::optional<Exchange> exchange;
    const std::string_view input = params_.input == StandardInput::payload ? bytes_of(in) : std::string_view();
    exchange.emplace(context.loop(), group, input, params_.max_output());
    std::exception_ptr failure;
    try {
      co_await exchange->run(context);
    } catch (...) {
      failure = std::current_exception();
    }
    if (failure) {
      exchange.reset();
      co_await group.terminate(params_.kill_after);
      std::rethrow_exception(failure);
    }
    co_await check(group);
    co_return take_result(*exchange, in, context);
  }

 private:
  std::vector<std::vector<std::string>> expand(const StageContext& context) const {
    std::vector<std::vector<std::string>> expanded;
    for (const Command& command : commands_) {
      std::vector<std::string>& arguments = expanded.emplace_back();
      for (const ItemTemplate& argument : command) {
        arguments.push_back(argument.expand(context));
        if (arguments.back().find('\0') == std::string::npos) continue;
        throw ItemError(kBadArgument, "the argument `" + argument.text() + "` of `" + command.front().text() +
                                          "` would hold a NUL character");
      }
    }
    return expanded;
  }

  Task<ProcessGroup> start(ProcessOptions options) {
    try {
      co_return co_await launcher_->start(std::move(options));
    } catch (const std::system_error& error) {
      throw start_error(error, kErrors);
    }
  }

  Task<void> check(ProcessGroup& group) {
    try {
      const std::vector<ProcessStatus> statuses = co_await group.wait();
      check_statuses(statuses, programs_, group.error_text(), params_, kErrors);
    } catch (const std::system_error& error) {
      throw start_error(error, kErrors);
    }
  }

  Payload take_result(Exchange& exchange, const Payload& in, StageContext& context) const {
    if (params_.output == StandardOutput::discard) return in;
    std::string output = exchange.take_output();
    if (params_.output == StandardOutput::payload) return Payload(Bytes(std::move(output), exchange.take_charge()));
    if (find_invalid_utf8(output) != output.size()) throw ItemError(kNotText);
    output.erase(output.find_last_not_of("\r\n") + 1);
    context.set_attribute(kOutputAttribute, std::move(output));
    return in;
  }

  const SubprocessParams params_;
  const std::vector<Command> commands_;
  std::vector<std::string> programs_;
  std::optional<ProcessLauncher> launcher_;
};

void check_templates(const Command& command, const std::string& pointer) {
  std::vector<std::string> texts;
  for (const ItemTemplate& argument : command) texts.push_back(argument.text());
  check_command(texts, pointer);
  for (const TemplatePart& part : command.front().parts()) {
    if (part.kind == TemplatePart::Kind::literal) continue;
    throw OptionError("option.value",
                      "expected a program that the item does not choose, got \"" + command.front().text() + "\"",
                      "write the program out; arguments may be templates", pointer + "/0");
  }
}

void check_params(const SubprocessParams& params) {
  check_program_params(params);
  if (!params.command.empty() && params.pipe) {
    throw OptionError("option.conflict", "expected either `command` or `pipe`, got both", "remove one of them",
                      "/pipe");
  }
  if (!params.command.empty()) return check_templates(params.command, "/command");
  for (std::size_t i = 0; params.pipe && i < params.pipe->size(); ++i) {
    check_templates((*params.pipe)[i], "/pipe/" + std::to_string(i));
  }
}

PortTypes port_types(const SubprocessParams& params) {
  PortTypes types;
  if (params.input == StandardInput::payload) types.input = {&payload_type<Bytes>(), &payload_type<Text>()};
  if (params.output == StandardOutput::payload) types.output = {&payload_type<Bytes>()};
  return types;
}

}  // namespace

StageSpec subprocess_spec() {
  auto stage = describe_stage<Subprocess, SubprocessParams>("subprocess");
  stage.summary("Run a program, or several connected by pipes, for each item.")
      .input<Payload>("item", "Any item; with `stdin`: `payload`, bytes or text.")
      .output<Bytes>("output", "With `stdout`: `payload`, what the last program wrote; else the item as it came.")
      .port_types(port_types)
      .param(&SubprocessParams::command, "command",
             "The program, then its arguments: templates, each of them one argument whatever it holds. There is no "
             "shell.",
             at_least(1))
      .param(&SubprocessParams::pipe, "pipe",
             "Several commands instead of one, the output of each connected to the input of the next. All of them must "
             "succeed; one that the next one stopped reading from has.",
             at_least(1))
      .at_least_one_of(&SubprocessParams::command, &SubprocessParams::pipe)
      .param(&SubprocessParams::input, "stdin", "What the first program reads: nothing, or the `payload`.")
      .param(&SubprocessParams::output, "stdout",
             "What becomes of what the last program writes: the `payload`, the `attribute` `subprocess.stdout` (text "
             "of at "
             "most 64 KiB, without the end of its last line), or nothing (`discard`).")
      .param(&SubprocessParams::max_bytes, "max_bytes", "The most that may be written to standard output.",
             at_least(1));
  describe_program_params(stage, kErrors);
  stage.check(check_params);
  return stage.error(kOutputTooLarge)
      .error(kBadArgument)
      .error(kNotText)
      .error(kTimeout)
      .error(kMissingAttribute)
      .attribute(kOutputAttribute, "What the last program wrote; with `stdout`: `attribute` only.")
      .default_concurrency(4)
      .descriptors_per_item(5)
      .example(R"({"type": "subprocess", "command": ["sha256sum"], "stdin": "payload", "timeout": "10 s"})");
}

}  // namespace penstock::stages
