/// How C++ types become payloads and back: bytes, texts, and JSON by a hook of yours. No JSON
/// library is needed.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "millrace/bytes.hpp"
#include "millrace/result.hpp"

namespace millrace {

/// A type with a JSON hook: two functions in the type's own namespace, found by argument-dependent
/// lookup.
///
///     std::string millrace_to_json(const order&);
///     bool millrace_from_json(std::string_view json, order& into);   // false, or an exception:
///     bad_input
///
/// With a JSON library a template of two lines serves all your types; `examples/json.cpp` has one.
template <class T>
concept has_json_hook = std::default_initializable<T> &&
    requires(const T& from, T& into, std::string_view json) {
  { millrace_to_json(from) } -> std::convertible_to<std::string>;
  { millrace_from_json(json, into) } -> std::convertible_to<bool>;
};

/// How one type travels. Specialise it for a type of yours to choose another content than JSON:
/// `kContent`, `encode(const T&)` giving something with a `bytes_view` of it, and
/// `decode(bytes_view)` giving `result<T>`.
template <class T>
struct codec {
  static_assert(has_json_hook<T>,
                "this type needs millrace_to_json and millrace_from_json in its namespace, or a "
                "millrace::codec");
  static constexpr wire::Content kContent = wire::Content::kJson;
  static std::string encode(const T& value) { return millrace_to_json(value); }
  static result<T> decode(bytes_view from) {
    T value{};
    if (millrace_from_json(from.text(), value)) return value;
    return error{.reason = wire::Reason::kBadInput,
                 .message = "the payload is not the JSON that is expected"};
  }
};

/// Bytes as they are.
template <>
struct codec<bytes> {
  static constexpr wire::Content kContent = wire::Content::kBytes;
  static bytes_view encode(const bytes& value) { return value; }
  static result<bytes> decode(bytes_view from) { return bytes{from}; }
};
template <>
struct codec<bytes_view> {
  static constexpr wire::Content kContent = wire::Content::kBytes;
  static bytes_view encode(bytes_view value) { return value; }
  static result<bytes_view> decode(bytes_view from) { return from; }
};

/// Text. Its encoding is not checked: it should be UTF-8.
template <>
struct codec<std::string> {
  static constexpr wire::Content kContent = wire::Content::kText;
  static bytes_view encode(const std::string& value) { return value; }
  static result<std::string> decode(bytes_view from) { return std::string{from.text()}; }
};
template <>
struct codec<std::string_view> {
  static constexpr wire::Content kContent = wire::Content::kText;
  static bytes_view encode(std::string_view value) { return value; }
  static result<std::string_view> decode(bytes_view from) { return from.text(); }
};

namespace detail {

/// Text literals travel as `std::string_view`, everything else as itself.
template <class T>
using carried = std::conditional_t<std::is_convertible_v<const T&, const char*>, std::string_view,
                                   std::remove_cvref_t<T>>;

/// `decode`, with whatever the hook threw as bad_input. `T` may be `bytes`, which is moved and not
/// copied.
template <class T>
result<T> decode_as(bytes_view from) {
  try {
    return codec<T>::decode(from);
  } catch (const std::exception& thrown) {
    return error{.reason = wire::Reason::kBadInput, .message = thrown.what()};
  }
}

template <class Out>
result<Out> decode_output(result<bytes> output) {
  static_assert(!std::is_same_v<Out, bytes_view> && !std::is_same_v<Out, std::string_view>,
                "an output must be owned: ask for millrace::bytes or std::string");
  if constexpr (std::is_same_v<Out, bytes>) {
    return output;
  } else {
    if (!output) return std::move(output).error();
    result<Out> value = decode_as<Out>(*output);
    // The callee is to blame for an output that is not what it should be.
    if (!value) value.error().reason = wire::Reason::kHandlerError;
    return value;
  }
}

}  // namespace detail
}  // namespace millrace
