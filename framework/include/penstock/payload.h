// The one typed value that an item carries, and the declaration of its type.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "penstock/memory.h"

namespace penstock {

/// Where a value is written down, part after part.
class ByteSink {
 public:
  virtual void write(std::string_view bytes) = 0;

 protected:
  ~ByteSink() = default;
};

/// What a type must say of itself to travel as a payload. Specialise it once, beside the type:
///
///     template <> struct penstock::PayloadTraits<Image> {
///       static constexpr std::string_view name = "image";          // identity, also across plugins
///       static std::uint64_t bytes(const Image& v) { return v.pixels.size(); }
///       // Optional: using Base = Bytes;  an Image is accepted wherever Bytes is (Image derives from Bytes).
///       // Optional: static std::uint64_t charged(const Image& v);  bytes of `limits.memory` that the value holds.
///       // Optional, both or none: how a value is written down, so that it can wait on disk or be given to a worker
///       // process, and read back. decode() throws when it is given what encode() has not written.
///       // static void encode(const Image& v, ByteSink& out);
///       // static Image decode(std::string encoded, MemoryCharge charge);  `charge` stands for encoded.size() bytes.
///     };
template <class T>
struct PayloadTraits;

class Payload;

/// Run-time description of a payload type. One object per type and shared library; identity is the name.
struct PayloadType {
  std::string_view name;
  const PayloadType* base;  ///< Accepted wherever `base` is; null when it stands alone.
  bool copyable;
  std::uint64_t (*bytes)(const void* value);    ///< Bytes held by a value, for counters.
  std::uint64_t inside_bytes;                   ///< The same of a value small enough to be kept in the payload itself.
  std::uint64_t (*charged)(const void* value);  ///< Null: nothing is.
  void (*encode)(const void* value, ByteSink& out);  ///< Null, as decode: cannot be written down.
  Payload (*decode)(std::string encoded, MemoryCharge charge);

  bool is_encodable() const { return encode != nullptr; }

  bool is_a(const PayloadType& other) const {
    for (const PayloadType* t = this; t != nullptr; t = t->base) {
      if (t == &other || t->name == other.name) return true;
    }
    return false;
  }
};

/// The payload of an item that carries nothing but its key and attributes.
struct None {};
template <>
struct PayloadTraits<None> {
  static constexpr std::string_view name = "none";
  static std::uint64_t bytes(const None&) { return 0; }
  static void encode(const None&, ByteSink&) {}
  static None decode(const std::string&, const MemoryCharge&) { return {}; }
};

/// A signed 64-bit number.
struct Integer {
  std::int64_t value = 0;
};
template <>
struct PayloadTraits<Integer> {
  static constexpr std::string_view name = "integer";
  static std::uint64_t bytes(const Integer&) { return sizeof(Integer); }
  static void encode(const Integer& integer, ByteSink& out) {
    out.write({reinterpret_cast<const char*>(&integer.value), sizeof integer.value});
  }
  static Integer decode(const std::string& encoded, const MemoryCharge&) {
    Integer integer;
    if (encoded.size() != sizeof integer.value) throw std::invalid_argument("penstock: no integer was written here");
    std::memcpy(&integer.value, encoded.data(), sizeof integer.value);
    return integer;
  }
};

/// UTF-8 text.
struct Text {
  std::string value;
};
template <>
struct PayloadTraits<Text> {
  static constexpr std::string_view name = "text";
  static std::uint64_t bytes(const Text& text) { return text.value.size(); }
  static void encode(const Text& text, ByteSink& out) { out.write(text.value); }
  static Text decode(std::string encoded, const MemoryCharge&) { return {std::move(encoded)}; }
};

namespace detail {

template <class T>
constexpr const PayloadType* base_type();

template <class T>
constexpr auto charged_function() -> std::uint64_t (*)(const void*) {
  if constexpr (requires(const T& value) { PayloadTraits<T>::charged(value); }) {
    return [](const void* value) { return PayloadTraits<T>::charged(*static_cast<const T*>(value)); };
  } else {
    return nullptr;
  }
}

template <class T>
concept Encodable = requires(const T& value, ByteSink& out) { PayloadTraits<T>::encode(value, out); };

template <class T>
constexpr auto encode_function() -> void (*)(const void*, ByteSink&) {
  if constexpr (Encodable<T>) {
    return [](const void* value, ByteSink& out) { PayloadTraits<T>::encode(*static_cast<const T*>(value), out); };
  } else {
    return nullptr;
  }
}

template <class T>
Payload decode_payload(std::string encoded, MemoryCharge charge);

template <class T>
constexpr auto decode_function() -> Payload (*)(std::string, MemoryCharge) {
  if constexpr (Encodable<T>) {
    return &decode_payload<T>;
  } else {
    return nullptr;
  }
}

template <class T>
inline constexpr PayloadType kPayloadType{
    PayloadTraits<T>::name,
    base_type<T>(),
    std::is_copy_constructible_v<T>,
    [](const void* value) { return PayloadTraits<T>::bytes(*static_cast<const T*>(value)); },
    std::is_empty_v<T> ? 0 : sizeof(T),
    charged_function<T>(),
    encode_function<T>(),
    decode_function<T>()};

template <class T>
constexpr const PayloadType* base_type() {
  if constexpr (requires { typename PayloadTraits<T>::Base; }) {
    using Base = typename PayloadTraits<T>::Base;
    static_assert(std::is_base_of_v<Base, T>, "PayloadTraits<T>::Base must be a base class of T");
    static_assert(alignof(Base) == alignof(T), "a payload and its base must have the same alignment");
    return &kPayloadType<Base>;
  } else {
    return nullptr;
  }
}

}  // namespace detail

template <class T>
constexpr const PayloadType& payload_type() {
  return detail::kPayloadType<T>;
}

/// A value of any payload type, immutable once stored, shared by reference count. Small trivially copyable values
/// (up to 8 bytes) are kept inside without an allocation. 24 bytes.
///
/// Types are checked when the graph is built, never per item: get<T>() trusts the caller.
/// Thread safety: as a value type; copies may be used on different threads at once.
class Payload {
 public:
  /// Kept inside a payload rather than on the heap.
  template <class T>
  static constexpr bool fits_inside =
      sizeof(T) <= sizeof(std::uint64_t) && alignof(T) <= alignof(std::uint64_t) && std::is_trivially_copyable_v<T>;

  Payload() noexcept : type_(&payload_type<None>()) {}
  template <class T>
    requires(!std::is_same_v<std::remove_cvref_t<T>, Payload>)
  explicit Payload(T&& value) {
    construct<std::remove_cvref_t<T>>(std::forward<T>(value));
  }
  Payload(const Payload& other) noexcept : type_(other.type_), is_boxed_(other.is_boxed_), storage_(other.storage_) {
    if (is_boxed_) storage_.box->references.fetch_add(1, std::memory_order_relaxed);
  }
  Payload(Payload&& other) noexcept : type_(other.type_), is_boxed_(other.is_boxed_), storage_(other.storage_) {
    other.is_boxed_ = false;
    other.type_ = &payload_type<None>();
  }
  Payload& operator=(Payload other) noexcept {
    std::swap(type_, other.type_);
    std::swap(is_boxed_, other.is_boxed_);
    std::swap(storage_, other.storage_);
    return *this;
  }
  ~Payload() {
    if (is_boxed_) release();
  }

  const PayloadType& type() const { return *type_; }
  std::uint64_t bytes() const { return is_boxed_ ? type_->bytes(address()) : type_->inside_bytes; }
  /// Bytes of `limits.memory` that the value holds.
  std::uint64_t charged() const { return type_->charged != nullptr ? type_->charged(address()) : 0; }
  /// REQUIRES: type().is_encodable().
  void encode(ByteSink& out) const { type_->encode(address(), out); }

  /// REQUIRES: type().is_a(payload_type<T>()).
  template <class T>
  const T& get() const {
    return *std::launder(static_cast<const T*>(address<T>()));
  }
  template <class T>
  bool holds() const {
    return type_->is_a(payload_type<T>());
  }

  /// True when no other payload shares the value: it may be moved out of.
  bool is_sole_owner() const { return !is_boxed_ || storage_.box->references.load(std::memory_order_acquire) == 1; }

  /// The value by move when this is its only owner, else by copy; the payload is empty afterwards.
  /// REQUIRES: type() is exactly T; T is copyable or is_sole_owner().
  template <class T>
  T take() {
    if constexpr (fits_inside<T>) {
      T value = get<T>();
      *this = Payload();
      return value;
    } else {
      T& held = *static_cast<T*>(const_cast<void*>(address()));  // Boxes hold their values without const.
      if (is_sole_owner()) {
        T value = std::move(held);
        *this = Payload();
        return value;
      }
      if constexpr (std::is_copy_constructible_v<T>) {
        T value = held;
        *this = Payload();
        return value;
      } else {
        __builtin_unreachable();  // `check` refuses to fan out a type that cannot be copied.
      }
    }
  }

  template <class T, class... Arguments>
  void emplace(Arguments&&... arguments) {
    if (is_boxed_) release();
    is_boxed_ = false;
    construct<T>(std::forward<Arguments>(arguments)...);
  }

 private:
  struct AnyBox {
    std::atomic<std::uint32_t> references{1};
    std::uint32_t value_offset = 0;
    void (*destroy)(AnyBox*) = nullptr;
  };
  template <class T>
  struct Box final : AnyBox {
    template <class... Arguments>
    explicit Box(Arguments&&... arguments) : value{std::forward<Arguments>(arguments)...} {
      this->value_offset = static_cast<std::uint32_t>(reinterpret_cast<char*>(&value) -
                                                      reinterpret_cast<char*>(static_cast<AnyBox*>(this)));
      this->destroy = [](AnyBox* box) { delete static_cast<Box*>(box); };
    }
    T value;
  };
  // One word: a wider one would be copied in one piece right after half of it was written, which stalls the processor
  // for longer than all else that a payload costs.
  union Storage {
    AnyBox* box;
    std::uint64_t inside;
  };

  template <class T, class... Arguments>
  void construct(Arguments&&... arguments) {
    if constexpr (fits_inside<T>) {
      ::new (static_cast<void*>(&storage_.inside)) T{std::forward<Arguments>(arguments)...};
    } else {
      storage_.box = new Box<T>(std::forward<Arguments>(arguments)...);
      is_boxed_ = true;
    }
    type_ = &payload_type<T>();
  }
  const void* address() const {
    return is_boxed_ ? reinterpret_cast<const char*>(storage_.box) + storage_.box->value_offset
                     : static_cast<const void*>(&storage_.inside);
  }
  template <class T>
  const void* address() const {
    if constexpr (fits_inside<T>) {
      if (!is_boxed_) return &storage_.inside;  // Boxed all the same: a derived type that does not fit.
    }
    return address();
  }
  void release() noexcept {
    if (storage_.box->references.fetch_sub(1, std::memory_order_acq_rel) == 1) storage_.box->destroy(storage_.box);
  }

  const PayloadType* type_;
  bool is_boxed_ = false;
  Storage storage_{.inside = 0};
};

namespace detail {

template <class T>
Payload decode_payload(std::string encoded, MemoryCharge charge) {
  return Payload(PayloadTraits<T>::decode(std::move(encoded), std::move(charge)));
}

}  // namespace detail
}  // namespace penstock
