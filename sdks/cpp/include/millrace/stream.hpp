/// Payloads that come and go in parts. A slow reader slows its sender down: at most 32 messages are
/// under way in each direction of a call (rule data-credit).
#pragma once

#include <optional>

#include "millrace/bytes.hpp"
#include "millrace/result.hpp"

namespace millrace {

namespace detail {
struct served_call;
struct pending_call;
class worker;
class incoming;
}  // namespace detail

/// The input of a stream handler. For the handler's own thread; valid until it returns.
class input_stream {
 public:
  input_stream(const input_stream&) = delete;
  input_stream& operator=(const input_stream&) = delete;

  /// Waits for the next part. Empty optional: the input is over. Fails with `cancelled` or
  /// `deadline_exceeded` when the call is asked to stop. Parts are cut as they came, 1 to 960 bytes
  /// each.
  result<std::optional<bytes>> read();
  /// Everything until the end.
  result<bytes> read_all();

 private:
  friend class detail::worker;
  explicit input_stream(detail::served_call& call) noexcept : call_(call) {}
  detail::served_call& call_;
};

/// The output of a stream handler. For the handler's own thread; valid until it returns, which ends
/// the output.
class output_stream {
 public:
  output_stream(const output_stream&) = delete;
  output_stream& operator=(const output_stream&) = delete;

  /// Sends a part of any size; returns when all of it is on its way, waiting for the receiver's
  /// credit. Nothing is sent for an empty one. Fails with `cancelled` or `deadline_exceeded` when
  /// the call is asked to stop, and with `payload_too_large` when the whole output would be over
  /// the engine's limit.
  result<void> write(bytes_view part);
  /// Sets the last part, which is sent when the handler returns. When nothing was written before,
  /// it is the whole output and travels as that of a plain handler does. Fails with
  /// `payload_too_large` as `write` does.
  result<void> end_with(bytes last);

 private:
  friend class detail::worker;
  explicit output_stream(detail::served_call& call) noexcept : call_(call) {}
  detail::served_call& call_;
};

/// An internal call whose input, output or both go in parts. Use it on one thread at a time.
/// Destroying it before its end cancels the call.
class stream_call {
 public:
  stream_call(stream_call&& other) noexcept;
  stream_call& operator=(stream_call&& other) noexcept;
  ~stream_call();

  /// Sends a part of the input, any size; waits for credit. Only after `context::open_stream`. Once
  /// the callee has ended, parts are dropped: its outcome is told by `read`.
  result<void> write(bytes_view part);
  /// Ends the input. Nothing happens when it is over already.
  result<void> finish();
  /// Waits for the next part of the output. Empty optional: it is over, and the outcome is ok.
  /// Fails as `context::call` does; parts that came before the failure were given.
  result<std::optional<bytes>> read();
  /// Ends the input, and gives the rest of the output in one piece.
  result<bytes> read_all();
  /// What the output is. Known once `read` has given something; before that BYTES.
  [[nodiscard]] wire::Content output_content() const;
  /// Gives the call up; `read` fails with `cancelled` from now on.
  void cancel();

 private:
  friend class context;
  explicit stream_call(detail::pending_call* call) noexcept : call_(call) {}
  detail::pending_call* call_ = nullptr;
};

}  // namespace millrace
