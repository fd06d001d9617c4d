// The calls that this worker runs: takes the engine's messages about them, refuses what it can't
// take, sends their outcomes.
#pragma once

#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "caller.hpp"
#include "id_map.hpp"
#include "payload_files.hpp"
#include "served_call.hpp"

namespace millrace::detail {

/// Used under the worker's lock.
class served_calls {
 public:
  served_calls(worker& home, channel& channel, turns& turns, caller& caller, const welcome& welcome,
               payload_files& files)
      : home_(home),
        channel_(channel),
        turns_(turns),
        caller_(caller),
        welcome_(welcome),
        files_(files) {}

  /// Which function has which id, from WELCOME.
  void serve(std::uint32_t id, const function& fn) { functions_[id] = &fn; }
  [[nodiscard]] bool serves(std::uint32_t id) const { return functions_.contains(id); }

  // What the engine sends about these calls. Rules call-id-rising, call-id-open-skipped,
  // function-id-known, call-overloaded, drain-refuses, call-id-known, call-late-dropped,
  // data-after-end, cancel-repeated.
  breach on_invoke(const std::byte* message);
  breach on_data(const std::byte* message);
  breach on_window(const std::byte* message);
  breach on_cancel(const std::byte* message);

  /// Calls whose handler may begin, oldest first.
  [[nodiscard]] std::size_t ready() const noexcept { return ready_.size(); }
  /// The first of them; there must be one.
  served_call& take_ready();
  /// Calls without a final message.
  [[nodiscard]] std::size_t open() const noexcept { return open_.size(); }

  /// The handler has returned: sends the outcome. A long output is sent on after this.
  void complete(served_call& call, result<bytes> output);
  /// The handler of a stream has returned.
  void complete_stream(served_call& call, result<void> outcome);
  /// Sends the first part of an output in parts, as far as it fits; the rest is for `call.out`.
  /// Gives what was sent.
  std::size_t begin_output(served_call& call, bytes_view first);
  /// Why an output of that many bytes can't be sent, if it can't.
  [[nodiscard]] std::optional<error> refuse_output(std::size_t bytes) const;
  /// Sends the final RESULT of an output in parts.
  void end_output(served_call& call, bytes_view last, std::size_t total);

  /// Refuses calls from now on.
  void drain() noexcept { draining_ = true; }
  /// The channel is gone: every open call is told to stop. Their outcomes go nowhere.
  void stop_all(const error& why);

 private:
  breach start(const function& fn, const std::byte* message);
  breach start_file(served_call& call, const std::byte* message);
  bool complete_file(served_call& call, bytes_view output);
  served_call& take_free();
  void stop(served_call& call, const error& why);
  void fail(served_call& call, const error& why);
  void refuse(std::uint32_t id, wire::Reason reason, std::string message);
  void send_error(std::uint32_t id, const failure& why, wire::Status status, std::uint32_t run_us);
  std::byte* begin_result(const served_call& call, std::uint8_t flags, std::size_t payload_length,
                          bytes_view body);
  void close(served_call& call);
  void recycle(served_call& call);
  [[nodiscard]] breach late(std::uint32_t call_id) const;

  worker& home_;
  channel& channel_;
  turns& turns_;
  caller& caller_;
  const welcome& welcome_;
  payload_files& files_;
  std::unordered_map<std::uint32_t, const function*> functions_;
  id_map<served_call> open_;
  std::deque<served_call*> ready_;
  /// The engine's last call id: with it alone any id is new, or was used.
  std::uint32_t last_id_ = 0;
  bool draining_ = false;
  std::vector<std::unique_ptr<served_call>> all_;
  std::vector<served_call*> free_;
};

}  // namespace millrace::detail
