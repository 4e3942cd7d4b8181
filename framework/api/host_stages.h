// The stages `input` and `output`, and how a run gets queues of its own for them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "framework/api/input_queue.h"
#include "framework/api/output_queue.h"
#include "framework/graph/graph.h"
#include "penstock/host.h"

namespace penstock::api {

/// Gives the `input` stage options with a queue of its own. REQUIRES: stage.spec->host_end is input.
std::shared_ptr<InputQueue> connect_input(graph::GraphStage& stage);
/// The same for an `output` stage. With a callback, items go there instead.
std::shared_ptr<OutputQueue> connect_output(graph::GraphStage& stage, OutputQueue::Callback callback);

}  // namespace penstock::api
