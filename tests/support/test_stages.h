// Small stage types for tests of the framework: one or more of every kind, on Integer and Text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "penstock/registry.h"
#include "penstock/stage.h"
#include "penstock/stage_spec.h"

namespace penstock::test {

/// An Integer that knows more.
struct Even : Integer {};

/// A value that cannot be copied.
struct Handle {
  std::unique_ptr<int> value;
};

}  // namespace penstock::test

namespace penstock {

template <>
struct PayloadTraits<test::Even> {
  static constexpr std::string_view name = "even";
  using Base = Integer;
  static std::uint64_t bytes(const test::Even&) { return sizeof(test::Even); }
};
template <>
struct PayloadTraits<test::Handle> {
  static constexpr std::string_view name = "handle";
  static std::uint64_t bytes(const test::Handle&) { return sizeof(test::Handle); }
};

}  // namespace penstock

namespace penstock::test {

// --- Sources ---

struct NumbersParams {
  std::int64_t count = 10;
};

/// 0, 1, … as Integer; the key is the number.
class Numbers final : public Source {
 public:
  explicit Numbers(NumbersParams params) : params_(params) {}
  std::optional<SourceItem> next(StageContext&) override {
    if (next_ == params_.count) return std::nullopt;
    const std::int64_t value = next_++;
    return SourceItem{.key = std::to_string(value), .attributes = {}, .payload = Payload(Integer{value})};
  }
  std::optional<std::uint64_t> total() const override { return static_cast<std::uint64_t>(params_.count); }

 private:
  NumbersParams params_;
  std::int64_t next_ = 0;
};

inline StageSpec numbers_spec() {
  return describe_stage<Numbers, NumbersParams>("numbers")
      .summary("Counts from 0.")
      .output<Integer>("number", "The number.")
      .param(&NumbersParams::count, "count", "How many.", at_least(0))
      .attribute("number.parity", "`even` or `odd`.")
      .only_computes();
}

/// An AsyncSource that ends at once.
class Nothing final : public AsyncSource {
 public:
  Task<void> produce(SourceOutput&, StageContext&) override { co_return; }
};

inline StageSpec nothing_spec() {
  return describe_stage<Nothing>("nothing").summary("Emits nothing.").output<Text>("text", "No text.").any_attributes();
}

/// Emits one Handle.
class Handles final : public Source {
 public:
  std::optional<SourceItem> next(StageContext&) override {
    if (is_over_) return std::nullopt;
    is_over_ = true;
    return SourceItem{.key = "handle", .attributes = {}, .payload = Payload(Handle{std::make_unique<int>(1)})};
  }

 private:
  bool is_over_ = false;
};

inline StageSpec handles_spec() {
  return describe_stage<Handles>("handles").summary("Emits what cannot be copied.").output<Handle>("handle", "One.");
}

// --- Transforms ---

struct AddParams {
  std::int64_t amount = 1;
};

class Add final : public Transform<Integer, Integer> {
 public:
  explicit Add(AddParams params) : params_(params) {}
  Integer process(const Integer& in, StageContext&) const override { return {in.value + params_.amount}; }

 private:
  AddParams params_;
};

inline StageSpec add_spec() {
  return describe_stage<Add, AddParams>("add")
      .summary("Adds to a number.")
      .input<Integer>("number", "Any.")
      .output<Integer>("number", "The sum.")
      .param(&AddParams::amount, "amount", "What to add.", between(-1000, 1000))
      .attribute("add.amount", "What was added.");
}

/// Integer → Even.
class Double final : public Transform<Integer, Even> {
 public:
  Even process(const Integer& in, StageContext&) const override {
    Even even;
    even.value = 2 * in.value;
    return even;
  }
};

inline StageSpec double_spec() {
  return describe_stage<Double>("double")
      .summary("Doubles a number.")
      .input<Integer>("number", "Any.")
      .output<Even>("number", "Twice as much.");
}

/// Takes Even only.
class Halve final : public Transform<Even, Integer> {
 public:
  Integer process(const Even& in, StageContext&) const override { return {in.value / 2}; }
};

inline StageSpec halve_spec() {
  return describe_stage<Halve>("halve")
      .summary("Halves an even number.")
      .input<Even>("number", "Even.")
      .output<Integer>("number", "Half of it.");
}

class ToText final : public Transform<Integer, Text> {
 public:
  Text process(const Integer& in, StageContext&) const override { return {std::to_string(in.value)}; }
};

inline StageSpec to_text_spec() {
  return describe_stage<ToText>("to_text")
      .summary("Writes a number as text.")
      .input<Integer>("number", "Any.")
      .output<Text>("text", "Decimal.");
}

enum class ConvertTo { number, text, same };
constexpr std::array<Name<ConvertTo>, 3> names_of(ConvertTo) {
  return {{{ConvertTo::number, "number"}, {ConvertTo::text, "text"}, {ConvertTo::same, "same"}}};
}
struct ConvertParams {
  ConvertTo to = ConvertTo::number;
};

/// Its output is what the options say.
class Convert final : public Transform<Payload, Payload> {
 public:
  explicit Convert(ConvertParams params) : params_(params) {}
  Payload process(const Payload& in, StageContext&) const override {
    if (params_.to == ConvertTo::number) return Payload(Integer{1});
    if (params_.to == ConvertTo::text) return Payload(Text{"one"});
    return in;
  }

 private:
  ConvertParams params_;
};

inline StageSpec convert_spec() {
  return describe_stage<Convert, ConvertParams>("convert")
      .summary("Makes what is wanted.")
      .input<Payload>("item", "Any.")
      .output_by_options<Integer, Text>("item", "As `to` says.",
                                        [](const ConvertParams& params) -> const PayloadType* {
                                          if (params.to == ConvertTo::number) return &payload_type<Integer>();
                                          if (params.to == ConvertTo::text) return &payload_type<Text>();
                                          return nullptr;
                                        })
      .param(&ConvertParams::to, "to", "What.");
}

/// Hands on whatever comes.
class Pass final : public Transform<Payload, Payload> {
 public:
  Payload process(const Payload& in, StageContext&) const override { return in; }
};

inline StageSpec pass_spec() {
  return describe_stage<Pass>("pass")
      .summary("Does nothing.")
      .input<Payload>("item", "Any.")
      .output_same_as_input("item", "The same.");
}

/// Keeps state: serial.
class RunningSum final : public SerialTransform<Integer, Integer> {
 public:
  Integer process(const Integer& in, StageContext&) override { return {sum_ += in.value}; }

 private:
  std::int64_t sum_ = 0;
};

inline StageSpec running_sum_spec() {
  return describe_stage<RunningSum>("running_sum")
      .summary("Sums what has come.")
      .input<Integer>("number", "Any.")
      .output<Integer>("sum", "Of all so far.");
}

struct WaitParams {
  Duration time = std::chrono::milliseconds(1);
};

class Wait final : public AsyncTransform<Payload, Payload> {
 public:
  explicit Wait(WaitParams params) : params_(params) {}
  Task<Payload> process(const Payload& in, StageContext& context) override {
    Payload out = in;
    co_await context.sleep_for(params_.time);
    co_return out;
  }

 private:
  WaitParams params_;
};

inline StageSpec wait_spec() {
  return describe_stage<Wait, WaitParams>("wait")
      .summary("Waits on the event loop.")
      .input<Payload>("item", "Any.")
      .output_same_as_input("item", "The same.")
      .param(&WaitParams::time, "time", "How long.")
      .descriptors_per_item(1);
}

class Block final : public BlockingTransform<Payload, Payload> {
 public:
  Payload process(const Payload& in, StageContext&) const override { return in; }
};

inline StageSpec block_spec() {
  return describe_stage<Block>("block")
      .summary("May block.")
      .input<Payload>("item", "Any.")
      .output_same_as_input("item", "The same.");
}

// --- One to many, many to one, many ways ---

class Repeat final : public Expand<Integer, Integer> {
 public:
  Generator<Integer> process(const Integer& in, StageContext&) const override {
    co_yield Integer{in.value};
    co_yield Integer{in.value};
  }
};

inline StageSpec repeat_spec() {
  return describe_stage<Repeat>("repeat")
      .summary("Makes two of one.")
      .input<Integer>("number", "Any.")
      .output<Integer>("number", "The same, twice.");
}

struct SumParams {
  std::size_t size = 4;
};

class Sum final : public Collect<Integer, Integer> {
 public:
  explicit Sum(SumParams params) : params_(params) {}
  std::optional<Integer> add(const Integer& in, StageContext& context) override {
    sum_ += in.value;
    if (++members_ < params_.size) return std::nullopt;
    return flush(context);
  }
  Integer flush(StageContext&) override {
    members_ = 0;
    return {std::exchange(sum_, 0)};
  }
  std::size_t max_members() const override { return params_.size; }

 private:
  SumParams params_;
  std::size_t members_ = 0;
  std::int64_t sum_ = 0;
};

inline StageSpec sum_spec() {
  return describe_stage<Sum, SumParams>("sum")
      .summary("Sums groups of numbers.")
      .input<Integer>("number", "Any.")
      .output<Integer>("sum", "Of a group.")
      .param(&SumParams::size, "size", "Numbers in a group.", at_least(1));
}

struct DealParams {
  std::vector<std::string> ports = {"even", "odd"};
};

/// Deals numbers to its ports in turn.
class Deal final : public Route<Integer> {
 public:
  explicit Deal(DealParams params) : params_(std::move(params)) {}
  std::vector<std::string> ports() const override { return params_.ports; }
  std::optional<std::size_t> route(const Integer& in, const StageContext&) const override {
    return static_cast<std::size_t>(in.value < 0 ? -in.value : in.value) % params_.ports.size();
  }

 private:
  DealParams params_;
};

inline StageSpec deal_spec() {
  return describe_stage<Deal, DealParams>("deal")
      .summary("Deals numbers to its ports.")
      .input<Integer>("number", "Any.")
      .output_same_as_input("port", "The same number.")
      .param(&DealParams::ports, "ports", "Their names.", at_least(1));
}

// --- Sinks ---

class Discard final : public Transform<Payload, void> {
 public:
  void process(const Payload&, StageContext&) const override {}
};

inline StageSpec discard_spec() {
  return describe_stage<Discard>("discard").summary("Forgets everything.").input<Payload>("item", "Any.");
}

class Print final : public Transform<Text, void> {
 public:
  void process(const Text&, StageContext&) const override {}
};

inline StageSpec print_spec() {
  return describe_stage<Print>("print").summary("Takes texts.").input<Text>("text", "Any.");
}

/// All of the above.
inline Registry test_registry() {
  Registry registry;
  for (auto* spec : {numbers_spec, nothing_spec, handles_spec, add_spec, double_spec, halve_spec, to_text_spec,
                     convert_spec, pass_spec, running_sum_spec, wait_spec, block_spec, repeat_spec, sum_spec, deal_spec,
                     discard_spec, print_spec}) {
    registry.add(spec());
  }
  return registry;
}

}  // namespace penstock::test
