// Sending; see channel.hpp.
#include "channel.hpp"

#include <algorithm>

namespace millrace::detail {

std::byte* channel::begin(wire::MessageType type) {
  if (!sealed_ && lost_ == nullptr) {
    if (std::byte* message = outbox_.begin(type)) return message;
    lost_ = "the engine has stopped reading";
  }
  to_nowhere_ = true;
  return nowhere_.data();
}

void channel::end(std::size_t body_length) {
  if (to_nowhere_) {
    to_nowhere_ = false;
    return;
  }
  outbox_.end(body_length);
  if (outbox_.waiting() >= kOutboxMessagesBatch && !blocked_) {
    // Those who wait for room are told by `flush` alone: here a sender is at work.
    const write_state state = outbox_.flush(pipe_);
    settle(state);
  }
}

void channel::settle(write_state state) {
  blocked_ = state == write_state::full;
  if (state == write_state::broken) lost_ = "nobody reads the channel any more";
  if (state != write_state::nonsense) return;
  lost_ = "the head of the ring OUT is not between what was taken before and its tail";
  lost_by_rule_ = "ring-indices";
}

void channel::flush() {
  if (lost_ != nullptr) {
    outbox_.clear();
    return;
  }
  if (!blocked_) {
    const write_state state = outbox_.flush(pipe_);
    settle(state);
  }
  if (waiters_.empty() || high()) return;
  std::vector<room_waiter*> waiters;
  waiters.swap(waiters_);
  for (room_waiter* waiter : waiters) waiter->on_room();
}

void channel::forget(const room_waiter& waiter) noexcept { std::erase(waiters_, &waiter); }

}  // namespace millrace::detail
