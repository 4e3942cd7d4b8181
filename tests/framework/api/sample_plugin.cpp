// A plugin with a payload type, an error and two stage types of its own.
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "penstock/plugin.h"

struct Word {
  std::string text;
};
template <>
struct penstock::PayloadTraits<Word> {
  static constexpr std::string_view name = "word";
  static std::uint64_t bytes(const Word& word) { return word.text.size(); }
};

namespace {

using namespace penstock;

constexpr ErrorCode kTooLong{"to_word.too_long", "The text is too long for a word."};

struct ToWordParams {
  int letters = 8;
};

class ToWord final : public Transform<Text, Word> {
 public:
  explicit ToWord(ToWordParams params) : params_(params) {}
  Word process(const Text& in, StageContext& context) const override {
    if (in.value.size() > static_cast<std::size_t>(params_.letters)) throw ItemError(kTooLong, in.value);
    context.set_attribute("word.letters", static_cast<std::int64_t>(in.value.size()));
    return Word{in.value};
  }

 private:
  ToWordParams params_;
};

void add_stages(Registry& registry) {
  registry.add(describe_stage<ToWord, ToWordParams>("to_word")
                   .summary("Makes a word of a text.")
                   .input<Text>("text", "The text.")
                   .output<Word>("word", "The word.")
                   .param(&ToWordParams::letters, "letters", "The most letters.", between(1, 100))
                   .attribute("word.letters", "How many there are.")
                   .error(kTooLong)
                   .example(R"({"type": "to_word", "letters": 3})"));
  registry.transform("from_word", [](const Word& word) { return Text{word.text + "!"}; });
}

}  // namespace

PENSTOCK_PLUGIN(add_stages)
