// Order matters here: signals are taken over first, so that none is lost while the pipeline is loaded, report files are
// opened before the run, so that a bad path costs no work, and everything is told after the display is gone.
// SPDX-License-Identifier: Apache-2.0
#include "cli/run.h"

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <thread>

#include "cli/exit_code.h"
#include "cli/load_pipeline.h"
#include "cli/log.h"
#include "cli/output_file.h"
#include "cli/progress_display.h"
#include "cli/report_json.h"
#include "cli/stop_on_signal.h"
#include "cli/subreaper.h"
#include "cli/summary.h"
#include "cli/terminal_text.h"
#include "framework/graph/graph.h"
#include "framework/runtime/worker_limit.h"
#include "penstock/units.h"

namespace penstock::cli {
namespace {

/// Thousands of transfers need as many descriptors; the usual soft limit is 1,024.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// The files that the run was asked to leave.
struct Outputs {
  std::unique_ptr<ReplacedFile> report;
  std::unique_ptr<LineFile> failures;
};

/// Throws std::system_error.
Outputs open_outputs(const RunArguments& arguments) {
  Outputs outputs;
  if (!arguments.report.empty()) outputs.report = std::make_unique<ReplacedFile>(arguments.report);
  if (!arguments.failures.empty()) outputs.failures = std::make_unique<LineFile>(arguments.failures);
  return outputs;
}

/// False, and said so, when one of them could not be written.
bool close_outputs(Outputs& outputs, const RunReport& report, spdlog::logger& logger) {
  bool is_written = true;
  const auto attempt = [&](const auto& write) {
    try {
      write();
    } catch (const std::system_error& error) {
      logger.error("{}", error.what());
      is_written = false;
    }
  };
  attempt([&] {
    if (outputs.failures) outputs.failures->close();
  });
  attempt([&] {
    if (outputs.report) outputs.report->commit(dump(report_json(report), 2) + "\n");
  });
  return is_written;
}

/// `code`, unless a signal asked for its own.
int exit_code(int code, int signal) { return signal != 0 ? kSignalBase + signal : code; }

int exit_code(const RunReport& report, bool is_written) {
  if (!is_written || report.outcome == RunOutcome::aborted || report.outcome == RunOutcome::cancelled) return kAborted;
  return report.items.failed == 0 ? kAllDone : kSomeFailed;
}

/// What to read next, for the end of the summary.
std::vector<std::string> places(const Pipeline& pipeline, const RunArguments& arguments, const RunReport& report) {
  std::string base = arguments.load.base;
  if (base.empty()) base = std::filesystem::path(arguments.file).parent_path().string();
  std::vector<std::string> texts = outputs_of(pipeline.graph(), base);
  const bool has_failures = !arguments.failures.empty() && arguments.failures != "-" && report.items.failed != 0;
  if (has_failures) texts.push_back("failures: " + arguments.failures);
  if (!arguments.report.empty() && arguments.report != "-") texts.push_back("report: " + arguments.report);
  return texts;
}

RunOptions run_options(const RunArguments& arguments, LineFile* failures, std::shared_ptr<spdlog::logger> logger) {
  RunOptions options;
  options.workers = arguments.workers != 0 ? arguments.workers : std::max(1U, std::thread::hardware_concurrency());
  options.drain_timeout = parse_duration(arguments.drain_timeout).value();  // The command line checked it.
  options.on_failure = [failures, logger = std::move(logger)](const FailureRecord& failure) {
    if (failures != nullptr) failures->write(failure_line(failure));
    logger->debug("{}: {} in \"{}\": {}", failure.key, failure.code, failure.stage, failure.message);
  };
  return options;
}

/// True, and said so, when only a host program can run the pipeline.
bool has_host_end(const Pipeline& pipeline) {
  for (const graph::GraphStage& stage : pipeline.graph().stages) {
    if (stage.spec->host_end == HostEnd::none) continue;
    std::cerr << "penstock: stage \"" << escape_controls(stage.name)
              << "\" is an end for the program around the pipeline (" << stage.spec->type
              << "), and there is none here\n"
              << "  help: put a stage there that reads or writes by itself; docs/embedding.md has the program\n";
    return true;
  }
  return false;
}

}  // namespace

int run_pipeline(const RunArguments& arguments) {
  const Subreaper subreaper;
  ProgressDisplay display(progress_style(arguments.progress));
  const std::shared_ptr<spdlog::logger> logger = make_logger(display, arguments.log_level);
  StopOnSignal signals(logger, arguments.drain_timeout);
  const std::optional<Pipeline> pipeline = load_pipeline(arguments.file, arguments.load);
  if (!pipeline || has_host_end(*pipeline)) return kConfiguration;
  print(pipeline->warnings());

  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  Outputs outputs;
  try {
    outputs = open_outputs(arguments);
  } catch (const std::system_error& error) {
    std::cerr << "penstock: " << escape_controls(error.what()) << "; nothing was run\n";
    return exit_code(kAborted, signals.first_signal());
  }

  RunOptions options = run_options(arguments, outputs.failures.get(), logger);
  // One more than workers: oneTBB counts the thread that starts the work, and that one only waits here.
  const runtime::WorkerLimit limit(options.workers + 1);
  Run run = pipeline->start(std::move(options));
  signals.attach(run);
  display.start(pipeline->name(), [&run] { return run.progress(); });
  const RunReport report = run.wait();
  signals.detach();
  display.stop();
  if (report.workers_available < arguments.workers) {
    logger->warn("{} of {} workers: the system allows no more", report.workers_available, arguments.workers);
  }

  const bool is_written = close_outputs(outputs, report, *logger);
  display.print(summary(report, places(*pipeline, arguments, report)));
  return exit_code(exit_code(report, is_written), signals.first_signal());
}

}  // namespace penstock::cli
