// What a source gives to the pipeline.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "penstock/attributes.h"
#include "penstock/payload.h"

namespace penstock {

namespace detail {
class ItemWatcher;
}

/// One unit of data as a source emits it, before it is admitted. `key` is its stable identity (a URL, a path, a row
/// id): file names, reports and the failures file use it. Keys need not be unique.
struct SourceItem {
  std::string key = {};
  Attributes attributes = {};
  Payload payload = {};
  detail::ItemWatcher* watcher = nullptr;  ///< Set by `input` for items that the host waits for.
};

}  // namespace penstock
