/// What a handler knows of its call, and its way to other functions.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>

#include "millrace/bytes.hpp"
#include "millrace/codec.hpp"
#include "millrace/result.hpp"
#include "millrace/stream.hpp"

namespace millrace {

/// Severity of a log record.
enum class log_level : std::uint8_t { debug = 1, info = 2, warn = 3, error = 4 };

/// One more thing to log: a key, and a text, number or truth.
struct attribute {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool> value;

  attribute(std::string_view name, std::string_view text) noexcept : key(name), value(text) {}
  attribute(std::string_view name, const char* text) noexcept
      : key(name), value(std::string_view{text}) {}
  attribute(std::string_view name, const std::string& text) noexcept
      : key(name), value(std::string_view{text}) {}
  attribute(std::string_view name, bool truth) noexcept : key(name), value(truth) {}
  attribute(std::string_view name, double number) noexcept : key(name), value(number) {}
  template <std::signed_integral N>
  attribute(std::string_view name, N number) noexcept : key(name), value(std::int64_t{number}) {}
  template <std::unsigned_integral N>
  requires(!std::is_same_v<N, bool>) attribute(std::string_view name, N number)
  noexcept : key(name), value(std::uint64_t{number}) {}
};

/// W3C Trace Context of a call. All zero when it has no trace.
struct trace_context {
  std::array<std::byte, 16> trace_id{};
  /// The engine's span for this call.
  std::array<std::byte, 8> span_id{};
  std::uint8_t flags = 0;

  /// Whether somebody up the call tree records this trace.
  [[nodiscard]] bool sampled() const noexcept { return (flags & 1U) != 0; }
  /// 32 hexadecimal digits.
  [[nodiscard]] std::string trace_id_text() const;
  /// 16 hexadecimal digits.
  [[nodiscard]] std::string span_id_text() const;
};

/// What an internal call may be told.
struct call_options {
  /// Time limit of this call, up to 71 minutes. It never outlasts the calling function's own
  /// deadline: the engine takes the smaller. 0: only that deadline, and the callee's own limit.
  std::chrono::microseconds timeout{0};
  /// RFC 9218 urgency, 0 (most urgent) to 7. Not set: the calling call's own. Above 7: the call
  /// fails.
  std::optional<std::uint8_t> priority{};
  /// What the input is. Not set: by its type; bytes are BYTES, texts TEXT, your own types JSON.
  std::optional<wire::Content> content{};
  /// A stop that is requested cancels this call; it fails with `cancelled`.
  std::stop_token stop{};
};

/// An internal call that was started and is not waited for yet. Use it on one thread at a time,
/// before the handler that started it returns. Destroying it before its end cancels the call.
class pending {
 public:
  pending(pending&& other) noexcept;
  pending& operator=(pending&& other) noexcept;
  ~pending();

  /// Waits for the outcome. Once: a second time it fails.
  template <class Out = bytes>
  result<Out> get() {
    return detail::decode_output<Out>(get_bytes());
  }
  /// Whether the outcome is there, so that `get` does not wait.
  [[nodiscard]] bool ready() const;
  /// Gives the call up: `get` fails with `cancelled` at once, and the callee is asked to stop.
  void cancel();

 private:
  friend class context;
  struct stop_watch;
  explicit pending(detail::pending_call* call) noexcept;
  result<bytes> get_bytes();
  void leave() noexcept;

  detail::pending_call* call_ = nullptr;
  std::unique_ptr<stop_watch> watch_;
};

/// Given to every handler, valid until it returns. Its functions may be used from any thread
/// meanwhile.
class context {
 public:
  context(const context&) = delete;
  context& operator=(const context&) = delete;

  /// Number of the call on this worker's channel.
  [[nodiscard]] std::uint32_t id() const noexcept;
  /// Name of the function that runs.
  [[nodiscard]] std::string_view function() const noexcept;
  /// Stop is requested when the caller gives up or the deadline passes; `cancellation` says which.
  /// Internal calls of this call are cancelled with it. A handler that computes learns it within
  /// about two milliseconds.
  [[nodiscard]] std::stop_token stop_token();
  /// Why this call should stop: `cancelled` or `deadline_exceeded`. Not set: it should not.
  [[nodiscard]] std::optional<error> cancellation() const;
  /// Whether it should stop.
  [[nodiscard]] bool cancelled() const;
  /// When the call must have ended, by this machine's steady clock. Not set: no limit.
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> deadline() const noexcept;
  /// Time until the deadline, not below 0. Not set: no limit.
  [[nodiscard]] std::optional<std::chrono::microseconds> time_left() const noexcept;
  /// How many internal calls are above this one; 0: it came from outside.
  [[nodiscard]] unsigned depth() const noexcept;
  /// RFC 9218 urgency of the call, 0 to 7.
  [[nodiscard]] unsigned priority() const noexcept;
  /// Which try this is, from 1. Above 1 only when an earlier one surely never started.
  [[nodiscard]] std::uint32_t attempt() const noexcept;
  [[nodiscard]] trace_context trace() const noexcept;
  /// What the caller says that the input is.
  [[nodiscard]] wire::Content input_content() const noexcept;

  /// Writes a log record that carries the call's id. Never waits: a record that finds the channel
  /// backed up is dropped, and the next one that gets through says how many were. Text is cut at
  /// 8,192 bytes; attributes whose JSON is longer are replaced by a note.
  void log(log_level level, std::string_view message,
           std::initializer_list<attribute> attributes = {});

  /// Sets what the output is. Before any of it was sent.
  void output_content(wire::Content kind) noexcept;
  /// Tells the engine how many calls this worker takes at once from now on; 0: none for the time
  /// being. Not above what the app offered. Nothing happens when the engine did not accept the
  /// feature `capacity`.
  result<void> capacity(std::uint32_t calls);
  /// Waits that long; the channel is served meanwhile. Fails at once when the call is asked to
  /// stop.
  result<void> sleep_for(std::chrono::microseconds time);

  /// Calls another function, in whatever language it is written, and waits for its output.
  /// Fails with the callee's error; with `deadline_exceeded` or `cancelled`; with `not_found`; with
  /// `payload_too_large`; with `internal` or `protocol_error` when the channel ended, and whether
  /// the callee ran is unknown.
  template <class Out = bytes, class In>
  result<Out> call(std::string_view name, const In& input, const call_options& options = {}) {
    const auto& encoded = codec<detail::carried<In>>::encode(input);
    return detail::decode_output<Out>(
        call_bytes(name, bytes_view{encoded}, content_of<In>(options), options));
  }

  /// Starts a call and does not wait: start several, then `get` each, and they overlap. The input
  /// is copied. The call is on its way when this thread next waits for something, a few
  /// milliseconds later at the latest.
  template <class In>
  [[nodiscard]] pending start(std::string_view name, const In& input,
                              const call_options& options = {}) {
    const auto& encoded = codec<detail::carried<In>>::encode(input);
    return start_bytes(name, bytes_view{encoded}, content_of<In>(options), options);
  }

  /// Calls another function with a whole input, which is copied, and gives its output as it comes.
  template <class In>
  [[nodiscard]] stream_call call_stream(std::string_view name, const In& input,
                                        const call_options& options = {}) {
    const auto& encoded = codec<detail::carried<In>>::encode(input);
    return stream_bytes(name, bytes_view{encoded}, content_of<In>(options), options);
  }
  /// Calls another function whose input is then written in parts.
  [[nodiscard]] stream_call open_stream(std::string_view name, const call_options& options = {});

 private:
  friend class detail::worker;
  explicit context(detail::served_call& call) noexcept : call_(call) {}

  template <class In>
  static wire::Content content_of(const call_options& options) {
    return options.content.value_or(codec<detail::carried<In>>::kContent);
  }
  result<bytes> call_bytes(std::string_view name, bytes_view input, wire::Content kind,
                           const call_options& options);
  pending start_bytes(std::string_view name, bytes_view input, wire::Content kind,
                      const call_options& options);
  stream_call stream_bytes(std::string_view name, bytes_view input, wire::Content kind,
                           const call_options& options);

  detail::served_call& call_;
};

}  // namespace millrace
