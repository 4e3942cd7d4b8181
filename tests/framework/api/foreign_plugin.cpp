// A plugin made with a version and a compiler that never were.
// SPDX-License-Identifier: Apache-2.0
#include "penstock/plugin.h"

extern "C" PENSTOCK_API const penstock::detail::PluginEntry penstock_plugin;
const penstock::detail::PluginEntry penstock_plugin{penstock::detail::kPluginLayout, "penstock 0.0, cc 1",
                                                    [](penstock::Registry&) {}};
