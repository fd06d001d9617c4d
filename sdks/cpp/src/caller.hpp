// The internal calls that this worker waits for: starts them, gives each its outcome once, ends all
// with the channel.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "call_ids.hpp"
#include "handshake.hpp"
#include "id_map.hpp"
#include "millrace/context.hpp"
#include "names.hpp"
#include "payload_files.hpp"
#include "pending_call.hpp"

namespace millrace::detail {

class worker;

/// What a new internal call is made of.
struct call_request {
  std::string_view name;
  bytes_view input;
  wire::Content content = wire::Content::kBytes;
  const call_options& options;
  bool streams_input = false;
  bool streams_output = false;
  /// The input is kept by the call: its owner does not wait.
  bool keep_input = false;
};

/// Used under the worker's lock.
class caller final : public name_listener {
 public:
  caller(worker& home, channel& channel, turns& turns, const welcome& welcome, payload_files& files)
      : home_(home),
        names_(channel, *this),
        channel_(channel),
        turns_(turns),
        welcome_(welcome),
        files_(files) {}

  [[nodiscard]] worker& home() noexcept { return home_; }
  [[nodiscard]] names& known_names() noexcept { return names_; }

  /// Begins a call. It is held for the user: give it back by `release`. It may be settled already.
  pending_call& begin(served_call& parent, const call_request& request);
  /// The user, or somebody else, has done with it.
  void release(pending_call& call);
  /// Sends the end of an input: DATA without MORE.
  void send_input_end(std::uint32_t call_id, bytes_view last);
  /// Ends a call for its caller now; on the channel it stays open until its final message.
  void cancel(pending_call& call, const error& why);

  // What the engine sends about these calls. Rules call-id-known, call-late-dropped, result-total,
  // result-more-once, data-after-head, data-output-more, error-body.
  breach on_result(const std::byte* message);
  breach on_error(std::uint32_t call_id, std::uint32_t status, bytes_view body);
  breach on_data(const std::byte* message);
  breach on_window(const std::byte* message);

  /// A served call is told to stop: its internal calls end at once, and the engine is told.
  void cancel_children(served_call& parent, const error& why);
  /// A served call has ended: its internal calls have nobody left.
  void forget_parent(served_call& parent);
  /// The channel is gone: every call ends with the same error, and so does every later one.
  void fail_all(const error& why);

  void on_name(pending_call& call, std::uint32_t id) override;
  void on_no_name(pending_call& call, const error& why) override;

 private:
  [[nodiscard]] std::optional<error> refusal(const pending_call& call,
                                             const served_call& parent) const;
  void look_up(pending_call& call);
  void invoke(pending_call& call, std::uint32_t function_id);
  void send(pending_call& call);
  void send_invoke(pending_call& call, std::uint8_t flags, std::uint32_t payload_length,
                   bytes_view body);
  breach whole_result(pending_call& call, const std::byte* message);
  breach file_result(pending_call& call, const std::byte* message);
  breach head_result(pending_call& call, const std::byte* message);
  void settle(pending_call& call);
  void fail(pending_call& call, error why);
  void close(pending_call& call);
  [[nodiscard]] breach late(std::uint32_t call_id) const;

  worker& home_;
  names names_;
  channel& channel_;
  turns& turns_;
  const welcome& welcome_;
  payload_files& files_;
  id_map<pending_call> open_;
  /// Calls whose INVOKE waits for a place (rule limit-open-invokes).
  std::deque<pending_call*> waiting_;
  /// Calls that wait for a name or a place.
  std::size_t unsent_ = 0;
  std::uint32_t last_id_ = kWorkerLastIdFirst;
  bool any_ = false;
  /// Why no call can be made any more.
  std::optional<error> gone_;
  std::vector<std::unique_ptr<pending_call>> all_;
  std::vector<pending_call*> free_;
};

}  // namespace millrace::detail
