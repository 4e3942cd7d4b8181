// The program penstock: reads the command line and runs one command; see command_line.cpp for what there is.
// SPDX-License-Identifier: Apache-2.0
#include <malloc.h>

#include <exception>
#include <iostream>
#include <span>
#include <string_view>

#include "cli/command_line.h"
#include "cli/exit_code.h"
#include "cli/run.h"
#include "cli/signals.h"
#include "cli/terminal_text.h"
#include "cli/worker.h"

int main(int argc, char** argv) {
  // First of all: a run answers every signal, however early. The other commands are ended by it.
  if (argc > 1 && std::string_view(argv[1]) == penstock::cli::kRunCommand) penstock::cli::hold_stop_signals();
  if (argc > 1 && std::string_view(argv[1]) == penstock::cli::kWorkerCommand) {
    return penstock::cli::run_worker(std::span(argv, static_cast<std::size_t>(argc)).subspan(2));
  }
  // Large buffers go back to the system when they are freed, whichever thread's arena they came from: otherwise each
  // thread that has decoded a large picture keeps the room for another.
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  try {
    return penstock::cli::CommandLine().main(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "penstock: " << penstock::cli::escape_controls_in_lines(error.what()) << "\n";
    return penstock::cli::kAborted;
  }
}
