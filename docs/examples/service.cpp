// A long-lived service: many threads answer requests, each of which goes through one pipeline that bounds them all.
// Quoted by docs/embedding.md.
//
//     penstock_example_service [THREADS [REQUESTS]]
//
// The threads stand for those of an RPC server. The service is shut down in the midst of the requests: the input
// closes, what was taken is finished, and every caller gets an answer. SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "penstock/pipeline_builder.h"

namespace {

using namespace penstock;

constexpr ErrorCode kEmpty{"reverse.empty", "There is nothing to turn round."};

Text reverse(const Text& in) {
  if (in.value.empty()) throw ItemError(kEmpty);
  return Text{std::string(in.value.rbegin(), in.value.rend())};
}

Pipeline make_pipeline() {
  Registry registry;
  register_host_stages(registry);
  PipelineBuilder builder(registry, "service");
  builder.limit_items(128)
      .stage("input", "requests", {{"payload", "text"}})
      .transform("reverse", &reverse)
      .async_transform("look_up",
                       [](Text text, StageContext& context) -> Task<Text> {
                         co_await context.sleep_for(std::chrono::microseconds(200));  // A data base, say.
                         co_return text;
                       })
      .concurrency(64)
      .stage("output", "replies");
  return builder.build();
}

class Service {
 public:
  Service() : run_(make_pipeline().start()), requests_(run_.input()) {}

  /// What a request handler does: waits for its own item, and for nothing else.
  std::string answer(const std::string& request) {
    const ItemResult result = requests_.submit({.key = request, .payload = Payload(Text{request})}).get();
    switch (result.outcome) {
      case ItemOutcome::done:
        return "200 " + result.payload<Text>().value;
      case ItemOutcome::failed:
        return "400 " + result.message;
      default:
        return "503 shutting down";
    }
  }

  /// Takes no more requests, and finishes those that were taken.
  const RunReport& shut_down() {
    requests_.close();
    return run_.wait();
  }

 private:
  Run run_;
  Input requests_;
};

}  // namespace

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::atoi(argv[1]) : 64;
  const int requests = argc > 2 ? std::atoi(argv[2]) : 10'000;
  Service service;
  std::atomic<int> next = 0;
  std::atomic<std::uint64_t> answered = 0;
  std::atomic<std::uint64_t> turned_away = 0;
  std::atomic<std::uint64_t> wrong = 0;
  std::vector<std::jthread> callers;
  for (int i = 0; i < threads; ++i) {
    callers.emplace_back([&] {
      for (int n = next++; n < requests; n = next++) {
        const std::string request = n % 100 == 0 ? "" : std::to_string(n);
        const std::string answer = service.answer(request);
        const std::string turned(request.rbegin(), request.rend());
        if (answer.starts_with("503")) {
          ++turned_away;
        } else {
          ++answered;
          if (answer != (request.empty() ? "400 There is nothing to turn round." : "200 " + turned)) ++wrong;
        }
        answered.notify_one();
      }
    });
  }
  // Shut down when three quarters are answered.
  const auto enough = static_cast<std::uint64_t>(requests) * 3 / 4;
  for (std::uint64_t n = answered; n < enough; n = answered) answered.wait(n);
  const RunReport& report = service.shut_down();
  callers.clear();
  std::cout << answered << " answered, " << turned_away << " turned away, " << wrong << " wrong\n";
  const bool is_whole = answered + turned_away == static_cast<std::uint64_t>(requests) && wrong == 0 &&
                        report.items.done + report.items.failed == answered;
  return is_whole ? 0 : 1;
}
