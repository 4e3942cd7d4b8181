// A stage with options, an error and its test. Quoted by docs/writing-a-stage.md.
// SPDX-License-Identifier: Apache-2.0
#include <cctype>
#include <cstdlib>
#include <iostream>

#include "penstock/stage.h"
#include "penstock/stage_spec.h"
#include "penstock/testing/stage_runner.h"

namespace {

using namespace penstock;
using penstock::testing::Outcome;
using penstock::testing::StageRunner;

struct ShoutParams {
  int marks = 1;
};

constexpr ErrorCode kEmpty{"shout.empty", "There is nothing to shout."};

class Shout final : public Transform<Text, Text> {
 public:
  explicit Shout(ShoutParams params) : params_(params) {}

  Text process(const Text& in, StageContext&) const override {
    if (in.value.empty()) throw ItemError(kEmpty);
    Text out = in;
    for (char& c : out.value) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    out.value.append(static_cast<std::size_t>(params_.marks), '!');
    return out;
  }

 private:
  ShoutParams params_;
};

StageSpec shout_spec() {
  return describe_stage<Shout, ShoutParams>("shout")
      .summary("Writes text in capitals.")
      .input<Text>("text", "UTF-8.")
      .output<Text>("text", "The same in capitals, with exclamation marks.")
      .param(&ShoutParams::marks, "marks", "Exclamation marks at the end.", between(0, 10))
      .error(kEmpty)
      .example(R"({"type": "shout", "marks": 3})");
}

void require(bool holds) {
  if (!holds) std::exit(1);
}

}  // namespace

int main() {
  StageRunner runner(shout_spec(), R"({"marks": 2})");
  const Outcome loud = runner.run({.key = "greeting", .attributes = {}, .payload = Payload(Text{"hello"})});
  require(loud.payload<Text>().value == "HELLO!!");
  const Outcome silent = runner.run({.key = "nothing", .attributes = {}, .payload = Payload(Text{})});
  require(silent.code == "shout.empty");
  std::cout << "shout works\n";
}
