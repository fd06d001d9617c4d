// One internal call, from `ctx.call` to its final message.
#pragma once

#include <optional>
#include <string>

#include "payload_in.hpp"
#include "payload_out.hpp"

namespace millrace::detail {

struct served_call;
class caller;

/// Kept in a pool: everything is set anew by `caller::begin`. Used under the worker's lock.
struct pending_call final : payload_tail {
  explicit pending_call(caller& owner) noexcept : home(owner) {}

  caller& home;
  /// The call that makes it; null once that has ended.
  served_call* parent = nullptr;
  std::uint32_t parent_id = 0;
  /// Its id on the channel; 0: INVOKE was not sent.
  std::uint32_t id = 0;
  std::uint32_t function_id = 0;
  std::string name;
  /// What to send: the caller's own bytes while it waits, or `kept`.
  bytes_view input;
  bytes kept;
  wire::Content content = wire::Content::kBytes;
  /// Its own limit in microseconds; 0: none.
  std::uint32_t timeout_us = 0;
  std::uint8_t priority = 0;
  bool streams_input = false;
  bool streams_output = false;

  /// The user has the outcome, or can have it; on the channel the call may still be open.
  bool settled = false;
  /// Given to the user already.
  bool taken = false;
  /// INVOKE was sent and the final message has not come.
  bool on_channel = false;
  bytes output;
  wire::Content output_content = wire::Content::kBytes;
  std::optional<error> failure;
  /// The failure that made it ask for its name once more (rule function-id-resolve-again).
  std::optional<error> stale;
  std::optional<incoming> in;
  std::optional<outgoing> out;
  /// For whoever waits for the outcome.
  turns::event outcome;
  /// Who holds it: the user, the channel, a queue.
  unsigned holders = 0;

  /// The end of an input: DATA without MORE (rule data-input-end).
  void send_tail(bytes_view last, std::size_t total) override;
};

}  // namespace millrace::detail
