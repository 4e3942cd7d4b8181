// SPDX-License-Identifier: Apache-2.0
#include "cli/reference.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/load_pipeline.h"
#include "cli/schema.h"
#include "framework/config/pipeline_config.h"
#include "framework/spec/markdown.h"

namespace penstock::cli {
namespace {

/// Nothing when there is no such file.
std::optional<std::string> read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The page of a stage type with its table, at its end when it has no place for it yet.
std::string with_table(const std::string& page, const StageSpec& spec) {
  const std::string table = spec::stage_table(spec);
  if (auto text = spec::replace_generated(page, spec.type, table)) return *text;
  const std::string place = "\n## Reference\n\n<!-- generated: " + spec.type + " -->\n<!-- end of generated -->\n";
  return spec::replace_generated(page + place, spec.type, table).value();
}

}  // namespace

std::map<std::string, std::string> reference_files(const std::string& root) {
  const auto specs = builtin_registry().specs();
  const spec::DocumentSpec document = config::document_spec();
  std::map<std::string, std::string> files;
  files["configs/penstock.schema.json"] = pipeline_schema(builtin_registry()).dump(2) + "\n";
  files["configs/penstock-test.schema.json"] = test_schema().dump(2) + "\n";
  files["docs/reference/stages.md"] = spec::stages_page(specs, document);
  files["docs/reference/errors.md"] = spec::errors_page(specs);
  for (const auto& spec : specs) {
    const std::string path = "stages/" + spec->type + "/README.md";
    const std::optional<std::string> page = read(root + "/" + path);
    if (!page) continue;
    files[path] = with_table(*page, *spec);
  }
  return files;
}

}  // namespace penstock::cli
