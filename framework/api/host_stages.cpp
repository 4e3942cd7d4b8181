// A pipeline is checked without a host: the options then have no queue. Each run gives them one.
// SPDX-License-Identifier: Apache-2.0
#include "framework/api/host_stages.h"

#include <cstdint>
#include <string>
#include <utility>

#include "penstock/error.h"
#include "penstock/stage.h"
#include "penstock/stage_spec.h"

namespace penstock {
namespace api {
namespace {

constexpr ErrorCode kNoHost{"host.missing", "Only a program around the pipeline can be at this end of it."};

struct InputParams {
  std::string payload = "none";
  std::uint32_t buffer = 64;
  std::shared_ptr<InputQueue> queue;
};

class InputStage final : public AsyncSource {
 public:
  explicit InputStage(InputParams params) : queue_(std::move(params.queue)) {}

  void open(StageContext&) override {
    if (queue_ == nullptr) throw ItemError(kNoHost);
  }
  void close(StageContext&) override {
    if (queue_ != nullptr) queue_->refuse_all();
  }

  Task<void> produce(SourceOutput& output, StageContext& context) override {
    while (co_await queue_->wait(context.loop())) {
      while (std::optional<SourceItem> item = queue_->take()) {
        if (!output.try_emit(*item)) co_await emit(output, std::move(*item));
      }
    }
  }

 private:
  Task<void> emit(SourceOutput& output, SourceItem item) {
    const std::string key = item.key;
    detail::ItemWatcher* const watcher = item.watcher;
    try {
      co_await output.emit(std::move(item));
    } catch (const OperationCancelled&) {
      queue_->refuse(key, watcher);
      throw;
    }
  }

  std::shared_ptr<InputQueue> queue_;
};

struct OutputParams {
  std::shared_ptr<OutputQueue> queue;
};

/// Written on the untyped face of stages: it looks at the leases, and hands on payloads that cannot be copied.
class OutputBody final : public detail::StageBody {
 public:
  explicit OutputBody(OutputParams params) : params_(std::move(params)) {}

  StageKind kind() const override { return StageKind::async_transform; }
  void open(StageContext&) override {
    if (params_.queue == nullptr) throw ItemError(kNoHost);
  }
  void close(StageContext&) override {
    if (params_.queue != nullptr) params_.queue->end();
  }

  Task<void> process_async(detail::Piece& piece, StageContext& context, bool may_move) override {
    if (deliver_to_watchers(piece)) co_return;
    OutputItem item{detail::key_of(piece), piece.attributes, may_move ? std::move(piece.payload) : piece.payload};
    try {
      co_await params_.queue->offer(std::move(item), context);
    } catch (const OperationCancelled&) {
      piece.verdict = detail::Verdict::cancel;
    } catch (...) {
      detail::fail_from_current_exception(piece);
    }
  }

 private:
  /// A piece of a submitted item goes to whoever waits for that item. False: nobody does.
  static bool deliver_to_watchers(const detail::Piece& piece) {
    bool is_watched = false;
    const auto deliver = [&](const detail::Lease& lease) {
      if (lease.watcher() == nullptr) return;
      lease.watcher()->piece_delivered(piece);
      is_watched = true;
    };
    deliver(*piece.lease);
    if (piece.extra) {
      for (const detail::Lease* member : piece.extra->members) deliver(*member);
    }
    return is_watched;
  }

  const OutputParams params_;
};

StageSpec input_spec() {
  return describe_stage<InputStage, InputParams>("input")
      .summary("Emit the items that the program around the pipeline gives.")
      .param(&InputParams::payload, "payload", "Payload type of the items, by name: `none`, `bytes`, `text` …")
      .param(&InputParams::buffer, "buffer", "How many items may wait for the limits to let them in.",
             between(1, 1'000'000))
      .output_named_by(&InputParams::payload, "items", "What the program gives.")
      .any_attributes()
      .error(kNoHost)
      .host_end(HostEnd::input)
      .example(R"({"type": "input", "payload": "text"})");
}

StageSpec output_spec() {
  StageSpec spec;
  spec.type = "output";
  spec.summary = "Give items to the program around the pipeline.";
  spec.kind = StageKind::async_transform;
  spec.input = PortSpec{"item", {}, "Any item."};
  spec.errors = {kNoHost};
  spec.host_end = HostEnd::output;
  spec.example = R"({"type": "output"})";
  spec.make_params = []() -> std::shared_ptr<void> { return std::make_shared<OutputParams>(); };
  spec.make_body = [](const std::shared_ptr<void>& params) -> std::unique_ptr<detail::StageBody> {
    return std::make_unique<OutputBody>(*std::static_pointer_cast<OutputParams>(params));
  };
  return spec;
}

}  // namespace

std::shared_ptr<InputQueue> connect_input(graph::GraphStage& stage) {
  const auto params = std::make_shared<InputParams>(*std::static_pointer_cast<InputParams>(stage.params));
  params->queue = std::make_shared<InputQueue>(stage.name, *stage.outputs.front().type, params->buffer);
  stage.params = params;
  return params->queue;
}

std::shared_ptr<OutputQueue> connect_output(graph::GraphStage& stage, OutputQueue::Callback callback) {
  const auto params = std::make_shared<OutputParams>();
  params->queue = std::make_shared<OutputQueue>(std::move(callback));
  stage.params = params;
  return params->queue;
}

}  // namespace api

void register_host_stages(Registry& registry) {
  registry.add(api::input_spec());
  registry.add(api::output_spec());
}

}  // namespace penstock
