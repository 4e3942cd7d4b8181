// The JSON Schema of pipeline documents, for editors and for checks without the program.
//
// What `penstock check` accepts, the schema accepts: each key that is not text also takes a string with a `${name}` in
// it, as nobody but `check` knows its value. Of mistakes in options (unknown, missing, wrong type, out of range, not
// among the choices) the schema rejects what `check` rejects. It is draft-07, the one that editors know best.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "penstock/stage_spec.h"

namespace penstock::spec {

/// Keys of one object, and the struct with their defaults.
struct KeyGroup {
  std::vector<ParamSpec> keys;
  std::shared_ptr<const void> defaults;  ///< May be null: no defaults are shown then.
};

/// What a document may hold besides the options of its stages.
struct DocumentSpec {
  KeyGroup document;  ///< The keys of the document itself; `$schema` and `stages` are added when they are missing.
  KeyGroup common;    ///< The keys that every stage takes; `name` and `type` are added when they are missing.
};

nlohmann::ordered_json json_schema(const std::vector<std::shared_ptr<const StageSpec>>& specs,
                                   const DocumentSpec& document);

/// The schema of a document without stages and parameters.
nlohmann::ordered_json json_schema(const std::string& title, const std::string& description, const KeyGroup& document);

}  // namespace penstock::spec
