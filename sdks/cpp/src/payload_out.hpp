// A payload on its way out, after its head message: DATA as the receiver's credit and the outbox
// allow, then the tail. Rules data-credit, credit-max, data-output-more, result-total. Holds no
// copy of the bytes.
#pragma once

#include "channel.hpp"
#include "turns.hpp"
#include "verdict.hpp"

namespace millrace::detail {

/// How the last bytes of a payload are sent: an output's in a RESULT, an input's in a DATA without
/// MORE.
class payload_tail {
 public:
  /// Sends `last` as the last part; `total` counts all parts, the head's bytes included. May end
  /// the call.
  virtual void send_tail(bytes_view last, std::size_t total) = 0;

 protected:
  ~payload_tail() = default;
};

/// One outgoing payload.
class outgoing final : public room_waiter {
 public:
  /// `head_bytes`: how many bytes of the payload the head message carried. `tail_costs`: the tail
  /// is DATA, which costs credit.
  outgoing(channel& channel, turns& turns, std::uint32_t call_id, std::size_t head_bytes,
           payload_tail& tail, bool tail_costs) noexcept
      : channel_(channel),
        turns_(turns),
        tail_(tail),
        call_id_(call_id),
        tail_costs_(tail_costs),
        total_(head_bytes) {}
  outgoing(const outgoing&) = delete;
  outgoing& operator=(const outgoing&) = delete;
  ~outgoing() {
    if (waits_for_room_) channel_.forget(*this);
  }

  /// Sends the rest of a payload, then the end. The bytes must stay until `ended`. May end the
  /// call, and this with it.
  void finish(bytes_view rest);
  /// Begins to send a part of a stream; it is gone when `idle`. The bytes must stay until then.
  void write(bytes_view part);
  /// Whether everything given was put into messages, or the payload was stopped.
  [[nodiscard]] bool idle() const noexcept { return bytes_.empty() || ended_; }
  /// Sends nothing more, not even a tail: the call has its final message, or the channel is gone.
  void stop();
  /// The receiver grants credit: rule credit-max. May end the call, and this with it.
  breach grant(std::uint32_t credit);
  void on_room() override;

  /// Bytes put into messages so far, the head's included.
  [[nodiscard]] std::size_t total() const noexcept { return total_; }
  /// Whether the tail was sent, or the payload was stopped.
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  /// Whether all bytes are known and only their sending is left.
  [[nodiscard]] bool closing() const noexcept { return closing_; }
  /// For whoever waits for `idle`.
  turns::event sent;

 private:
  void pump();

  channel& channel_;
  turns& turns_;
  payload_tail& tail_;
  const std::uint32_t call_id_;
  const bool tail_costs_;
  std::uint32_t credit_ = wire::kCreditMax;
  std::size_t total_;
  bytes_view bytes_;
  bool closing_ = false;
  bool ended_ = false;
  bool waits_for_room_ = false;
};

}  // namespace millrace::detail
