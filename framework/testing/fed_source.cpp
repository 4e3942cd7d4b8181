// SPDX-License-Identifier: Apache-2.0
#include "framework/testing/fed_source.h"

#include <cstddef>
#include <optional>
#include <utility>

#include "penstock/stage.h"

namespace penstock::testing {
namespace {

class FedSource final : public Source {
 public:
  explicit FedSource(std::vector<SourceItem> items) : items_(std::move(items)) {}
  std::optional<SourceItem> next(StageContext&) override {
    if (next_ == items_.size()) return std::nullopt;
    return std::move(items_[next_++]);
  }
  std::optional<std::uint64_t> total() const override { return items_.size(); }

 private:
  std::vector<SourceItem> items_;
  std::size_t next_ = 0;
};

class FedAsyncSource final : public AsyncSource {
 public:
  explicit FedAsyncSource(std::vector<SourceItem> items) : items_(std::move(items)) {}
  Task<void> produce(SourceOutput& output, StageContext&) override {
    for (SourceItem& item : items_) {
      if (!output.try_emit(item)) co_await output.emit(std::move(item));
    }
  }

 private:
  std::vector<SourceItem> items_;
};

}  // namespace

std::unique_ptr<penstock::detail::StageBody> make_fed_source(StageKind kind, std::vector<SourceItem> items) {
  if (kind == StageKind::source) {
    return std::make_unique<penstock::detail::SourceBody<FedSource>>(std::move(items));
  }
  return std::make_unique<penstock::detail::AsyncSourceBody<FedAsyncSource>>(std::move(items));
}

}  // namespace penstock::testing
