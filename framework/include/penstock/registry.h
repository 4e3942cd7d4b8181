// The stage types that a pipeline may use.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/stage_spec.h"

namespace penstock {

/// A set of stage types by name. A value: programs and tests make their own; copies share the declarations.
/// Thread safety: as a container.
class Registry {
 public:
  /// Throws std::invalid_argument when the declaration contradicts itself (no summary, a duplicate option, an option
  /// that is named like a common key, an output port on a sink …) or the type exists already.
  void add(StageSpec spec);

  /// Null when there is no such type. The declaration lives as long as any copy of the registry.
  std::shared_ptr<const StageSpec> find(std::string_view type) const;

  /// Sorted by name.
  std::vector<std::shared_ptr<const StageSpec>> specs() const;

 private:
  std::map<std::string, std::shared_ptr<const StageSpec>, std::less<>> specs_;
};

}  // namespace penstock
