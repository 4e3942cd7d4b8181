// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.h"

#include <algorithm>
#include <iostream>
#include <string_view>
#include <system_error>

#include "cli/check.h"
#include "cli/completion.h"
#include "cli/exit_code.h"
#include "cli/graph.h"
#include "cli/output_file.h"
#include "cli/run.h"
#include "cli/schema.h"
#include "cli/stages.h"
#include "cli/terminal_text.h"
#include "cli/test.h"
#include "cli/worker.h"
#include "framework/base/closest_match.h"
#include "penstock/units.h"
#include "penstock/version.h"

namespace penstock::cli {
namespace {

void add_plugin_option(CLI::App& command, std::vector<std::string>& plugins) {
  command.add_option("--plugin", plugins, "Shared library with further stage types; may be given several times")
      ->type_name("FILE")
      ->allow_extra_args(false);
}

void add_load_options(CLI::App& command, LoadArguments& load) {
  command.add_option("--set", load.set, "Value for one of the pipeline's `params`; may be given several times")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command.add_option("--base", load.base, "Folder that relative paths count from (default: the file's own)")
      ->type_name("FOLDER");
  add_plugin_option(command, load.plugins);
}

std::string check_duration(const std::string& text) {
  return parse_duration(text) ? std::string() : "expected a duration such as \"10 s\", got \"" + text + "\"";
}

}  // namespace

LoadOptions load_options(const LoadArguments& arguments) {
  LoadOptions options;
  options.base = arguments.base;
  options.worker = worker_command(arguments.plugins);
  for (const std::string& entry : arguments.set) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw CLI::ValidationError("--set", "expected NAME=VALUE, got \"" + entry + "\"");
    }
    options.parameters[entry.substr(0, equals)] = entry.substr(equals + 1);
  }
  return options;
}

CommandLine::CommandLine() : app_("Runs parallel pipelines that are written as JSON.", "penstock") {
  app_.set_version_flag("--version", "penstock " PENSTOCK_VERSION, "Print the version");
  app_.set_help_flag("-h,--help", "Print this help");
  app_.require_subcommand(1);
  app_.get_formatter()->column_width(34);
  app_.footer(
      "Examples:\n"
      "  penstock check thumbnails.json             find every mistake before anything starts\n"
      "  penstock run thumbnails.json --set size=512\n"
      "  penstock stages resize                     options, defaults and errors of a stage\n"
      "  penstock test configs                      run the tests beside pipelines\n"
      "  penstock COMMAND --help                    more about one command\n");
  add_run();
  add_check();
  add_stages();
  add_schema();
  add_graph();
  add_test();
  add_completion();
}

void CommandLine::add_run() {
  CLI::App* command = app_.add_subcommand(kRunCommand, "Run a pipeline");
  command->add_option("FILE", run_.file, "The pipeline")->required()->type_name("");
  add_load_options(*command, run_.load);
  command->add_option("--report", run_.report, "Write the report of the run as JSON; - is standard output")
      ->type_name("FILE");
  command->add_option("--failures", run_.failures, "Write a line of JSON for each failed item; - is standard output")
      ->type_name("FILE");
  command->add_option("--progress", run_.progress, "Show progress on standard error")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->type_name("")
      ->capture_default_str();
  command->add_option("--workers", run_.workers, "Compute threads (default: one per core)")
      ->check(CLI::Range(1U, 1024U))
      ->type_name("N");
  command->add_option("--drain-timeout", run_.drain_timeout, "How long Ctrl-C waits for items in flight")
      ->check(check_duration, "")
      ->type_name("DURATION")
      ->capture_default_str();
  command->add_option("--log-level", run_.log_level, "What to log on standard error")
      ->check(CLI::IsMember({"debug", "info", "warning", "error", "off"}))
      ->type_name("")
      ->capture_default_str();
  command->footer(
      "Ctrl-C finishes what is in flight and stops; a second Ctrl-C stops at once.\n\n"
      "Exit codes: 0 all items done, 1 some failed, 2 usage or configuration error,\n"
      "3 aborted, 130 interrupted (143 by SIGTERM).\n\n"
      "Examples:\n"
      "  penstock run thumbnails.json --set size=512 --set to=file:/srv/thumbs\n"
      "  penstock run thumbnails.json --report report.json --failures failed.jsonl\n"
      "  cat urls.txt | penstock run from-stdin.json --progress never\n");
  command->callback([this] { exit_code_ = run_pipeline(run_); });
}

void CommandLine::add_check() {
  CLI::App* command = app_.add_subcommand("check", "Find every mistake in pipelines, without running them");
  command->add_option("FILE", check_.files, "The pipelines")->required()->type_name("");
  add_load_options(*command, check_.load);
  command->add_flag("--show", check_.show, "Print each pipeline with all its defaults");
  command->footer(
      "Examples:\n"
      "  penstock check thumbnails.json branching.json\n"
      "  penstock check thumbnails.json --set size=512 --show\n");
  command->callback([this] { exit_code_ = check_pipelines(check_, output_); });
}

void CommandLine::add_stages() {
  CLI::App* command = app_.add_subcommand("stages", "List the stage types, or tell all about one");
  command->add_option("TYPE", stages_.type, "The stage type")->type_name("");
  command->add_flag("--json", stages_.json, "Print JSON");
  add_plugin_option(*command, stages_.plugins);
  command->footer(
      "Examples:\n"
      "  penstock stages\n"
      "  penstock stages resize\n"
      "  penstock stages --json | jq '.[].type'\n");
  command->callback([this] { exit_code_ = show_stages(stages_, output_); });
}

void CommandLine::add_schema() {
  CLI::App* command = app_.add_subcommand("schema", "Print the JSON Schema of pipelines, for editors");
  command->add_flag("--tests", schema_.tests, "Print that of test files instead");
  command->footer(
      "Example:\n"
      "  penstock schema > penstock.schema.json     and in the pipeline: \"$schema\": \"penstock.schema.json\"\n");
  add_plugin_option(*command, schema_.plugins);
  command->callback([this] { exit_code_ = print_schema(schema_, output_); });
}

void CommandLine::add_graph() {
  CLI::App* command = app_.add_subcommand("graph", "Draw a pipeline");
  command->add_option("FILE", graph_.file, "The pipeline")->required()->type_name("");
  add_load_options(*command, graph_.load);
  command->add_option("--format", graph_.format, "The language of the drawing")
      ->check(CLI::IsMember({"dot", "mermaid"}))
      ->type_name("")
      ->capture_default_str();
  command->add_flag("--runtime", graph_.runtime, "Draw the scheduler's nodes, and which stages live in each");
  command->footer(
      "Examples:\n"
      "  penstock graph thumbnails.json | dot -Tsvg > thumbnails.svg\n"
      "  penstock graph thumbnails.json --format mermaid\n");
  command->callback([this] { exit_code_ = draw_graph(graph_, output_); });
}

void CommandLine::add_test() {
  CLI::App* command = app_.add_subcommand("test", "Test pipelines as the *.test.json beside them say");
  command->add_option("PATH", test_.paths, "Test files, and folders that have some")->required()->type_name("");
  command->add_option("--filter", test_.filter, "Only tests with this text in `FILE: NAME`")->type_name("TEXT");
  command->add_option("--seeds", test_.seeds, "Interleavings to try for each test (default: as it says)")
      ->check(CLI::Range(1U, 1'000'000U))
      ->type_name("N");
  command->add_option("--junit", test_.junit, "Write the results as JUnit XML; - is standard output")
      ->type_name("FILE");
  command->add_flag("--record", test_.record,
                    "Run against the real servers, on the real clock, and write the recordings that tests name in "
                    "`http`");
  command->footer(
      "Tests need no network and no time. PENSTOCK_SEED=N tries the interleaving N alone.\n\n"
      "Exit codes: 0 all passed, 1 some failed, 2 usage error or wrong test file.\n\n"
      "Examples:\n"
      "  penstock test configs\n"
      "  penstock test thumbnails.test.json --filter order --seeds 1000\n");
  command->callback([this] { exit_code_ = run_tests(test_); });
}

void CommandLine::add_completion() {
  CLI::App* command = app_.add_subcommand("completion", "Print a script that completes commands in the shell");
  command->add_option("SHELL", shell_, "The shell")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->type_name("");
  command->footer(
      "Examples:\n"
      "  source <(penstock completion bash)\n"
      "  penstock completion zsh > ~/.zfunc/_penstock\n"
      "  penstock completion fish > ~/.config/fish/completions/penstock.fish\n");
  command->callback([this] { exit_code_ = print_completion(app_, shell_, output_); });
}

int CommandLine::usage_error(const CLI::ParseError& error) const {
  std::string command = "penstock";
  for (const CLI::App* used : app_.get_subcommands()) command += " " + used->get_name();
  std::cerr << "penstock: " << escape_controls(error.what()) << "\n"
            << "  help: `" << command << " --help` lists what it takes\n";
  return kConfiguration;
}

int CommandLine::run_command(int argc, const char* const* argv) {
  if (argc < 2) {
    std::cerr << app_.help();
    return kConfiguration;
  }
  const std::string first = argv[1];
  const auto commands = app_.get_subcommands([](const CLI::App*) { return true; });
  std::vector<std::string> names;
  for (const CLI::App* command : commands) names.push_back(command->get_name());
  if (!first.starts_with('-') && std::find(names.begin(), names.end(), first) == names.end()) {
    std::cerr << "penstock: there is no command \"" << escape_controls(first) << "\"; there are: ";
    for (const std::string& name : names) std::cerr << (name == names.front() ? "" : ", ") << name;
    std::cerr << "\n";
    if (const std::string help = suggest(first, names); !help.empty()) std::cerr << "  help: " << help << "\n";
    return kConfiguration;
  }
  try {
    app_.parse(argc, argv);
  } catch (const CLI::Success& help_or_version) {
    return app_.exit(help_or_version, output_);
  } catch (const CLI::ParseError& error) {
    return usage_error(error);
  }
  return exit_code_;
}

int CommandLine::main(int argc, const char* const* argv) {
  const int exit_code = run_command(argc, argv);
  try {
    write_standard_output(output_.str());
  } catch (const std::system_error& error) {
    std::cerr << "penstock: " << error.what() << "\n";
    return exit_code == kConfiguration ? exit_code : kAborted;
  }
  return exit_code;
}

}  // namespace penstock::cli
