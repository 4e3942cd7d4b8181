// The program penstock: reads the command line and runs one command; see command_line.cpp for what there is.
// SPDX-License-Identifier: Apache-2.0
#include <malloc.h>

#include <exception>
#include <iostream>

#include "cli/command_line.h"
#include "cli/exit_code.h"
#include "cli/terminal_text.h"

int main(int argc, char** argv) {
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
