// A plugin that adds one stage type and then cannot go on.
// SPDX-License-Identifier: Apache-2.0
#include "penstock/plugin.h"

namespace {

void add_stages(penstock::Registry& registry) {
  registry.transform("half", [](const penstock::Text& text) { return text; });
  registry.transform("half", [](const penstock::Text& text) { return text; });
}

}  // namespace

PENSTOCK_PLUGIN(add_stages)
