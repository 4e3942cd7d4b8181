// The size of JSON documents.
// SPDX-License-Identifier: Apache-2.0
#include "stages/types/json.h"

#include <string>
#include <vector>

namespace penstock {

std::uint64_t Json::memory_of(const nlohmann::json& value) {
  // A tree node of std::map beside the key and the value that it holds.
  constexpr std::uint64_t kMapNodeBytes = 32 + sizeof(std::string);
  std::uint64_t bytes = 0;
  std::vector<const nlohmann::json*> pending = {&value};  // No recursion: documents may be deep.
  while (!pending.empty()) {
    const nlohmann::json& part = *pending.back();
    pending.pop_back();
    bytes += sizeof(nlohmann::json);
    if (const auto* text = part.get_ptr<const std::string*>()) {
      bytes += sizeof(std::string) + text->size();
    } else if (const auto* object = part.get_ptr<const nlohmann::json::object_t*>()) {
      for (const auto& [key, member] : *object) {
        bytes += kMapNodeBytes + key.size();
        pending.push_back(&member);
      }
    } else if (part.is_array()) {
      for (const nlohmann::json& element : part) pending.push_back(&element);
    }
  }
  return bytes;
}

}  // namespace penstock
