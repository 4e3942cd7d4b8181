// SPDX-License-Identifier: Apache-2.0
#include "framework/base/quote.h"
#include "framework/graph/draft.h"

namespace penstock::graph {
namespace {

/// A key with a value that this kind of stage cannot obey.
void refuse(Draft& draft, const DraftStage& stage, std::string_view key, const std::string& why,
            const std::string& help = {}) {
  draft.error(stage, "stage.unsupported", key, "option " + quote_name(key) + ": " + why,
              help.empty() ? "remove " + quote_name(key) : help);
}

std::string_view describe_kind(StageKind kind) {
  switch (kind) {
    case StageKind::source:
    case StageKind::async_source:
      return "is a source";
    case StageKind::transform:
    case StageKind::route:
      return "computes on a worker thread";
    case StageKind::serial_transform:
      return "keeps state and works on one item at a time";
    case StageKind::async_transform:
      return "waits on the event loop";
    case StageKind::blocking_transform:
      return "is one blocking call";
    case StageKind::expand:
      return "makes many items of one";
    case StageKind::collect:
      return "makes one item of many, one at a time";
  }
  return "";
}

std::string describe(const DraftStage& stage) {
  return quote_name(stage.spec->type) + " " + std::string(describe_kind(stage.spec->kind));
}

void check_source(Draft& draft, const DraftStage& stage) {
  const spec::CommonOptions& common = stage.config->common;
  const std::string what = describe(stage);
  if (common.concurrency) refuse(draft, stage, "concurrency", what + ", which emits one item after the other");
  if (common.queue) refuse(draft, stage, "queue", what + ": nothing waits before it");
  if (common.ordered) refuse(draft, stage, "ordered", what + ": its items are the order");
  if (common.on_failure != spec::OnFailure::report) {
    refuse(draft, stage, "on_failure", what + ": no item comes into it that could fail");
  }
}

void check_concurrency(Draft& draft, const DraftStage& stage) {
  const auto& concurrency = stage.config->common.concurrency;
  if (!concurrency || concurrency->items == 1) return;
  const StageKind kind = stage.spec->kind;
  const std::string got = concurrency->items == 0 ? "\"unlimited\"" : std::to_string(concurrency->items);
  if (kind == StageKind::serial_transform || kind == StageKind::collect) {
    refuse(draft, stage, "concurrency", describe(stage) + ": expected \"serial\", got " + got);
  } else if (kind == StageKind::blocking_transform && concurrency->items == 0) {
    refuse(draft, stage, "concurrency",
           describe(stage) + ", which takes a thread for each item in work: expected a number, got " + got,
           "write a number");
  } else if (stage.is_isolated && concurrency->items == 0) {
    refuse(draft, stage, "concurrency",
           quote_name(stage.spec->type) +
               " is isolated, which takes a process for each item in work: expected a number, got " + got,
           "write a number");
  }
}

void check_retry(Draft& draft, const DraftStage& stage) {
  const unsigned attempts = stage.config->common.retry.attempts;
  if (attempts <= 1) return;
  const StageKind kind = stage.spec->kind;
  const std::string got = ": expected no retry, got " + std::to_string(attempts) + " attempts";
  if (kind == StageKind::expand) {
    refuse(draft, stage, "retry", describe(stage) + ", some of which have left when it fails" + got);
  } else if (kind == StageKind::collect) {
    refuse(draft, stage, "retry", describe(stage) + ", and cannot take back what it has added" + got);
  } else if (stage.is_source()) {
    refuse(draft, stage, "retry", describe(stage) + ", which has no item to try again" + got);
  }
}

void check_timeout(Draft& draft, const DraftStage& stage) {
  if (!stage.config->common.timeout || stage.spec->kind == StageKind::async_transform) return;
  refuse(draft, stage, "timeout",
         describe(stage) +
             " and cannot be interrupted; only stages that wait on the event loop can: expected no "
             "timeout, got " +
             quote(to_string(*stage.config->common.timeout)));
}

/// Pieces that wait for their turn stand before the queue and take none of its places: the engine lets them come in,
/// for one that stayed with its sender could hold up the very piece that they wait for.
void check_queue(Draft& draft, const DraftStage& stage) {
  const spec::CommonOptions& common = stage.config->common;
  if (!common.queue || !common.ordered) return;
  draft.warning(stage, "stage.queue_without_effect", "queue",
                "option `queue` bounds nothing here: `ordered` lets items wait for their turn first, and those are not "
                "counted",
                "remove `queue`; `concurrency` and `limits` bound the stage");
}

}  // namespace

void check_kinds(Draft& draft) {
  for (const DraftStage& stage : draft.stages) {
    if (stage.spec == nullptr) continue;
    if (stage.is_source()) {
      check_source(draft, stage);
    } else {
      check_concurrency(draft, stage);
      check_queue(draft, stage);
    }
    check_retry(draft, stage);
    check_timeout(draft, stage);
  }
}

unsigned resolve_concurrency(const DraftStage& stage, std::uint64_t items) {
  constexpr unsigned kDefaultBlocking = 4;
  const auto all = static_cast<unsigned>(items);
  const auto& given = stage.config->common.concurrency;
  const auto& standard = stage.spec->default_concurrency;
  switch (stage.spec->kind) {
    case StageKind::source:
    case StageKind::async_source:
    case StageKind::serial_transform:
    case StageKind::collect:
      return 1;
    case StageKind::async_transform:
      if (given) return given->items == kUnlimited ? all : given->items;
      return standard.value_or(all);
    case StageKind::blocking_transform:
      return given ? given->items : standard.value_or(kDefaultBlocking);
    case StageKind::transform:
    case StageKind::expand:
    case StageKind::route:
      break;
  }
  return given ? given->items : standard.value_or(kUnlimited);
}

}  // namespace penstock::graph
