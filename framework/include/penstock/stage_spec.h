// The one declaration of a stage type. Parsing, defaults, checks, the JSON Schema, `penstock stages`, the reference
// pages and the conformance tests all derive from it.
//
//     StageSpec shout_spec() {
//       return describe_stage<Shout, ShoutParams>("shout")
//           .summary("Writes text in capitals.")
//           .input<Text>("text", "UTF-8.")
//           .output<Text>("text", "The same in capitals.")
//           .param(&ShoutParams::marks, "marks", "Exclamation marks at the end.", between(0, 10))
//           .error(kTooLoud)
//           .example(R"({"type": "shout", "marks": 3})");
//     }
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "penstock/detail/stage_body.h"
#include "penstock/error.h"
#include "penstock/option_codec.h"
#include "penstock/payload.h"

namespace penstock {

/// Options of a stage type that has none.
struct NoParams {};

/// An input or output port of a stage type.
struct PortSpec {
  std::string name;
  std::vector<const PayloadType*> types;  ///< Accepted or emitted types; empty: any.
  std::string doc;
};

/// What the ports of a stage carry when its options decide that. Within what the ports declare.
struct PortTypes {
  std::vector<const PayloadType*> input;   ///< Accepted; empty: any.
  std::vector<const PayloadType*> output;  ///< Emitted; empty: whatever type the input has.
};

/// An attribute that the stage sets.
struct AttributeSpec {
  std::string name;
  std::string doc;
};

/// Something that the stage counts (StageContext::count).
struct CounterSpec {
  std::string name;
  std::string doc;
};

/// A rule over several options, checked after each of them is fine alone. Throws OptionError.
struct OptionRule {
  std::vector<std::string> at_least_one_of;  ///< For the reference pages; empty for a free rule.
  std::function<void(const void* params)> check;
};

/// The ends of a pipeline that belong to the program around it (host.h).
enum class HostEnd { none, input, output };

/// A stage type, with the C++ types of its class erased. A value; made by describe_stage().
struct StageSpec {
  std::string type;
  std::string summary;
  StageKind kind = StageKind::transform;
  std::optional<PortSpec> input;      ///< None for sources.
  std::optional<PortSpec> output;     ///< None for sinks; a route has one that stands for each of its ports.
  bool output_same_as_input = false;  ///< The output has whatever type the input has.
  std::string output_type_option;     ///< The option that names the output's payload type; empty: it is known.
  std::function<PortTypes(const void* params)> port_types;  ///< Null: what the ports declare, whatever the options.
  HostEnd host_end = HostEnd::none;
  std::vector<ParamSpec> params;
  std::vector<OptionRule> rules;
  std::vector<ErrorCode> errors;
  std::vector<AttributeSpec> attributes;
  std::vector<CounterSpec> counters;
  bool only_computes = false;       ///< source: next() never touches a file; it runs on the compute workers.
  bool has_finish = false;          ///< May emit an item of its own at the end.
  bool has_memory_need = false;     ///< Declares what a body will need; the runtime reserves it before.
  bool has_any_attributes = false;  ///< Sets attributes whose names only the data knows.
  std::optional<unsigned> default_concurrency;
  unsigned descriptors_per_item = 0;                   ///< File descriptors that one item in work may hold.
  std::string example;                                 ///< A stage object as JSON text, accepted by `check`.
  std::function<std::shared_ptr<void>()> make_params;  ///< The options struct with its defaults.
  /// A fresh body. REQUIRES: `params` came from make_params. Pure: no I/O.
  std::function<std::unique_ptr<detail::StageBody>(const std::shared_ptr<void>& params)> make_body;
};

/// Builder of a StageSpec. REQUIRES: `S` derives from a kind in stage.h and is constructible from `Params` (or from
/// nothing when Params is NoParams).
template <class S, class Params = NoParams>
class StageDescription {
 public:
  explicit StageDescription(std::string type) {
    using Body = typename detail::BodyFor<S>::Type;
    spec_.type = std::move(type);
    spec_.kind = Body::kKind;
    if constexpr (requires { Body::kHasMemoryNeed; }) spec_.has_memory_need = Body::kHasMemoryNeed;
    if constexpr (requires { Body::kHasFinish; }) spec_.has_finish = Body::kHasFinish;
    spec_.make_params = [] { return std::static_pointer_cast<void>(std::make_shared<Params>()); };
    spec_.make_body = [](const std::shared_ptr<void>& params) -> std::unique_ptr<detail::StageBody> {
      if constexpr (std::is_constructible_v<S, const Params&>) {
        return std::make_unique<Body>(*std::static_pointer_cast<Params>(params));
      } else {
        return std::make_unique<Body>();
      }
    };
  }

  StageDescription& summary(std::string text) {
    spec_.summary = std::move(text);
    return *this;
  }
  /// The payload type of the input; `Payload` accepts any.
  template <class... Types>
  StageDescription& input(std::string name, std::string doc) {
    spec_.input = PortSpec{std::move(name), types_of<Types...>(), std::move(doc)};
    return *this;
  }
  template <class T>
  StageDescription& output(std::string name, std::string doc) {
    spec_.output = PortSpec{std::move(name), types_of<T>(), std::move(doc)};
    return *this;
  }
  /// The output has the payload type that this option names: `none`, `bytes`, `integer`, `text`, or one that some stage
  /// type of the registry takes or gives.
  /// REQUIRES: the option is declared already.
  StageDescription& output_named_by(std::string Params::*member, std::string name, std::string doc) {
    spec_.output = PortSpec{std::move(name), {}, std::move(doc)};
    spec_.output_type_option = name_of(member);
    return *this;
  }
  StageDescription& host_end(HostEnd end) {
    spec_.host_end = end;
    return *this;
  }
  /// The item leaves with the payload that it came with, or one of the same type.
  StageDescription& output_same_as_input(std::string name, std::string doc) {
    spec_.output = PortSpec{std::move(name), {}, std::move(doc)};
    spec_.output_same_as_input = true;
    return *this;
  }
  /// The output is one of several types: `choose` gives that which follows from the options, or null for that of the
  /// input. REQUIRES: the input is declared already.
  template <class... Types>
  StageDescription& output_by_options(std::string name, std::string doc,
                                      std::function<const PayloadType*(const Params&)> choose) {
    spec_.output = PortSpec{std::move(name), types_of<Types...>(), std::move(doc)};
    const std::vector<const PayloadType*> accepted = spec_.input ? spec_.input->types : PortSpec().types;
    return port_types([choose = std::move(choose), accepted](const Params& params) {
      const PayloadType* chosen = choose(params);
      PortTypes types{accepted, {}};
      if (chosen != nullptr) types.output.push_back(chosen);
      return types;
    });
  }
  /// For a stage whose options decide what its ports carry. The ports are declared as well: with all that they may
  /// carry, for the reference pages.
  StageDescription& port_types(std::function<PortTypes(const Params&)> choose) {
    spec_.port_types = [choose = std::move(choose)](const void* params) {
      return choose(*static_cast<const Params*>(params));
    };
    return *this;
  }
  template <class T>
  StageDescription& param(T Params::*member, std::string name, std::string doc, OptionRange range = {}) {
    const Params probe;
    offsets_.emplace_back(name, offset_of(probe, member));
    spec_.params.push_back(penstock::param(member, std::move(name), std::move(doc), range));
    return *this;
  }
  /// Refers to the param declared last.
  StageDescription& required() {
    spec_.params.back().is_required = true;
    return *this;
  }
  StageDescription& secret() {
    spec_.params.back().is_secret = true;
    return *this;
  }
  /// At least one of these differs from its default. REQUIRES: they are declared already.
  template <class... T>
  StageDescription& at_least_one_of(T Params::*... members) {
    std::vector<std::string> names;
    (names.push_back(name_of(members)), ...);
    std::string listed;
    for (const std::string& name : names) listed += (listed.empty() ? "`" : ", `") + name + "`";
    spec_.rules.push_back(
        {names, [members..., listed](const void* params) {
           const auto& given = *static_cast<const Params*>(params);
           const Params defaults;
           if (!((OptionCodec<T>::to(given.*members) != OptionCodec<T>::to(defaults.*members)) || ...)) {
             throw OptionError("option.missing", "expected at least one of " + listed + ", got none");
           }
         }});
    return *this;
  }
  /// Any other rule over the whole struct; throws OptionError with a pointer such as "/width".
  StageDescription& check(std::function<void(const Params&)> rule) {
    spec_.rules.push_back(
        {{}, [rule = std::move(rule)](const void* params) { rule(*static_cast<const Params*>(params)); }});
    return *this;
  }
  StageDescription& error(const ErrorCode& code) {
    spec_.errors.push_back(code);
    return *this;
  }
  StageDescription& attribute(std::string name, std::string doc) {
    spec_.attributes.push_back({std::move(name), std::move(doc)});
    return *this;
  }
  /// What the bodies count with context.count(name). The report has the sum of each stage.
  StageDescription& counter(std::string name, std::string doc) {
    spec_.counters.push_back({std::move(name), std::move(doc)});
    return *this;
  }
  StageDescription& any_attributes() {
    spec_.has_any_attributes = true;
    return *this;
  }
  /// For a Source whose next() only computes: it then runs on the compute workers instead of a thread of its own.
  StageDescription& only_computes() {
    spec_.only_computes = true;
    return *this;
  }
  StageDescription& default_concurrency(unsigned items) {
    spec_.default_concurrency = items;
    return *this;
  }
  StageDescription& descriptors_per_item(unsigned count) {
    spec_.descriptors_per_item = count;
    return *this;
  }
  StageDescription& example(std::string json) {
    spec_.example = std::move(json);
    return *this;
  }

  operator StageSpec() const { return spec_; }  // NOLINT(google-explicit-constructor): the builder is the spec

 private:
  template <class... Types>
  static std::vector<const PayloadType*> types_of() {
    if constexpr ((std::is_same_v<Types, Payload> || ...)) {
      return {};
    } else {
      return {&payload_type<Types>()...};
    }
  }
  template <class T>
  static std::ptrdiff_t offset_of(const Params& params, T Params::*member) {
    return reinterpret_cast<const char*>(&(params.*member)) - reinterpret_cast<const char*>(&params);
  }
  template <class T>
  std::string name_of(T Params::*member) const {
    const Params probe;
    for (const auto& [name, offset] : offsets_) {
      if (offset == offset_of(probe, member)) return name;
    }
    return {};
  }

  StageSpec spec_;
  std::vector<std::pair<std::string, std::ptrdiff_t>> offsets_;  // Of the bound members, to find their names.
};

template <class S, class Params = NoParams>
StageDescription<S, Params> describe_stage(std::string type) {
  return StageDescription<S, Params>(std::move(type));
}

}  // namespace penstock
