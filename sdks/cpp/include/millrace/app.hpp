/// Functions, and the worker that serves them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "millrace/bytes.hpp"
#include "millrace/codec.hpp"
#include "millrace/context.hpp"
#include "millrace/result.hpp"
#include "millrace/stream.hpp"

namespace millrace {

namespace test {
class engine;
}

/// What may be said of a function.
struct handler_options {
  /// Time limit that the function asks for, up to 71 minutes. 0: none of its own.
  std::chrono::microseconds timeout{0};
  /// What its output is. Not set: by its type; bytes are BYTES, texts TEXT, your own types JSON.
  std::optional<wire::Content> content{};
};

/// A handler as it is kept: bytes in, bytes out.
using bytes_handler = std::function<result<bytes>(context&, bytes_view)>;
/// A handler of streams. Its return ends the output; an error ends the call with that failure.
using stream_handler = std::function<result<void>(context&, input_stream&, output_stream&)>;

namespace detail {

struct app_state;
struct app_access;

template <class F>
struct signature : signature<decltype(&std::remove_cvref_t<F>::operator())> {};
template <class R, class... Args>
struct signature<R (*)(Args...)> {
  using output = R;
  using arguments = std::tuple<Args...>;
};
template <class R, class C, class... Args>
struct signature<R (C::*)(Args...)> : signature<R (*)(Args...)> {};
template <class R, class C, class... Args>
struct signature<R (C::*)(Args...) const> : signature<R (*)(Args...)> {};
template <class R, class C, class... Args>
struct signature<R (C::*)(Args...) noexcept> : signature<R (*)(Args...)> {};
template <class R, class C, class... Args>
struct signature<R (C::*)(Args...) const noexcept> : signature<R (*)(Args...)> {};

template <class R>
struct unwrapped {
  using type = R;
};
template <class R>
struct unwrapped<result<R>> {
  using type = R;
};

/// The type without what makes it a parameter. Text literals as outputs are text.
template <class T>
using plain = std::conditional_t<std::is_convertible_v<T, const char*>, std::string_view,
                                 std::remove_cvref_t<T>>;

template <class Out>
result<bytes> encode_output(Out&& output) {
  using value = plain<Out>;
  if constexpr (std::is_same_v<value, bytes>) {
    return std::forward<Out>(output);
  } else {
    const auto& encoded = codec<value>::encode(output);
    return bytes{bytes_view{encoded}};
  }
}

/// Wraps a handler of any types into one of bytes.
template <class F, class In, class R>
bytes_handler adapt(F handler) {
  return [handler = std::move(handler)](context& ctx, bytes_view raw) mutable -> result<bytes> {
    result<In> input = decode_as<In>(raw);
    if (!input) return std::move(input).error();
    if constexpr (std::is_void_v<R>) {
      handler(ctx, *input);
      return bytes{};
    } else if constexpr (is_result<R>) {
      R output = handler(ctx, *input);
      if (!output) return std::move(output).error();
      if constexpr (std::is_void_v<typename R::value_type>) {
        return bytes{};
      } else {
        return encode_output(*std::move(output));
      }
    } else {
      return encode_output(handler(ctx, *input));
    }
  };
}

}  // namespace detail

/// The functions of one process, and the worker that serves them to the engine that started it.
///
///     int main() {
///       millrace::app app;
///       app.handle("greet", [](millrace::context&, std::string_view name) { return "Hello, " +
///       std::string{name}; }); return app.run();
///     }
class app {
 public:
  app();
  app(const app&) = delete;
  app& operator=(const app&) = delete;
  ~app();

  /// Serves a function. The handler takes `context&` and its input, and gives its output, or a
  /// `result` of it; nothing for an empty output. Inputs and outputs are bytes (`bytes_view`,
  /// `bytes`), texts (`std::string_view`, `std::string`) or types of yours with a JSON hook, see
  /// `codec`. An input view is valid until the handler returns. An exception becomes
  /// `handler_error`, a `failed` its own error. The name is 1 to 128 letters, digits, dots, dashes
  /// and underscores, and begins with a letter or digit (rule name-form); `run` refuses another,
  /// and one used twice.
  template <class F>
  app& handle(std::string name, F handler, handler_options options = {}) {
    using shape = detail::signature<F>;
    static_assert(std::tuple_size_v<typename shape::arguments> == 2 &&
                      std::is_same_v<std::tuple_element_t<0, typename shape::arguments>, context&>,
                  "a handler takes (millrace::context&, input)");
    using input = std::remove_cvref_t<std::tuple_element_t<1, typename shape::arguments>>;
    using returned = typename shape::output;
    using output = typename detail::unwrapped<returned>::type;
    if constexpr (!std::is_void_v<output>) {
      if (!options.content) options.content = codec<detail::plain<output>>::kContent;
    }
    return handle_bytes(std::move(name), detail::adapt<F, input, returned>(std::move(handler)),
                        options);
  }

  /// Serves a function of bytes whose handler has no visible signature, such as a bound one.
  app& handle_bytes(std::string name, bytes_handler handler, handler_options options = {});
  /// Serves a function that reads its input and writes its output in parts.
  app& handle_stream(std::string name, stream_handler handler, handler_options options = {});

  /// Runs before this worker takes calls, in the order of registration. An error, or an exception,
  /// is printed and ends the process with 78.
  app& on_start(std::function<result<void>()> hook);
  /// Runs when the last call has ended and the worker is about to exit, in the reverse order of
  /// registration. All of them together have the rest of the drain's time, or 5 seconds. Not run
  /// when a handler does not end within a second after the channel was lost.
  app& on_stop(std::function<void()> hook);
  /// Calls at once, and so threads, 1 to 4,096. Default 1: handlers run on the thread that reads.
  /// The engine may use fewer. Threads are made as they are needed.
  app& concurrency(std::uint32_t calls);

  /// Serves until the engine is done with this worker; returns the exit code: 0 when drained, 69
  /// when the engine is gone, 76 when it broke the protocol, 78 when no engine started this process
  /// or the app is not right. Ends the process itself, with the same code, when a handler does not
  /// end within a second after the channel was lost.
  [[nodiscard]] int run();

 private:
  friend class test::engine;
  friend struct detail::app_access;
  std::unique_ptr<detail::app_state> state_;
};

}  // namespace millrace
