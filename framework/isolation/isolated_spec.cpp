// The runtime sees an asynchronous stage: it bounds the items in work, and each of them has a worker to itself. Workers
// are started when they are first needed, and anew after they died.
// SPDX-License-Identifier: Apache-2.0
#include "framework/isolation/isolated_spec.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "framework/base/engine_codes.h"
#include "framework/isolation/wire.h"
#include "framework/isolation/worker_process.h"
#include "penstock/stage_context.h"

namespace penstock::isolation {
namespace {

constexpr std::uint64_t kMuch = 256 << 10;  // Bytes that are not copied on the event loop.

/// What workers are told at their start.
std::string setup_head(const StageSpec& spec, const Isolation& isolation, const void* params) {
  WireWriter head;
  head.text(spec.type);
  head.text(isolation.stage_name);
  head.text(isolation.base);
  head.number(isolation.memory_limit.value_or(0));
  std::vector<const ParamSpec*> given;
  for (const ParamSpec& param : spec.params) {
    const auto& names = isolation.options;
    if (std::find(names.begin(), names.end(), param.name) != names.end()) given.push_back(&param);
  }
  head.number(std::uint64_t{given.size()});
  for (const ParamSpec* param : given) {
    head.text(param->name);
    head.option(param->get(params));
  }
  return head.bytes();
}

std::string item_head(const detail::Piece& piece) {
  WireWriter head;
  head.text(detail::key_of(piece));
  head.attributes(piece.attributes);
  head.number(std::uint32_t{piece.attempts});
  head.text(piece.payload.type().name);
  return head.bytes();
}

/// Ends a worker that takes too long, for as long as it lives itself.
class Deadline {
 public:
  Deadline(EventLoop& loop, const std::optional<Duration>& timeout, WorkerProcess& worker) : loop_(loop) {
    if (!timeout) return;
    timer_ = loop.call_at(time_after(loop.now(), *timeout), [this, &worker] {
      timer_ = 0;
      is_over_ = true;
      worker.kill();
    });
  }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline() {
    if (timer_ != 0) loop_.cancel_timer(timer_);
  }
  bool is_over() const { return is_over_; }

 private:
  EventLoop& loop_;
  EventLoop::TimerId timer_ = 0;
  bool is_over_ = false;
};

class IsolatedBody final : public detail::StageBody {
 public:
  IsolatedBody(std::shared_ptr<const StageSpec> spec, const Isolation& isolation, const void* params)
      : spec_(std::move(spec)), isolation_(isolation), setup_(setup_head(*spec_, isolation, params)) {}

  StageKind kind() const override { return StageKind::async_transform; }
  void open(StageContext& context) override { launcher_.emplace(context.loop()); }
  void close(StageContext&) override {
    idle_.clear();
    launcher_.reset();
  }

  Task<void> process_async(detail::Piece& piece, StageContext& context, bool) override {
    context.bind(piece);
    try {
      co_await hand_over(piece, context);
    } catch (const OperationCancelled&) {
      piece.verdict = detail::Verdict::cancel;  // Its worker was killed.
    } catch (const WireError&) {
      piece.fail({.code = std::string(kIsolationCrashed.code), .message = "the answer of the worker is garbled"});
    } catch (...) {
      detail::fail_from_current_exception(piece);
    }
  }

 private:
  using Worker = std::unique_ptr<WorkerProcess>;

  Task<void> hand_over(detail::Piece& piece, StageContext& context) {
    // The copy in shared memory counts, too.
    const MemoryCharge copied = co_await context.reserve(piece.payload.bytes());
    Worker worker;
    for (bool is_sent = false; !is_sent;) {
      worker = co_await take_worker(context.loop());
      const Datagram item = co_await write(*worker, piece, context);
      is_sent = worker->channel().send(item);  // Else it died while it was idle.
    }
    Datagram answer;
    bool is_answered = false;
    bool is_late = false;
    {
      const Deadline deadline(context.loop(), isolation_.timeout, *worker);
      is_answered = co_await worker->receive(answer);
      is_late = deadline.is_over();
    }
    if (!is_answered) {
      const std::string end = co_await worker->end_text();
      throw death(*worker, end, is_late);
    }
    Result result = decode_result(worker->channel().head(answer));
    co_await take(result, *worker, answer, piece, context);
    if (piece.payload.bytes() + answer.body_size > kMuch) worker->channel().region().trim();
    if (!result.is_last && !is_late) idle_.push_back(std::move(worker));
  }

  Task<Worker> take_worker(EventLoop& loop) {
    if (!idle_.empty()) {
      Worker worker = std::move(idle_.back());
      idle_.pop_back();
      co_return std::move(worker);
    }
    std::vector<std::string> command = isolation_.worker;
    std::string setup = setup_;
    co_return co_await WorkerProcess::start(loop, *launcher_, std::move(command), std::move(setup));
  }

  Task<Datagram> write(WorkerProcess& worker, const detail::Piece& piece, StageContext& context) {
    const auto encode = [&] { return worker.channel().write(item_head(piece), &piece.payload); };
    if (piece.payload.bytes() <= kMuch) co_return encode();
    co_return co_await context.blocking(encode);
  }

  Task<void> take(Result& result, WorkerProcess& worker, const Datagram& answer, detail::Piece& piece,
                  StageContext& context) {
    for (const auto& [counter, n] : result.counts) {
      if (!declares_counter(counter)) throw WireError();
      context.count(counter, n);
    }
    switch (result.verdict) {
      case detail::Verdict::emit:
        if (!result.type.empty()) {
          Payload payload = co_await decode(type_of(result, piece), worker, answer, context);
          piece.payload = std::move(payload);
        }
        piece.attributes = std::move(result.attributes);
        break;
      case detail::Verdict::absorb:
        piece.verdict = detail::Verdict::absorb;
        break;
      case detail::Verdict::drop:
        piece.drop(std::move(result.drop_reason));
        break;
      case detail::Verdict::fail:
      case detail::Verdict::cancel:
        piece.fail(std::move(result.failure));
        break;
    }
  }

  Task<Payload> decode(const PayloadType& type, WorkerProcess& worker, const Datagram& answer, StageContext& context) {
    MemoryCharge charge = co_await context.reserve(answer.body_size);
    const auto make = [&] { return type.decode(worker.channel().body(answer), std::move(charge)); };
    if (answer.body_size <= kMuch) co_return make();
    co_return co_await context.blocking(make);
  }

  const PayloadType& type_of(const Result& result, const detail::Piece& piece) const {
    if (piece.payload.type().name == result.type) return piece.payload.type();
    if (spec_->output) {
      for (const PayloadType* type : spec_->output->types) {
        if (type->name == result.type && type->is_encodable()) return *type;
      }
    }
    throw WireError();
  }

  bool declares_counter(const std::string& name) const {
    return std::any_of(spec_->counters.begin(), spec_->counters.end(),
                       [&](const CounterSpec& counter) { return counter.name == name; });
  }

  ItemError death(const WorkerProcess& worker, const std::string& end, bool is_late) const {
    if (is_late) {
      return ItemError(kIsolationTimeout,
                       "no result within " + to_string(*isolation_.timeout) + "; the worker was killed");
    }
    // A library that runs out of memory may just abort.
    if (isolation_.memory_limit && worker.peak_growth() >= *isolation_.memory_limit / 4 * 3) {
      return ItemError(kIsolationMemoryLimit, "the worker reached its `memory_limit` (" +
                                                  to_string(ByteSize{*isolation_.memory_limit}) + ") and ended by " +
                                                  end);
    }
    return ItemError(kIsolationCrashed, "the worker ended by " + end);
  }

  const std::shared_ptr<const StageSpec> spec_;
  const Isolation isolation_;
  const std::string setup_;
  std::optional<ProcessLauncher> launcher_;
  std::vector<Worker> idle_;
};

}  // namespace

std::shared_ptr<const StageSpec> isolated_spec(const std::shared_ptr<const StageSpec>& spec, Isolation isolation) {
  constexpr unsigned kDescriptors = 6;  // Socket, shared memory, and those of a process.
  StageSpec isolated = *spec;
  isolated.kind = StageKind::async_transform;
  isolated.has_memory_need = false;  // What the body needs is the worker's.
  isolated.default_concurrency = spec->default_concurrency.value_or(kDefaultWorkers);
  isolated.descriptors_per_item = std::max(spec->descriptors_per_item, kDescriptors);
  isolated.make_body = [spec, isolation = std::move(isolation)](const std::shared_ptr<void>& params) {
    return std::make_unique<IsolatedBody>(spec, isolation, params.get());
  };
  return std::make_shared<const StageSpec>(std::move(isolated));
}

}  // namespace penstock::isolation
