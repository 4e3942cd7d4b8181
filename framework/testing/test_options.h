// The keys of a `*.test.json`, declared like the options of a stage: reading, diagnostics and schema derive from it.
//
//     {
//       "$schema": "penstock-test.schema.json",
//       "pipeline": "thumbnails.json",
//       "tests": [
//         { "name": "...", "params": {}, "feed": {}, "replace": {}, "faults": {}, "http": "...", "keep": [],
//           "seeds": 1, "expect": {} }
//       ]
//     }
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "framework/spec/json_schema.h"
#include "penstock/attributes.h"
#include "penstock/option_codec.h"
#include "penstock/run_report.h"

namespace penstock {

constexpr std::array<Name<RunOutcome>, 4> names_of(RunOutcome) {
  return {{{RunOutcome::completed, "completed"},
           {RunOutcome::drained, "drained"},
           {RunOutcome::cancelled, "cancelled"},
           {RunOutcome::aborted, "aborted"}}};
}

}  // namespace penstock

namespace penstock::testing {

/// An object with free keys, in the order of the file.
template <class T>
using OptionMapOf = std::vector<std::pair<std::string, T>>;

/// A text, a number or a truth value.
struct Scalar {
  AttributeValue value;
};

/// Any JSON.
struct AnyJson {
  OptionValue value;
};

/// The SHA-256 of some bytes, 64 hexadecimal digits.
struct Sha256Text {
  std::string hex;
};

/// A payload to be made; its type follows from the stage unless `type` says it.
struct PayloadOptions {
  std::optional<std::string> type;
  std::optional<std::string> text;
  std::optional<FilePath> file;
  std::optional<AnyJson> json;
};
std::vector<ParamSpec> params_of(const PayloadOptions*);

struct FeedOptions {
  std::string key;
  OptionMapOf<Scalar> attributes;
  std::optional<PayloadOptions> payload;
};
std::vector<ParamSpec> params_of(const FeedOptions*);

struct FailOptions {
  std::string code;
  std::string message;
  bool transient = false;
};
std::vector<ParamSpec> params_of(const FailOptions*);

/// What a replaced stage answers.
struct ReplaceOptions {
  std::optional<std::string> key;  ///< None: every item that has no answer of its own.
  OptionMapOf<Scalar> attributes;
  std::optional<PayloadOptions> payload;
  std::optional<std::string> port;
  std::optional<FailOptions> fail;
  std::optional<std::string> drop;
  std::optional<Duration> delay;
};
std::vector<ParamSpec> params_of(const ReplaceOptions*);

struct FaultOptions {
  std::optional<std::string> key;
  std::optional<std::uint64_t> call;   ///< That one.
  std::optional<std::uint64_t> first;  ///< So many.
  std::optional<FailOptions> fail;
  std::optional<std::string> drop;
  std::optional<Duration> delay;
};
std::vector<ParamSpec> params_of(const FaultOptions*);

struct ExpectedItems {
  std::optional<std::uint64_t> admitted;
  std::optional<std::uint64_t> done;
  std::optional<std::uint64_t> dropped;
  std::optional<std::uint64_t> failed;
  std::optional<std::uint64_t> cancelled;
};
std::vector<ParamSpec> params_of(const ExpectedItems*);

struct ExpectedFailure {
  std::string key;
  std::string stage;
  std::string code;
  std::optional<unsigned> attempts;
  std::optional<std::string> message;
};
std::vector<ParamSpec> params_of(const ExpectedFailure*);

/// Of a payload or a file: what is given must hold.
struct ExpectedData {
  std::optional<std::string> type;
  std::optional<std::uint64_t> bytes;
  std::optional<Sha256Text> sha256;
  std::optional<std::string> text;
  std::optional<FilePath> file;
  std::optional<AnyJson> json;
};
std::vector<ParamSpec> params_of(const ExpectedData*);

struct ExpectedItem {
  std::string key;
  std::optional<std::uint32_t> piece;
  std::optional<std::string> port;
  OptionMapOf<Scalar> attributes;
  std::optional<ExpectedData> payload;
};
std::vector<ParamSpec> params_of(const ExpectedItem*);

struct ExpectedStage {
  std::optional<std::uint64_t> in;
  std::optional<std::uint64_t> out;
  std::optional<std::uint64_t> dropped;
  std::optional<std::uint64_t> failed;
  std::optional<std::uint64_t> handled;
  std::optional<std::uint64_t> cancelled;
  std::optional<std::uint64_t> retries;
  std::optional<std::vector<ExpectedItem>> items;
  bool ordered = false;
};
std::vector<ParamSpec> params_of(const ExpectedStage*);

struct ExpectedAbort {
  std::string stage;
  std::string code;
};
std::vector<ParamSpec> params_of(const ExpectedAbort*);

struct ExpectOptions {
  RunOutcome outcome = RunOutcome::completed;
  std::optional<ExpectedAbort> abort;
  ExpectedItems items;
  std::optional<std::vector<ExpectedFailure>> failures;
  OptionMapOf<ExpectedStage> stages;
  std::optional<OptionMapOf<ExpectedData>> files;
  std::optional<Duration> at_least;
  std::optional<Duration> at_most;
};
std::vector<ParamSpec> params_of(const ExpectOptions*);

struct TestOptions {
  std::string name;
  OptionMapOf<Scalar> params;
  OptionMapOf<std::vector<FeedOptions>> feed;
  OptionMapOf<std::vector<ReplaceOptions>> replace;
  OptionMapOf<std::vector<FaultOptions>> faults;
  std::optional<FilePath> http;
  std::vector<std::string> keep;
  std::optional<Duration> drain_after;
  std::optional<Duration> cancel_after;
  std::uint64_t seeds = 1;
  ExpectOptions expect;
};
std::vector<ParamSpec> params_of(const TestOptions*);

/// The file itself.
struct TestFileOptions {
  std::string schema;
  std::string description;
  FilePath pipeline;
  std::vector<TestOptions> tests;
};
std::vector<ParamSpec> params_of(const TestFileOptions*);

/// For the schema.
spec::KeyGroup test_file_keys();

}  // namespace penstock::testing

namespace penstock {

template <>
struct OptionCodec<testing::Scalar> {
  static OptionType type();
  static testing::Scalar from(const OptionValue& value, const OptionContext& context);
  static OptionValue to(const testing::Scalar& value);
};

template <>
struct OptionCodec<testing::AnyJson> {
  static OptionType type() { return {.kind = OptionType::Kind::json, .hint = "any JSON value"}; }
  static testing::AnyJson from(const OptionValue& value, const OptionContext&) { return {value}; }
  static OptionValue to(const testing::AnyJson& value) { return value.value; }
};

template <>
struct OptionCodec<testing::Sha256Text> {
  static OptionType type() {
    return {.kind = OptionType::Kind::text, .range = between(64, 64), .hint = "64 hexadecimal digits"};
  }
  static testing::Sha256Text from(const OptionValue& value, const OptionContext& context);
  static OptionValue to(const testing::Sha256Text& value) { return value.hex; }
};

}  // namespace penstock
