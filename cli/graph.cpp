// Both languages get the same picture: a box per stage, an arrow per edge, dashed from `failed` ports. With --runtime,
// a frame per node of the scheduler stands around the stages that live in it.
// SPDX-License-Identifier: Apache-2.0
#include "cli/graph.h"

#include <numeric>
#include <ostream>

#include "cli/edges.h"
#include "cli/exit_code.h"
#include "cli/load_pipeline.h"
#include "cli/terminal_text.h"
#include "framework/runtime/segment_plan.h"
#include "framework/spec/describe.h"

namespace penstock::cli {
namespace {

/// Text between the double quotes of DOT.
std::string dot_text(std::string_view text) {
  std::string out;
  for (const char c : escape_controls(text)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

/// Text between the double quotes of Mermaid, which takes HTML entities.
std::string mermaid_text(std::string_view text) {
  std::string out;
  for (const char c : escape_controls(text)) {
    switch (c) {
      case '"':
        out += "&quot;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '#':
        out += "&num;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

struct Frame {
  std::string title;
  std::vector<graph::StageIndex> stages;
};

std::string concurrency_text(unsigned concurrency) {
  if (concurrency == graph::kUnlimited) return "unlimited";
  return concurrency == 1 ? "serial" : "at most " + std::to_string(concurrency);
}

/// The scheduler's nodes, or one frame without a title around everything.
std::vector<Frame> frames(const graph::Graph& graph, bool runtime) {
  std::vector<Frame> frames;
  if (!runtime) {
    std::vector<graph::StageIndex> all(graph.stages.size());
    std::iota(all.begin(), all.end(), graph::StageIndex{0});
    return {{"", std::move(all)}};
  }
  for (const runtime::PlannedSegment& segment : runtime::plan_segments(graph)) {
    const graph::GraphStage& first = graph.stages[segment.stages.front()];
    std::string title = "node " + std::to_string(frames.size() + 1) + ": " + std::string(spec::to_string(first.kind()));
    if (!first.is_source()) title += ", " + concurrency_text(first.concurrency);
    frames.push_back({std::move(title), segment.stages});
  }
  return frames;
}

void draw_dot(std::ostream& out, const graph::Graph& graph, const std::vector<Frame>& frames) {
  out << "digraph \"" << dot_text(graph.name) << "\" {\n  rankdir=LR;\n  node [shape=box, style=rounded];\n";
  for (std::size_t f = 0; f < frames.size(); ++f) {
    const bool has_frame = !frames[f].title.empty();
    const char* indent = has_frame ? "    " : "  ";
    if (has_frame) out << "  subgraph cluster_" << f << " {\n    label=\"" << dot_text(frames[f].title) << "\";\n";
    for (const graph::StageIndex i : frames[f].stages) {
      const graph::GraphStage& stage = graph.stages[i];
      out << indent << '"' << dot_text(stage.name) << "\" [label=\"" << dot_text(stage.name);
      if (stage.name != stage.spec->type) out << "\\n" << dot_text(stage.spec->type);
      out << "\"];\n";
    }
    if (has_frame) out << "  }\n";
  }
  const auto edges = edges_into_stages(graph);
  for (graph::StageIndex to = 0; to < graph.stages.size(); ++to) {
    for (const Edge& edge : edges[to]) {
      out << "  \"" << dot_text(graph.stages[edge.from].name) << "\" -> \"" << dot_text(graph.stages[to].name) << '"';
      if (!edge.port.empty()) {
        out << " [label=\"" << dot_text(edge.port) << '"' << (edge.port == "failed" ? ", style=dashed" : "") << ']';
      }
      out << ";\n";
    }
  }
  out << "}\n";
}

void draw_mermaid(std::ostream& out, const graph::Graph& graph, const std::vector<Frame>& frames) {
  out << "flowchart LR\n";
  for (std::size_t f = 0; f < frames.size(); ++f) {
    const bool has_frame = !frames[f].title.empty();
    const char* indent = has_frame ? "    " : "  ";
    if (has_frame) out << "  subgraph n" << f << "[\"" << mermaid_text(frames[f].title) << "\"]\n";
    for (const graph::StageIndex i : frames[f].stages) {
      const graph::GraphStage& stage = graph.stages[i];
      out << indent << 's' << i << "[\"" << mermaid_text(stage.name);
      if (stage.name != stage.spec->type) out << "<br/>" << mermaid_text(stage.spec->type);
      out << "\"]\n";
    }
    if (has_frame) out << "  end\n";
  }
  const auto edges = edges_into_stages(graph);
  for (graph::StageIndex to = 0; to < graph.stages.size(); ++to) {
    for (const Edge& edge : edges[to]) {
      out << "  s" << edge.from << (edge.port == "failed" ? " -.->" : " -->");
      if (!edge.port.empty()) out << "|\"" << mermaid_text(edge.port) << "\"|";
      out << " s" << to << "\n";
    }
  }
}

}  // namespace

int draw_graph(const GraphArguments& arguments, std::ostream& out) {
  const std::optional<Pipeline> pipeline = load_pipeline(arguments.file, arguments.load);
  if (!pipeline) return kConfiguration;
  const std::vector<Frame> drawn = frames(pipeline->graph(), arguments.runtime);
  if (arguments.format == "mermaid") {
    draw_mermaid(out, pipeline->graph(), drawn);
  } else {
    draw_dot(out, pipeline->graph(), drawn);
  }
  return kAllDone;
}

}  // namespace penstock::cli
