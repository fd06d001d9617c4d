// Messages to bytes and back over one pair of pipes. Everything here is used under the worker's
// lock.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "message_assembler.hpp"
#include "millrace/bytes.hpp"
#include "outbox.hpp"
#include "pipe.hpp"

namespace millrace::detail {

/// Something that stopped sending because the outbox was high.
class room_waiter {
 public:
  /// There is room again. May send, and may wait anew.
  virtual void on_room() = 0;

 protected:
  ~room_waiter() = default;
};

/// The sending half of a channel. Messages gather in the outbox and leave in one write when the
/// turn is over.
class channel {
 public:
  explicit channel(pipe& pipe) noexcept : pipe_(pipe) {}

  /// Begins a message. Set its fields and body, then call `end` before anything else is sent. Never
  /// fails: what is sent after the end goes nowhere.
  std::byte* begin(wire::MessageType type);
  void end(std::size_t body_length);

  /// Sends the body of a cold message, in as many parts as it takes (rules cold-span-consecutive,
  /// cold-span-header). `fields` sets the header of each.
  template <class Fields>
  void send_spanning(wire::MessageType type, bytes_view body, Fields fields) {
    std::size_t at = 0;
    do {
      const bytes_view part = body.sub(at, wire::kBodyBytes);
      at += part.size();
      std::byte* message = begin(type);
      fields(message);
      if (at < body.size()) wire::set_flags(message, wire::kMore);
      if (!part.empty()) std::memcpy(message + wire::kHeaderBytes, part.data(), part.size());
      end(part.size());
    } while (at < body.size());
  }

  /// Writes what waits, as far as the pipe takes it, and tells those who wait for room.
  void flush();
  /// OUT has room again: the next `flush` tries it.
  void unblock() noexcept { blocked_ = false; }
  /// OUT was full at the last write, and what waits there needs a `wait` for room.
  [[nodiscard]] bool blocked() const noexcept { return blocked_; }
  [[nodiscard]] bool empty() const noexcept { return outbox_.empty(); }
  /// Bytes that wait.
  [[nodiscard]] std::size_t waiting_bytes() const noexcept { return outbox_.waiting_bytes(); }
  /// Whether so much waits that DATA should wait and LOG be dropped.
  [[nodiscard]] bool high() const noexcept { return outbox_.waiting() >= kOutboxMessagesHigh; }
  /// Why nothing can be written any more; null: it can.
  [[nodiscard]] const char* lost() const noexcept { return lost_; }
  /// The rule that the engine broke by it; null: none.
  [[nodiscard]] const char* lost_by_rule() const noexcept { return lost_by_rule_; }

  /// Calls `waiter.on_room` once when the outbox is no longer high.
  void wait_for_room(room_waiter& waiter) { waiters_.push_back(&waiter); }
  /// The waiter goes away.
  void forget(const room_waiter& waiter) noexcept;

  /// What was sent leaves; what is sent from now on goes nowhere (rules goodbye-last,
  /// goodbye-received).
  void seal() noexcept { sealed_ = true; }

 private:
  /// What a write came to.
  void settle(write_state state);

  pipe& pipe_;
  outbox outbox_;
  std::vector<room_waiter*> waiters_;
  /// Takes what is sent after the end.
  std::array<std::byte, wire::kMessageBytes> nowhere_{};
  bool to_nowhere_ = false;
  bool blocked_ = false;
  bool sealed_ = false;
  const char* lost_ = nullptr;
  const char* lost_by_rule_ = nullptr;
};

}  // namespace millrace::detail
