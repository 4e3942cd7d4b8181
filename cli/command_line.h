// What the user typed. The options of every command are declared here once; help and shell completion derive from it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "penstock/pipeline.h"

namespace penstock::cli {

/// How to load a pipeline file; shared by several commands.
struct LoadArguments {
  std::vector<std::string> set;  ///< `name=value`.
  std::string base;
  std::vector<std::string> plugins;
};

struct RunArguments {
  std::string file;
  LoadArguments load;
  std::string report;    ///< Empty: none; `-`: standard output.
  std::string failures;  ///< The same.
  std::string progress = "auto";
  unsigned workers = 0;
  std::string drain_timeout = "10 s";
  std::string log_level = "info";
};

struct CheckArguments {
  std::vector<std::string> files;
  LoadArguments load;
  bool show = false;
};

struct StagesArguments {
  std::string type;
  bool json = false;
  std::vector<std::string> plugins;
};

struct SchemaArguments {
  std::vector<std::string> plugins;
  bool tests = false;  ///< That of test files.
};

struct TestArguments {
  std::vector<std::string> paths;
  std::string filter;
  unsigned seeds = 0;  ///< 0: as each test says.
  std::string junit;   ///< Empty: none; `-`: standard output.
  bool record = false;
};

struct GraphArguments {
  std::string file;
  LoadArguments load;
  std::string format = "dot";
  bool runtime = false;
};

/// Pinned: CLI11 keeps pointers into it.
class CommandLine {
 public:
  CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  /// Parses and runs the command, prints what it has to say, and usage errors. Returns the exit code.
  int main(int argc, const char* const* argv);

 private:
  void add_run();
  void add_check();
  void add_stages();
  void add_schema();
  void add_graph();
  void add_test();
  void add_completion();
  int run_command(int argc, const char* const* argv);
  int usage_error(const CLI::ParseError& error) const;

  CLI::App app_;
  RunArguments run_;
  CheckArguments check_;
  StagesArguments stages_;
  SchemaArguments schema_;
  GraphArguments graph_;
  TestArguments test_;
  std::string shell_;
  std::ostringstream output_;  // Printed at the end, as one text whose every byte is known to be written.
  int exit_code_ = 0;
};

/// Throws CLI::ValidationError for an entry without `=`.
LoadOptions load_options(const LoadArguments& arguments);

}  // namespace penstock::cli
