// What a shared library has to contain so that programs can load stage types from it.
//
//     void add_stages(penstock::Registry& registry) { registry.add(shout_spec()); }
//     PENSTOCK_PLUGIN(add_stages)
//
// The library is used by `penstock run --plugin ./libshout.so`, by `"plugins": ["libshout.so"]` in a pipeline file, and
// by Registry::add_plugin().
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "penstock/export.h"
#include "penstock/registry.h"
#include "penstock/version.h"

namespace penstock::detail {

/// The one symbol that programs look for. Its layout never changes; `layout` would say so.
struct PluginEntry {
  std::uint32_t layout;
  const char* made_with;
  void (*add_stages)(Registry&);
};
inline constexpr std::uint32_t kPluginLayout = 1;

}  // namespace penstock::detail

#define PENSTOCK_DETAIL_TEXT_OF(number) #number
#define PENSTOCK_DETAIL_TEXT(number) PENSTOCK_DETAIL_TEXT_OF(number)
#if defined(__clang__)
#define PENSTOCK_DETAIL_COMPILER "clang " PENSTOCK_DETAIL_TEXT(__clang_major__)
#else
#define PENSTOCK_DETAIL_COMPILER "g++ " PENSTOCK_DETAIL_TEXT(__GNUC__)
#endif
#if defined(_GLIBCXX_DEBUG)
#define PENSTOCK_DETAIL_LIBRARY ", _GLIBCXX_DEBUG"
#else
#define PENSTOCK_DETAIL_LIBRARY ""
#endif

/// What a program and its plugins must have in common: C++ types pass between them.
#define PENSTOCK_MADE_WITH                                                           \
  "penstock " PENSTOCK_DETAIL_TEXT(PENSTOCK_VERSION_MAJOR) "." PENSTOCK_DETAIL_TEXT( \
      PENSTOCK_VERSION_MINOR) ", " PENSTOCK_DETAIL_COMPILER PENSTOCK_DETAIL_LIBRARY

/// Once in a plugin, outside of any namespace. `add_stages` is a function `void(penstock::Registry&)`; what it throws
/// is reported by whoever loads the plugin.
#define PENSTOCK_PLUGIN(add_stages)                                                                            \
  extern "C" PENSTOCK_API const ::penstock::detail::PluginEntry penstock_plugin;                               \
  const ::penstock::detail::PluginEntry penstock_plugin{::penstock::detail::kPluginLayout, PENSTOCK_MADE_WITH, \
                                                        add_stages};
