// SPDX-License-Identifier: Apache-2.0
#include "framework/api/load_pipeline.h"

#include <sys/resource.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <utility>

#include "framework/base/diagnostics.h"
#include "framework/base/quote.h"
#include "framework/config/parse_config.h"
#include "framework/graph/build_graph.h"
#include "framework/isolation/isolated_spec.h"

namespace penstock {
namespace api {
namespace {

/// The hard limit on open files, up to which a program may raise its own; 0: none.
std::uint64_t descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max == RLIM_INFINITY) return 0;
  return limit.rlim_max;
}

[[noreturn]] void fail_reading(const std::string& path, const std::string& why) {
  throw ConfigError({{.code = std::string(DiagnosticCode("file.read").name()),
                      .where = {.file = path},
                      .message = "expected a pipeline file, but it cannot be read: " + why,
                      .help = "check the path and its permissions"}});
}

/// The bytes of the file, but never many more than a pipeline file may have.
std::string read_text(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) fail_reading(path, "it is a folder");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) fail_reading(path, std::generic_category().message(errno));
  std::string text;
  std::array<char, 64 * 1024> chunk;
  while (file && text.size() <= spec::kMaxJsonBytes) {
    file.read(chunk.data(), chunk.size());
    text.append(chunk.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad()) fail_reading(path, std::generic_category().message(errno));
  return text;
}

std::string path_of(const config::PluginConfig& plugin, const std::string& base) {
  return (std::filesystem::path(base) / plugin.path).lexically_normal().string();
}

/// The registry with the stage types of the plugins that the file names. Without them there is nothing to check the
/// stages against: their errors are all that is reported.
Registry with_plugins(Registry registry, const config::PipelineConfig& config, const LoadOptions& options,
                      const std::string& base, Diagnostics& out) {
  for (const config::PluginConfig& plugin : config.plugins) {
    if (options.plugins == FilePlugins::refuse) {
      out.error("plugin.refused", plugin.position, plugin.pointer,
                "expected no plugins, for this program does not load those that files name, got " + quote(plugin.path));
      continue;
    }
    try {
      registry.add_plugin(path_of(plugin, base));
    } catch (const ConfigError& error) {
      for (Diagnostic found : error.diagnostics()) {
        found.message = quote(plugin.path) + ": " + found.message;
        out.adopt(std::move(found), plugin.position, plugin.pointer);
      }
    }
  }
  if (!config.plugins.empty()) out.throw_errors();
  return registry;
}

std::shared_ptr<const StageSpec> isolate(const graph::IsolatedStage& stage, const std::vector<std::string>& worker) {
  isolation::Isolation isolation{.worker = worker,
                                 .stage_name = stage.common.name,
                                 .base = stage.base,
                                 .options = stage.options,
                                 .timeout = stage.common.timeout};
  if (stage.common.memory_limit) isolation.memory_limit = stage.common.memory_limit->bytes;
  return isolation::isolated_spec(stage.spec, std::move(isolation));
}

LoadedPipeline load(std::string_view text, const Registry& registry, const LoadOptions& options, std::string base,
                    const std::string& default_name, Diagnostics& out) {
  std::optional<config::PipelineConfig> config = config::parse_config(text, options.parameters, out);
  if (!config) out.throw_errors();
  if (config->name.empty()) config->name = default_name;
  const Registry extended = with_plugins(registry, *config, options, base, out);
  std::vector<std::string> worker = options.worker;
  if (!worker.empty()) {
    for (const config::PluginConfig& plugin : config->plugins) worker.push_back(path_of(plugin, base));
  }
  graph::BuildOptions build{.base = std::move(base), .descriptor_limit = descriptor_limit()};
  if (!worker.empty()) {
    build.isolate = [&worker](const graph::IsolatedStage& stage) { return isolate(stage, worker); };
  }
  std::optional<graph::Graph> graph = graph::build_graph(*config, extended, build, out);
  if (!graph) out.throw_errors();
  return {std::move(*config), std::move(*graph)};
}

/// Lines of a text that nobody has written say nothing.
std::vector<Diagnostic> without_lines(std::vector<Diagnostic> diagnostics) {
  for (Diagnostic& diagnostic : diagnostics) diagnostic.where.line = diagnostic.where.column = 0;
  return diagnostics;
}

}  // namespace

LoadedPipeline load_file(const std::string& path, const Registry& registry, const LoadOptions& options) {
  const std::filesystem::path file(path);
  Diagnostics out(path);
  const std::string base = options.base.empty() ? file.parent_path().string() : options.base;
  return load(read_text(path), registry, options, base, file.stem().string(), out);
}

LoadedPipeline load_string(const std::string& text, const Registry& registry, const LoadOptions& options) {
  Diagnostics out("<string>");
  return load(text, registry, options, options.base, "pipeline", out);
}

LoadedPipeline load_json(const nlohmann::ordered_json& document, const std::string& file, const Registry& registry,
                         const LoadOptions& options) {
  Diagnostics out(file);
  try {
    LoadedPipeline loaded = load(document.dump(), registry, options, options.base, "pipeline", out);
    loaded.graph.warnings = without_lines(std::move(loaded.graph.warnings));
    return loaded;
  } catch (const ConfigError& error) {
    throw ConfigError(without_lines(error.diagnostics()));
  } catch (const nlohmann::json::type_error&) {
    throw ConfigError({{.code = std::string(DiagnosticCode("json.utf8").name()),
                        .where = {.file = file},
                        .message = "expected UTF-8 in every text of the document, got other bytes",
                        .help = "convert the texts to UTF-8"}});
  }
}

}  // namespace api

Pipeline Pipeline::from_file(const std::string& path, const Registry& registry, const LoadOptions& options) {
  return Pipeline(std::make_shared<const graph::Graph>(api::load_file(path, registry, options).graph));
}

Pipeline Pipeline::from_string(const std::string& text, const Registry& registry, const LoadOptions& options) {
  return Pipeline(std::make_shared<const graph::Graph>(api::load_string(text, registry, options).graph));
}

Pipeline Pipeline::from_json(const nlohmann::json& document, const Registry& registry, const LoadOptions& options) {
  return Pipeline(std::make_shared<const graph::Graph>(api::load_json(document, "<json>", registry, options).graph));
}

const std::string& Pipeline::name() const { return graph_->name; }

const std::vector<Diagnostic>& Pipeline::warnings() const { return graph_->warnings; }

}  // namespace penstock
