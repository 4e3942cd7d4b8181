// SPDX-License-Identifier: Apache-2.0
#include "framework/spec/read_options.h"

#include <algorithm>
#include <exception>
#include <new>
#include <optional>
#include <utility>

#include "framework/base/closest_match.h"
#include "framework/base/quote.h"
#include "framework/spec/expectation.h"
#include "framework/spec/read_value.h"

namespace penstock::spec {
namespace {

std::vector<std::string> names_of(const std::vector<ParamSpec>& params) {
  std::vector<std::string> names;
  for (const ParamSpec& param : params) names.push_back(param.name);
  return names;
}

const ParamSpec* find_param(const std::vector<ParamSpec>& params, std::string_view name) {
  const auto at = std::find_if(params.begin(), params.end(), [&](const ParamSpec& p) { return p.name == name; });
  return at == params.end() ? nullptr : &*at;
}

/// Texts that messages must not show, with what they show instead.
void collect_hidden(const LocatedValue& value, bool is_secret,
                    std::vector<std::pair<std::string, std::string>>& hidden) {
  if (const auto* text = value.get_if<std::string>()) {
    if (text->empty()) return;
    if (is_secret) {
      hidden.emplace_back(*text, "***");
    } else if (value.printed != nullptr) {
      hidden.emplace_back(*text, *value.printed);
    }
  } else if (const auto* list = value.get_if<LocatedValue::List>()) {
    for (const LocatedValue& element : *list) collect_hidden(element, is_secret, hidden);
  } else if (const auto* members = value.get_if<LocatedValue::Object>()) {
    for (const LocatedMember& member : *members) collect_hidden(member.value, is_secret, hidden);
  }
}

/// `message` of a codec, which may quote the value, without secrets.
std::string censor(std::string message, const LocatedValue& value, bool is_secret) {
  std::vector<std::pair<std::string, std::string>> hidden;
  collect_hidden(value, is_secret, hidden);
  for (const auto& [text, shown] : hidden) {
    for (std::size_t at = message.find(text); at != std::string::npos; at = message.find(text, at + shown.size())) {
      message.replace(at, text.size(), shown);
    }
  }
  return message;
}

class ObjectReader {
 public:
  ObjectReader(const OptionReader& scope, const LocatedValue& object, const Place& place,
               const std::vector<ParamSpec>& params)
      : scope_(scope), object_(object), place_(place), params_(params) {}

  bool read(void* target) {
    for (const LocatedMember& member : *object_.get_if<LocatedValue::Object>()) {
      const ParamSpec* param = find_param(params_, member.key);
      if (param == nullptr) {
        report_unknown(member);
      } else if (!member.value.is_broken() && !is_left_out(member.value)) {
        set(*param, member, target);
      }
      is_fine_ &= !member.value.is_broken();
    }
    report_missing();
    return is_fine_;
  }

 private:
  /// A parameter that is null stands for a key that is not there.
  static bool is_left_out(const LocatedValue& value) {
    return value.is_from_parameter && value.holds<std::nullptr_t>();
  }

  void set(const ParamSpec& param, const LocatedMember& member, void* target) {
    const Place place(place_, member.key, object_);
    const ValueReader reader{scope_.prefix, place_, scope_.diagnostics, param.is_secret};
    const std::optional<OptionValue> value = reader.read(member.value, place, param.type);
    if (!value) {
      is_fine_ = false;
      return;
    }
    if (!param.set) return;  // Only its type is of interest; somebody else reads it.
    const std::string prefix = scope_.prefix + "option " + quote_name(param.name) + ": ";
    try {
      param.set(target, *value, scope_.context);
    } catch (const OptionError& error) {
      report(error.code(), member.value, error.pointer(), place,
             prefix + censor(error.what(), member.value, param.is_secret), error.help());
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& error) {
      report("option.value", member.value, "", place, prefix + censor(error.what(), member.value, param.is_secret), "");
    }
  }

  void report(DiagnosticCode code, const LocatedValue& value, const std::string& below, const Place& place,
              std::string message, const std::string& help) {
    is_fine_ = false;
    scope_.diagnostics.error(code, position_at(value, below),
                             value.is_from_parameter ? place.pointer() : place.pointer() + below, std::move(message),
                             help);
  }

  void report_unknown(const LocatedMember& member) {
    const auto& others = scope_.other_keys;
    if (scope_.ignores_unknown_keys || std::find(others.begin(), others.end(), member.key) != others.end()) return;
    is_fine_ = false;
    std::vector<std::string> names = names_of(params_);
    const std::string listed = names.empty() ? "it has none of its own" : "it has: " + join_names(names);
    names.insert(names.end(), others.begin(), others.end());
    scope_.diagnostics.error("option.unknown", member.key_position, Place(place_, member.key, object_).pointer(),
                             scope_.prefix + scope_.owner + " has no option " + quote_name(member.key) + "; " + listed,
                             suggest(member.key, names));
  }

  void report_missing() {
    for (const ParamSpec& param : params_) {
      if (!param.is_required) continue;
      const LocatedMember* member = object_.find(param.name);
      if (member != nullptr && !is_left_out(member->value)) continue;
      is_fine_ = false;
      scope_.diagnostics.error("option.missing", object_.position, place_.pointer(),
                               scope_.prefix + scope_.owner + " needs the option " + quote_name(param.name) +
                                   ": expected " + expectation(param.type) + ", got nothing",
                               param.doc);
    }
  }

  const OptionReader& scope_;
  const LocatedValue& object_;
  const Place& place_;
  const std::vector<ParamSpec>& params_;
  bool is_fine_ = true;
};

}  // namespace

bool OptionReader::read(const LocatedValue& object, const Place& place, const std::vector<ParamSpec>& params,
                        void* target) const {
  return ObjectReader(*this, object, place, params).read(target);
}

bool OptionReader::check_rules(const LocatedValue& object, const Place& place, const std::vector<ParamSpec>& params,
                               std::span<const OptionRule> rules, const void* target) const {
  const bool has_secret = std::any_of(params.begin(), params.end(), [](const ParamSpec& p) { return p.is_secret; });
  bool is_fine = true;
  const auto report = [&](DiagnosticCode code, const std::string& below, const char* what, const std::string& help) {
    is_fine = false;
    std::string message = what;
    for (const ParamSpec& param : params) {
      const LocatedMember* member = has_secret ? object.find(param.name) : nullptr;
      if (member != nullptr) message = censor(std::move(message), member->value, param.is_secret);
    }
    diagnostics.error(code, position_at(object, below), place.pointer() + below, prefix + owner + " " + message, help);
  };
  for (const OptionRule& rule : rules) {
    try {
      rule.check(target);
    } catch (const OptionError& error) {
      report(error.code(), error.pointer(), error.what(), error.help());
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& error) {
      report("option.value", "", error.what(), "");
    }
  }
  return is_fine;
}

std::string stage_prefix(std::string_view name) { return "stage " + quote(name) + ": "; }

}  // namespace penstock::spec
