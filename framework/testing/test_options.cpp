// SPDX-License-Identifier: Apache-2.0
#include "framework/testing/test_options.h"

#include <memory>

namespace penstock {

OptionType OptionCodec<testing::Scalar>::type() {
  return {.kind = OptionType::Kind::json,
          .schema = R"({"type": ["string", "number", "boolean"]})",
          .hint = "a text, a number, true or false"};
}

testing::Scalar OptionCodec<testing::Scalar>::from(const OptionValue& value, const OptionContext&) {
  if (value.holds<bool>()) return {value.get<bool>()};
  if (value.holds<std::int64_t>()) return {value.get<std::int64_t>()};
  if (value.holds<double>()) return {value.get<double>()};
  if (value.holds<std::string>()) return {value.get<std::string>()};
  throw OptionError("option.type", "expected a text, a number, true or false, got a list or an object");
}

OptionValue OptionCodec<testing::Scalar>::to(const testing::Scalar& value) {
  return std::visit(
      [](const auto& held) -> OptionValue {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::nullptr_t>) {
          return {};
        } else {
          return held;
        }
      },
      value.value);
}

testing::Sha256Text OptionCodec<testing::Sha256Text>::from(const OptionValue& value, const OptionContext&) {
  const std::string& hex = value.get<std::string>();
  if (hex.find_first_not_of("0123456789abcdef") == std::string::npos) return {hex};
  throw OptionError("option.value", "expected 64 hexadecimal digits in lower case, got \"" + hex + "\"");
}

namespace testing {
namespace {

ParamSpec required(ParamSpec spec) {
  spec.is_required = true;
  return spec;
}

}  // namespace

std::vector<ParamSpec> params_of(const PayloadOptions*) {
  return {
      param(&PayloadOptions::type, "type", "The payload type; default: what the stage gives.", at_least(1)),
      param(&PayloadOptions::text, "text", "Its bytes, written out."),
      param(&PayloadOptions::file, "file", "The file that has its bytes; counts from the test file's folder."),
      param(&PayloadOptions::json, "json", "Its value, or what is to be said of it besides its bytes."),
  };
}

std::vector<ParamSpec> params_of(const FeedOptions*) {
  return {
      required(param(&FeedOptions::key, "key", "The key of the item.")),
      param(&FeedOptions::attributes, "attributes", "Its attributes, by name."),
      param(&FeedOptions::payload, "payload", "Its payload; default: none."),
  };
}

std::vector<ParamSpec> params_of(const FailOptions*) {
  return {
      required(param(&FailOptions::code, "code", "The error code; one that the stage declares.", at_least(1))),
      param(&FailOptions::message, "message", "Its text; default: the code."),
      param(&FailOptions::transient, "transient", "Whether another attempt may succeed."),
  };
}

std::vector<ParamSpec> params_of(const ReplaceOptions*) {
  return {
      param(&ReplaceOptions::key, "key",
            "The item that gets this answer; several answers for one key serve its calls in turn, the last one all "
            "further ones. Without a key: every item that has no answer of its own."),
      param(&ReplaceOptions::attributes, "attributes", "Attributes to set."),
      param(&ReplaceOptions::payload, "payload", "The payload; default: that of the item."),
      param(&ReplaceOptions::port, "port", "Of a route: the port that the item leaves by."),
      param(&ReplaceOptions::fail, "fail", "The item fails."),
      param(&ReplaceOptions::drop, "drop", "The item is dropped for this reason."),
      param(&ReplaceOptions::delay, "delay", "Asynchronous stages: the time that passes before the answer."),
  };
}

std::vector<ParamSpec> params_of(const FaultOptions*) {
  return {
      param(&FaultOptions::key, "key", "Only calls for the item with this key; default: all."),
      param(&FaultOptions::call, "call", "Only the call with this number, from 1.", at_least(1)),
      param(&FaultOptions::first, "first", "Only so many calls from the first.", at_least(1)),
      param(&FaultOptions::fail, "fail", "The call fails."),
      param(&FaultOptions::drop, "drop", "The item is dropped for this reason."),
      param(&FaultOptions::delay, "delay", "Asynchronous stages: the call comes so much later."),
  };
}

std::vector<ParamSpec> params_of(const ExpectedItems*) {
  return {
      param(&ExpectedItems::admitted, "admitted", "Items that came from the sources."),
      param(&ExpectedItems::done, "done", "Items that went all their way."),
      param(&ExpectedItems::dropped, "dropped", "Items that a stage dropped."),
      param(&ExpectedItems::failed, "failed", "Items that failed; default: none."),
      param(&ExpectedItems::cancelled, "cancelled", "Items that a cancel discarded."),
  };
}

std::vector<ParamSpec> params_of(const ExpectedFailure*) {
  return {
      required(param(&ExpectedFailure::key, "key", "The item that failed.")),
      required(param(&ExpectedFailure::stage, "stage", "Where it failed.")),
      required(param(&ExpectedFailure::code, "code", "The error code.")),
      param(&ExpectedFailure::attempts, "attempts", "How often it was tried."),
      param(&ExpectedFailure::message, "message", "A part of the message."),
  };
}

std::vector<ParamSpec> params_of(const ExpectedData*) {
  return {
      param(&ExpectedData::type, "type", "Of a payload: its type."),
      param(&ExpectedData::bytes, "bytes", "Its size."),
      param(&ExpectedData::sha256, "sha256", "The SHA-256 of its bytes, in hexadecimal digits."),
      param(&ExpectedData::text, "text", "Its bytes, written out."),
      param(&ExpectedData::file, "file", "The file that has the same bytes; counts from the test file's folder."),
      param(&ExpectedData::json, "json",
            "Of a payload: its value, or what is known of it; of an object, the keys that are given."),
  };
}

std::vector<ParamSpec> params_of(const ExpectedItem*) {
  return {
      required(param(&ExpectedItem::key, "key", "The key of the item.")),
      param(&ExpectedItem::piece, "piece", "The number of a piece of it."),
      param(&ExpectedItem::port, "port", "Of a route: the port that it left by."),
      param(&ExpectedItem::attributes, "attributes", "Attributes that it must have; others do not matter."),
      param(&ExpectedItem::payload, "payload", "What must hold of its payload."),
  };
}

std::vector<ParamSpec> params_of(const ExpectedStage*) {
  return {
      param(&ExpectedStage::in, "in", "Pieces that entered."),
      param(&ExpectedStage::out, "out", "Pieces that left."),
      param(&ExpectedStage::dropped, "dropped", "Pieces that it dropped."),
      param(&ExpectedStage::failed, "failed", "Pieces that failed in it."),
      param(&ExpectedStage::handled, "handled", "Of the failed: read by another stage."),
      param(&ExpectedStage::cancelled, "cancelled", "Pieces that were cancelled in it."),
      param(&ExpectedStage::retries, "retries", "Attempts after the first."),
      param(&ExpectedStage::items, "items", "All that left it; of a sink, all that it took."),
      param(&ExpectedStage::ordered, "ordered", "`items` in this order."),
  };
}

std::vector<ParamSpec> params_of(const ExpectedAbort*) {
  return {
      required(param(&ExpectedAbort::stage, "stage", "The stage that ended the run.")),
      required(param(&ExpectedAbort::code, "code", "The error code.")),
  };
}

std::vector<ParamSpec> params_of(const ExpectOptions*) {
  return {
      param(&ExpectOptions::outcome, "outcome", "How the run ends."),
      param(&ExpectOptions::abort, "abort", "Why it is aborted."),
      param(&ExpectOptions::items, "items", "Items by outcome."),
      param(&ExpectOptions::failures, "failures", "All failures that no stage reads; default: none."),
      param(&ExpectOptions::stages, "stages", "Counts and items by stage."),
      param(&ExpectOptions::files, "files", "All files below `{temp}`, by their paths there."),
      param(&ExpectOptions::at_least, "at_least", "The least time that the run takes, on its clock."),
      param(&ExpectOptions::at_most, "at_most", "The most time that the run takes, on its clock."),
  };
}

std::vector<ParamSpec> params_of(const TestOptions*) {
  return {
      required(param(&TestOptions::name, "name", "What the test claims.", at_least(1))),
      param(&TestOptions::params, "params",
            "Parameters of the pipeline; `{temp}` stands for a folder of the test's own."),
      param(&TestOptions::feed, "feed", "What sources emit, by stage, instead of their own items."),
      param(&TestOptions::replace, "replace", "Answers that stand for the work of a stage, by stage."),
      param(&TestOptions::faults, "faults", "What happens in front of stages, by stage."),
      param(&TestOptions::http, "http", "The recording that answers HTTP requests; there is no other HTTP."),
      param(&TestOptions::keep, "keep", "Sinks that do their work; the others only collect."),
      param(&TestOptions::drain_after, "drain_after", "Drains the run after that time on its clock."),
      param(&TestOptions::cancel_after, "cancel_after", "Cancels the run after that time on its clock."),
      param(&TestOptions::seeds, "seeds", "How many interleavings are tried.", between(1, 1'000'000)),
      required(param(&TestOptions::expect, "expect", "What the run gives.")),
  };
}

std::vector<ParamSpec> params_of(const TestFileOptions*) {
  return {
      param(&TestFileOptions::schema, "$schema", "The JSON Schema, for editors."),
      param(&TestFileOptions::description, "description", "What is tested, for people."),
      required(param(&TestFileOptions::pipeline, "pipeline", "The pipeline; counts from the test file's folder.")),
      required(param(&TestFileOptions::tests, "tests", "The tests.", at_least(1))),
  };
}

spec::KeyGroup test_file_keys() {
  return {params_of(static_cast<const TestFileOptions*>(nullptr)), std::make_shared<const TestFileOptions>()};
}

}  // namespace testing
}  // namespace penstock
