// Where a walk through a document stands.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "framework/spec/located_json.h"

namespace penstock::spec {

/// One step below its parent, which must outlive it: a chain on the stack, turned into text only when there is
/// something to report. Below a value that stands for a parameter the document has no places of its own; pointers then
/// end at that value.
class Place {
 public:
  Place() = default;
  /// The value of `key`, or at `index`, in `container`, which stands at `parent`.
  Place(const Place& parent, std::string_view key, const LocatedValue& container)
      : parent_(&parent), key_(key), is_key_(true), is_in_document_(!container.is_from_parameter) {}
  Place(const Place& parent, std::size_t index, const LocatedValue& container)
      : parent_(&parent), index_(index), is_in_document_(!container.is_from_parameter) {}

  /// The place that a pointer leads to.
  static Place at_pointer(std::string pointer) {
    Place place;
    place.start_ = std::move(pointer);
    return place;
  }

  /// `/stages/2/retry/attempts`.
  std::string pointer() const;
  /// What a person calls it, counted from the object at `top`: `retry.attempts`, `formats[1]`.
  std::string name_below(const Place& top) const;

 private:
  const Place* parent_ = nullptr;
  std::string start_;  // Without a parent: where the chain begins.
  std::string_view key_;
  std::size_t index_ = 0;
  bool is_key_ = false;
  bool is_in_document_ = true;
};

}  // namespace penstock::spec
