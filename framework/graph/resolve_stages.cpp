// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <exception>
#include <new>
#include <utility>

#include "framework/base/closest_match.h"
#include "framework/base/json_pointer.h"
#include "framework/base/quote.h"
#include "framework/graph/draft.h"
#include "framework/spec/read_options.h"

namespace penstock::graph {
namespace {

std::vector<std::string> type_names(const Registry& registry) {
  std::vector<std::string> names;
  for (const auto& spec : registry.specs()) names.push_back(spec->type);
  return names;
}

/// The options struct of a stage; null when something is wrong with it.
std::shared_ptr<void> read_params(Draft& draft, const DraftStage& stage) {
  const StageSpec& spec = *stage.spec;
  const OptionContext context{.base = draft.options.base};
  const spec::OptionReader reader{.prefix = spec::stage_prefix(stage.name()),
                                  .owner = quote_name(spec.type),
                                  .context = context,
                                  .diagnostics = draft.out,
                                  .other_keys = spec::common_keys()};
  const spec::Place place = spec::Place::at_pointer(stage.config->pointer);
  std::shared_ptr<void> params = spec.make_params();
  const spec::LocatedValue& object = stage.config->object;
  if (!reader.read(object, place, spec.params, params.get())) return nullptr;
  if (!reader.check_rules(object, place, spec.params, spec.rules, params.get())) return nullptr;
  return params;
}

OutputPort port_of(std::string name) { return {.name = std::move(name)}; }

/// Route ports have names of their own, which must be usable in `from`.
bool check_route_ports(Draft& draft, const DraftStage& stage, const std::vector<std::string>& ports) {
  std::vector<std::string> seen;
  for (const std::string& port : ports) {
    std::string why;
    if (!spec::is_valid_name(port)) why = "expected a name of letters, digits, `_` and `-`, got " + quote_name(port);
    if (port == "failed") why = "every stage has a port `failed` already";
    for (const std::string& other : seen) {
      if (other == port) why = "expected each port once, got " + quote_name(port) + " again";
    }
    if (!why.empty()) {
      draft.error(stage, "stage.port_name", "ports", why);
      return false;
    }
    seen.push_back(port);
  }
  return true;
}

/// What only the body knows. Making it is pure, and part of the check.
void inspect_body(Draft& draft, DraftStage& stage) {
  try {
    const std::unique_ptr<detail::StageBody> body = stage.spec->make_body(stage.params);
    if (stage.spec->kind == StageKind::collect) stage.max_members = std::max<std::size_t>(body->max_members(), 1);
    if (stage.spec->kind == StageKind::route) {
      const std::vector<std::string> ports = body->ports();
      if (!check_route_ports(draft, stage, ports)) return;
      for (const std::string& port : ports) stage.outputs.push_back(port_of(port));
    } else if (stage.spec->output) {
      stage.outputs.push_back(port_of(stage.spec->output->name));
    }
    stage.knows_ports = true;
  } catch (const OptionError& error) {
    draft.error(stage, error.code(), "", error.what(), error.help());
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    draft.error(stage, "option.value", "", "`" + stage.spec->type + "` refuses its options: " + error.what());
  }
}

}  // namespace

void Draft::error(const DraftStage& stage, DiagnosticCode code, std::string_view key, const std::string& message,
                  std::string help) {
  add(Severity::error, stage, code, key, message, std::move(help));
}

void Draft::warning(const DraftStage& stage, DiagnosticCode code, std::string_view key, const std::string& message,
                    std::string help) {
  add(Severity::warning, stage, code, key, message, std::move(help));
}

void Draft::add(Severity severity, const DraftStage& stage, DiagnosticCode code, std::string_view key,
                const std::string& message, std::string help) {
  const config::StageConfig& at = *stage.config;
  out.add(severity, code, key.empty() ? at.object.position : at.position_of(key),
          key.empty() ? at.pointer : at.pointer_to(key), spec::stage_prefix(stage.name()) + message, std::move(help));
}

void resolve_stages(Draft& draft, const Registry& registry) {
  const std::vector<std::string> names = type_names(registry);
  draft.stages.reserve(draft.config.stages.size());
  for (const config::StageConfig& config : draft.config.stages) {
    DraftStage& stage = draft.stages.emplace_back();
    stage.config = &config;
    stage.knows_inputs = config.is_from_fine;
    if (config.common.type.empty()) continue;  // Reported: it is missing, or no text.
    stage.spec = registry.find(config.common.type);
    if (stage.spec == nullptr) {
      draft.error(stage, "stage.unknown_type", "type",
                  "there is no stage type " + quote_name(config.common.type) + "; there are: " + join_names(names),
                  suggest(config.common.type, names));
      continue;
    }
    stage.params = read_params(draft, stage);
    if (stage.params != nullptr) {
      inspect_body(draft, stage);
    } else if (stage.spec->kind != StageKind::route) {
      if (stage.spec->output) stage.outputs.push_back(port_of(stage.spec->output->name));
      stage.knows_ports = true;
    }
  }
}

}  // namespace penstock::graph
