// The judgement of one message by what it says alone: type, direction, flags, lengths, reserved
// bytes, ranges, the form of names, and what sender and parity of the call id tell. Spec chapter 1,
// and what others say of one message.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "millrace/bytes.hpp"
#include "millrace/gen/layout.hpp"

namespace millrace::detail {

/// Who sent a message.
enum class sender : std::uint8_t { engine, worker };

/// Why a message breaks the protocol.
struct verdict {
  /// Id of the rule it breaks.
  std::string_view rule;
  /// For people: what is wrong, with the value found.
  std::string message;
};

/// A rule that was broken, if one was.
using breach = std::optional<verdict>;

/// What becomes of a message that breaks no rule.
enum class judgement : std::uint8_t {
  accept,
  /// An unknown type from 0x80 on: to be dropped (rule message-type-ignorable).
  ignore,
  broken,
};

/// Judges a message of 1,024 bytes. Writes `why` only when it is broken. Allocates only then.
[[nodiscard]] judgement judge(const std::byte* message, sender from, verdict& why);

/// The name of a type, such as INVOKE.
[[nodiscard]] std::string type_name(std::uint8_t type);

/// Whether these bytes are of the form of a function's name: rule name-form.
[[nodiscard]] bool is_function_name(std::string_view name) noexcept;

/// The body of a message, by its body_length.
[[nodiscard]] inline bytes_view body(const std::byte* message) noexcept {
  return {message + wire::kHeaderBytes, wire::body_length(message)};
}

/// Whether MORE is set.
[[nodiscard]] inline bool has_more(const std::byte* message) noexcept {
  return (wire::flags(message) & wire::kMore) != 0;
}

}  // namespace millrace::detail
