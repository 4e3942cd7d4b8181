// JSON documents as payloads.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "penstock/export.h"
#include "penstock/memory.h"
#include "penstock/payload.h"

namespace penstock {

/// One JSON value of any kind. Its size in memory is estimated once, when it is made.
class PENSTOCK_API Json {
 public:
  Json() = default;
  explicit Json(nlohmann::json value) : value_(std::move(value)), bytes_(memory_of(value_)) {}
  /// `charge` stands for the memory of the value; copies made afterwards share it.
  void hold(MemoryCharge charge) {
    if (charge.bytes() > 0) charge_ = std::make_shared<const MemoryCharge>(std::move(charge));
  }

  const nlohmann::json& value() const { return value_; }
  /// Bytes held in memory, roughly.
  std::uint64_t bytes() const { return bytes_; }
  /// Bytes of `limits.memory` that it holds.
  std::uint64_t charged() const { return charge_ ? charge_->bytes() : 0; }

 private:
  static std::uint64_t memory_of(const nlohmann::json& value);

  nlohmann::json value_;
  std::uint64_t bytes_ = sizeof(nlohmann::json);
  std::shared_ptr<const MemoryCharge> charge_;
};

template <>
struct PayloadTraits<Json> {
  static constexpr std::string_view name = "json";
  static std::uint64_t bytes(const Json& json) { return json.bytes(); }
  static std::uint64_t charged(const Json& json) { return json.charged(); }
};

}  // namespace penstock
