/// Tests of functions without an engine process: a small engine in memory runs the app's workers on
/// threads of this process, over real pipes and the real protocol, with deadlines, cancellation,
/// internal calls and streams.
///
///     millrace::app app;
///     register_functions(app);                       // what main() does too
///     millrace::test::engine engine{app};
///     EXPECT_EQ(*engine.call<std::string>("greet", "Ada"), "Hello, Ada");
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/app.hpp"

namespace millrace::test {

/// What a handler logged.
struct log_entry {
  log_level level = log_level::info;
  std::string message;
  /// A JSON object, or empty.
  std::string attributes_json;
  /// Name of the function that logged it; empty: outside a call.
  std::string function;
};

/// A function that the app does not have, given by the test.
using stand_in = std::function<result<bytes>(bytes_view)>;

/// An engine in memory. Its functions may be called from any thread. Calls beyond what one worker
/// takes at once go to further workers, made as they are needed, at most 32; beyond that they fail
/// with `queue_full`.
class engine {
 public:
  /// Runs the start hooks. The app must outlive this and not change meanwhile. Aborts the process
  /// with a line on standard error when the app is not right.
  explicit engine(app& app);
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;
  /// Stops it.
  ~engine();

  /// Makes an external call and waits for its outcome. `options.stop` cancels it.
  template <class Out = bytes, class In>
  result<Out> call(std::string_view name, const In& input, const call_options& options = {}) {
    const auto& encoded = codec<detail::carried<In>>::encode(input);
    return detail::decode_output<Out>(
        call_bytes(name, bytes_view{encoded},
                   options.content.value_or(codec<detail::carried<In>>::kContent), options));
  }

  /// Makes the next `times` calls of a function fail instead of running.
  void fail(std::string_view name, error why, std::uint32_t times = 1);
  /// Makes the next `times` calls of a function end as if its worker had crashed.
  void crash(std::string_view name, std::uint32_t times = 1);
  /// Answers calls of a function that the app does not have, or in place of the app's. On a thread
  /// of the engine: it must not wait for other calls.
  void provide(std::string name, stand_in answer);

  /// Calls of a function that reached it so far: the app's handler, a fault or a stand-in.
  [[nodiscard]] std::uint64_t calls_of(std::string_view name) const;
  /// What handlers logged so far, oldest first.
  [[nodiscard]] std::vector<log_entry> logs() const;

  /// Drains the workers, runs the stop hooks, and gives the first exit code that is not 0, or 0.
  /// Once.
  int stop();

 private:
  struct state;
  result<bytes> call_bytes(std::string_view name, bytes_view input, wire::Content kind,
                           const call_options& options);

  std::unique_ptr<state> state_;
};

}  // namespace millrace::test
