/// What goes wrong, as values: `reason` says what to do, the message is for people. The same names
/// in every SDK.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "millrace/gen/layout.hpp"

namespace millrace {

/// Why a call failed: a closed list; `spec/6-failures.md` says for each what the caller should do.
using reason = wire::Reason;

/// gRPC status numbers.
using status = wire::Status;

/// What the bytes of a payload are.
using content = wire::Content;

/// The reason in words, such as `handler_error`.
[[nodiscard]] std::string_view reason_name(wire::Reason which) noexcept;

/// How a call failed. Return one from a handler to fail with a reason, a code and a retry hint of
/// your choice.
///
///     return millrace::error{.reason = millrace::reason::kBadInput, .message = "no such user",
///     .code = "NO_USER"};
struct error {
  /// Why. Programs should branch on this, or on `code`. A handler that gives a reason by which only
  /// the engine can speak (`queue_full`, `worker_crashed`, `draining`, ...) fails with
  /// `handler_error` (rule error-reason-worker).
  wire::Reason reason = wire::Reason::kHandlerError;
  /// One line for people; at most 8,192 bytes are sent.
  std::string message{};
  /// The failing function's own code, for programs; at most 256 bytes are sent. Empty: none.
  std::string code{};
  /// Whether the same call may succeed later, as the failing side said. Not set: the reason
  /// decides, see `may_retry`.
  std::optional<bool> retryable{};
  /// Name of the function that failed. Empty: not told; the engine fills it in on the way to the
  /// caller.
  std::string function{};
  /// gRPC status, 1 to 16. Of your own with `handler_error` only (rule error-status-of-reason). Not
  /// set: the reason's.
  std::optional<wire::Status> status{};
  /// Type of the error in the failing function's language, such as `ValueError`. Empty: none.
  std::string error_type{};
  /// Stack trace from the worker where it failed. Empty: none.
  std::string stack{};

  /// Whether the same call may succeed later: `retryable`, otherwise what the reason says (`maybe`
  /// is false).
  [[nodiscard]] bool may_retry() const noexcept;
  /// The status that goes with it: its own with `handler_error`, otherwise the reason's.
  [[nodiscard]] wire::Status grpc_status() const noexcept;
  /// One line: function, reason, code and message.
  [[nodiscard]] std::string text() const;
};

}  // namespace millrace
