// Validates JSON against a JSON Schema, as far as our own schema goes: the keywords that framework/spec/json_schema.cpp
// and the stages write. An unknown keyword throws, so that no rule is passed over silently.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace penstock::testing {

class SchemaValidator {
 public:
  explicit SchemaValidator(nlohmann::ordered_json schema) : root_(std::move(schema)) {}

  bool accepts(const nlohmann::ordered_json& document) const { return accepts(root_, document); }

 private:
  using Json = nlohmann::ordered_json;
  bool accepts(const Json& schema, const Json& value) const;
  bool accepts(const std::string& keyword, const Json& rule, const Json& schema, const Json& value) const;
  bool accepts_object(const Json& schema, const Json& value) const;

  Json root_;
};

}  // namespace penstock::testing
