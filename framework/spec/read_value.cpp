// SPDX-License-Identifier: Apache-2.0
#include "framework/spec/read_value.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "framework/base/closest_match.h"
#include "framework/base/quote.h"
#include "framework/spec/expectation.h"
#include "penstock/units.h"
#include "penstock/utf8.h"

namespace penstock::spec {
namespace {

using Kind = OptionType::Kind;

constexpr double kExactIntegers = 9007199254740992.0;  // 2^53.

bool is_within(const OptionRange& range, double value) {
  return (!range.min || value >= *range.min) && (!range.max || value <= *range.max);
}

/// Environment variables are text; where a number or a truth value is wanted they are read as JSON.
LocatedValue read_environment_scalar(const LocatedValue& value) {
  const auto* text = value.get_if<std::string>();
  if (!value.is_whole_environment || text == nullptr) return value;
  const auto json = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
  LocatedValue scalar = value;
  if (json.is_boolean()) scalar.value = json.get<bool>();
  if (json.is_number_integer() && !(json.is_number_unsigned() && json.get<std::uint64_t>() > INT64_MAX)) {
    scalar.value = json.get<std::int64_t>();
  }
  if (json.is_number_float()) scalar.value = json.get<double>();
  return scalar;
}

class OneValue {
 public:
  OneValue(const ValueReader& reader, const LocatedValue& value, const Place& place, const OptionType& type)
      : reader_(reader), value_(value), place_(place), type_(type) {}

  std::optional<OptionValue> read() const {
    switch (type_.kind) {
      case Kind::boolean:
        return read_boolean();
      case Kind::integer:
        return read_integer();
      case Kind::number:
        return read_number();
      case Kind::text:
        return read_text();
      case Kind::duration:
        return read_duration();
      case Kind::byte_size:
        return read_byte_size();
      case Kind::choice:
        return read_choice();
      case Kind::list:
        return read_list();
      case Kind::map:
        return read_map();
      case Kind::object:
        return read_object();
      case Kind::json:
        // A missing optional value is no key at all; null is none of the values that a schema lists.
        if (value_.holds<std::nullptr_t>() && !type_.schema.empty()) return fail("option.type");
        break;
    }
    return to_option_value(value_);
  }

 private:
  std::nullopt_t fail(DiagnosticCode code, const std::string& help = {}) const {
    const std::string got = reader_.is_secret && !value_.holds<std::nullptr_t>() ? "***" : describe(value_);
    reader_.diagnostics.error(code, value_.position, place_.pointer(),
                              reader_.prefix + "option " + quote_name(place_.name_below(reader_.object)) +
                                  ": expected " + expectation(type_) + ", got " + got,
                              help);
    return std::nullopt;
  }
  std::nullopt_t fail_count(std::string_view what, std::size_t count) const {
    reader_.diagnostics.error("option.range", value_.position, place_.pointer(),
                              reader_.prefix + "option " + quote_name(place_.name_below(reader_.object)) +
                                  ": expected " + expectation(type_) + ", got " + std::to_string(count) + " " +
                                  std::string(what));
    return std::nullopt;
  }

  std::optional<OptionValue> read_boolean() const {
    const LocatedValue scalar = read_environment_scalar(value_);
    if (const auto* flag = scalar.get_if<bool>()) return *flag;
    return fail("option.type");
  }
  std::optional<OptionValue> read_integer() const {
    const LocatedValue scalar = read_environment_scalar(value_);
    std::optional<std::int64_t> integer;
    if (const auto* exact = scalar.get_if<std::int64_t>()) integer = *exact;
    // 3.0 is an integer to JSON Schema, hence to us.
    if (const auto* number = scalar.get_if<double>(); number != nullptr && std::floor(*number) == *number) {
      if (std::abs(*number) > kExactIntegers) return fail("option.range");
      integer = static_cast<std::int64_t>(*number);
    }
    if (!integer) return fail("option.type");
    if (!is_within(type_.range, static_cast<double>(*integer))) return fail("option.range", largest_help(*integer));
    return *integer;
  }
  /// The largest value of a C++ type is not part of what is expected; whoever passes it must learn it all the same.
  std::string largest_help(std::int64_t found) const {
    if (!type_.range.max || static_cast<double>(found) <= *type_.range.max) return {};
    const std::string largest = std::to_string(static_cast<std::int64_t>(*type_.range.max));
    return expectation(type_).find(largest) == std::string::npos ? "the largest is " + largest : "";
  }
  std::optional<OptionValue> read_number() const {
    const LocatedValue scalar = read_environment_scalar(value_);
    std::optional<double> number;
    if (const auto* exact = scalar.get_if<std::int64_t>()) number = static_cast<double>(*exact);
    if (const auto* real = scalar.get_if<double>()) number = *real;
    if (!number) return fail("option.type");
    if (!is_within(type_.range, *number)) return fail("option.range");
    return *number;
  }
  std::optional<OptionValue> read_text() const {
    const auto* text = value_.get_if<std::string>();
    if (text == nullptr) return fail("option.type");
    if (!is_within(type_.range, static_cast<double>(count_characters(*text)))) return fail("option.range");
    return *text;
  }
  std::optional<OptionValue> read_duration() const {
    const auto* text = value_.get_if<std::string>();
    if (text == nullptr) return fail("option.type", unit_help("s"));
    const std::optional<Duration> duration = parse_duration(*text);
    if (!duration) return fail("option.value", "the units are ns, us, ms, s, min, h, d");
    if (!is_within(type_.range, static_cast<double>(duration->count()))) return fail("option.range");
    return *duration;
  }
  std::optional<OptionValue> read_byte_size() const {
    const auto* text = value_.get_if<std::string>();
    if (text == nullptr) return fail("option.type", unit_help("B"));
    const std::optional<ByteSize> size = parse_byte_size(*text);
    if (!size) return fail("option.value", "the units are B, kB, MB, GB, TB, KiB, MiB, GiB, TiB");
    if (!is_within(type_.range, static_cast<double>(size->bytes))) return fail("option.range");
    return *size;
  }
  /// For a bare number.
  std::string unit_help(std::string_view unit) const {
    const auto* integer = value_.get_if<std::int64_t>();
    if (integer == nullptr || *integer < 0 || reader_.is_secret) return {};
    return "write it as a text with its unit, e.g. " + quote(std::to_string(*integer) + " " + std::string(unit));
  }
  std::optional<OptionValue> read_choice() const {
    const auto* text = value_.get_if<std::string>();
    if (text == nullptr) return fail("option.type");
    if (std::find(type_.choices.begin(), type_.choices.end(), *text) != type_.choices.end()) return *text;
    return fail("option.value", reader_.is_secret || value_.printed != nullptr ? "" : suggest(*text, type_.choices));
  }
  std::optional<OptionValue> read_list() const {
    const auto* elements = value_.get_if<LocatedValue::List>();
    if (elements == nullptr) return fail("option.type");
    if (!is_within(type_.range, static_cast<double>(elements->size()))) return fail_count("elements", elements->size());
    OptionList list;
    bool is_fine = true;
    for (std::size_t i = 0; i < elements->size(); ++i) {
      is_fine &= append_to(list, (*elements)[i], Place(place_, i, value_), type_.element.get());
    }
    if (!is_fine) return std::nullopt;
    return list;
  }
  std::optional<OptionValue> read_map() const {
    const auto* members = value_.get_if<LocatedValue::Object>();
    if (members == nullptr) return fail("option.type");
    if (!is_within(type_.range, static_cast<double>(members->size()))) return fail_count("keys", members->size());
    OptionMap map;
    bool is_fine = true;
    for (const LocatedMember& member : *members) {
      is_fine &= append_to(map, member, Place(place_, member.key, value_), type_.element.get());
    }
    if (!is_fine) return std::nullopt;
    return map;
  }
  std::optional<OptionValue> read_object() const {
    const auto* members = value_.get_if<LocatedValue::Object>();
    if (members == nullptr) return fail("option.type");
    OptionMap map;
    bool is_fine = true;
    for (const LocatedMember& member : *members) {
      const auto field = std::find_if(type_.fields.begin(), type_.fields.end(),
                                      [&](const ParamSpec& f) { return f.name == member.key; });
      if (field == type_.fields.end()) {
        report_unknown_field(member);
        is_fine = false;
      } else if (!is_left_out(member.value)) {
        const ValueReader reader{reader_.prefix, reader_.object, reader_.diagnostics,
                                 reader_.is_secret || field->is_secret};
        is_fine &= reader.append_field(map, member, Place(place_, member.key, value_), field->type);
      }
    }
    is_fine &= has_required_fields(*members);
    if (!is_fine) return std::nullopt;
    return map;
  }

  static bool is_left_out(const LocatedValue& value) {
    return value.is_from_parameter && value.holds<std::nullptr_t>();
  }
  bool append_to(OptionList& list, const LocatedValue& value, const Place& place, const OptionType* type) const {
    std::optional<OptionValue> element = type == nullptr ? to_option_value(value) : reader_.read(value, place, *type);
    if (element) list.push_back(std::move(*element));
    return element.has_value();
  }
  bool append_to(OptionMap& map, const LocatedMember& member, const Place& place, const OptionType* type) const {
    if (type == nullptr) {
      map.emplace_back(member.key, to_option_value(member.value));
      return true;
    }
    return reader_.append_field(map, member, place, *type);
  }
  void report_unknown_field(const LocatedMember& member) const {
    std::vector<std::string> names;
    for (const ParamSpec& field : type_.fields) names.push_back(field.name);
    reader_.diagnostics.error("option.unknown", member.key_position, Place(place_, member.key, value_).pointer(),
                              reader_.prefix + quote_name(place_.name_below(reader_.object)) + " has no option " +
                                  quote_name(member.key) + "; it has: " + join_names(names),
                              suggest(member.key, names));
  }
  bool has_required_fields(const LocatedValue::Object& members) const {
    bool is_fine = true;
    for (const ParamSpec& field : type_.fields) {
      const auto has_value = [&](const LocatedMember& m) { return m.key == field.name && !is_left_out(m.value); };
      if (!field.is_required || std::any_of(members.begin(), members.end(), has_value)) continue;
      is_fine = false;
      reader_.diagnostics.error("option.missing", value_.position, place_.pointer(),
                                reader_.prefix + quote_name(place_.name_below(reader_.object)) + " needs the option " +
                                    quote_name(field.name) + ": expected " + expectation(field.type) + ", got nothing",
                                field.doc);
    }
    return is_fine;
  }

  const ValueReader& reader_;
  const LocatedValue& value_;
  const Place& place_;
  const OptionType& type_;
};

}  // namespace

std::optional<OptionValue> ValueReader::read(const LocatedValue& value, const Place& place,
                                             const OptionType& type) const {
  if (value.is_broken()) return std::nullopt;
  return OneValue(*this, value, place, type).read();
}

bool ValueReader::append_field(OptionMap& map, const LocatedMember& member, const Place& place,
                               const OptionType& type) const {
  std::optional<OptionValue> value = read(member.value, place, type);
  if (value) map.emplace_back(member.key, std::move(*value));
  return value.has_value();
}

OptionValue to_option_value(const LocatedValue& value) {
  if (const auto* flag = value.get_if<bool>()) return *flag;
  if (const auto* integer = value.get_if<std::int64_t>()) return *integer;
  if (const auto* number = value.get_if<double>()) return *number;
  if (const auto* text = value.get_if<std::string>()) return *text;
  if (const auto* elements = value.get_if<LocatedValue::List>()) {
    OptionList list;
    for (const LocatedValue& element : *elements) list.push_back(to_option_value(element));
    return list;
  }
  if (const auto* members = value.get_if<LocatedValue::Object>()) {
    OptionMap map;
    for (const LocatedMember& member : *members) map.emplace_back(member.key, to_option_value(member.value));
    return map;
  }
  return {};
}

}  // namespace penstock::spec
