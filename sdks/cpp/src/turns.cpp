// Reading by turns; see turns.hpp.
#include "turns.hpp"

#include <algorithm>

namespace millrace::detail {

void turns::read(session_lock& lock, const options& how) {
  reading_ = true;
  epoch_ += 1;
  const bool for_room = channel_.blocked();
  // One blocking read is one system call; a wait before it is one more, and is only made when
  // something else than bytes may come.
  const bool wait_first = for_room || careful_ || how.interruptible || how.until.has_value();
  interruptible_ = wait_first;
  lock.unlock();
  readiness found{.readable = true};
  if (wait_first) found = pipe_.wait(true, for_room, how.until);
  long length = 0;
  int error_number = 0;
  if (found.readable) length = pipe_.read(buffer_.data(), buffer_.size(), error_number);
  lock.lock();
  epoch_ += 1;
  interruptible_ = false;
  if (found.writable) {
    channel_.unblock();
    channel_.flush();
  }
  if (found.readable && !over_) {
    if (length > 0) {
      listener_.on_bytes(buffer_.data(), static_cast<std::size_t>(length));
    } else if (pipe_.rings() != nullptr && pipe_.rings()->fault()) {
      listener_.on_beside(*pipe_.rings()->fault());
    } else {
      listener_.on_stream_end(error_number);
    }
  }
  reading_ = false;
  // A thread without a call takes the next call itself; the standby wakes others if that takes
  // long.
  if (how.who == kind::in_call && listener_.ready() > 0) wake_idle(listener_.ready());
  if (!over_) channel_.flush();
  if (!stops_.empty()) run_stops(lock);
}

void turns::sleep(session_lock& lock, event& what, const options& how) {
  waiter me;
  std::vector<waiter*>& line = how.who == kind::idle ? idle_ : in_call_;
  line.push_back(&me);
  what.waiting_ = &me;
  look_after_room();
  const auto woken = [&] { return me.woken; };
  if (how.until) {
    if (!me.wake.wait_until(lock, *how.until, woken)) std::erase(line, &me);
  } else {
    me.wake.wait(lock, woken);
  }
  what.waiting_ = nullptr;
}

void turns::look_after_room() {
  if (!channel_.blocked()) return;
  if (reading_ && interruptible_) {
    pipe_.interrupt();
  } else {
    call_standby();
  }
}

void turns::after_send() {
  if (parked_ || standing_in_) {
    channel_.flush();
  } else if (pause_ > tick_) {
    pause_ = tick_;
    standby_.notify_one();
  }
  look_after_room();
}

/// A thread that begins a handler may leave calls that wait to be run, or outcomes to be written.
void turns::leave_work_behind() {
  left_behind_ = true;
  const steady::duration most = tick_ * kStandbyTicksMost;
  if (parked_ || pause_ <= most) return;
  pause_ = most;
  standby_.notify_one();
}

void turns::leave(kind who) {
  if (over_) return;
  // One of the calls is this thread's own.
  if (who == kind::idle && (listener_.ready() > 1 || !channel_.empty())) leave_work_behind();
  if (reading_) return;
  if (!in_call_.empty()) {
    wake(*in_call_.front());
  } else if (parked_) {
    call_standby();
  }
}

void turns::wake(waiter& one) {
  if (one.woken) return;
  one.woken = true;
  wakes_ += 1;
  std::erase(in_call_, &one);
  std::erase(idle_, &one);
  one.wake.notify_one();
}

void turns::wake_idle(std::size_t count) {
  for (; count > 0; count -= 1) {
    if (!idle_.empty()) {
      wake(*idle_.back());
    } else if (!listener_.spawn()) {
      return;
    }
  }
}

void turns::run_stops(session_lock& lock) {
  while (!stops_.empty()) {
    std::vector<std::stop_source> stops;
    stops.swap(stops_);
    lock.unlock();
    for (std::stop_source& stop : stops) stop.request_stop();
    stops.clear();
    lock.lock();
  }
}

void turns::end() {
  over_ = true;
  while (!in_call_.empty()) wake(*in_call_.front());
  while (!idle_.empty()) wake(*idle_.front());
  interrupt();
  call_standby();
}

void turns::call_standby() {
  parked_ = false;
  standby_.notify_one();
}

void turns::stand_by(session_lock& lock) {
  unsigned quiet = 0;
  while (!over_) {
    if (parked_) {
      standby_.wait(lock, [&] { return !parked_ || over_; });
      quiet = 0;
      continue;
    }
    const std::uint64_t seen = epoch_;
    standby_.wait_for(lock, pause_);
    if (over_) break;
    bool busy = false;
    bool needed = !stops_.empty();
    if (channel_.lost() != nullptr) {
      listener_.on_lost();
      continue;
    }
    if (!channel_.empty() && !channel_.blocked()) {
      channel_.flush();
      needed = true;
    }
    if (listener_.ready() > 0) {
      wake_idle(listener_.ready());
      needed = true;
    }
    if (!stops_.empty()) run_stops(lock);
    if (reading_ && !interruptible_ && channel_.blocked()) {
      // The reader sleeps in a read and cannot look after OUT.
      lock.unlock();
      const readiness found = pipe_.wait(false, true, steady::now() + tick_);
      lock.lock();
      if (found.writable) {
        channel_.unblock();
        channel_.flush();
      }
      needed = true;
    } else if (!reading_) {
      // A handler runs. The same one as at the last look, if nobody has begun to read since;
      // otherwise the next look, a tick from now, tells whether it is a long one.
      if (epoch_ == seen) stand_in(lock);
      needed = true;
      busy = true;
    }
    const steady::duration most =
        left_behind_ ? tick_ * kStandbyTicksMost : steady::duration{kStandbyPauseCalm};
    left_behind_ = false;
    pause_ = needed ? tick_ : std::min(pause_ * 2, most);
    quiet = busy || needed ? 0 : quiet + 1;
    parked_ = quiet >= kStandbyQuietLooks;
  }
  run_stops(lock);
}

void turns::stand_in(session_lock& lock) {
  const std::uint64_t wakes = wakes_;
  standing_in_ = true;
  // As soon as somebody waits, or was woken, the reading is theirs again.
  while (!over_ && !reading_ && channel_.lost() == nullptr && wakes_ == wakes && !anyone_waits()) {
    read(lock, {.interruptible = true});
  }
  standing_in_ = false;
  if (over_ || reading_ || !anyone_waits()) return;
  wake(in_call_.empty() ? *idle_.front() : *in_call_.front());
}

}  // namespace millrace::detail
