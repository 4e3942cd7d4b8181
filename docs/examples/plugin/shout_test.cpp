// The stage alone, without a pipeline.
// SPDX-License-Identifier: Apache-2.0
#include "shout.h"

#include <iostream>
#include <string>

#include "penstock/bytes.h"
#include "penstock/testing/stage_runner.h"

int main() {
  using penstock::testing::Outcome;
  penstock::testing::StageRunner runner(shout_spec(), R"({"marks": 2})");
  const Outcome loud = runner.run("hello");
  const Outcome endless = runner.run(std::string(101, 'a'));
  const bool is_right = loud.payload<penstock::Bytes>().view() == "HELLO!!\n" && endless.code == "shout.too_long";
  std::cout << (is_right ? "shout works\n" : "shout is broken\n");
  return is_right ? 0 : 1;
}
