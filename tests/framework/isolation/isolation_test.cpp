// Stages in worker processes: what they give, and what becomes of the items that kill one. The test program is its own
// worker program.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "framework/testing/conformance/open_resources.h"
#include "penstock/bytes.h"
#include "penstock/pipeline.h"
#include "penstock/stage.h"
#include "penstock/worker.h"
#include "tests/support/test_stages.h"

namespace penstock {
namespace {

using ::testing::HasSubstr;

using testing::OpenResources;
using ::testing::StartsWith;

constexpr ErrorCode kUnlucky{"misbehave.unlucky", "Thirteen.", Persistence::transient};

struct MisbehaveParams {
  std::int64_t factor = 2;
};

/// Multiplies, but does something else for the key that it is told.
class Misbehave final : public Transform<Integer, Maybe<Integer>> {
 public:
  explicit Misbehave(MisbehaveParams params) : params_(std::move(params)) {}

  Maybe<Integer> process(const Integer& in, StageContext& context) const override {
    const std::string& key = context.key();
    if (key == "null") *static_cast<volatile int*>(nullptr) = 1;
    if (key == "loop") {
      for (volatile std::uint64_t n = 0;;) n = n + 1;
    }
    if (key == "allocate") {
      for (std::vector<std::string> all;;) all.emplace_back(1 << 20, 'x');
    }
    if (key == "exit") std::_Exit(3);
    if (key == "abort") std::abort();
    if (key == "throw") throw ItemError(kUnlucky, "the number is " + std::to_string(in.value));
    if (key == "drop") return context.drop("not wanted");
    context.set_attribute("worker.key", key);
    return Integer{params_.factor * in.value};
  }

 private:
  MisbehaveParams params_;
};

StageSpec misbehave_spec() {
  return describe_stage<Misbehave, MisbehaveParams>("misbehave")
      .summary("Multiplies, or not.")
      .input<Integer>("in", "A number.")
      .output<Integer>("out", "Another.")
      .param(&MisbehaveParams::factor, "factor", "By what.")
      .error(kUnlucky)
      .attribute("worker.key", "The key, as the body saw it.");
}

class Reverse final : public Transform<Bytes, Bytes> {
 public:
  Bytes process(const Bytes& in, StageContext&) const override {
    return Bytes(std::string(in.view().rbegin(), in.view().rend()));
  }
};

StageSpec reverse_spec() {
  return describe_stage<Reverse>("reverse")
      .summary("Turns bytes around.")
      .input<Bytes>("in", "Bytes.")
      .output<Bytes>("out", "Bytes.");
}

/// The stage types that the worker program knows.
Registry worker_registry() {
  Registry registry = test::test_registry();
  registry.add(misbehave_spec());
  registry.add(reverse_spec());
  return registry;
}

struct Given {
  std::vector<SourceItem> items;
  std::mutex mutex;
  std::map<std::string, SourceItem> results;
};

struct EndParams {
  std::shared_ptr<Given> given;
};

class Give final : public Source {
 public:
  explicit Give(const EndParams& params) : given_(params.given) {}
  std::optional<SourceItem> next(StageContext&) override {
    if (next_ == given_->items.size()) return std::nullopt;
    return given_->items[next_++];
  }

 private:
  std::shared_ptr<Given> given_;
  std::size_t next_ = 0;
};

class Take final : public Transform<Payload, void> {
 public:
  explicit Take(const EndParams& params) : given_(params.given) {}
  void process(const Payload& in, StageContext& context) const override {
    const std::lock_guard lock(given_->mutex);
    given_->results[context.key()] = {.key = context.key(), .attributes = context.attributes(), .payload = in};
  }

 private:
  std::shared_ptr<Given> given_;
};

class Isolated : public ::testing::Test {
 protected:
  Isolated() : registry_(worker_registry()) {
    StageSpec give = describe_stage<Give, EndParams>("give").summary("Gives.").output<Integer>("out", "Any.");
    StageSpec give_bytes = describe_stage<Give, EndParams>("give_bytes").summary("Gives.").output<Bytes>("out", "Any.");
    StageSpec take = describe_stage<Take, EndParams>("take").summary("Takes.").input<Payload>("in", "Any.");
    for (StageSpec* spec : {&give, &give_bytes, &take}) {
      spec->make_params = [given = given_] { return std::make_shared<EndParams>(EndParams{given}); };
      registry_.add(*spec);
    }
  }

  void give(std::vector<std::string> keys) {
    for (std::string& key : keys) {
      const auto number = static_cast<std::int64_t>(given_->items.size());
      given_->items.push_back({.key = std::move(key), .attributes = {}, .payload = Payload(Integer{number})});
    }
  }
  Pipeline load(const std::string& stages, const LoadOptions& options = {.worker = worker()}) {
    return Pipeline::from_string("{\"stages\": [" + stages + "]}", registry_, options);
  }
  RunReport run(const std::string& stages, unsigned workers = 2) {
    RunOptions options{.workers = workers};
    options.on_failure = [this](const FailureRecord& failure) { failures_[failure.key] = failure; };
    const RunReport report = load(stages).start(std::move(options)).wait();
    EXPECT_TRUE(report.items.is_balanced());
    EXPECT_TRUE(::waitpid(-1, nullptr, WNOHANG | __WALL) < 0 && errno == ECHILD) << "a worker is left";
    return report;
  }
  static std::vector<std::string> worker() {
    return {std::filesystem::read_symlink("/proc/self/exe").string(), "worker"};
  }
  std::string error_of(const std::string& stages, const LoadOptions& options = {.worker = worker()}) {
    try {
      load(stages, options);
    } catch (const ConfigError& error) {
      return error.diagnostics().front().code + ": " + error.diagnostics().front().message;
    }
    return "none";
  }

  std::shared_ptr<Given> given_ = std::make_shared<Given>();
  std::map<std::string, FailureRecord> failures_;
  Registry registry_;
};

TEST_F(Isolated, BodiesGetWhatTheyGetInThisProcess) {
  give({"a", "b", "c", "d"});
  for (SourceItem& item : given_->items) item.attributes.set("kept", true);
  const RunReport report = run(R"({"type": "give"}, {"type": "misbehave", "factor": 3, "isolation": "process"},
                                 {"type": "take"})");
  EXPECT_EQ(report.items.done, 4U);
  for (std::int64_t i = 0; i < 4; ++i) {
    const SourceItem& result = given_->results[given_->items[static_cast<std::size_t>(i)].key];
    EXPECT_EQ(result.payload.get<Integer>().value, 3 * i);
    EXPECT_EQ(*result.attributes.find("worker.key"), AttributeValue(result.key));
    EXPECT_EQ(*result.attributes.find("kept"), AttributeValue(true));
  }
}

TEST_F(Isolated, OnlyTheItemThatKillsAWorkerFails) {
  for (const unsigned workers : {1U, 2U, 8U}) {
    given_->items.clear();
    given_->results.clear();
    give({"a", "null", "b", "exit", "c", "abort", "d", "null"});
    const RunReport report = run(R"({"type": "give"}, {"type": "misbehave", "isolation": "process", "concurrency": 2},
                                   {"type": "take"})",
                                 workers);
    EXPECT_EQ(report.items.done, 4U);
    EXPECT_EQ(report.items.failed, 4U);
    EXPECT_EQ(given_->results.size(), 4U);
  }
  for (const char* key : {"null", "exit", "abort"}) EXPECT_EQ(failures_[key].code, "isolation.crashed") << key;
  EXPECT_THAT(failures_["exit"].message, StartsWith("the worker ended by exit code 3"));
}

TEST_F(Isolated, AnEndlessLoopEndsAtTheTimeout) {
  give({"a", "loop", "b"});
  const RunReport report = run(R"({"type": "give"},
      {"type": "misbehave", "isolation": "process", "timeout": "200 ms"}, {"type": "take"})");
  EXPECT_EQ(report.items.done, 2U);
  EXPECT_EQ(failures_["loop"].code, "isolation.timeout");
  EXPECT_EQ(failures_["loop"].message, "no result within 200 ms; the worker was killed");
}

TEST_F(Isolated, AllocationWithoutEndStopsAtTheLimit) {
  give({"a", "allocate", "b"});
  const RunReport report = run(R"({"type": "give"},
      {"type": "misbehave", "isolation": "process", "memory_limit": "100 MiB"}, {"type": "take"})");
  EXPECT_EQ(report.items.done, 2U);
  EXPECT_EQ(failures_["allocate"].code, "isolation.memory_limit") << failures_["allocate"].message;
}

TEST_F(Isolated, ErrorsAndDropsComeThrough) {
  give({"a", "throw", "drop"});
  const RunReport report = run(R"({"type": "give"}, {"type": "misbehave", "isolation": "process"}, {"type": "take"})");
  EXPECT_EQ(report.items.done, 1U);
  EXPECT_EQ(report.items.dropped, 1U);
  EXPECT_EQ(failures_["throw"].code, "misbehave.unlucky");
  EXPECT_EQ(failures_["throw"].message, "the number is 1");
}

TEST_F(Isolated, TransientErrorsAreTriedAgain) {
  give({"throw"});
  run(R"({"type": "give"}, {"type": "misbehave", "isolation": "process", "retry": {"attempts": 3, "backoff": "1 ms"}},
         {"type": "take"})");
  EXPECT_EQ(failures_["throw"].attempts, 3U);
}

TEST_F(Isolated, LargePayloadsComeBackWhole) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{300'000}, std::size_t{20'000'000}}) {
    std::string data(size, '\0');
    for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<char>(i * 31 + i / 1000);
    given_->items.push_back(
        {.key = std::to_string(size), .attributes = {}, .payload = Payload(Bytes(std::move(data)))});
  }
  const RunReport report =
      run(R"({"type": "give_bytes"}, {"type": "reverse", "isolation": "process"}, {"type": "take"})");
  EXPECT_EQ(report.items.done, 4U);
  for (const SourceItem& item : given_->items) {
    std::string expected(item.payload.get<Bytes>().view());
    std::reverse(expected.begin(), expected.end());
    EXPECT_TRUE(given_->results[item.key].payload.get<Bytes>().view() == expected) << item.key;
  }
}

TEST_F(Isolated, PayloadsAreChargedWithinLittleMemory) {
  for (int i = 0; i < 20; ++i) {
    given_->items.push_back(
        {.key = std::to_string(i), .attributes = {}, .payload = Payload(Bytes(std::string(500'000, 'x')))});
  }
  const Pipeline pipeline = Pipeline::from_string(
      R"({"limits": {"memory": "1 MiB"}, "stages": [{"type": "give_bytes"},
          {"type": "reverse", "isolation": "process"}, {"type": "take"}]})",
      registry_, {.worker = worker()});
  const RunReport report = pipeline.start({.workers = 2}).wait();
  EXPECT_EQ(report.items.done, 20U);
  given_->results.clear();
}

TEST_F(Isolated, NothingIsLeftOpen) {
  const char* const stages = R"({"type": "give"}, {"type": "misbehave", "isolation": "process"}, {"type": "take"})";
  give({"a", "null", "b"});
  run(stages);
  const OpenResources before = OpenResources::count();
  for (int i = 0; i < 3; ++i) run(stages);
  EXPECT_EQ(OpenResources::count().descriptors, before.descriptors);
}

TEST_F(Isolated, ACancelledRunLeavesNoWorker) {
  give({"loop", "loop", "loop"});
  {
    penstock::Run run = load(R"({"type": "give"}, {"type": "misbehave", "isolation": "process"}, {"type": "take"})")
                            .start({.workers = 2});
    run.cancel();
    EXPECT_EQ(run.wait().outcome, RunOutcome::cancelled);
  }
  EXPECT_TRUE(::waitpid(-1, nullptr, WNOHANG | __WALL) < 0 && errno == ECHILD);
}

TEST_F(Isolated, AWorkerProgramThatDoesNotKnowTheTypeIsTold) {
  StageSpec local = misbehave_spec();
  local.type = "local";
  registry_.add(local);
  give({"a"});
  run(R"({"type": "give"}, {"type": "local", "isolation": "process"}, {"type": "take"})");
  EXPECT_EQ(failures_["a"].code, "isolation.cannot_start");
  EXPECT_EQ(failures_["a"].message, "the worker cannot start: the worker program has no stage type `local`");
}

TEST_F(Isolated, AWorkerProgramThatIsNoneIsTold) {
  give({"a"});
  RunOptions options;
  options.on_failure = [this](const FailureRecord& failure) { failures_[failure.key] = failure; };
  load(R"({"type": "give"}, {"type": "misbehave", "isolation": "process"}, {"type": "take"})", {.worker = {"false"}})
      .start(std::move(options))
      .wait();
  EXPECT_EQ(failures_["a"].code, "isolation.cannot_start");
  EXPECT_EQ(failures_["a"].message, "the worker cannot start: it ended by exit code 1");
}

TEST_F(Isolated, CheckRefusesWhatCannotBeIsolated) {
  EXPECT_THAT(error_of(R"({"type": "numbers"}, {"type": "add", "isolation": "process"}, {"type": "discard"})", {}),
              StartsWith("stage.unsupported: stage \"add\": option `isolation`: there is no program"));
  EXPECT_THAT(error_of(R"({"type": "numbers"}, {"type": "running_sum", "isolation": "process"}, {"type": "discard"})"),
              HasSubstr("`running_sum` is no stage that only computes"));
  EXPECT_THAT(error_of(R"({"type": "handles"}, {"type": "pass", "isolation": "process"}, {"type": "discard"})"),
              HasSubstr("cannot be written down"));
  EXPECT_THAT(error_of(R"({"type": "numbers"}, {"type": "add", "memory_limit": "1 GiB"}, {"type": "discard"})"),
              HasSubstr("option `memory_limit`: the stage shares the memory of this process"));
  EXPECT_THAT(error_of(R"({"type": "numbers"}, {"type": "add", "isolation": "process", "concurrency": "unlimited"},
                          {"type": "discard"})"),
              HasSubstr("takes a process for each item in work"));
  EXPECT_EQ(error_of(R"({"type": "numbers"}, {"type": "add", "isolation": "process", "timeout": "1 s"},
                        {"type": "discard"})"),
            "none");
}

}  // namespace
}  // namespace penstock

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "worker") return penstock::run_worker(penstock::worker_registry());
  ::testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
