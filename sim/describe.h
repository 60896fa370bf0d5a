// Descriptions: a row or a message names its fields once, and that one description serves the
// digest, the trace, the inspector and every output format.
//
//   struct BalanceRow {
//     Subject user;
//     Money amount;
//     template <class Self, class Visitor>
//     static void describe(Self& self, Visitor& visit) {
//       visit("user", self.user);
//       visit("amount", self.amount);
//     }
//   };
//
// A field is a bool, an integer, an enum, a Name, a Subject, an Instant, a Duration, another
// described struct, or an InlineVector of one of these. An enum that offers `const char*
// to_text(E)` is shown by that word.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "sim/hash.h"
#include "sim/inline_vector.h"
#include "sim/name.h"
#include "sim/time.h"

namespace sagasim::sim {

// Receives the fields of one value, in order. Used by everything that shows values to people.
class FieldSink {
 public:
  virtual ~FieldSink() = default;
  virtual void truth(const char* name, bool value) = 0;
  virtual void number(const char* name, std::int64_t value) = 0;
  virtual void text(const char* name, std::string_view value) = 0;
  virtual void subject(const char* name, Subject value) = 0;
  virtual void time(const char* name, Instant value) = 0;
  virtual void length(const char* name, Duration value) = 0;
  virtual void begin(const char* name) = 0;  // a nested struct
  virtual void end() = 0;
  // The next field is this element, from 0, of the list of its name.
  virtual void element(std::uint32_t index) = 0;
};

namespace detail {

template <class T>
struct IsInlineVector : std::false_type {};
template <class T, std::uint32_t N>
struct IsInlineVector<InlineVector<T, N>> : std::true_type {};

template <class T>
concept HasWord = requires(T value) {
  { to_text(value) } -> std::convertible_to<std::string_view>;
};

template <class T>
std::uint64_t scalar_bits(const T& value) {
  if constexpr (std::is_same_v<T, Name>) {
    return value.hash();
  } else if constexpr (std::is_same_v<T, Subject>) {
    return value.bits();
  } else if constexpr (std::is_same_v<T, Instant>) {
    return ticks(value);
  } else if constexpr (std::is_same_v<T, Duration>) {
    return static_cast<std::uint64_t>(value.count());
  } else {
    static_assert(std::is_integral_v<T> || std::is_enum_v<T>, "not a field type");
    return static_cast<std::uint64_t>(value);
  }
}

struct DigestVisitor {
  std::uint64_t state;
  template <class T>
  void operator()(const char*, const T& value) {
    add(value);
  }
  template <class T>
  void add(const T& value) {
    if constexpr (IsInlineVector<T>::value) {
      state = combine(state, value.size());
      for (const auto& element : value) {
        add(element);
      }
    } else if constexpr (std::is_class_v<T> &&
                         requires(DigestVisitor& v) { T::describe(value, v); }) {
      T::describe(value, *this);
    } else {
      state = combine(state, scalar_bits(value));
    }
  }
};

struct ShowVisitor {
  FieldSink& sink;
  template <class T>
  void operator()(const char* name, const T& value) {
    if constexpr (IsInlineVector<T>::value) {
      for (std::uint32_t i = 0; i < value.size(); ++i) {
        sink.element(i);
        (*this)(name, value[i]);
      }
    } else if constexpr (std::is_same_v<T, Name>) {
      sink.text(name, value.text());
    } else if constexpr (std::is_same_v<T, Subject>) {
      sink.subject(name, value);
    } else if constexpr (std::is_same_v<T, Instant>) {
      sink.time(name, value);
    } else if constexpr (std::is_same_v<T, Duration>) {
      sink.length(name, value);
    } else if constexpr (std::is_same_v<T, bool>) {
      sink.truth(name, value);
    } else if constexpr (std::is_class_v<T> &&
                         requires(ShowVisitor& v) { T::describe(value, v); }) {
      sink.begin(name);
      T::describe(value, *this);
      sink.end();
    } else if constexpr (std::is_enum_v<T> && HasWord<T>) {
      sink.text(name, to_text(value));
    } else {
      sink.number(name, static_cast<std::int64_t>(scalar_bits(value)));
    }
  }
};

}  // namespace detail

// What the kernel knows of a described type. One object per type; its address identifies the type
// within a process and never reaches any output.
struct Type {
  std::uint32_t size;
  std::uint64_t (*digest)(const void* value);
  void (*show)(const void* value, FieldSink& sink);
};

template <class T>
std::uint64_t digest_of(const T& value) {
  detail::DigestVisitor visitor{0};
  visitor.add(value);
  return visitor.state;
}

template <class T>
const Type& type_of() {
  static constexpr Type type{
      sizeof(T), [](const void* value) { return digest_of(*static_cast<const T*>(value)); },
      [](const void* value, FieldSink& sink) {
        detail::ShowVisitor visitor{sink};
        T::describe(*static_cast<const T*>(value), visitor);
      }};
  return type;
}

}  // namespace sagasim::sim
