// What programs load: the list of the stage types in this library.
// SPDX-License-Identifier: Apache-2.0
#include "penstock/plugin.h"

#include "shout.h"

namespace {

void add_stages(penstock::Registry& registry) { registry.add(shout_spec()); }

}  // namespace

PENSTOCK_PLUGIN(add_stages)
