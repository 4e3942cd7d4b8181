// The ends of a pipeline that belong to the program around it: it feeds `input` stages and takes what reaches `output`
// stages.
//
//     penstock::Registry registry;
//     penstock::register_host_stages(registry);
//     ...
//     penstock::Run run = pipeline.start();
//     std::future<penstock::ItemResult> reply = run.input().submit({.key = "7", .payload = Payload(Text{"hello"})});
//     std::cout << reply.get().payload<Text>().value;
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "penstock/attributes.h"
#include "penstock/export.h"
#include "penstock/item.h"
#include "penstock/item_outcome.h"
#include "penstock/payload.h"
#include "penstock/registry.h"

namespace penstock {

namespace api {
class InputQueue;
class OutputQueue;
}  // namespace api

/// Adds the stage types `input` and `output`. Throws std::invalid_argument when `registry` has one of them already.
PENSTOCK_API void register_host_stages(Registry& registry);

/// What reached an `output` stage.
struct OutputItem {
  std::string key = {};
  Attributes attributes = {};
  Payload payload = {};
};

/// What became of a submitted item.
struct ItemResult {
  std::string key;
  ItemOutcome outcome = ItemOutcome::done;
  /// What reached `output` stages, in the order of arrival: one for a plain chain, several behind a fan-out or an
  /// expansion, none without such a stage. There may be some though the item failed elsewhere.
  std::vector<OutputItem> outputs;
  std::string stage;    ///< failed, dropped: where; of the first piece.
  std::string code;     ///< failed: the error code.
  std::string message;  ///< failed: the error; dropped: the reason.
  unsigned attempts = 0;

  /// REQUIRES: outputs holds exactly one item, of type T.
  template <class T>
  const T& payload() const {
    return outputs.front().payload.get<T>();
  }
};

/// Feeds an `input` stage of one run. A handle: copies feed the same stage, and may outlive the run; everything is then
/// refused.
///
/// An item that was taken waits in the stage's `buffer` until the limits let it in. When the run stops before, it is
/// refused; to lose none, close() and let the run end by itself.
///
/// Thread safety: all members from any thread. Those that wait must not be called by stages or callbacks of the run.
class PENSTOCK_API Input {
 public:
  explicit Input(std::shared_ptr<api::InputQueue> queue);

  /// Waits until there is room. False: closed, or the run is over; the item is not taken. Throws std::invalid_argument
  /// when the payload is not of the stage's type.
  bool push(SourceItem item);
  /// Never waits. False leaves the item as it is: there is no room, or as above.
  bool try_push(SourceItem& item);

  /// As push(), and tells what becomes of the item, exactly once. What its pieces carry to `output` stages comes with
  /// the result, and nowhere else.
  std::future<ItemResult> submit(SourceItem item);
  /// Calls `on_result` instead, on a thread of the run (or on this one, for an item that is refused at once). It must
  /// neither block nor throw.
  void submit(SourceItem item, std::function<void(ItemResult)> on_result);

  /// No more items: the run ends when all that were taken have settled. May be called again.
  void close();

  /// Keys of the items that push() and try_push() took and the run refused since the last call.
  std::vector<std::string> take_refused();

 private:
  std::shared_ptr<api::InputQueue> queue_;
};

/// Takes from an `output` stage of one run. A handle, as Input. Items wait in the stage, in flight, until they are
/// taken: whoever is slow here makes the pipeline wait.
///
/// Thread safety: all members from any thread. pull() must not be called by stages or callbacks of the run.
class PENSTOCK_API Output {
 public:
  explicit Output(std::shared_ptr<api::OutputQueue> queue);

  /// Waits for the next item. Nothing: the run is over, or every item that could come has been taken.
  std::optional<OutputItem> pull();
  /// Never waits. Nothing: there is none now.
  std::optional<OutputItem> try_pull();

 private:
  std::shared_ptr<api::OutputQueue> queue_;
};

}  // namespace penstock
