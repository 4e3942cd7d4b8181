// What a round trip to a worker process costs, and where the time goes. The benchmark is its own worker program.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/isolation/channel.h"
#include "framework/isolation/wire.h"
#include "penstock/bytes.h"
#include "penstock/pipeline.h"
#include "penstock/stage.h"
#include "penstock/worker.h"

namespace penstock {
namespace {

using Clock = std::chrono::steady_clock;

struct ItemsParams {
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
};

class Items final : public Source {
 public:
  explicit Items(ItemsParams params) : params_(params), payload_(Bytes(std::string(params.bytes, 'x'))) {}
  std::optional<SourceItem> next(StageContext&) override {
    if (emitted_ == params_.count) return std::nullopt;
    return SourceItem{.key = std::to_string(emitted_++), .attributes = {}, .payload = payload_};
  }

 private:
  ItemsParams params_;
  Payload payload_;
  std::uint64_t emitted_ = 0;
};

/// Gives back as many bytes as it got, others: they travel both ways.
class Change final : public Transform<Bytes, Bytes> {
 public:
  Bytes process(const Bytes& in, StageContext&) const override { return Bytes(std::string(in.size(), 'y')); }
};

Registry registry() {
  Registry registry;
  registry.add(describe_stage<Items, ItemsParams>("items")
                   .summary("Emits items.")
                   .output<Bytes>("bytes", "Bytes.")
                   .param(&ItemsParams::count, "count", "How many.")
                   .param(&ItemsParams::bytes, "bytes", "How large.")
                   .only_computes());
  registry.add(describe_stage<Change>("change")
                   .summary("Other bytes.")
                   .input<Bytes>("in", "Bytes.")
                   .output<Bytes>("out", "Bytes."));
  return registry;
}

/// Microseconds for each of `count` calls: the median of some rounds.
double median_of_rounds(std::uint64_t count, const std::function<void()>& all) {
  std::vector<double> rounds;
  for (int round = 0; round < 7; ++round) {
    const Clock::time_point start = Clock::now();
    all();
    rounds.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count() /
                     static_cast<double>(count));
  }
  std::nth_element(rounds.begin(), rounds.begin() + 3, rounds.end());
  return rounds[3];
}

double pipeline_time(std::uint64_t count, std::uint64_t bytes, const std::string& options) {
  const std::string text = R"({"limits": {"items": 64, "memory": "1 GiB"}, "stages": [{"type": "items", "count": )" +
                           std::to_string(count) + ", \"bytes\": " + std::to_string(bytes) + R"(}, {"type": "change")" +
                           options + "}]}";
  const LoadOptions load{.worker = {std::filesystem::read_symlink("/proc/self/exe").string(), "worker"}};
  const Pipeline pipeline = Pipeline::from_string(text, registry(), load);
  return median_of_rounds(count, [&] {
    if (pipeline.start().wait().items.done != count) std::abort();
  });
}

template <class Work>
double time_of(std::uint64_t count, Work work) {
  return median_of_rounds(count, [&] {
    for (std::uint64_t i = 0; i < count; ++i) work();
  });
}

void measure(std::uint64_t count, std::uint64_t bytes) {
  const Payload payload(Bytes(std::string(bytes, 'x')));
  isolation::Channel channel{UniqueFd(), isolation::SharedRegion()};
  Attributes attributes;
  isolation::Datagram datagram;
  const double encode = time_of(count, [&] {
    isolation::WireWriter head;
    head.text("12345");
    head.attributes(attributes);
    head.number(std::uint32_t{1});
    head.text(payload.type().name);
    datagram = channel.write(head.bytes(), &payload);
  });
  std::string target(bytes, ' ');
  const double copy = time_of(count, [&] {
    std::memcpy(target.data(), payload.get<Bytes>().view().data(), bytes);
    asm volatile("" : : "r"(target.data()) : "memory");
  });
  const double decode = time_of(count, [&] {
    const Payload read = payload.type().decode(channel.body(datagram), MemoryCharge());
    asm volatile("" : : "r"(&read) : "memory");
  });
  const double run = pipeline_time(count, bytes, "");
  const double whole = pipeline_time(count, bytes, R"(, "isolation": "process", "concurrency": 1)");
  const double parallel = pipeline_time(count, bytes, R"(, "isolation": "process", "concurrency": 2)");
  std::printf("%10llu %9.2f %9.2f %9.2f %9.2f %11.2f %11.2f %13.2f\n", static_cast<unsigned long long>(bytes), encode,
              copy, decode, run, whole, parallel, whole - run - 4 * copy);
  std::fflush(stdout);
}

}  // namespace
}  // namespace penstock

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "worker") return penstock::run_worker(penstock::registry());
  std::printf(
      "Microseconds an item. `run` is the stage in this process; encoding and decoding happen on both sides, and the\n"
      "payload is copied four times: into shared memory and out of it, there and back.\n\n"
      "%10s %9s %9s %9s %9s %11s %11s %13s\n",
      "bytes", "encode", "copy", "decode", "run", "isolated", "2 workers", "without copy");
  penstock::measure(5'000, 16);
  penstock::measure(5'000, 4 << 10);
  penstock::measure(2'000, 64 << 10);
  penstock::measure(200, 1 << 20);
  penstock::measure(50, 16 << 20);
}
