// The worker program of isolated stages.
//
//     int main(int argc, char** argv) {
//       penstock::Registry registry;
//       penstock::stages::register_builtin_stages(registry);
//       registry.add(my_spec());
//       if (argc == 2 && std::string_view(argv[1]) == "worker") return penstock::run_worker(registry);
//       penstock::LoadOptions options{.worker = {argv[0], "worker"}};
//       …
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "penstock/export.h"
#include "penstock/registry.h"

namespace penstock {

/// Runs the body of a stage with `"isolation": "process"` for the program that has started this one, until that program
/// is done or gone. Standard input is the line to it. Returns the exit code.
/// `registry` has the stage types that may be isolated, but for those of the plugins that a pipeline file names: their
/// paths are appended to the command, and given here.
/// REQUIRES: called before anything else was started.
PENSTOCK_API int run_worker(Registry registry, std::span<char* const> plugins = {});

}  // namespace penstock
