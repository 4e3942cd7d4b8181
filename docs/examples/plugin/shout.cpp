// SPDX-License-Identifier: Apache-2.0
#include "shout.h"

#include <cctype>
#include <string>
#include <utility>

#include "penstock/bytes.h"
#include "penstock/stage.h"

namespace {

using namespace penstock;

struct ShoutParams {
  int marks = 1;
};

constexpr ErrorCode kTooLong{"shout.too_long", "Nobody can shout as long as that."};

class Shout final : public Transform<None, Bytes> {
 public:
  explicit Shout(ShoutParams params) : params_(params) {}

  Bytes process(const None&, StageContext& context) const override {
    std::string text = context.key();
    if (text.size() > 100)
      throw ItemError(kTooLong, "expected at most 100 letters, got " + std::to_string(text.size()));
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return Bytes(text + std::string(static_cast<std::size_t>(params_.marks), '!') + "\n");
  }

 private:
  ShoutParams params_;
};

}  // namespace

penstock::StageSpec shout_spec() {
  return describe_stage<Shout, ShoutParams>("shout")
      .summary("Writes the key in capitals.")
      .input<None>("item", "Its key is what is shouted.")
      .output<Bytes>("text", "One line of text.")
      .param(&ShoutParams::marks, "marks", "Exclamation marks at the end.", between(0, 10))
      .error(kTooLong)
      .example(R"({"type": "shout", "marks": 3})");
}
