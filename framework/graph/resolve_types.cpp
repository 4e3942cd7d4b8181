// Payload types flow along the edges in topological order. A port may carry several types (a stage that hands on what
// it gets, fed by two others); then every one of them must be welcome at its readers.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "framework/base/closest_match.h"
#include "framework/base/quote.h"
#include "framework/graph/draft.h"
#include "framework/spec/read_options.h"
#include "penstock/bytes.h"

namespace penstock::graph {
namespace {

/// Nothing: unknown, because of an error that is reported.
using Types = std::optional<std::vector<const PayloadType*>>;

void add_types(Types& all, const Types& more) {
  if (!more || !all) {
    all.reset();
    return;
  }
  for (const PayloadType* type : *more) {
    const bool is_known = std::any_of(all->begin(), all->end(), [&](auto* t) { return t->name == type->name; });
    if (!is_known) all->push_back(type);
  }
}

bool accepts(const std::vector<const PayloadType*>& types, const PayloadType& type) {
  return types.empty() || std::any_of(types.begin(), types.end(), [&](const PayloadType* t) { return type.is_a(*t); });
}

/// What the ports of a stage carry. Nothing: its options decide that, and something is wrong with them.
std::optional<PortTypes> port_types_of(const DraftStage& stage) {
  const StageSpec& spec = *stage.spec;
  if (spec.port_types) {
    if (stage.params == nullptr) return std::nullopt;
    return spec.port_types(stage.params.get());
  }
  PortTypes types;
  if (spec.input) types.input = spec.input->types;
  if (spec.output && spec.kind != StageKind::route) types.output = spec.output->types;  // A route hands on.
  return types;
}

std::string names_of(const std::vector<const PayloadType*>& types) {
  std::string names;
  for (const PayloadType* type : types) names += (names.empty() ? "" : " or ") + quote_name(type->name);
  return names;
}

/// The payload types of the framework itself, and every one that a stage type takes or gives.
std::map<std::string, const PayloadType*, std::less<>> types_of(const Registry& registry) {
  std::map<std::string, const PayloadType*, std::less<>> types;
  const auto add = [&](const PayloadType& type) { types.emplace(type.name, &type); };
  for (const PayloadType* type :
       {&payload_type<None>(), &payload_type<Bytes>(), &payload_type<Integer>(), &payload_type<Text>()}) {
    add(*type);
  }
  for (const auto& spec : registry.specs()) {
    if (spec->input) std::for_each(spec->input->types.begin(), spec->input->types.end(), [&](auto* t) { add(*t); });
    if (spec->output) std::for_each(spec->output->types.begin(), spec->output->types.end(), [&](auto* t) { add(*t); });
  }
  return types;
}

class TypeResolver {
 public:
  TypeResolver(Draft& draft, const Registry& registry)
      : draft_(draft), registry_(registry), inputs_(draft.stages.size()), outputs_(draft.stages.size()) {}

  void resolve() {
    for (const StageIndex index : draft_.order) {
      resolve_input(index);
      resolve_output(index);
    }
    for (StageIndex i = 0; i < draft_.stages.size(); ++i) {
      check_move_only(i);
      check_isolation(i);
    }
  }

 private:
  void resolve_input(StageIndex index) {
    const DraftStage& stage = draft_.stages[index];
    const std::optional<PortTypes> ports = stage.spec != nullptr ? port_types_of(stage) : std::nullopt;
    Types types = std::vector<const PayloadType*>();
    if (!stage.knows_inputs) types.reset();
    for (const Edge& edge : stage.inputs) {
      const Types& carried = edge.port == kFailedPort ? inputs_[edge.from] : outputs_[edge.from];
      add_types(types, carried);
      if (carried && ports && stage.spec->input) check_edge(stage, edge, ports->input, *carried);
    }
    inputs_[index] = std::move(types);
  }

  void check_edge(const DraftStage& stage, const Edge& edge, const std::vector<const PayloadType*>& accepted,
                  const std::vector<const PayloadType*>& carried) {
    for (const PayloadType* type : carried) {
      if (accepts(accepted, *type)) continue;
      const DraftStage& from = draft_.stages[edge.from];
      std::string source = quote(from.name()) + " (`" + from.config->common.type + "`)";
      if (edge.port == kFailedPort) source = "the failed items of " + source;
      draft_.out.error("graph.type_mismatch", edge.position, edge.pointer,
                       spec::stage_prefix(stage.name()) + "`" + stage.spec->type + "` expected " + names_of(accepted) +
                           ", got " + quote_name(type->name) + " from " + source,
                       "put a stage between them that makes one out of the other");
      return;
    }
  }

  /// All ports of a route carry the same.
  void resolve_output(StageIndex index) {
    DraftStage& stage = draft_.stages[index];
    Types types;
    if (stage.spec != nullptr && stage.spec->output) {
      if (!stage.spec->output_type_option.empty()) {
        types = named_type(stage);
      } else if (const std::optional<PortTypes> ports = port_types_of(stage)) {
        types = ports->output.empty() ? inputs_[index] : ports->output;
      }
    }
    if (types && types->size() == 1) {
      for (OutputPort& port : stage.outputs) port.type = types->front();
    }
    outputs_[index] = std::move(types);
  }

  Types named_type(const DraftStage& stage) {
    if (stage.params == nullptr) return std::nullopt;
    const std::string& option = stage.spec->output_type_option;
    const auto param = std::find_if(stage.spec->params.begin(), stage.spec->params.end(),
                                    [&](const ParamSpec& p) { return p.name == option; });
    const std::string name = param->get(stage.params.get()).get<std::string>();
    const auto known = types_of(registry_);
    if (const auto type = known.find(name); type != known.end()) return Types({type->second});
    std::vector<std::string> names;
    for (const auto& entry : known) names.push_back(entry.first);
    draft_.error(
        stage, "graph.unknown_payload_type", option,
        "no stage type here takes or gives a payload " + quote_name(name) + "; there are: " + join_names(names),
        suggest(name, names));
    return std::nullopt;
  }

  /// Sharing a value between two readers, or keeping it for another attempt, needs a copy.
  void check_move_only(StageIndex index) {
    const DraftStage& stage = draft_.stages[index];
    for (const OutputPort& port : stage.outputs) {
      const PayloadType* type = find_move_only(outputs_[index]);
      if (type == nullptr || port.readers.size() < 2) continue;
      std::vector<std::string> readers;
      readers.reserve(port.readers.size());
      for (const StageIndex reader : port.readers) readers.push_back(quote(draft_.stages[reader].name()));
      draft_.error(stage, "graph.move_only", "",
                   quote_name(type->name) + " cannot be copied: expected one reader, got " +
                       std::to_string(readers.size()) + ": " + join_names(readers),
                   "let one of them read it");
    }
    const PayloadType* type = find_move_only(inputs_[index]);
    if (type == nullptr) return;
    if (stage.config->common.retry.attempts > 1) {
      draft_.error(stage, "graph.move_only", "retry",
                   quote_name(type->name) +
                       " cannot be copied, so it cannot be kept for another attempt: expected no "
                       "`retry`, got " +
                       std::to_string(stage.config->common.retry.attempts) + " attempts",
                   "remove `retry`");
    }
    if (!stage.failed_readers.empty()) {
      draft_.error(stage, "graph.move_only", "",
                   quote_name(type->name) +
                       " cannot be copied, so it cannot be kept for the port `failed`: expected no "
                       "reader, got " +
                       quote(draft_.stages[stage.failed_readers.front()].name()),
                   "let nothing read " + quote(stage.name() + ".failed"));
    }
  }

  /// What goes to another process and back must be written down.
  void check_isolation(StageIndex index) {
    const DraftStage& stage = draft_.stages[index];
    if (!stage.is_isolated) return;
    for (const Types* types : {&inputs_[index], &outputs_[index]}) {
      if (!*types || (types == &outputs_[index] && !stage.spec->output)) continue;
      for (const PayloadType* type : **types) {
        if (type->is_encodable()) continue;
        draft_.error(stage, "stage.unsupported", "isolation",
                     quote_name(type->name) + " cannot be written down, so it cannot be given to another process: " +
                         "expected no `isolation`, got \"process\"",
                     "remove `isolation`");
        return;
      }
    }
  }

  static const PayloadType* find_move_only(const Types& types) {
    if (!types) return nullptr;
    const auto at = std::find_if(types->begin(), types->end(), [](const PayloadType* t) { return !t->copyable; });
    return at == types->end() ? nullptr : *at;
  }

  Draft& draft_;
  const Registry& registry_;
  std::vector<Types> inputs_;
  std::vector<Types> outputs_;
};

}  // namespace

void resolve_types(Draft& draft, const Registry& registry) { TypeResolver(draft, registry).resolve(); }

}  // namespace penstock::graph
