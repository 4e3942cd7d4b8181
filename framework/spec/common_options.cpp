// SPDX-License-Identifier: Apache-2.0
#include "framework/spec/common_options.h"

#include <algorithm>
#include <cmath>

#include "framework/base/closest_match.h"
#include "framework/base/quote.h"

namespace penstock {
namespace {

constexpr std::int64_t kMostConcurrency = 1'000'000;

std::string found(const OptionValue& value) {
  if (value.holds<std::string>()) return quote(value.get<std::string>());
  if (value.holds<std::int64_t>()) return std::to_string(value.get<std::int64_t>());
  if (value.holds<double>()) return "a fraction";
  if (value.holds<bool>()) return value.get<bool>() ? "true" : "false";
  if (value.holds<OptionList>()) return "a list";
  return value.is_absent() ? "null" : "an object";
}

std::string port_of(const OptionValue& value, const std::string& pointer) {
  const std::string expected = OptionCodec<spec::StageInputs>::type().hint;
  if (!value.holds<std::string>()) {
    throw OptionError("option.type", "expected " + expected + ", got " + found(value), {}, pointer);
  }
  const std::string& text = value.get<std::string>();
  const std::size_t dot = text.find('.');
  if (!spec::is_valid_name(text.substr(0, dot)) ||
      (dot != std::string::npos && !spec::is_valid_name(text.substr(dot + 1)))) {
    throw OptionError("option.value", "expected " + expected + ", got " + quote(text), {}, pointer);
  }
  return text;
}

}  // namespace

OptionType OptionCodec<spec::ConcurrencyLimit>::type() {
  return {.kind = OptionType::Kind::json,
          .schema = R"({"anyOf": [{"type": "integer", "minimum": 1, "maximum": 1000000},)"
                    R"( {"enum": ["serial", "unlimited"]}]})",
          .hint = "an integer from 1 to 1000000, \"serial\" or \"unlimited\""};
}

spec::ConcurrencyLimit OptionCodec<spec::ConcurrencyLimit>::from(const OptionValue& value, const OptionContext&) {
  const std::string wanted = "expected " + type().hint + ", got " + found(value);
  // 3.0 is an integer to JSON Schema, hence to us.
  const bool is_whole = value.holds<double>() && std::floor(value.get<double>()) == value.get<double>();
  if (is_whole || value.holds<std::int64_t>()) {
    const double written = is_whole ? value.get<double>() : static_cast<double>(value.get<std::int64_t>());
    const auto items = static_cast<std::int64_t>(std::clamp(written, 0.0, kMostConcurrency + 1.0));
    if (items < 1 || items > kMostConcurrency) throw OptionError("option.range", wanted);
    return {static_cast<unsigned>(items)};
  }
  if (!value.holds<std::string>()) throw OptionError("option.type", wanted);
  const std::string& text = value.get<std::string>();
  if (text == "serial") return {1};
  if (text == "unlimited") return {0};
  throw OptionError("option.value", wanted, suggest(text, {"serial", "unlimited"}));
}

OptionValue OptionCodec<spec::ConcurrencyLimit>::to(const spec::ConcurrencyLimit& value) {
  if (value.items == 0) return std::string("unlimited");
  if (value.items == 1) return std::string("serial");
  return static_cast<std::int64_t>(value.items);
}

OptionType OptionCodec<spec::StageInputs>::type() {
  return {.kind = OptionType::Kind::json,
          .schema = R"({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]})",
          .hint = "a stage (\"x\"), one of its ports (\"x.failed\") or a list of them"};
}

spec::StageInputs OptionCodec<spec::StageInputs>::from(const OptionValue& value, const OptionContext&) {
  spec::StageInputs inputs;
  if (!value.holds<OptionList>()) {
    inputs.ports.push_back(port_of(value, ""));
    return inputs;
  }
  const auto& list = value.get<OptionList>();
  if (list.empty()) throw OptionError("option.range", "expected " + type().hint + ", got an empty list");
  for (std::size_t i = 0; i < list.size(); ++i) inputs.ports.push_back(port_of(list[i], "/" + std::to_string(i)));
  return inputs;
}

OptionValue OptionCodec<spec::StageInputs>::to(const spec::StageInputs& value) {
  if (value.ports.size() == 1) return value.ports.front();
  OptionList list;
  for (const std::string& port : value.ports) list.emplace_back(port);
  return list;
}

namespace spec {

std::vector<ParamSpec> params_of(const RetryOptions*) {
  return {
      param(&RetryOptions::attempts, "attempts", "Attempts in all, the first included.", between(1, 1000)),
      param(&RetryOptions::backoff, "backoff",
            "Wait before the second attempt, doubled for each further one; a random part of it is taken."),
      param(&RetryOptions::max_backoff, "max_backoff", "The longest wait between two attempts."),
  };
}

bool is_valid_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

const std::vector<ParamSpec>& common_params() {
  static const std::vector<ParamSpec> kParams = [] {
    std::vector<ParamSpec> params = {
        param(&CommonOptions::name, "name", "What the stage is called; default: its type. Letters, digits, `_`, `-`."),
        param(&CommonOptions::type, "type", "The stage type."),
        param(&CommonOptions::from, "from", "The stages or ports that it reads; default: the stage before it."),
        param(&CommonOptions::concurrency, "concurrency",
              "Items in work at once: a number, `serial` or `unlimited`; default: the type's."),
        param(&CommonOptions::queue, "queue",
              "The most items that wait before the stage; default: `limits.items`. Those that wait for their turn "
              "(`ordered`) are not counted.",
              at_least(1)),
        param(&CommonOptions::ordered, "ordered", "Items enter in the order in which they were admitted."),
        param(&CommonOptions::retry, "retry", "How often errors that may pass are tried again."),
        param(&CommonOptions::timeout, "timeout", "The longest time that one attempt may take; default: no limit.",
              at_least(1e6)),
        param(&CommonOptions::on_failure, "on_failure",
              "What a failed item does: `report` it, `drop` it, or `stop` the run."),
        param(&CommonOptions::fuse, "fuse",
              "May share a scheduler node with its neighbours; the results are the same."),
        param(&CommonOptions::isolation, "isolation",
              "Where a computing stage works: in this process (`none`), or in worker processes (`process`), so that an "
              "item that crashes or hangs fails alone."),
        param(&CommonOptions::memory_limit, "memory_limit",
              "With `isolation`: the most memory that a worker process may take for its items; default: no limit.",
              at_least(1 << 20)),
    };
    params[0].type.hint = "a name of letters, digits, `_` and `-`";
    params[0].set = [](void* target, const OptionValue& value, const OptionContext&) {
      const std::string& name = value.get<std::string>();
      if (!is_valid_name(name)) {
        throw OptionError("option.value", "expected a name of letters, digits, `_` and `-`, got " + quote(name));
      }
      static_cast<CommonOptions*>(target)->name = name;
    };
    params[1].type.hint = "a stage type";
    params[1].type.range = at_least(1);
    params[1].is_required = true;
    return params;
  }();
  return kParams;
}

const std::vector<std::string>& common_keys() {
  static const std::vector<std::string> kKeys = [] {
    std::vector<std::string> keys;
    for (const ParamSpec& param : common_params()) keys.push_back(param.name);
    return keys;
  }();
  return kKeys;
}

}  // namespace spec
}  // namespace penstock
