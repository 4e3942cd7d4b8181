// A program with a stage of its own: it counts the letters of the words in a list. Quoted by docs/embedding.md.
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <iostream>

#include "penstock/pipeline.h"
#include "penstock/stage.h"
#include "penstock/stage_spec.h"
#include "stages/builtin.h"

namespace {

class CountLetters final : public penstock::SerialTransform<penstock::Payload, void> {
 public:
  void process(const penstock::Payload&, penstock::StageContext& context) override { letters_ += context.key().size(); }
  void close(penstock::StageContext&) override { std::cout << letters_ << " letters\n"; }

 private:
  std::size_t letters_ = 0;
};

penstock::StageSpec count_letters_spec() {
  return penstock::describe_stage<CountLetters>("count_letters")
      .summary("Counts the letters of all keys.")
      .input<penstock::Payload>("item", "Any item.");
}

constexpr const char* kPipeline = R"({
  "stages": [
    { "type": "lines", "path": "docs/examples/words.txt" },
    { "type": "count_letters" }
  ]
})";

}  // namespace

int main() {
  penstock::Registry registry;
  penstock::stages::register_builtin_stages(registry);
  registry.add(count_letters_spec());
  const auto pipeline = penstock::Pipeline::from_string(kPipeline, registry);

  penstock::RunOptions options;
  options.on_failure = [](const penstock::FailureRecord& failure) {
    std::cerr << failure.key << ": " << failure.message << "\n";
  };
  penstock::Run run = pipeline.start(options);
  const penstock::RunReport& report = run.wait();
  std::cout << report.items.done << " of " << report.items.admitted << " items done\n";
  return report.items.failed == 0 ? 0 : 1;
}
