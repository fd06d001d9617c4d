// The handshake's bodies; see handshake.hpp.
#include "handshake.hpp"

#include <algorithm>
#include <array>

#include "limits.hpp"
#include "millrace/error.hpp"
#include "proto.hpp"

namespace millrace::detail {
namespace {

/// The features that this SDK offers in HELLO.
constexpr std::array<std::string_view, 4> kFeaturesOffered{"internal-calls", "streaming", "log",
                                                           "capacity"};

/// Offered besides, with a payload directory, and with a segment.
constexpr std::string_view kFiles = "payload-file";
constexpr std::string_view kRings = "shm-ring";

std::string compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#elif defined(__GNUC__)
  return "gcc " __VERSION__;
#else
  return "c++";
#endif
}

}  // namespace

bytes hello_body(std::vector<function_offer> functions, const std::string& token,
                 std::uint32_t max_calls, launched_with given) {
  hello body;
  body.token = token;
  body.functions = std::move(functions);
  body.features.assign(kFeaturesOffered.begin(), kFeaturesOffered.end());
  if (given.files) body.features.emplace_back(kFiles);
  if (given.rings) body.features.emplace_back(kRings);
  body.max_calls = max_calls;
  body.about = {"millrace-cpp", MILLRACE_VERSION, "c++", compiler()};
  bytes whole;
  write_prefix(whole);
  encode(body, whole);
  return whole;
}

breach read_welcome(bytes_view body, std::uint32_t offered, welcome& into, launched_with given) {
  const auto prefix = read_prefix(body);
  if (!prefix) {
    if (begins_with_magic(body)) {
      return verdict{"handshake-prefix", "WELCOME does not begin with a whole version prefix"};
    }
    return verdict{body.size() < wire::kVersionPrefixBytes ? "handshake-prefix" : "handshake-magic",
                   "WELCOME does not begin with MILLRACE"};
  }
  if (prefix->min != prefix->max || prefix->min != wire::kProtocolVersion) {
    return verdict{"handshake-version", "WELCOME chooses version " + std::to_string(prefix->min) +
                                            " to " + std::to_string(prefix->max) +
                                            "; HELLO offered 1"};
  }
  auto decoded = decode_welcome(body.sub(wire::kVersionPrefixBytes));
  if (!decoded) return verdict{"handshake-body", "WELCOME carries no Welcome"};
  for (const std::string& feature : decoded->features) {
    const bool known = std::ranges::find(kFeaturesOffered, feature) != kFeaturesOffered.end();
    if (!known && !(given.files && feature == kFiles) && !(given.rings && feature == kRings)) {
      return verdict{"feature-offered",
                     "WELCOME accepts " + feature + ", which HELLO did not offer"};
    }
  }
  const auto accepted = [&](std::string_view feature) {
    return std::ranges::find(decoded->features, feature) != decoded->features.end();
  };
  const limits& bounds = decoded->bounds;
  if (bounds.max_calls == 0 || bounds.max_calls > offered) {
    return verdict{"welcome-max-calls", "WELCOME sets max_calls to " +
                                            std::to_string(bounds.max_calls) + "; HELLO offered " +
                                            std::to_string(offered)};
  }
  into.functions = std::move(decoded->functions);
  into.internal_calls = accepted("internal-calls");
  into.streaming = accepted("streaming");
  into.log = accepted("log");
  into.capacity = accepted("capacity");
  into.files = accepted(kFiles);
  into.file_bytes_min =
      std::max(bounds.min_file_bytes, static_cast<std::uint32_t>(wire::kBodyBytes + 1));
  into.rings = accepted(kRings);
  into.calls_max = bounds.max_calls;
  into.open_invokes_max = into.internal_calls ? bounds.max_open_invokes : 0;
  into.open_resolves_max = bounds.max_open_resolves;
  into.payload_bytes_max = bounds.max_payload_bytes;
  return std::nullopt;
}

farewell read_goodbye(bytes_view body, std::uint32_t status) {
  const auto decoded =
      read_prefix(body) ? decode_goodbye(body.sub(wire::kVersionPrefixBytes)) : std::nullopt;
  if (!decoded) return {true, "its GOODBYE could not be read"};
  if (decoded->reason == 0 && status == 0) return {};
  const bool known = decoded->reason >= 1 && decoded->reason <= wire::kReasons.size();
  std::string text = known ? std::string{reason_name(static_cast<wire::Reason>(decoded->reason))}
                           : "reason " + std::to_string(decoded->reason);
  if (!decoded->rule.empty()) text += ": rule " + decoded->rule;
  if (!decoded->message.empty()) text += ": " + decoded->message;
  return {true, std::move(text)};
}

bytes goodbye_body(std::string_view rule, std::string_view message) {
  bytes whole;
  write_prefix(whole);
  goodbye body;
  if (!rule.empty()) body.reason = static_cast<std::uint32_t>(wire::Reason::kProtocolError);
  body.rule = rule;
  body.message = sendable_text(message, kGoodbyeBytesMax);
  encode(body, whole);
  return whole;
}

}  // namespace millrace::detail
