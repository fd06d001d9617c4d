// A payload on its way in: counted, credited, and either collected whole or kept in parts for a
// reader. Rules data-credit, payload-length-exact, window-granted.
#pragma once

#include <deque>
#include <optional>

#include "channel.hpp"
#include "millrace/result.hpp"
#include "turns.hpp"
#include "verdict.hpp"

namespace millrace::detail {

/// One incoming payload. In parts it holds at most those that credit allows, 32 messages, and
/// grants as its reader takes them, so that a reader that stops stops the sender.
class incoming {
 public:
  /// `announced`: payload_length of the head. `bytes_max`: what may be collected; ignored in parts.
  incoming(channel& channel, turns& turns, std::uint32_t call_id, std::uint32_t announced,
           bool in_parts, std::size_t bytes_max);

  /// Takes the body of one message. `in_data`: it is DATA, which costs credit. `last`: it ends the
  /// payload.
  breach take(const std::byte* message, bool in_data, bool last);
  /// In parts: all of it, which came in no message.
  void give(bytes whole);
  /// Ends it early: nothing more will come, and a reader gets `why` after the parts that are there.
  void fail(const error& why);

  /// Bytes taken so far.
  [[nodiscard]] std::size_t total() const noexcept { return total_; }
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  /// It grew over `bytes_max`: what came was dropped, and what comes will be.
  [[nodiscard]] bool too_large() const noexcept { return too_large_; }
  /// What was collected; the caller's own.
  [[nodiscard]] bytes collected() { return std::move(whole_); }

  /// In parts: whether `next` has something to say.
  [[nodiscard]] bool readable() const noexcept { return !parts_.empty() || ended_ || failed_; }
  /// In parts: the next part, nothing at the end, or why it ended early. Grants credit.
  result<std::optional<bytes>> next();
  /// For whoever waits for `readable`.
  turns::event arrival;

 private:
  struct received {
    bytes body;
    bool in_data;
  };
  void consumed();

  channel& channel_;
  turns& turns_;
  const std::uint32_t call_id_;
  const std::uint32_t announced_;
  const bool in_parts_;
  const std::size_t bytes_max_;
  std::size_t total_ = 0;
  /// DATA messages that the sender may still send.
  std::uint32_t credit_ = wire::kCreditMax;
  /// DATA messages consumed and not yet granted again.
  std::uint32_t consumed_ = 0;
  bool ended_ = false;
  bool too_large_ = false;
  std::optional<error> failed_;
  bytes whole_;
  std::deque<received> parts_;
};

}  // namespace millrace::detail
