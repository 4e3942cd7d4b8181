// SPDX-License-Identifier: Apache-2.0
#include "framework/testing/observed_body.h"

#include <optional>
#include <utility>

#include "framework/testing/fault_counter.h"
#include "penstock/stage.h"

namespace penstock::testing {
namespace {

using penstock::detail::Expansion;
using penstock::detail::Piece;
using penstock::detail::StageBody;
using penstock::detail::StripResult;
using penstock::detail::Verdict;

/// The payload as a collected item may keep it: what is taken out of its owner later must have one owner only.
Payload kept(const Payload& payload) { return payload.type().copyable ? payload : Payload(); }

CollectedItem collected(const Piece& piece, Payload payload) {
  return {.key = penstock::detail::key_of(piece),
          .piece = piece.extra && !piece.extra->path.empty() ? piece.extra->path.back() : 0,
          .port = {},
          .attributes = piece.attributes,
          .payload = std::move(payload)};
}

/// Collects what an asynchronous source emits.
class ObservedOutput final : public SourceOutput {
 public:
  ObservedOutput(SourceOutput& output, const Observation& observation, StageContext& context)
      : output_(output), observation_(observation), context_(context) {}

  Task<void> emit(SourceItem item) override {
    CollectedItem seen = of(item);
    co_await output_.emit(std::move(item));
    add(std::move(seen));
  }
  bool try_emit(SourceItem& item) override {
    CollectedItem seen = of(item);
    if (!output_.try_emit(item)) return false;
    add(std::move(seen));
    return true;
  }

 private:
  static CollectedItem of(const SourceItem& item) {
    return {.key = item.key, .port = {}, .attributes = item.attributes, .payload = kept(item.payload)};
  }
  void add(CollectedItem item) {
    observation_.collection->add(observation_.stage, std::move(item), context_.loop().now());
  }

  SourceOutput& output_;
  const Observation& observation_;
  StageContext& context_;
};

/// An expansion that a fault has ended before it began.
class FailedExpansion final : public Expansion {
 public:
  explicit FailedExpansion(penstock::detail::Failure failure) : failure_(std::move(failure)) {}
  bool next(Piece& child, StageContext&) override {
    if (!failure_) return false;
    child.fail(std::move(*failure_));
    failure_.reset();
    return true;
  }

 private:
  std::optional<penstock::detail::Failure> failure_;
};

class ObservedBody final : public StageBody {
 public:
  ObservedBody(std::unique_ptr<StageBody> body, Observation observation)
      : body_(std::move(body)), observation_(std::move(observation)), faults_(observation_.faults) {
    if (kind() == StageKind::route) ports_ = body_->ports();
  }

  StageKind kind() const override { return body_->kind(); }
  void open(StageContext& context) override { body_->open(context); }
  void close(StageContext& context) override { body_->close(context); }

  std::optional<SourceItem> next(StageContext& context) override {
    std::optional<SourceItem> item = body_->next(context);
    if (item && observation_.collection) {
      observation_.collection->add(
          observation_.stage,
          {.key = item->key, .port = {}, .attributes = item->attributes, .payload = kept(item->payload)},
          context.loop().now());
    }
    return item;
  }
  std::optional<std::uint64_t> total() const override { return body_->total(); }

  Task<void> produce(SourceOutput& output, StageContext& context) override {
    if (observation_.collection) {
      ObservedOutput observed(output, observation_, context);
      co_await body_->produce(observed, context);
    } else {
      co_await body_->produce(output, context);
    }
  }

  StripResult process(std::span<Piece* const> strip, StageContext& context, bool may_move) override {
    StripResult result;
    for (Piece* piece : strip) {
      if (!faults_.call(*piece).strikes(*piece)) {
        Payload arrived = observation_.is_sink ? kept(piece->payload) : Payload();
        result.bytes += body_->process({&piece, 1}, context, may_move).bytes;
        collect(*piece, std::move(arrived), context);
      }
      result.all_emitted &= piece->verdict == Verdict::emit;
    }
    return result;
  }

  bool has_memory_need() const override { return body_->has_memory_need(); }
  std::uint64_t memory_need(Piece& piece, StageContext& context) const override {
    return body_->memory_need(piece, context);
  }

  Task<void> process_async(Piece& piece, StageContext& context, bool may_move) override {
    const PlannedCall call = faults_.call(piece);
    if (call.delay > Duration::zero()) {
      try {
        co_await context.sleep_for(call.delay);
      } catch (const OperationCancelled&) {
        piece.verdict = Verdict::cancel;
        co_return;
      }
    }
    if (call.strikes(piece)) co_return;
    Payload arrived = observation_.is_sink ? kept(piece.payload) : Payload();
    co_await body_->process_async(piece, context, may_move);
    collect(piece, std::move(arrived), context);
  }

  std::unique_ptr<Expansion> expand(Piece& parent, StageContext& context) override {
    const PlannedCall call = faults_.call(parent);
    if (call.failure) return std::make_unique<FailedExpansion>(*call.failure);
    return std::make_unique<ObservedExpansion>(*this, body_->expand(parent, context));
  }

  bool add(Piece& member, Piece& merged, StageContext& context) override {
    if (faults_.call(member).strikes(member)) return false;
    if (first_member_.empty()) first_member_ = penstock::detail::key_of(member);
    const bool is_complete = body_->add(member, merged, context);
    if (is_complete) collect_merged(merged, context);
    return is_complete;
  }
  void flush(Piece& merged, StageContext& context) override {
    body_->flush(merged, context);
    collect_merged(merged, context);
  }
  std::size_t max_members() const override { return body_->max_members(); }
  std::vector<std::string> ports() const override { return ports_; }

 private:
  class ObservedExpansion final : public Expansion {
   public:
    ObservedExpansion(ObservedBody& body, std::unique_ptr<Expansion> expansion)
        : body_(body), expansion_(std::move(expansion)) {}
    bool next(Piece& child, StageContext& context) override {
      if (!expansion_->next(child, context)) return false;
      body_.collect(child, Payload(), context);
      return true;
    }

   private:
    ObservedBody& body_;
    std::unique_ptr<Expansion> expansion_;
  };

  void collect(const Piece& piece, Payload arrived, StageContext& context) {
    if (!observation_.collection || piece.verdict != Verdict::emit) return;
    CollectedItem item = collected(piece, observation_.is_sink ? std::move(arrived) : kept(piece.payload));
    if (!ports_.empty()) item.port = ports_.at(piece.port);
    observation_.collection->add(observation_.stage, std::move(item), context.loop().now());
  }
  void collect_merged(const Piece& merged, StageContext& context) {
    const std::string key = std::exchange(first_member_, {});
    if (!observation_.collection || merged.verdict != Verdict::emit) return;
    CollectedItem item = collected(merged, kept(merged.payload));
    item.key = key;
    observation_.collection->add(observation_.stage, std::move(item), context.loop().now());
  }

  const std::unique_ptr<StageBody> body_;
  const Observation observation_;
  FaultCounter faults_;
  std::vector<std::string> ports_;
  std::string first_member_;  // Key of the first item that a collecting stage holds.
};

}  // namespace

std::unique_ptr<StageBody> observe(std::unique_ptr<StageBody> body, Observation observation) {
  return std::make_unique<ObservedBody>(std::move(body), std::move(observation));
}

}  // namespace penstock::testing
