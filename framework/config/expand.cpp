// SPDX-License-Identifier: Apache-2.0
#include "framework/config/expand.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "framework/base/closest_match.h"
#include "framework/base/quote.h"
#include "framework/config/parameters.h"

namespace penstock::config {
namespace {

using spec::LocatedValue;
using spec::Place;

constexpr std::string_view kEnvironment = "env:";

std::vector<std::string> environment_names() {
  std::vector<std::string> names;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view line = *entry;
    names.emplace_back(line.substr(0, line.find('=')));
  }
  return names;
}

std::size_t cost_of(const LocatedValue& value) {
  std::size_t bytes = sizeof(LocatedValue);
  if (const auto* text = value.get_if<std::string>()) bytes += text->size();
  if (const auto* list = value.get_if<LocatedValue::List>()) {
    for (const LocatedValue& element : *list) bytes += cost_of(element);
  }
  if (const auto* members = value.get_if<LocatedValue::Object>()) {
    for (const spec::LocatedMember& member : *members) bytes += member.key.size() + cost_of(member.value);
  }
  return bytes;
}

/// Moves a copied value to where it is used.
void relocate(LocatedValue& value, Position position) {
  value.position = position;
  value.is_from_parameter = true;
  if (auto* list = std::get_if<LocatedValue::List>(&value.value)) {
    for (LocatedValue& element : *list) relocate(element, position);
  }
  if (auto* members = std::get_if<LocatedValue::Object>(&value.value)) {
    for (spec::LocatedMember& member : *members) {
      member.key_position = position;
      relocate(member.value, position);
    }
  }
}

class Expander {
 public:
  /// `parameters` may be null: only the environment is known.
  Expander(std::vector<Parameter>* parameters, Diagnostics& out) : parameters_(parameters), out_(out) {
    if (parameters == nullptr) return;
    for (std::size_t i = 0; i < parameters->size(); ++i) {
      names_.push_back((*parameters)[i].name);
      by_name_.emplace((*parameters)[i].name, i);
    }
  }

  void expand(LocatedValue& value, const Place& place) {
    if (auto* text = std::get_if<std::string>(&value.value)) {
      if (text->find("${") != std::string::npos) expand_text(value, place);
    } else if (auto* list = std::get_if<LocatedValue::List>(&value.value)) {
      for (std::size_t i = 0; i < list->size(); ++i) expand((*list)[i], Place(place, i, value));
    } else if (auto* members = std::get_if<LocatedValue::Object>(&value.value)) {
      for (spec::LocatedMember& member : *members) expand(member.value, Place(place, member.key, value));
    }
  }

 private:
  /// A text in the making.
  struct Text {
    std::string value;
    std::string printed;  // The same with `${env:NAME}` for what came from the environment.
    bool has_environment = false;

    void append(std::string_view text) {
      value.append(text);
      printed.append(escape_references(text));
    }
    void append(const LocatedValue& text) {
      value.append(std::get<std::string>(text.value));
      if (text.printed == nullptr) {
        printed.append(escape_references(std::get<std::string>(text.value)));
      } else {
        printed.append(*text.printed);
        has_environment = true;
      }
    }
  };

  void expand_text(LocatedValue& value, const Place& place) {
    const std::string source = std::move(std::get<std::string>(value.value));
    value.value = LocatedValue::Broken();
    Text text;
    std::string_view rest = source;
    while (!rest.empty()) {
      const std::size_t dollar = rest.find("${");
      if (dollar == std::string_view::npos) {
        text.append(rest);
        break;
      }
      if (dollar > 0 && rest[dollar - 1] == '$') {
        text.append(rest.substr(0, dollar - 1));
        text.append("${");
        rest.remove_prefix(dollar + 2);
        continue;
      }
      text.append(rest.substr(0, dollar));
      const std::size_t end = rest.find('}', dollar);
      if (end == std::string_view::npos) {
        fail("param.syntax", value, place, "expected `}` after `${`, got the end of the text",
             "write `$${` for a literal `${`");
        return;
      }
      const std::string_view name = rest.substr(dollar + 2, end - dollar - 2);
      const bool is_whole = rest.size() == source.size() && dollar == 0 && end + 1 == source.size();
      std::optional<LocatedValue> found = look_up(name, value, place);
      if (!found) return;
      if (is_whole) {
        relocate(*found, value.position);
        found->is_from_parameter = !name.starts_with(kEnvironment);
        value = std::move(*found);
        return;
      }
      if (!append(text, *found, name, value, place)) return;
      rest.remove_prefix(end + 1);
    }
    value.value = std::move(text.value);
    if (text.has_environment) value.printed = std::make_shared<const std::string>(std::move(text.printed));
  }

  bool append(Text& text, const LocatedValue& found, std::string_view name, const LocatedValue& at,
              const Place& place) {
    if (found.holds<std::string>()) {
      text.append(found);
      return true;
    }
    if (found.holds<bool>() || found.holds<std::int64_t>() || found.holds<double>()) {
      text.append(describe(found));
      return true;
    }
    fail("param.type", at, place,
         "expected a text, a number, true or false for " + quote_name("${" + std::string(name) + "}") +
             " inside a text, got " + describe(found),
         "a list or an object can only be the whole value");
    return false;
  }

  std::optional<LocatedValue> look_up(std::string_view name, const LocatedValue& at, const Place& place) {
    if (name.starts_with(kEnvironment))
      return look_up_environment(std::string(name.substr(kEnvironment.size())), at, place);
    const std::string reference = quote_name("${" + std::string(name) + "}");
    if (parameters_ == nullptr) {
      fail("param.nested", at, place, "expected a default without parameters, got " + reference,
           "the default of a parameter may name `${env:NAME}` only; write `$${` for a literal `${`");
      return std::nullopt;
    }
    const auto at_name = by_name_.find(name);
    if (at_name == by_name_.end()) {
      std::string help = out_.is_full() ? "" : suggest(name, names_);
      if (help.empty()) help = "declare it in `params`, or write `$${` for a literal `${`";
      fail("param.unknown", at, place,
           reference + " names no parameter; `params` has: " + (names_.empty() ? "none" : join_names(names_)), help);
      return std::nullopt;
    }
    Parameter& parameter = (*parameters_)[at_name->second];
    parameter.is_used = true;
    if (parameter.value.is_broken() || !is_within_budget(cost_of(parameter.value), at, place)) return std::nullopt;
    return parameter.value;
  }

  std::optional<LocatedValue> look_up_environment(const std::string& name, const LocatedValue& at, const Place& place) {
    // Reading only; nothing in the framework changes the environment.
    const char* value = name.empty() || name.find('\0') != std::string::npos
                            ? nullptr
                            : std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
    if (value == nullptr) {
      fail("param.unset_environment", at, place,
           "expected the environment variable " + quote_name(name) + " to be set, got nothing",
           out_.is_full() ? "" : suggest(name, environment_names()));
      return std::nullopt;
    }
    LocatedValue text{.value = std::string(value), .position = at.position};
    if (!is_within_budget(cost_of(text), at, place)) return std::nullopt;
    text.printed = std::make_shared<const std::string>("${env:" + name + "}");
    text.is_whole_environment = true;
    return text;
  }

  bool is_within_budget(std::size_t bytes, const LocatedValue& at, const Place& place) {
    const bool was_within = spent_ <= kMaxExpandedBytes;
    spent_ += bytes;
    if (spent_ <= kMaxExpandedBytes) return true;
    if (was_within) {
      fail("param.too_large", at, place,
           "expected all references together to add at most " + std::to_string(kMaxExpandedBytes >> 20U) +
               " MiB, got more");
    }
    return false;
  }

  void fail(DiagnosticCode code, const LocatedValue& at, const Place& place, std::string message,
            std::string help = {}) {
    out_.error(code, at.position, place.pointer(), std::move(message), std::move(help));
  }

  std::vector<Parameter>* parameters_;
  Diagnostics& out_;
  std::vector<std::string> names_;
  std::unordered_map<std::string_view, std::size_t> by_name_;  // Of parameters, whose names stay where they are.
  std::size_t spent_ = 0;
};

}  // namespace

void expand_references(LocatedValue& root, std::vector<Parameter>& parameters, Diagnostics& out) {
  auto* members = std::get_if<LocatedValue::Object>(&root.value);
  if (members == nullptr) return;
  Expander expander(&parameters, out);
  const Place top;
  for (spec::LocatedMember& member : *members) {
    if (member.key != "params" && member.key != "$schema") expander.expand(member.value, Place(top, member.key, root));
  }
}

void expand_environment(LocatedValue& value, const Place& place, Diagnostics& out) {
  Expander(nullptr, out).expand(value, place);
}

std::string escape_references(std::string_view text) {
  std::string escaped;
  for (std::size_t at = text.find("${"); at != std::string_view::npos; at = text.find("${")) {
    escaped.append(text.substr(0, at)).append("$${");
    text.remove_prefix(at + 2);
  }
  return escaped.append(text);
}

}  // namespace penstock::config
