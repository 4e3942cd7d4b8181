// How C++ types are written as options. Specialise OptionCodec for a type of your own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "penstock/option_type.h"

namespace penstock {

/// One spelling of an enumerator. An enum is an option type when `names_of(E)` beside it returns an array of these.
template <class E>
struct Name {
  E value;
  std::string_view name;
};

template <class E>
concept NamedEnum = std::is_enum_v<E> && requires { names_of(E{}); };

/// A file or folder. Relative ones count from the configuration's folder.
struct FilePath {
  std::string text;      ///< As written.
  std::string resolved;  ///< Ready for the file system; "-" stays "-".
};

/// A struct is an option type when `std::vector<ParamSpec> params_of(const T*)` beside it lists its members.
template <class T>
concept OptionStruct = requires(const T* t) {
  { params_of(t) } -> std::same_as<std::vector<ParamSpec>>;
};

/// type(): what JSON it takes. from(): converts a value that fits type(). to(): back, for `check --show`.
/// Optionally used_attributes(const T&).
template <class T>
struct OptionCodec;

namespace detail {

/// Runs `convert` for the part `key` of an option; errors then point to that part.
template <class Convert>
auto at_part(std::string_view key, Convert convert) {
  try {
    return convert();
  } catch (const OptionError& error) {
    std::string pointer = "/";
    for (const char c : key) {
      if (c == '~') {
        pointer += "~0";
      } else if (c == '/') {
        pointer += "~1";
      } else {
        pointer += c;
      }
    }
    throw OptionError(error.code(), error.what(), error.help(), pointer + error.pointer());
  }
}

template <class T>
T part_from(const OptionValue& value, const OptionContext& context, std::string_view key) {
  return at_part(key, [&] { return OptionCodec<T>::from(value, context); });
}

}  // namespace detail

template <>
struct OptionCodec<bool> {
  static OptionType type() { return {.kind = OptionType::Kind::boolean}; }
  static bool from(const OptionValue& value, const OptionContext&) { return value.get<bool>(); }
  static OptionValue to(bool value) { return value; }
};

template <std::integral T>
struct OptionCodec<T> {
  static OptionType type() {
    // Within the integers that a double holds exactly, so that bounds compare without surprise.
    constexpr std::int64_t kExact = std::int64_t{1} << 53;
    const auto low = std::max<std::int64_t>(
        std::is_signed_v<T> ? static_cast<std::int64_t>(std::numeric_limits<T>::min()) : 0, -kExact);
    const auto high = sizeof(T) >= 8 ? kExact : static_cast<std::int64_t>(std::numeric_limits<T>::max());
    return {.kind = OptionType::Kind::integer, .range = between(static_cast<double>(low), static_cast<double>(high))};
  }
  static T from(const OptionValue& value, const OptionContext&) { return static_cast<T>(value.get<std::int64_t>()); }
  static OptionValue to(T value) { return static_cast<std::int64_t>(value); }
};

template <>
struct OptionCodec<double> {
  static OptionType type() { return {.kind = OptionType::Kind::number}; }
  static double from(const OptionValue& value, const OptionContext&) {
    return value.holds<std::int64_t>() ? static_cast<double>(value.get<std::int64_t>()) : value.get<double>();
  }
  static OptionValue to(double value) { return value; }
};

template <>
struct OptionCodec<std::string> {
  static OptionType type() { return {.kind = OptionType::Kind::text}; }
  static std::string from(const OptionValue& value, const OptionContext&) { return value.get<std::string>(); }
  static OptionValue to(const std::string& value) { return value; }
};

template <>
struct OptionCodec<Duration> {
  static OptionType type() { return {.kind = OptionType::Kind::duration, .range = at_least(0)}; }
  static Duration from(const OptionValue& value, const OptionContext&) { return value.get<Duration>(); }
  static OptionValue to(Duration value) { return value; }
};

template <>
struct OptionCodec<ByteSize> {
  static OptionType type() { return {.kind = OptionType::Kind::byte_size}; }
  static ByteSize from(const OptionValue& value, const OptionContext&) { return value.get<ByteSize>(); }
  static OptionValue to(ByteSize value) { return value; }
};

template <>
struct OptionCodec<FilePath> {
  static OptionType type() { return {.kind = OptionType::Kind::text, .range = at_least(1), .hint = "a path"}; }
  static FilePath from(const OptionValue& value, const OptionContext& context) {
    const std::string& text = value.get<std::string>();
    if (text.find('\0') != std::string::npos) throw OptionError("option.value", "a path cannot hold a NUL character");
    if (text == "-") return {text, text};
    return {text, (std::filesystem::path(context.base) / text).lexically_normal().string()};
  }
  static OptionValue to(const FilePath& value) { return value.text; }
};

template <NamedEnum E>
struct OptionCodec<E> {
  static OptionType type() {
    OptionType type{.kind = OptionType::Kind::choice};
    for (const auto& entry : names_of(E{})) type.choices.emplace_back(entry.name);
    return type;
  }
  static E from(const OptionValue& value, const OptionContext&) {
    for (const auto& entry : names_of(E{})) {
      if (entry.name == value.get<std::string>()) return entry.value;
    }
    throw OptionError("option.value", "unknown choice");
  }
  static OptionValue to(E value) {
    for (const auto& entry : names_of(E{})) {
      if (entry.value == value) return std::string(entry.name);
    }
    return {};
  }
};

template <class T>
struct OptionCodec<std::optional<T>> {
  static OptionType type() { return OptionCodec<T>::type(); }
  static std::optional<T> from(const OptionValue& value, const OptionContext& context) {
    if (value.is_absent()) return std::nullopt;
    return OptionCodec<T>::from(value, context);
  }
  static OptionValue to(const std::optional<T>& value) { return value ? OptionCodec<T>::to(*value) : OptionValue(); }
  static std::vector<std::string> used_attributes(const std::optional<T>& value)
    requires requires(const T& t) { OptionCodec<T>::used_attributes(t); }
  {
    return value ? OptionCodec<T>::used_attributes(*value) : std::vector<std::string>();
  }
};

template <class T>
struct OptionCodec<std::vector<T>> {
  static OptionType type() {
    return {.kind = OptionType::Kind::list, .element = std::make_shared<OptionType>(OptionCodec<T>::type())};
  }
  static std::vector<T> from(const OptionValue& value, const OptionContext& context) {
    std::vector<T> list;
    for (const OptionValue& element : value.get<OptionList>()) {
      list.push_back(detail::part_from<T>(element, context, std::to_string(list.size())));
    }
    return list;
  }
  static OptionValue to(const std::vector<T>& value) {
    OptionList list;
    for (const T& element : value) list.push_back(OptionCodec<T>::to(element));
    return list;
  }
  static std::vector<std::string> used_attributes(const std::vector<T>& value)
    requires requires(const T& t) { OptionCodec<T>::used_attributes(t); }
  {
    std::vector<std::string> names;
    for (const T& element : value) {
      for (std::string& name : OptionCodec<T>::used_attributes(element)) names.push_back(std::move(name));
    }
    return names;
  }
};

/// An object with free keys, in the order of the file.
template <class T>
struct OptionCodec<std::vector<std::pair<std::string, T>>> {
  using Map = std::vector<std::pair<std::string, T>>;
  static OptionType type() {
    return {.kind = OptionType::Kind::map, .element = std::make_shared<OptionType>(OptionCodec<T>::type())};
  }
  static Map from(const OptionValue& value, const OptionContext& context) {
    Map map;
    for (const auto& [key, element] : value.get<OptionMap>()) {
      map.emplace_back(key, detail::part_from<T>(element, context, key));
    }
    return map;
  }
  static OptionValue to(const Map& value) {
    OptionMap map;
    for (const auto& [key, element] : value) map.emplace_back(key, OptionCodec<T>::to(element));
    return map;
  }
  static std::vector<std::string> used_attributes(const Map& value)
    requires requires(const T& t) { OptionCodec<T>::used_attributes(t); }
  {
    std::vector<std::string> names;
    for (const auto& entry : value) {
      for (std::string& name : OptionCodec<T>::used_attributes(entry.second)) names.push_back(std::move(name));
    }
    return names;
  }
};

template <OptionStruct T>
struct OptionCodec<T> {
  static OptionType type() {
    return {.kind = OptionType::Kind::object, .fields = params_of(static_cast<const T*>(nullptr))};
  }
  static T from(const OptionValue& value, const OptionContext& context) {
    T result;
    const std::vector<ParamSpec> fields = params_of(static_cast<const T*>(nullptr));
    for (const auto& [key, element] : value.get<OptionMap>()) {
      for (const ParamSpec& field : fields) {
        if (field.name == key) detail::at_part(key, [&] { field.set(&result, element, context); });
      }
    }
    return result;
  }
  static OptionValue to(const T& value) {
    OptionMap map;
    for (const ParamSpec& field : params_of(static_cast<const T*>(nullptr)))
      map.emplace_back(field.name, field.get(&value));
    return map;
  }
};

/// Binds a member of an options struct to a key. Its default is the member's own initialiser.
template <class Params, class T>
ParamSpec param(T Params::*member, std::string name, std::string doc, OptionRange range = {}) {
  ParamSpec spec;
  spec.name = std::move(name);
  spec.doc = std::move(doc);
  spec.type = OptionCodec<T>::type();
  if (range.min) spec.type.range.min = range.min;
  if (range.max) spec.type.range.max = range.max;
  spec.set = [member](void* params, const OptionValue& value, const OptionContext& context) {
    static_cast<Params*>(params)->*member = OptionCodec<T>::from(value, context);
  };
  spec.get = [member](const void* params) { return OptionCodec<T>::to(static_cast<const Params*>(params)->*member); };
  if constexpr (requires(const T& t) { OptionCodec<T>::used_attributes(t); }) {
    spec.used_attributes = [member](const void* params) {
      return OptionCodec<T>::used_attributes(static_cast<const Params*>(params)->*member);
    };
  }
  return spec;
}

}  // namespace penstock
