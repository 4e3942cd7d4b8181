// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/build_segments.h"

#include <algorithm>
#include <ranges>

#include "framework/runtime/async_segment.h"
#include "framework/runtime/async_source_segment.h"
#include "framework/runtime/blocking_segment.h"
#include "framework/runtime/collect_segment.h"
#include "framework/runtime/compute_segment.h"
#include "framework/runtime/expand_segment.h"
#include "framework/runtime/inlet.h"
#include "framework/runtime/run_state.h"
#include "framework/runtime/segment_plan.h"
#include "framework/runtime/source_segment.h"

namespace penstock::runtime {
namespace {

std::unique_ptr<Segment> make_segment(RunState& run, std::vector<StageRun*> stages) {
  switch (stages.front()->spec->kind()) {
    case StageKind::source:
      return std::make_unique<SourceSegment>(run, std::move(stages));
    case StageKind::async_source:
      return std::make_unique<AsyncSourceSegment>(run, std::move(stages));
    case StageKind::async_transform:
      return std::make_unique<AsyncSegment>(run, std::move(stages));
    case StageKind::blocking_transform:
      return std::make_unique<BlockingSegment>(run, std::move(stages));
    case StageKind::expand:
      return std::make_unique<ExpandSegment>(run, std::move(stages));
    case StageKind::collect:
      return std::make_unique<CollectSegment>(run, std::move(stages));
    case StageKind::transform:
    case StageKind::serial_transform:
    case StageKind::route:
      break;
  }
  return std::make_unique<ComputeSegment>(run, std::move(stages));
}

bool contains(const std::vector<OrderTracker*>& trackers, const OrderTracker* tracker) {
  return std::find(trackers.begin(), trackers.end(), tracker) != trackers.end();
}

/// Ordered stages that a piece sent to `target` can still enter.
std::vector<OrderTracker*> reach_through(Segment& target) {
  std::vector<OrderTracker*> reach = target.reach_;
  if (target.inlet() != nullptr && target.inlet()->order() != nullptr) reach.push_back(target.inlet()->order());
  return reach;
}

/// Fills reach_ and the plans' expected_change. REQUIRES: everything downstream is done.
void plan_order(Segment& segment) {
  for (Segment* target : segment.downstream_) {
    for (OrderTracker* tracker : reach_through(*target)) {
      if (!contains(segment.reach_, tracker)) segment.reach_.push_back(tracker);
    }
  }
  const auto plan = [&](OutputPlan& output) {
    for (OrderTracker* tracker : segment.reach_) {
      int copies = 0;
      for (Segment* target : output.targets) copies += contains(reach_through(*target), tracker) ? 1 : 0;
      if (copies != 1) output.expected_change.emplace_back(tracker, copies - 1);
    }
  };
  for (OutputPlan& output : segment.outputs_) plan(output);
  plan(segment.failed_output_);
}

bool runs_as_node(const Segment& segment) {
  switch (segment.stages_.front()->spec->kind()) {
    case StageKind::source:
      return segment.stages_.front()->spec->spec->only_computes;
    case StageKind::async_source:
    case StageKind::async_transform:
    case StageKind::blocking_transform:
      return false;
    default:
      return true;
  }
}

/// Only these hand a bunch on by the edge of their node.
bool uses_edge(const Segment& segment) {
  const StageKind kind = segment.stages_.front()->spec->kind();
  return kind == StageKind::source || kind == StageKind::transform || kind == StageKind::serial_transform ||
         kind == StageKind::route;
}

}  // namespace

std::vector<std::unique_ptr<Segment>> build_segments(RunState& run, const graph::Graph& graph,
                                                     const std::vector<std::unique_ptr<StageRun>>& stages) {
  std::vector<std::unique_ptr<Segment>> segments;
  std::vector<Segment*> segment_of(graph.stages.size());
  for (const PlannedSegment& planned : plan_segments(graph)) {
    std::vector<StageRun*> members;
    members.reserve(planned.stages.size());
    for (const graph::StageIndex index : planned.stages) members.push_back(stages[index].get());
    segments.push_back(make_segment(run, std::move(members)));
    for (const graph::StageIndex index : planned.stages) segment_of[index] = segments.back().get();
  }
  for (const auto& segment : segments) {
    const graph::GraphStage& last = *segment->last().spec;
    const auto connect = [&](OutputPlan& output, const std::vector<graph::StageIndex>& readers) {
      for (const graph::StageIndex reader : readers) output.targets.push_back(segment_of[reader]);
    };
    for (const graph::OutputPort& port : last.outputs) connect(segment->outputs_.emplace_back(), port.readers);
    if (segment->outputs_.empty()) segment->outputs_.emplace_back();  // A sink finishes its pieces.
    connect(segment->failed_output_, last.failed_readers);
    const auto note = [&](const OutputPlan& output) {
      for (Segment* target : output.targets) {
        auto& downstream = segment->downstream_;
        if (std::find(downstream.begin(), downstream.end(), target) == downstream.end()) downstream.push_back(target);
        segment->has_queued_target_ |= target->inlet() != nullptr && target->inlet()->has_queue();
      }
    };
    for (const OutputPlan& output : segment->outputs_) note(output);
    note(segment->failed_output_);
    for (Segment* target : segment->downstream_) target->arrive(1);
    if (last.is_source()) segment->arrive(1);  // Until its input ends.
    const auto& main = segment->outputs_[0].targets;
    if (uses_edge(*segment) && main.size() == 1 && main[0]->is_direct()) segment->edge = main[0];
    segment->takes_null = !segment->is_direct();
  }
  for (const auto& segment : std::views::reverse(segments)) {
    plan_order(*segment);
    if (runs_as_node(*segment)) run.executor().attach(*segment);
  }
  return segments;
}

}  // namespace penstock::runtime
