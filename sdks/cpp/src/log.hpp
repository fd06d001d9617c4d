// Log records as LOG messages, or without the feature `log` as lines on standard error. Never
// waits.
#pragma once

#include <initializer_list>
#include <string>

#include "channel.hpp"
#include "handshake.hpp"
#include "millrace/context.hpp"

namespace millrace::detail {

/// Used under the worker's lock.
class worker_log {
 public:
  worker_log(channel& channel, const welcome& welcome) : channel_(channel), welcome_(welcome) {}

  /// `call_id` 0: no call. Rules log-call-id, log-never-delays.
  void write(log_level level, std::string_view message, std::initializer_list<attribute> attributes,
             std::string_view function, std::uint32_t call_id);

 private:
  void send(log_level level, std::string_view message, std::string attributes,
            std::uint32_t call_id);

  channel& channel_;
  const welcome& welcome_;
  /// Records dropped because the channel was backed up, and not yet told.
  std::uint64_t dropped_ = 0;
};

/// The attributes as a JSON object; empty when there are none.
[[nodiscard]] std::string json_of(std::initializer_list<attribute> attributes);

}  // namespace millrace::detail
