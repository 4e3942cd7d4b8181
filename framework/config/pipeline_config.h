// A pipeline file as plain data: read and expanded, its own keys checked; the names in it are not looked up yet.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/diagnostics.h"
#include "framework/spec/common_options.h"
#include "framework/spec/json_schema.h"
#include "framework/spec/located_json.h"
#include "penstock/option_codec.h"

namespace penstock::config {

struct LimitsOptions {
  std::uint64_t items = 256;
  ByteSize memory{std::uint64_t{1} << 30U};
};
std::vector<ParamSpec> params_of(const LimitsOptions*);

/// The keys of the file itself.
struct PipelineOptions {
  std::string schema;
  std::string name;
  std::string description;
  std::vector<FilePath> plugins;
  LimitsOptions limits;
};
/// Their declarations, bound to PipelineOptions. Those of `params` and `stages` say what they accept and are bound to
/// nothing (`set` and `get` are empty).
const std::vector<ParamSpec>& pipeline_params();

/// All keys that are no options of a stage type, with their defaults: for the JSON Schema and the reference pages.
spec::DocumentSpec document_spec();

/// One entry of `stages`.
struct StageConfig {
  spec::CommonOptions common;  ///< Its name is never empty, and differs from all others when is_fine.
  spec::LocatedValue object;   ///< All of it, expanded; a broken value when it is no object.
  std::string pointer;         ///< `/stages/2`.
  bool is_fine = true;         ///< Nothing was wrong with the common keys.
  bool is_from_fine = true;    ///< Nothing was wrong with `from`.

  /// Where the value of `key` stands; where the stage stands when it has no such key.
  Position position_of(std::string_view key) const;
  std::string pointer_to(std::string_view key) const;
};

/// One entry of `plugins`.
struct PluginConfig {
  std::string path;  ///< As written.
  Position position;
  std::string pointer;
};

struct PipelineConfig {
  std::string name;
  std::string description;
  std::vector<PluginConfig> plugins;
  LimitsOptions limits;
  std::vector<StageConfig> stages;  ///< In the order of the file.
  Position items_position;          ///< Of `limits.items`, or what stands for it.
  std::string items_pointer;
};

}  // namespace penstock::config
