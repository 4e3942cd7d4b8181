// A coroutine stage that asks an HTTP API about each item. Quoted by docs/embedding.md.
//
//     penstock_example_http_api URL WORD...        e.g. http://127.0.0.1:8000/length/
// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "penstock/pipeline_builder.h"
#include "penstock/stage.h"
#include "penstock/stage_spec.h"
#include "stages/common/http_client.h"
#include "stages/types/json.h"

namespace {

using namespace penstock;
using stages::HttpClient;

struct AskParams {
  std::string url;
};

constexpr stages::HttpErrors kErrors = stages::http_errors<"ask">();
constexpr ErrorCode kNoJson{"ask.no_json", "The answer is no JSON."};

/// GET url + key, which must answer with JSON. Hundreds of requests wait at once on one thread.
class Ask final : public AsyncTransform<None, Json> {
 public:
  explicit Ask(AskParams params) : params_(std::move(params)) {}

  void open(StageContext& context) override {
    stages::HttpClientOptions options;
    options.network = stages::Network::any;  // The API may be in our own network.
    client_ = std::make_unique<HttpClient>(context.loop(), options, kErrors);
  }
  void close(StageContext&) override { client_.reset(); }

  Task<Json> process(const None&, StageContext& context) override {
    stages::HttpRequest request;
    request.url = params_.url + context.key();
    request.headers.emplace_back("Accept", "application/json");
    const stages::HttpResponse response = co_await client_->send(std::move(request), context);
    if (!response.is_success()) throw client_->status_error(response);
    nlohmann::json answer = nlohmann::json::parse(response.body, nullptr, false);
    if (answer.is_discarded()) throw ItemError(kNoJson, "expected JSON, got " + response.content_type);
    co_return Json(std::move(answer));
  }

 private:
  const AskParams params_;
  std::unique_ptr<HttpClient> client_;
};

StageSpec ask_spec() {
  auto spec = describe_stage<Ask, AskParams>("ask")
                  .summary("Asks an HTTP API about each key.")
                  .input<None>("item", "Its key is what is asked about.")
                  .output<Json>("answer", "What the API says.")
                  .param(&AskParams::url, "url", "What the key is appended to.")
                  .required()
                  .error(kNoJson)
                  .default_concurrency(64)
                  .descriptors_per_item(1)
                  .example(R"({"type": "ask", "url": "http://localhost/words/"})");
  for (const ErrorCode& error : kErrors.all()) spec.error(error);
  return spec;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: penstock_example_http_api URL WORD...\n";
    return 2;
  }
  Registry registry;
  register_host_stages(registry);
  registry.add(ask_spec());
  PipelineBuilder builder(registry);
  builder.stage("input", "words").stage("ask", "", {{"url", argv[1]}}).retry(3).timeout(std::chrono::seconds(10));
  builder.stage("output", "answers");
  const Pipeline pipeline = builder.build();

  RunOptions options;
  options.on_failure = [](const FailureRecord& failure) { std::cout << failure.key << ": " << failure.code << "\n"; };
  options.on_output["answers"] = [](const OutputItem& item) {
    std::cout << item.key << ": " << item.payload.get<Json>().value().dump() << "\n";
  };
  Run run = pipeline.start(std::move(options));
  for (int i = 2; i < argc; ++i) run.input().push({.key = argv[i]});
  run.input().close();
  return run.wait().items.failed == 0 ? 0 : 1;
}
