// SPDX-License-Identifier: Apache-2.0
#include "framework/testing/conformance/feed.h"

#include <optional>
#include <stdexcept>
#include <utility>

#include "framework/testing/conformance/hostile_items.h"
#include "penstock/stage.h"

namespace penstock::testing::conformance {
namespace {

struct EndParams {
  std::shared_ptr<const FeedControl> control;
};

class Feed final : public Source {
 public:
  explicit Feed(EndParams params) : control_(std::move(params.control)) {}

  std::optional<SourceItem> next(StageContext&) override {
    if (control_->before_item) control_->before_item(emitted_);
    if (emitted_ == control_->count) return std::nullopt;
    return control_->items[emitted_++ % control_->items.size()];
  }

 private:
  const std::shared_ptr<const FeedControl> control_;
  std::uint64_t emitted_ = 0;
};

class End final : public SerialTransform<Payload, void> {
 public:
  explicit End(EndParams params) : control_(std::move(params.control)) {}

  void process(const Payload&, StageContext&) override {
    if (control_->at_end) control_->at_end(received_);
    ++received_;
  }

 private:
  const std::shared_ptr<const FeedControl> control_;
  std::uint64_t received_ = 0;
};

StageSpec with_control(StageSpec spec, const std::shared_ptr<const FeedControl>& control) {
  spec.make_params = [control]() -> std::shared_ptr<void> { return std::make_shared<EndParams>(EndParams{control}); };
  return spec;
}

std::string feed_type(const PayloadType& type) { return "conformance_feed_" + std::string(type.name); }

}  // namespace

void register_ends(Registry& registry, const std::shared_ptr<const FeedControl>& control, const Samples& samples) {
  for (const std::vector<Payload>& payloads : samples) {
    const PayloadType& type = payloads.front().type();
    StageSpec feed = describe_stage<Feed, EndParams>(feed_type(type))
                         .summary("Emits what the test gave.")
                         .output<None>("items", "The items.")
                         .any_attributes();
    feed.output->types = {&type};
    registry.add(with_control(std::move(feed), control));
  }
  registry.add(with_control(
      describe_stage<End, EndParams>(kEndType).summary("Takes any item.").input<Payload>("items", "Any."), control));
}

std::string feed_for(const StageSpec& spec, const Samples& samples) {
  return feed_type(samples_for(spec, samples).front().type());
}

}  // namespace penstock::testing::conformance
