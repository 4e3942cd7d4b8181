// The conformance tests: what every stage type promises, looked at for all types of a registry. With GoogleTest.
//
//     int main(int argc, char** argv) {
//       penstock::Registry registry;
//       registry.add(shout_spec());
//       return penstock::testing::run_conformance_tests(argc, argv, registry);
//     }
//
// Each type needs an example() in its declaration. The tests check the example in a pipeline and the schema against the
// check, feed hostile items and files, and cancel at all sorts of moments: only declared errors come out, no item is
// lost, nothing stays open.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "penstock/payload.h"
#include "penstock/registry.h"

namespace penstock::testing {

/// What the tests cannot know of a registry of yours.
struct ConformanceOptions {
  /// Payloads of types of your own, and more of the framework's (none, integer, text, bytes): ordinary ones, and what
  /// somebody who means harm would send. The first of a type is an ordinary one.
  std::vector<Payload> payloads = {};
  /// Contents of files, for sources that read some: at least one that each of them can read.
  std::vector<std::string> files = {};
  /// Called before each test. What a stage needs in the test's folder, from which relative paths count.
  std::function<void(const std::string& folder)> prepare = {};
};

/// Registers a test suite `Conformance/TYPE` for each stage type. Call it between InitGoogleTest() and
/// RUN_ALL_TESTS(). Throws std::invalid_argument when the registry has no stage types.
void register_conformance_tests(const Registry& registry, const ConformanceOptions& options = {});

/// All of it: initialises GoogleTest, registers, runs. Returns the exit code of the program.
int run_conformance_tests(int argc, char** argv, const Registry& registry, const ConformanceOptions& options = {});

}  // namespace penstock::testing
