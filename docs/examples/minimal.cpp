// The smallest program: words in, capitals out. Quoted by docs/embedding.md.
// SPDX-License-Identifier: Apache-2.0
#include <cctype>
#include <iostream>

#include "penstock/pipeline_builder.h"

int main() {
  using namespace penstock;
  Registry registry;
  register_host_stages(registry);
  const Pipeline pipeline = PipelineBuilder(registry)
                                .stage("input", "words", {{"payload", "text"}})
                                .transform("shout",
                                           [](Text text) {
                                             for (char& c : text.value)
                                               c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
                                             return text;
                                           })
                                .stage("output")
                                .build();
  Run run = pipeline.start(
      {.on_output = {{"output", [](const OutputItem& item) { std::cout << item.payload.get<Text>().value << "\n"; }}}});
  Input words = run.input();
  for (const char* word : {"reservoir", "gate", "turbine"}) words.push({.key = word, .payload = Payload(Text{word})});
  words.close();
  return run.wait().items.done == 3 ? 0 : 1;
}
