// The handles of the host.
// SPDX-License-Identifier: Apache-2.0
#include "penstock/host.h"

#include "framework/api/input_queue.h"
#include "framework/api/output_queue.h"
#include "framework/api/submission.h"

namespace penstock {

using api::InputQueue;
using api::OutputQueue;

Input::Input(std::shared_ptr<api::InputQueue> queue) : queue_(std::move(queue)) {}

bool Input::push(SourceItem item) {
  queue_->check_type(item);
  return queue_->put(item, InputQueue::IfFull::wait);
}

bool Input::try_push(SourceItem& item) {
  queue_->check_type(item);
  return queue_->put(item, InputQueue::IfFull::give_up);
}

std::future<ItemResult> Input::submit(SourceItem item) {
  const auto promise = std::make_shared<std::promise<ItemResult>>();
  std::future<ItemResult> result = promise->get_future();
  submit(std::move(item), [promise](ItemResult r) { promise->set_value(std::move(r)); });
  return result;
}

void Input::submit(SourceItem item, std::function<void(ItemResult)> on_result) {
  queue_->check_type(item);
  item.watcher = new api::Submission(item.key, std::move(on_result));  // Ends itself when it has told the result.
  if (!queue_->put(item, InputQueue::IfFull::wait)) item.watcher->settled(ItemOutcome::refused);
}

void Input::close() { queue_->close(); }

std::vector<std::string> Input::take_refused() { return queue_->take_refused(); }

Output::Output(std::shared_ptr<api::OutputQueue> queue) : queue_(std::move(queue)) {}

std::optional<OutputItem> Output::pull() { return queue_->pull(OutputQueue::IfEmpty::wait); }

std::optional<OutputItem> Output::try_pull() { return queue_->pull(OutputQueue::IfEmpty::give_up); }

}  // namespace penstock
