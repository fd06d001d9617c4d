// HELLO and WELCOME: what this worker says of itself, and what the engine makes of it. Pure.
#pragma once

#include <string>
#include <vector>

#include "cold.hpp"
#include "verdict.hpp"

namespace millrace::detail {

/// What WELCOME says, with its bounds.
struct welcome {
  /// Served functions and the ids that the engine gave them.
  std::vector<function_id> functions;
  bool internal_calls = false;
  bool streaming = false;
  bool log = false;
  bool capacity = false;
  /// Whether `payload-file` was accepted.
  bool files = false;
  /// Payloads of at least so many bytes go in files then.
  std::uint32_t file_bytes_min = 0;
  /// Whether `shm-ring` was accepted.
  bool rings = false;
  /// Calls at once.
  std::uint32_t calls_max = 0;
  /// INVOKEs that may be open; 0: no internal calls.
  std::uint32_t open_invokes_max = 0;
  /// RESOLVEs that may be open.
  std::uint32_t open_resolves_max = 0;
  /// Bytes of the largest payload.
  std::uint32_t payload_bytes_max = 0;
};

/// What the launch gave besides the pipes: a payload directory (rule file-offered), a segment (rule
/// ring-offer). Each lets a worker offer its feature.
struct launched_with {
  bool files = false;
  bool rings = false;
};

/// The whole body of HELLO (rule handshake-token).
[[nodiscard]] bytes hello_body(std::vector<function_offer> functions, const std::string& token,
                               std::uint32_t max_calls, launched_with given = {});

/// Reads the whole body of WELCOME. `offered`: max_calls of HELLO. Rules handshake-prefix,
/// handshake-magic, handshake-version, handshake-body, feature-offered, welcome-max-calls.
[[nodiscard]] breach read_welcome(bytes_view body, std::uint32_t offered, welcome& into,
                                  launched_with given = {});

/// Why the engine ends the channel.
struct farewell {
  /// Whether something is wrong; otherwise the rest is empty.
  bool wrong = false;
  /// Reason, rule and message in one line.
  std::string text;
};

/// Reads the body of GOODBYE. One that can't be read is still a GOODBYE: the channel ends either
/// way.
[[nodiscard]] farewell read_goodbye(bytes_view body, std::uint32_t status);

/// The whole body of a GOODBYE; `rule` empty: all is well. Fits one message, for GOODBYE does not
/// span.
[[nodiscard]] bytes goodbye_body(std::string_view rule, std::string_view message);

}  // namespace millrace::detail
