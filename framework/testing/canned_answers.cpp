// SPDX-License-Identifier: Apache-2.0
#include "framework/testing/canned_answers.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>

#include "framework/base/quote.h"

namespace penstock::testing {
namespace {

/// Thread safety: any thread.
class Answers {
 public:
  Answers(std::string stage, std::vector<CannedAnswer> answers) : stage_(std::move(stage)) {
    for (CannedAnswer& answer : answers) {
      auto& list = answer.key ? by_key_[*answer.key] : for_others_;
      list.push_back(std::move(answer));
    }
  }

  const CannedAnswer& next(const std::string& key) {
    const auto own = by_key_.find(key);
    const std::vector<CannedAnswer>& list = own == by_key_.end() ? for_others_ : own->second;
    if (list.empty()) {
      throw std::runtime_error("the test has no answer of the stage " + quote(stage_) + " for the item " + quote(key));
    }
    const std::lock_guard lock(mutex_);
    return list[std::min(calls_[key]++, list.size() - 1)];
  }

 private:
  const std::string stage_;
  std::map<std::string, std::vector<CannedAnswer>> by_key_;
  std::vector<CannedAnswer> for_others_;
  std::mutex mutex_;
  std::map<std::string, std::size_t> calls_;
};

Maybe<Payload> give(const CannedAnswer& answer, const Payload& in, StageContext& context) {
  for (const auto& [name, value] : answer.attributes) context.set_attribute(name, value);
  if (answer.error) throw ItemError(*answer.error);
  if (answer.drop_reason) return context.drop(*answer.drop_reason);
  return answer.payload ? *answer.payload : in;
}

}  // namespace

StageFunction make_canned_function(StageKind kind, std::string stage, std::vector<CannedAnswer> canned) {
  const auto answers = std::make_shared<Answers>(std::move(stage), std::move(canned));
  if (kind == StageKind::route) {
    return [answers](const Payload& in, StageContext& context) -> std::string {
      const CannedAnswer& answer = answers->next(context.key());
      give(answer, in, context);
      return answer.port;
    };
  }
  if (kind == StageKind::async_transform) {
    return [answers](const Payload& in, StageContext& context) -> Task<Maybe<Payload>> {
      const CannedAnswer& answer = answers->next(context.key());
      if (answer.delay > Duration::zero()) co_await context.sleep_for(answer.delay);
      co_return give(answer, in, context);
    };
  }
  return
      [answers](const Payload& in, StageContext& context) { return give(answers->next(context.key()), in, context); };
}

}  // namespace penstock::testing
