// One call that this worker runs, from its INVOKE to its one final message (rule call-one-final).
#pragma once

#include <array>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "millrace/app.hpp"
#include "payload_in.hpp"
#include "payload_out.hpp"
#include "pending_call.hpp"

namespace millrace::detail {

class served_calls;
class worker;

/// A function of the app.
struct function {
  std::string name;
  /// One of the two is set.
  bytes_handler whole;
  stream_handler streamed;
  wire::Content content = wire::Content::kBytes;
  std::uint32_t timeout_us = 0;
};

/// Kept in a pool: everything is set anew by `served_calls::invoke`. Used under the worker's lock,
/// but for what is fixed once the handler runs.
struct served_call final : payload_tail {
  explicit served_call(worker& owner) noexcept : home(owner) {}

  worker& home;
  const function* fn = nullptr;
  std::uint32_t id = 0;
  /// Time left when it came; 0: no limit.
  std::uint32_t timeout_us = 0;
  std::uint32_t attempt = 0;
  std::uint8_t depth = 0;
  std::uint8_t priority = 0;
  wire::Content input_content = wire::Content::kBytes;
  trace_context trace;
  steady::time_point received;
  steady::time_point started;

  /// An input that came in one message.
  std::array<std::byte, wire::kBodyBytes> inline_input;
  /// The whole input, here or there.
  bytes_view input;
  bytes large_input;
  /// Input on its way in; kept while the handler reads it.
  std::optional<incoming> in;
  /// It came in a file.
  bool in_file = false;
  /// No more DATA may come.
  bool input_over = false;

  wire::Content output_content = wire::Content::kBytes;
  bytes large_output;
  std::optional<outgoing> out;

  /// Why it should stop; not set: it should not.
  std::optional<error> cancelled;
  /// Made when first asked for: most handlers never do.
  std::optional<std::stop_source> stop;
  /// The handler was begun.
  bool begun = false;
  /// The handler runs.
  bool running = false;
  /// Its final message was sent, or goes nowhere.
  bool ended = false;
  /// Its internal calls.
  std::vector<pending_call*> children;
  /// For a handler that sleeps.
  turns::event cancellation;

  /// The end of an output in parts: the final RESULT (rule result-total).
  void send_tail(bytes_view last, std::size_t total) override;
};

}  // namespace millrace::detail
