// The bodies of cold messages (proto/millrace/v1), by hand: encode and decode. The hot path never
// comes here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "millrace/bytes.hpp"
#include "millrace/gen/layout.hpp"

namespace millrace::detail {

struct function_offer {
  std::string name;
  /// Time limit that the function asks for, in microseconds. 0: none.
  std::uint32_t timeout_us = 0;
};

struct function_id {
  std::string name;
  std::uint32_t id = 0;
};

struct software {
  std::string name, version, language, runtime;
};

struct hello {
  std::string token;
  std::vector<function_offer> functions;
  std::vector<std::string> features;
  std::uint32_t max_calls = 0;
  software about;
};

/// Bounds that the engine holds the worker to; see proto/millrace/v1/handshake.proto for the units.
struct limits {
  std::uint32_t max_calls = 0;
  std::uint32_t max_open_invokes = 0;
  std::uint32_t max_open_resolves = 0;
  std::uint32_t max_open_pings = 0;
  std::uint32_t max_payload_bytes = 0;
  std::uint32_t max_depth = 0;
  std::uint32_t min_file_bytes = 0;
};

struct welcome_body {
  std::vector<function_id> functions;
  std::vector<std::string> features;
  limits bounds;
  software about;
  std::uint32_t worker_id = 0;
};

struct goodbye {
  /// 0: all is well.
  std::uint32_t reason = 0;
  std::string message;
  std::string rule;
};

struct failure {
  std::uint32_t reason = 0;
  std::string code, message, error_type, stack;
  /// 0: not said, 1: yes, 2: no.
  std::uint32_t retry = 0;
  std::string function;
};

struct log_record {
  /// 1: debug, 2: info, 3: warn, 4: error.
  std::uint32_t level = 0;
  std::string message;
  /// A JSON object, or empty.
  std::string attributes_json;
};

/// The version prefix of HELLO, WELCOME and GOODBYE.
struct version_prefix {
  std::uint16_t min = wire::kProtocolVersion;
  std::uint16_t max = wire::kProtocolVersion;
};

void write_prefix(bytes& into, version_prefix prefix = {});
/// The prefix, or nothing when the body does not begin with a whole one (rules handshake-prefix,
/// handshake-magic).
[[nodiscard]] std::optional<version_prefix> read_prefix(bytes_view body);
[[nodiscard]] bool begins_with_magic(bytes_view body);

// Encoders append; decoders give nothing when the bytes are malformed. Prefixes are not theirs.
void encode(const hello& from, bytes& into);
void encode(const welcome_body& from, bytes& into);
void encode(const goodbye& from, bytes& into);
void encode(const failure& from, bytes& into);
void encode(const log_record& from, bytes& into);
[[nodiscard]] std::optional<hello> decode_hello(bytes_view body);
[[nodiscard]] std::optional<welcome_body> decode_welcome(bytes_view body);
[[nodiscard]] std::optional<goodbye> decode_goodbye(bytes_view body);
[[nodiscard]] std::optional<failure> decode_failure(bytes_view body);
[[nodiscard]] std::optional<log_record> decode_log(bytes_view body);

}  // namespace millrace::detail
