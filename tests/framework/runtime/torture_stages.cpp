// SPDX-License-Identifier: Apache-2.0
#include "tests/framework/runtime/torture_stages.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

#include "penstock/stage.h"

namespace penstock {
template <>
struct PayloadTraits<torture::Mark> {
  static constexpr std::string_view name = "mark";
  static std::uint64_t bytes(const torture::Mark&) { return 8; }
  static std::uint64_t charged(const torture::Mark& mark) { return mark.load ? mark.load->bytes() : 0; }
  // Source, index, whether merged, length of the path, the path; then as much as the load.
  static void encode(const torture::Mark& mark, ByteSink& out) {
    std::vector<std::uint64_t> words{mark.source, mark.index, mark.is_merged ? 1U : 0U, mark.path.size()};
    words.insert(words.end(), mark.path.begin(), mark.path.end());
    out.write({reinterpret_cast<const char*>(words.data()), words.size() * sizeof words[0]});
    out.write(std::string(charged(mark), 'x'));
  }
  static torture::Mark decode(std::string encoded, MemoryCharge charge) {
    const auto word = [&](std::size_t i) {
      std::uint64_t value = 0;
      std::memcpy(&value, encoded.data() + i * sizeof value, sizeof value);
      return value;
    };
    torture::Mark mark;
    mark.source = static_cast<std::uint32_t>(word(0));
    mark.index = word(1);
    mark.is_merged = word(2) != 0;
    for (std::size_t i = 0; i < word(3); ++i) mark.path.push_back(static_cast<std::uint32_t>(word(4 + i)));
    mark.load = std::make_shared<const MemoryCharge>(std::move(charge));
    return mark;
  }
};
}  // namespace penstock

namespace penstock::torture {

void StageLog::opened() {
  const std::scoped_lock lock(mutex_);
  if (++opens_ != 1) complaints_.push_back("opened twice");
}

void StageLog::closed() {
  const std::scoped_lock lock(mutex_);
  if (++closes_ != 1) complaints_.push_back("closed twice");
  if (opens_ != 1) complaints_.push_back("closed without being opened");
  if (entered_ != left_) complaints_.push_back("closed while a body runs");
}

void StageLog::enter(const Mark& mark, bool is_first_attempt) {
  const std::scoped_lock lock(mutex_);
  ++entered_;
  if (is_first_attempt) ++first_entered_;
  if (closes_ > 0) complaints_.push_back("a body begins after close");
  if (opens_ == 0) complaints_.push_back("a body begins before open");
  if (concurrency > 0 && entered_ - left_ > concurrency) complaints_.push_back("more bodies at once than allowed");
  if (!is_ordered || !checks_order || mark.is_merged || !is_first_attempt) return;
  const std::pair here(mark.index, mark.path);
  const auto [last, is_new] = last_.try_emplace(mark.source, here);
  // A child that failed carries its parent's mark, which says less than its place does.
  const std::size_t common = std::min(here.second.size(), last->second.second.size());
  const bool is_parent = !is_new && here.first == last->second.first &&
                         std::equal(here.second.begin(), here.second.begin() + static_cast<std::ptrdiff_t>(common),
                                    last->second.second.begin());
  if (is_parent) return;
  if (!is_new && here < last->second) {
    complaints_.push_back("item " + std::to_string(mark.index) + " after item " + std::to_string(last->second.first));
  }
  last->second = here;
}

void StageLog::finish() {
  const std::scoped_lock lock(mutex_);
  if (++finished_ > 1) complaints_.push_back("finished twice");
  if (closes_ > 0) complaints_.push_back("finished after close");
  if (entered_ != left_) complaints_.push_back("finished while a body runs");
}

void StageLog::leave() {
  ++left_;
  if (on_leave) on_leave();
}

void StageLog::complain(std::string text) {
  const std::scoped_lock lock(mutex_);
  complaints_.push_back(std::move(text));
}

std::vector<std::string> StageLog::complaints() const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> all = complaints_;
  if (closes_ != 1) all.push_back("closed " + std::to_string(closes_) + " times");
  if (entered_ != left_) all.push_back("a body never ended");
  return all;
}

namespace {

constexpr ErrorCode kTransient{"torture.transient", "It may go better next time.", Persistence::transient};
constexpr ErrorCode kPermanent{"torture.permanent", "It will not."};

/// splitmix64 (Steele, Lea, Flood 2014).
std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

class Decider {
 public:
  Decider(const Behaviour& behaviour, const Mark& mark, unsigned attempt)
      : state_(mix(behaviour.seed ^ mix(behaviour.stage + 1) ^ mix(mark.index + 77) ^ mix(mark.source + 991) ^
                   mix(attempt + 12345))) {
    for (const std::uint32_t step : mark.path) state_ = mix(state_ ^ step);
  }
  std::uint64_t next(std::uint64_t bound) {
    state_ = mix(state_);
    return bound == 0 ? 0 : state_ % bound;
  }
  bool happens(unsigned percent) { return next(100) < percent; }

 private:
  std::uint64_t state_;
};

class Visit {
 public:
  Visit(const Behaviour& behaviour, const Mark& mark, const StageContext& context) : log_(*behaviour.log) {
    log_.enter(mark, context.attempt() == 1);
  }
  ~Visit() { log_.leave(); }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

 private:
  StageLog& log_;
};

void misbehave(const Behaviour& behaviour, Decider& decide, StageContext& context) {
  context.set_attribute("touched", std::int64_t{behaviour.stage});
  if (!decide.happens(behaviour.fail)) return;
  if (decide.happens(behaviour.transient)) throw ItemError(kTransient);
  throw ItemError(kPermanent);
}

template <class Kind>
class Logged : public Kind {
 public:
  explicit Logged(const Behaviour& behaviour) : behaviour_(behaviour) {}
  void open(StageContext&) override { behaviour_.log->opened(); }
  void close(StageContext&) override { behaviour_.log->closed(); }

 protected:
  Behaviour behaviour_;
};

Maybe<Mark> compute(const Behaviour& behaviour, const Mark& in, StageContext& context) {
  const Visit visit(behaviour, in, context);
  Decider decide(behaviour, in, context.attempt());
  misbehave(behaviour, decide, context);
  if (decide.happens(behaviour.drop)) return context.drop("as decided");
  return in;
}

class Computes : public Logged<Transform<Mark, Maybe<Mark>>> {
 public:
  using Logged::Logged;
  Maybe<Mark> process(const Mark& in, StageContext& context) const override { return compute(behaviour_, in, context); }
};

class Needs final : public Computes {
 public:
  using Computes::Computes;
  std::uint64_t memory_need(const Mark& in, const StageContext&) const {
    return Decider(behaviour_, in, 100).next(behaviour_.need + 1);
  }
};

class Serial final : public Logged<SerialTransform<Mark, Maybe<Mark>>> {
 public:
  using Logged::Logged;
  Maybe<Mark> process(const Mark& in, StageContext& context) override {
    Maybe<Mark> out = compute(behaviour_, in, context);
    if (out.has_value() && Decider(behaviour_, in, 200).happens(behaviour_.absorb)) return context.absorb();
    return out;
  }
  std::optional<Mark> finish(StageContext& context) {
    if (behaviour_.absorb == 0) return std::nullopt;
    behaviour_.log->finish();
    Mark mark;
    mark.source = behaviour_.stage;
    Decider decide(behaviour_, mark, 1);
    misbehave(behaviour_, decide, context);
    return mark;
  }
};

class Blocks final : public Logged<BlockingTransform<Mark, Maybe<Mark>>> {
 public:
  using Logged::Logged;
  Maybe<Mark> process(const Mark& in, StageContext& context) const override { return compute(behaviour_, in, context); }
};

class Waits final : public Logged<AsyncTransform<Mark, Maybe<Mark>>> {
 public:
  using Logged::Logged;
  Task<Maybe<Mark>> process(const Mark& in, StageContext& context) override {
    const Visit visit(behaviour_, in, context);
    Decider decide(behaviour_, in, context.attempt());
    MemoryCharge charge;
    for (std::uint64_t waits = decide.next(4); waits > 0; --waits) {
      if (behaviour_.need > 0 && decide.happens(50)) {
        MemoryCharge more = co_await context.reserve(1 + decide.next(behaviour_.need));
        charge.merge(std::move(more));
      }
      if (behaviour_.uses_blocking && decide.happens(30)) {
        auto job = [] {};
        co_await context.blocking(job);
      }
      co_await context.sleep_for(std::chrono::microseconds(decide.next(300)));
    }
    if (decide.happens(behaviour_.hang)) co_await context.sleep_for(std::chrono::hours(1));
    misbehave(behaviour_, decide, context);
    if (decide.happens(behaviour_.drop)) co_return Maybe<Mark>(context.drop("as decided"));
    Mark out = in;
    if (behaviour_.loads) out.load = std::make_shared<const MemoryCharge>(std::move(charge));
    co_return Maybe<Mark>(std::move(out));
  }
};

class Expands : public Logged<Expand<Mark, Mark>> {
 public:
  using Logged::Logged;
  Generator<Mark> process(const Mark& in, StageContext& context) const override {
    { const Visit visit(behaviour_, in, context); }
    Decider decide(behaviour_, in, 1);
    const std::uint64_t count = decide.next(behaviour_.children + 1);
    for (std::uint32_t i = 1; i <= count; ++i) {
      if (decide.happens(behaviour_.fail)) throw ItemError(kPermanent);
      Mark child = in;
      child.path.push_back(i);
      co_yield child;
    }
  }
};

class ExpandsWithNeed final : public Expands {
 public:
  using Expands::Expands;
  std::uint64_t memory_need(const Mark& in, const StageContext&) const {
    return Decider(behaviour_, in, 100).next(behaviour_.need + 1);
  }
};

class Collects final : public Logged<Collect<Mark, Mark>> {
 public:
  using Logged::Logged;
  std::optional<Mark> add(const Mark& in, StageContext& context) override {
    const Visit visit(behaviour_, in, context);
    Decider decide(behaviour_, in, 1);
    misbehave(behaviour_, decide, context);
    held_.push_back(in);
    if (held_.size() < behaviour_.members) return std::nullopt;
    return merge();
  }
  Mark flush(StageContext&) override {
    if (held_.empty()) behaviour_.log->complain("flush without members");
    return merge();
  }
  std::size_t max_members() const override { return behaviour_.members; }
  std::optional<Duration> max_delay() const override {
    if (behaviour_.delay_us == 0) return std::nullopt;
    return std::chrono::microseconds(behaviour_.delay_us);
  }

 private:
  Mark merge() {
    if (held_.empty()) return {};
    Mark merged = held_.front();
    merged.is_merged = true;
    held_.clear();
    return merged;
  }
  std::vector<Mark> held_;
};

class Routes final : public Logged<Route<Mark>> {
 public:
  using Logged::Logged;
  std::vector<std::string> ports() const override {
    std::vector<std::string> names;
    for (std::uint32_t i = 0; i < behaviour_.ports; ++i) names.push_back("p" + std::to_string(i));
    return names;
  }
  std::optional<std::size_t> route(const Mark& in, const StageContext& context) const override {
    const Visit visit(behaviour_, in, context);
    Decider decide(behaviour_, in, 1);
    if (decide.happens(behaviour_.fail)) throw ItemError(kPermanent);
    const std::uint64_t port = decide.next(behaviour_.ports + 1);
    if (port == behaviour_.ports) return std::nullopt;
    return port;
  }
};

SourceItem item_of(const Behaviour& behaviour, std::uint64_t index) {
  Mark mark;
  mark.source = behaviour.stage;
  mark.index = index;
  return {.key = std::to_string(behaviour.stage) + "/" + std::to_string(index), .payload = Payload(std::move(mark))};
}

class Emits final : public Logged<Source> {
 public:
  using Logged::Logged;
  std::optional<SourceItem> next(StageContext&) override {
    if (next_ == behaviour_.items) return std::nullopt;
    Mark mark;
    mark.index = next_;
    if (Decider(behaviour_, mark, 1).happens(behaviour_.source_fails)) throw ItemError(kPermanent);
    return item_of(behaviour_, next_++);
  }
  std::optional<std::uint64_t> total() const override { return behaviour_.items; }

 private:
  std::uint32_t next_ = 0;
};

class Produces final : public Logged<AsyncSource> {
 public:
  using Logged::Logged;
  Task<void> produce(SourceOutput& output, StageContext& context) override {
    for (std::uint64_t i = 0; i < behaviour_.items; ++i) {
      Mark mark;
      mark.index = i;
      Decider decide(behaviour_, mark, 1);
      if (decide.happens(30)) co_await context.sleep_for(std::chrono::microseconds(decide.next(500)));
      if (decide.happens(behaviour_.source_fails)) throw ItemError(kPermanent);
      SourceItem item = item_of(behaviour_, i);
      if (decide.happens(70) && output.try_emit(item)) continue;
      co_await output.emit(std::move(item));
    }
    if (behaviour_.hang > 0) co_await context.sleep_for(std::chrono::hours(1));
  }
};

template <class S>
StageSpec describe(const char* type) {
  return describe_stage<S, Behaviour>(type).summary("Misbehaves.");
}

}  // namespace

std::shared_ptr<const StageSpec> spec_of(StageKind kind, bool with_need, bool only_computes) {
  const auto make = [&]() -> StageSpec {
    switch (kind) {
      case StageKind::source:
        return describe<Emits>("emits");
      case StageKind::async_source:
        return describe<Produces>("produces");
      case StageKind::transform:
        return with_need ? describe<Needs>("needs") : describe<Computes>("computes");
      case StageKind::serial_transform:
        return describe<Serial>("serial");
      case StageKind::async_transform:
        return describe<Waits>("waits");
      case StageKind::blocking_transform:
        return describe<Blocks>("blocks");
      case StageKind::expand:
        return with_need ? describe<ExpandsWithNeed>("expands_with_need") : describe<Expands>("expands");
      case StageKind::collect:
        return describe<Collects>("collects");
      case StageKind::route:
        break;
    }
    return describe<Routes>("routes");
  };
  StageSpec spec = make();
  spec.only_computes = only_computes;
  return std::make_shared<const StageSpec>(std::move(spec));
}

}  // namespace penstock::torture
