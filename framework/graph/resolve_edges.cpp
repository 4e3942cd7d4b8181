// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "framework/base/closest_match.h"
#include "framework/base/json_pointer.h"
#include "framework/base/quote.h"
#include "framework/graph/draft.h"
#include "framework/spec/read_options.h"

namespace penstock::graph {
namespace {

using spec::LocatedValue;

class EdgeResolver {
 public:
  explicit EdgeResolver(Draft& draft) : draft_(draft) {
    for (StageIndex i = 0; i < draft.stages.size(); ++i) by_name_.try_emplace(draft.stages[i].name(), i);
  }

  void resolve() {
    for (StageIndex i = 0; i < draft_.stages.size(); ++i) resolve_inputs(i);
    for (StageIndex i = 0; i < draft_.stages.size(); ++i) connect(i);
    // An edge that could not be found may be the one that reads the source.
    const bool knows_all = std::all_of(draft_.stages.begin(), draft_.stages.end(),
                                       [](const DraftStage& s) { return s.knows_inputs && s.spec != nullptr; });
    if (knows_all) check_sources_are_read();
  }

 private:
  void resolve_inputs(StageIndex index) {
    DraftStage& stage = draft_.stages[index];
    const auto& from = stage.config->common.from;
    if (!stage.config->is_from_fine) return;
    if (stage.spec == nullptr && !from) {
      stage.knows_inputs = false;  // Perhaps a source; nobody knows.
      return;
    }
    if (stage.is_source()) {
      if (from) {
        draft_.error(stage, "graph.source_with_input", "from",
                     quote_name(stage.spec->type) + " is a source: expected no `from`, got " + quote(from->ports[0]),
                     "remove `from`");
      }
      return;
    }
    if (from) {
      read_named_ports(index, from->ports);
    } else {
      read_stage_before(index);
    }
  }

  void read_stage_before(StageIndex index) {
    DraftStage& stage = draft_.stages[index];
    stage.knows_inputs = false;
    if (index == 0) {
      draft_.error(stage, "graph.unfed_input", "",
                   quote_name(stage.spec->type) + " expected something to read, got no stage before it and no `from`",
                   "begin with a source, or say what it reads with `from`");
      return;
    }
    const StageIndex before = index - 1;
    const DraftStage& other = draft_.stages[before];
    if (!other.knows_ports) return;
    if (other.outputs.empty() && other.spec->kind != StageKind::route) {
      draft_.error(stage, "graph.no_output", "",
                   "it reads the stage before it, " + quote(other.name()) + ", but " + quote_name(other.spec->type) +
                       " has no output",
                   "say with `from` which stage it reads");
      return;
    }
    if (other.spec->kind == StageKind::route) {
      draft_.error(
          stage, "graph.port_not_named", "",
          "it reads the stage before it, " + quote(other.name()) + ", which has several ports: " + ports_of(other),
          "say with `from` which port it reads");
      return;
    }
    stage.knows_inputs = true;
    stage.inputs.push_back({before, 0, stage.config->object.position, stage.config->pointer});
  }

  void read_named_ports(StageIndex index, const std::vector<std::string>& ports) {
    DraftStage& stage = draft_.stages[index];
    const spec::LocatedMember* member = stage.config->object.find("from");
    const auto* list = member->value.get_if<LocatedValue::List>();
    std::set<std::pair<StageIndex, std::size_t>> seen;
    for (std::size_t i = 0; i < ports.size(); ++i) {
      Position position = member->value.position;
      std::string pointer = stage.config->pointer_to("from");
      if (list != nullptr && i < list->size()) {
        position = (*list)[i].position;
        if (!member->value.is_from_parameter) pointer = append_pointer(std::move(pointer), std::to_string(i));
      }
      std::optional<Edge> edge = find_port(stage, ports[i], position, pointer);
      if (!edge) {
        stage.knows_inputs = false;
      } else if (!seen.emplace(edge->from, edge->port).second) {
        error(stage, "graph.duplicate_edge", position, pointer,
              "expected each port once in `from`, got " + quote(ports[i]) + " again", "remove one of them");
      } else {
        stage.inputs.push_back(std::move(*edge));
      }
    }
  }

  /// The edge from "x", "x.port" or "x.failed"; nothing when it is unknown, reported unless it follows from a mistake
  /// in the other stage.
  std::optional<Edge> find_port(const DraftStage& stage, const std::string& text, Position position,
                                const std::string& pointer) {
    const std::size_t dot = text.find('.');
    const std::string name = text.substr(0, dot);
    const auto at = by_name_.find(name);
    if (at == by_name_.end()) {
      if (draft_.out.is_full()) {
        error(stage, "graph.unknown_stage", position, pointer, "");
        return std::nullopt;
      }
      std::vector<std::string> names;
      for (const DraftStage& other : draft_.stages) names.push_back(other.name());
      error(stage, "graph.unknown_stage", position, pointer,
            "there is no stage " + quote(name) + " to read; there are: " + join_names(names), suggest(name, names));
      return std::nullopt;
    }
    const DraftStage& other = draft_.stages[at->second];
    if (dot != std::string::npos && text.substr(dot + 1) == "failed") {
      if (!other.is_source()) return Edge{at->second, kFailedPort, position, pointer};
      error(stage, "graph.unknown_port", position, pointer,
            quote(name) + " is a source: no item comes into it, so it has no port `failed`", "read the source itself");
      return std::nullopt;
    }
    if (!other.knows_ports) return std::nullopt;
    if (dot == std::string::npos) return find_only_port(stage, at->second, position, pointer);
    const std::string port = text.substr(dot + 1);
    const auto found =
        std::find_if(other.outputs.begin(), other.outputs.end(), [&](const OutputPort& p) { return p.name == port; });
    if (found != other.outputs.end()) {
      return Edge{at->second, static_cast<std::size_t>(found - other.outputs.begin()), position, pointer};
    }
    std::vector<std::string> names;
    for (const OutputPort& output : other.outputs) names.push_back(output.name);
    if (!other.is_source()) names.emplace_back("failed");
    error(stage, "graph.unknown_port", position, pointer,
          quote(name) + " has no port " + quote_name(port) + "; it has: " + join_names(names), suggest(port, names));
    return std::nullopt;
  }

  std::optional<Edge> find_only_port(const DraftStage& stage, StageIndex from, Position position,
                                     const std::string& pointer) {
    const DraftStage& other = draft_.stages[from];
    if (other.spec->kind == StageKind::route) {
      error(stage, "graph.port_not_named", position, pointer,
            quote(other.name()) + " has several ports: " + ports_of(other),
            "name one of them, e.g. " +
                quote(other.name() + "." + (other.outputs.empty() ? "failed" : other.outputs[0].name)));
      return std::nullopt;
    }
    if (other.outputs.empty()) {
      error(stage, "graph.no_output", position, pointer,
            "it reads " + quote(other.name()) + ", but " + quote_name(other.spec->type) + " has no output",
            "items that failed in it are at " + quote(other.name() + ".failed"));
      return std::nullopt;
    }
    return Edge{from, 0, position, pointer};
  }

  void connect(StageIndex index) {
    for (const Edge& edge : draft_.stages[index].inputs) {
      DraftStage& from = draft_.stages[edge.from];
      (edge.port == kFailedPort ? from.failed_readers : from.outputs[edge.port].readers).push_back(index);
    }
  }

  void check_sources_are_read() {
    for (const DraftStage& stage : draft_.stages) {
      if (!stage.is_source() || stage.outputs.empty() || !stage.outputs[0].readers.empty()) continue;
      draft_.error(stage, "graph.unread_source", "", "expected a stage that reads this source, got none",
                   "add a stage behind it, or one with \"from\": " + quote(stage.name()));
    }
  }

  static std::string ports_of(const DraftStage& stage) {
    std::vector<std::string> names;
    for (const OutputPort& port : stage.outputs) names.push_back(port.name);
    names.emplace_back("failed");
    return join_names(names);
  }

  void error(const DraftStage& stage, DiagnosticCode code, Position position, const std::string& pointer,
             const std::string& message, std::string help = {}) {
    draft_.out.error(code, position, pointer, spec::stage_prefix(stage.name()) + message, std::move(help));
  }

  Draft& draft_;
  std::unordered_map<std::string_view, StageIndex> by_name_;
};

}  // namespace

void resolve_edges(Draft& draft) { EdgeResolver(draft).resolve(); }

}  // namespace penstock::graph
