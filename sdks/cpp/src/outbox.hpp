// Messages that wait to be written: built in place, one after the other, and written together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "limits.hpp"
#include "millrace/bytes.hpp"
#include "millrace/gen/layout.hpp"
#include "pipe.hpp"

namespace millrace::detail {

/// The outbox of one channel. Remembers how much of each slot's body is stale, so that only that is
/// cleared (rule message-tail-zero).
class outbox {
 public:
  outbox() { replace(kOutboxMessagesBatch); }

  /// Begins a message: its header is zero but for the type. Null when `kOutboxMessagesMax` wait
  /// already. Set fields, write the body, then call `end` before the next `begin`.
  std::byte* begin(wire::MessageType type) {
    if (tail_ == buffer_.size() && !make_room()) return nullptr;
    std::byte* message = buffer_.data() + tail_;
    std::memset(message, 0, wire::kHeaderBytes);
    wire::set_type(message, static_cast<std::uint8_t>(type));
    return message;
  }

  /// Ends the message begun last, with that many body bytes.
  void end(std::size_t body_length) {
    std::byte* message = buffer_.data() + tail_;
    std::uint16_t& stale = stale_[tail_ / wire::kMessageBytes];
    if (stale > body_length) {
      std::memset(message + wire::kHeaderBytes + body_length, 0, stale - body_length);
    }
    stale = static_cast<std::uint16_t>(body_length);
    wire::set_body_length(message, stale);
    tail_ += wire::kMessageBytes;
  }

  [[nodiscard]] bool empty() const noexcept { return head_ == tail_; }
  [[nodiscard]] std::size_t waiting_bytes() const noexcept { return tail_ - head_; }
  /// Messages that wait, one that was written in part included.
  [[nodiscard]] std::size_t waiting() const noexcept {
    return (tail_ - head_ + wire::kMessageBytes - 1) / wire::kMessageBytes;
  }

  /// Gives the pipe all that waits, as far as it takes it.
  write_state flush(pipe& to) {
    if (empty()) return write_state::all;
    std::size_t written = 0;
    const write_state state = to.write(buffer_.data() + head_, tail_ - head_, written);
    head_ += written;
    if (state != write_state::all) return state;
    head_ = 0;
    tail_ = 0;
    if (buffer_.size() > kOutboxMessagesKept * wire::kMessageBytes) replace(kOutboxMessagesBatch);
    return state;
  }

  /// Forgets what was not written.
  void clear() noexcept {
    head_ = 0;
    tail_ = 0;
  }

 private:
  bool make_room() {
    const std::size_t slots = buffer_.size() / wire::kMessageBytes;
    // Moving down to a slot's edge keeps messages aligned to slots though the pipe took part of
    // one.
    const std::size_t free_bytes = head_ / wire::kMessageBytes * wire::kMessageBytes;
    if (free_bytes > buffer_.size() / 2) {
      std::memmove(buffer_.data(), buffer_.data() + free_bytes, tail_ - free_bytes);
      head_ -= free_bytes;
      tail_ -= free_bytes;
      // Slots moved, so what each one held is not known any more.
      for (std::uint16_t& stale : stale_) stale = static_cast<std::uint16_t>(wire::kBodyBytes);
      return true;
    }
    if (slots >= kOutboxMessagesMax) return false;
    replace(slots * 2);
    return true;
  }

  /// A zeroed buffer of that many slots with what waits at the same place.
  void replace(std::size_t slots) {
    std::vector<std::byte> larger(slots * wire::kMessageBytes);
    std::vector<std::uint16_t> stale(slots);
    if (tail_ > 0) {
      std::memcpy(larger.data(), buffer_.data(), tail_);
      std::memcpy(stale.data(), stale_.data(), tail_ / wire::kMessageBytes * sizeof(std::uint16_t));
    }
    buffer_.swap(larger);
    stale_.swap(stale);
  }

  std::vector<std::byte> buffer_;
  std::vector<std::uint16_t> stale_;
  /// Bytes from head to tail wait; tail lies on a slot's edge.
  std::size_t head_ = 0;
  std::size_t tail_ = 0;
};

}  // namespace millrace::detail
