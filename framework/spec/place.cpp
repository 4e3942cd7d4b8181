// SPDX-License-Identifier: Apache-2.0
#include "framework/spec/place.h"

#include "framework/base/json_pointer.h"

namespace penstock::spec {

std::string Place::pointer() const {
  if (parent_ == nullptr) return start_;
  if (!is_in_document_) return parent_->pointer();
  return append_pointer(parent_->pointer(), is_key_ ? std::string(key_) : std::to_string(index_));
}

std::string Place::name_below(const Place& top) const {
  if (parent_ == nullptr || this == &top) return {};
  std::string name = parent_->name_below(top);
  if (!is_key_) return name.append("[" + std::to_string(index_) + "]");
  if (!name.empty()) name.push_back('.');
  return name.append(key_);
}

}  // namespace penstock::spec
