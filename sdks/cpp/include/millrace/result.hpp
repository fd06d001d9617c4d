/// A value or an `error`: what handlers and calls give. No exception is needed; `value()` is there
/// for who likes them.
#pragma once

#include <exception>
#include <type_traits>
#include <utility>
#include <variant>

#include "millrace/error.hpp"

namespace millrace {

/// Thrown by `result::value()` of a failure. A handler that lets it through fails with the very
/// same error.
class failed : public std::exception {
 public:
  explicit failed(error why) : error_(std::move(why)), text_(error_.text()) {}
  [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }
  [[nodiscard]] const error& why() const noexcept { return error_; }

 private:
  error error_;
  std::string text_;
};

/// A `T`, or the error that stands in its place.
///
///     millrace::result<millrace::bytes> output = ctx.call("shout", "ada");
///     if (!output) return output.error();
template <class T>
class [[nodiscard]] result {
 public:
  using value_type = T;

  result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  result(millrace::error why) : state_(std::in_place_index<1>, std::move(why)) {}
  /// Whatever a `T` can be made of, such as a text for `bytes`.
  template <class U>
  requires(std::is_constructible_v<T, U&&> && !std::is_same_v<std::remove_cvref_t<U>, T> &&
           !std::is_same_v<std::remove_cvref_t<U>, result> &&
           !std::is_same_v<std::remove_cvref_t<U>, millrace::error>) result(U&& from)
      : state_(std::in_place_index<0>, std::forward<U>(from)) {}

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  /// The value; there must be one.
  T& operator*() & noexcept { return *std::get_if<0>(&state_); }
  const T& operator*() const& noexcept { return *std::get_if<0>(&state_); }
  T&& operator*() && noexcept { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() noexcept { return std::get_if<0>(&state_); }
  const T* operator->() const noexcept { return std::get_if<0>(&state_); }

  /// The error; there must be one.
  [[nodiscard]] millrace::error& error() & noexcept { return *std::get_if<1>(&state_); }
  [[nodiscard]] const millrace::error& error() const& noexcept { return *std::get_if<1>(&state_); }
  [[nodiscard]] millrace::error&& error() && noexcept {
    return std::move(*std::get_if<1>(&state_));
  }

  /// The value. Throws `failed` when there is none.
  T& value() & {
    if (!has_value()) throw failed(error());
    return **this;
  }
  T&& value() && {
    if (!has_value()) throw failed(error());
    return std::move(**this);
  }
  /// The value, or `otherwise`.
  template <class U>
  [[nodiscard]] T value_or(U&& otherwise) && {
    return has_value() ? std::move(**this) : static_cast<T>(std::forward<U>(otherwise));
  }

  /// What `next` makes of the value; a failure stays what it is. `next` gives a result.
  template <class F>
  auto and_then(F&& next) && -> std::invoke_result_t<F, T&&> {
    if (!has_value()) return std::move(*this).error();
    return std::forward<F>(next)(std::move(**this));
  }
  /// The same for a `next` that can't fail.
  template <class F>
  auto transform(F&& next) && -> result<std::invoke_result_t<F, T&&>> {
    if (!has_value()) return std::move(*this).error();
    return std::forward<F>(next)(std::move(**this));
  }

 private:
  std::variant<T, millrace::error> state_;
};

/// Nothing, or an error.
template <>
class [[nodiscard]] result<void> {
 public:
  using value_type = void;

  result() noexcept = default;
  result(millrace::error why) : error_(std::move(why)) {}

  [[nodiscard]] bool has_value() const noexcept { return !error_.has_value(); }
  explicit operator bool() const noexcept { return has_value(); }
  /// The error; there must be one.
  [[nodiscard]] millrace::error& error() & noexcept { return *error_; }
  [[nodiscard]] const millrace::error& error() const& noexcept { return *error_; }
  [[nodiscard]] millrace::error&& error() && noexcept { return std::move(*error_); }
  /// Throws `failed` when there is an error.
  void value() const {
    if (!has_value()) throw failed(*error_);
  }

 private:
  std::optional<millrace::error> error_;
};

template <class T>
inline constexpr bool is_result = false;
template <class T>
inline constexpr bool is_result<result<T>> = true;

}  // namespace millrace
