// SPDX-License-Identifier: Apache-2.0
#include "framework/isolation/wire.h"

#include <type_traits>
#include <utility>
#include <variant>

namespace penstock::isolation {
namespace {

constexpr int kMaxDepth = 64;  // Of a pipeline file.

template <class T>
void write_scalar(WireWriter& out, const T& value) {
  if constexpr (std::is_same_v<T, std::string>) {
    out.text(value);
  } else if constexpr (std::is_same_v<T, bool>) {
    out.number(std::uint8_t{value});
  } else if constexpr (std::is_same_v<T, Duration>) {
    out.number(value.count());
  } else if constexpr (std::is_same_v<T, ByteSize>) {
    out.number(value.bytes);
  } else if constexpr (std::is_arithmetic_v<T>) {
    out.number(value);
  }
}

template <class T>
T read_scalar(WireReader& in) {
  if constexpr (std::is_same_v<T, std::string>) {
    return in.text();
  } else if constexpr (std::is_same_v<T, bool>) {
    return in.number<std::uint8_t>() != 0;
  } else if constexpr (std::is_same_v<T, Duration>) {
    return Duration(in.number<Duration::rep>());
  } else if constexpr (std::is_same_v<T, ByteSize>) {
    return ByteSize{in.number<std::uint64_t>()};
  } else if constexpr (std::is_arithmetic_v<T>) {
    return in.number<T>();
  } else {
    return T{};
  }
}

/// The alternative of a variant that `index` names. `read` is called with its std::in_place_index.
template <class Variant, std::size_t At = 0, class Read>
Variant read_alternative(std::uint8_t index, Read read) {
  if constexpr (At < std::variant_size_v<Variant>) {
    if (index == At)
      return Variant(std::in_place_index<At>, read(std::type_identity<std::variant_alternative_t<At, Variant>>()));
    return read_alternative<Variant, At + 1>(index, read);
  } else {
    throw WireError();
  }
}

}  // namespace

void WireWriter::attributes(const Attributes& attributes) {
  number(std::uint64_t{attributes.size()});
  for (const auto& [name, value] : attributes.entries()) {
    text(name);
    number(static_cast<std::uint8_t>(value.index()));
    std::visit([this](const auto& held) { write_scalar(*this, held); }, value);
  }
}

Attributes WireReader::attributes() {
  Attributes attributes;
  for (auto count = number<std::uint64_t>(); count > 0; --count) {
    const std::string name = text();
    const auto index = number<std::uint8_t>();
    attributes.set(name, read_alternative<AttributeValue>(
                             index, [this]<class T>(std::type_identity<T>) { return read_scalar<T>(*this); }));
  }
  return attributes;
}

void WireWriter::option(const OptionValue& value) {
  number(static_cast<std::uint8_t>(value.variant().index()));
  std::visit(
      [this]<class T>(const T& held) {
        if constexpr (std::is_same_v<T, OptionList>) {
          number(std::uint64_t{held.size()});
          for (const OptionValue& element : held) option(element);
        } else if constexpr (std::is_same_v<T, OptionMap>) {
          number(std::uint64_t{held.size()});
          for (const auto& [key, element] : held) {
            text(key);
            option(element);
          }
        } else {
          write_scalar(*this, held);
        }
      },
      value.variant());
}

OptionValue WireReader::option(int depth) {
  if (depth > kMaxDepth) throw WireError();
  const auto index = number<std::uint8_t>();
  auto variant = read_alternative<OptionValue::Variant>(index, [this, depth]<class T>(std::type_identity<T>) {
    T held{};
    if constexpr (std::is_same_v<T, OptionList>) {
      for (auto count = number<std::uint64_t>(); count > 0; --count) held.push_back(option(depth + 1));
    } else if constexpr (std::is_same_v<T, OptionMap>) {
      for (auto count = number<std::uint64_t>(); count > 0; --count) {
        std::string key = text();
        held.emplace_back(std::move(key), option(depth + 1));
      }
    } else {
      held = read_scalar<T>(*this);
    }
    return held;
  });
  return std::visit([](auto&& held) { return OptionValue(std::move(held)); }, std::move(variant));
}

}  // namespace penstock::isolation
