// The worker's side: one thread, one item after the other.
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include "framework/base/engine_codes.h"
#include "framework/isolation/channel.h"
#include "framework/isolation/wire.h"
#include "penstock/bytes.h"
#include "penstock/detail/lease.h"
#include "penstock/worker.h"

namespace penstock::isolation {
namespace {

/// What a body that computes may ask for.
class WorkerServices final : public detail::RunServices {
 public:
  EventLoop& loop() override { throw std::logic_error("penstock: a stage that computes has no event loop"); }
  void run_blocking(std::function<void()> work) override { work(); }
  void run_parallel(const std::function<void()>& work) override { work(); }
  Task<MemoryCharge> reserve(detail::Piece&, std::uint64_t) override {
    throw std::logic_error("penstock: a stage that computes reserves nothing");
  }
  bool is_cancelled() const override { return false; }
  void count(std::string_view, std::string_view counter, std::uint64_t n) override {
    const std::scoped_lock lock(mutex_);
    counts_[std::string(counter)] += n;
  }

  std::map<std::string, std::uint64_t> take_counts() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(counts_, {});
  }

 private:
  std::mutex mutex_;  // A body may count on threads of its own.
  std::map<std::string, std::uint64_t> counts_;
};

/// A number of /proc/self/status, in bytes.
std::uint64_t memory_status(std::string_view name) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name)) return std::stoull(line.substr(name.size() + 1)) * 1024;
  }
  return 0;
}

std::uint64_t peak_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

/// From here on, memory for `more` bytes can be had.
void limit_memory(std::uint64_t more) {
  const rlim_t limit = memory_status("VmData") + more;
  const rlimit limits{limit, limit};
  ::setrlimit(RLIMIT_DATA, &limits);
}

/// Every payload type that the registry's stages take or give, by name.
std::map<std::string_view, const PayloadType*> payload_types(const Registry& registry) {
  std::map<std::string_view, const PayloadType*> types;
  for (const PayloadType* type :
       {&payload_type<None>(), &payload_type<Integer>(), &payload_type<Text>(), &payload_type<Bytes>()}) {
    types.emplace(type->name, type);
  }
  for (const auto& spec : registry.specs()) {
    for (const auto* port : {&spec->input, &spec->output}) {
      if (!*port) continue;
      for (const PayloadType* type : (*port)->types) types.emplace(type->name, type);
    }
  }
  return types;
}

class Worker {
 public:
  /// REQUIRES: `channel` outlives it.
  Worker(const Registry& registry, Channel& channel, const Datagram& setup)
      : channel_(channel), types_(payload_types(registry)) {
    const std::string head = channel_.head(setup);
    WireReader in(head);
    const std::string type = in.text();
    name_ = in.text();
    const std::string base = in.text();
    memory_limit_ = in.number<std::uint64_t>();
    spec_ = registry.find(type);
    if (spec_ == nullptr) throw std::invalid_argument("the worker program has no stage type `" + type + "`");
    const std::shared_ptr<void> params = spec_->make_params();
    for (auto count = in.number<std::uint64_t>(); count > 0; --count) {
      const std::string name = in.text();
      const auto param = std::find_if(spec_->params.begin(), spec_->params.end(),
                                      [&](const ParamSpec& declared) { return declared.name == name; });
      if (param == spec_->params.end()) {
        throw std::invalid_argument("`" + type + "` of the worker program has no option `" + name + "`");
      }
      param->set(params.get(), in.option(), OptionContext{.base = base});
    }
    body_ = spec_->make_body(params);
    StageContext context(services_, name_);
    body_->open(context);
  }

  /// Tells the other side that it is ready, then works until that side is gone.
  void run() {
    WireWriter ready;
    ready.number(memory_status("VmRSS"));
    ready.number(peak_memory());
    ready.text("");
    if (!channel_.send(channel_.write(ready.bytes(), nullptr))) return;
    if (memory_limit_ != 0) limit_memory(memory_limit_);
    Datagram item;
    bool is_last = false;
    while (!is_last && channel_.receive(item) == Channel::Received::message) is_last = !work(item);
    StageContext context(services_, name_);
    body_->close(context);
  }

 private:
  /// False: this was the last item.
  bool work(const Datagram& item) {
    Result result;
    Payload payload;
    try {
      result = process(item, payload);
    } catch (const std::bad_alloc&) {
      result = {.verdict = detail::Verdict::fail, .failure = {.code = std::string(kStageOutOfMemory.code)}};
    }
    if (memory_limit_ != 0 && result.failure.code == kStageOutOfMemory.code) {
      result.failure.code = kIsolationMemoryLimit.code;
      result.failure.message = "the body needs more than `memory_limit` (" + to_string(ByteSize{memory_limit_}) + ")";
      result.is_last = true;  // Whatever lies about in this process goes with it.
    }
    const bool has_payload = !result.type.empty();
    return channel_.send(channel_.write(encode_result(result), has_payload ? &payload : nullptr)) && !result.is_last;
  }

  Result process(const Datagram& item, Payload& payload) {
    const std::string head = channel_.head(item);
    WireReader in(head);
    detail::Lease lease([&] { return std::optional(SourceItem{.key = in.text(), .attributes = {}, .payload = {}}); });
    detail::Piece piece;
    piece.lease = &lease;
    piece.attributes = in.attributes();
    piece.attempts = static_cast<std::uint16_t>(in.number<std::uint32_t>());
    const std::string type = in.text();
    const auto known = types_.find(type);
    if (known == types_.end() || !known->second->is_encodable()) {
      return failure("the worker program cannot read a payload of the type `" + type + "`");
    }
    piece.payload = known->second->decode(channel_.body(item), MemoryCharge());
    // Kept to see whether the body hands on what it got: the other side has that already.
    const Payload input = spec_->output_same_as_input ? piece.payload : Payload();
    StageContext context(services_, name_);
    detail::Piece* const strip[] = {&piece};
    body_->process(strip, context, true);

    Result result;
    result.verdict = piece.verdict;
    result.counts = services_.take_counts();
    if (piece.verdict == detail::Verdict::emit) {
      result.attributes = std::move(piece.attributes);
      const bool is_unchanged = spec_->output_same_as_input && !input.is_sole_owner();
      if (spec_->output && !is_unchanged) {
        if (!piece.payload.type().is_encodable()) {
          return failure("a payload of the type `" + std::string(piece.payload.type().name) + "` cannot be sent back");
        }
        result.type = piece.payload.type().name;
        payload = std::move(piece.payload);
      }
    } else if (piece.verdict == detail::Verdict::drop) {
      result.drop_reason = std::move(piece.more().drop_reason);
    } else {
      result.failure = std::move(piece.more().failure);
    }
    return result;
  }

  static Result failure(std::string why) {
    return {.verdict = detail::Verdict::fail,
            .failure = {.code = std::string(kIsolationCannotStart.code), .message = std::move(why)}};
  }

  Channel& channel_;
  const std::map<std::string_view, const PayloadType*> types_;
  WorkerServices services_;
  std::string name_;
  std::uint64_t memory_limit_ = 0;
  std::shared_ptr<const StageSpec> spec_;
  std::unique_ptr<detail::StageBody> body_;
};

/// Takes the line from standard input, where a body may not find it.
UniqueFd take_line() {
  UniqueFd line(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
  const UniqueFd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (nothing) ::dup2(nothing.get(), STDIN_FILENO);
  return line;
}

}  // namespace
}  // namespace penstock::isolation

namespace penstock {

int run_worker(Registry registry, std::span<char* const> plugins) {
  constexpr rlimit kNoCore{0, 0};
  ::setrlimit(RLIMIT_CORE, &kNoCore);  // Bodies are expected to crash.
  isolation::Datagram setup;
  std::optional<isolation::Channel> channel = isolation::accept_channel(isolation::take_line(), setup);
  if (!channel) return 2;
  try {
    for (const char* plugin : plugins) registry.add_plugin(plugin);
    isolation::Worker(registry, *channel, setup).run();
    return 0;
  } catch (const std::exception& error) {
    isolation::WireWriter refusal;
    refusal.number(std::uint64_t{0});
    refusal.number(std::uint64_t{0});
    refusal.text(error.what());
    channel->send(channel->write(refusal.bytes(), nullptr));
    return 1;
  }
}

}  // namespace penstock
