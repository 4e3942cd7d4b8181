// What every stage promises, looked at for ours.
// SPDX-License-Identifier: Apache-2.0
#include "penstock/testing/conformance.h"

#include "penstock/registry.h"
#include "shout.h"

int main(int argc, char** argv) {
  penstock::Registry registry;
  registry.add(shout_spec());
  return penstock::testing::run_conformance_tests(argc, argv, registry);
}
