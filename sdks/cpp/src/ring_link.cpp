// Reading and writing by rings; see ring_link.hpp.
#include "ring_link.hpp"

#include <poll.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "limits.hpp"

namespace millrace::detail {
namespace {

constexpr std::array<std::byte, wire::kMessageBytes> kWakeMessage = [] {
  std::array<std::byte, wire::kMessageBytes> message{};
  message[0] = static_cast<std::byte>(wire::MessageType::kWake);
  return message;
}();

/// Tells the processor that it waits in a loop.
inline void relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// On how many processors this thread may run; 0: nobody knows.
int usable_processors() noexcept {
  cpu_set_t set;
  return ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
}

}  // namespace

std::size_t ring_link::readable_before(std::size_t most) const noexcept {
  return std::min(most, wire::kMessageBytes - into_message_);
}

write_state ring_link::write(int out, const std::byte* from, std::size_t length,
                             std::size_t& written) {
  const std::size_t count = length / wire::kMessageBytes;
  const ring_look put = producer_.put(from, count);
  if (put.nonsense) return write_state::nonsense;
  written = put.count * wire::kMessageBytes;
  if (put.count > 0 && producer_.must_wake()) wake(out);
  return put.count == count ? write_state::all : write_state::full;
}

long ring_link::read(int in, int out, std::byte* into, std::size_t most, int& error_number) {
  for (;;) {
    const ring_look found = consumer_.look();
    if (found.nonsense) {
      fault_ = verdict{"ring-indices",
                       "the tail of the ring IN is further above its head than "
                       "the ring has cells"};
    }
    if (fault_) return -1;
    if (found.count > 0) {
      const std::size_t count = std::min<std::size_t>(found.count, most / wire::kMessageBytes);
      consumer_.take(into, static_cast<std::uint32_t>(count));
      yielding_.took(count);
      if (consumer_.must_wake()) wake(out);
      return static_cast<long>(count * wire::kMessageBytes);
    }
    if (ended_) {
      error_number = end_error_;
      return end_error_ == 0 ? 0 : -1;
    }
    if (poll(true, false, std::nullopt) || !consumer_.sleeps()) continue;
    read_pipe(in);
    consumer_.wakes();
  }
}

readiness ring_link::wait(int in, int event, bool for_bytes, bool for_room,
                          std::optional<steady::time_point> until) {
  // What there is to read is looked at only by who may read it.
  const auto bytes = [&] { return ended_ || fault_ || something(true, false); };
  const auto found = [&]() -> readiness {
    return {.readable = for_bytes && bytes(), .writable = for_room && something(false, true)};
  };
  // Without bytes to wait for another thread reads, and the pipe is that one's: room is looked for
  // until the time is up.
  if (!for_bytes) {
    pollfd none{-1, 0, 0};
    timespec left = left_until(until);
    if (!found().writable) ::ppoll(&none, 1, until ? &left : nullptr, nullptr);
    return found();
  }
  for (;;) {
    const bool polled = ended_ || fault_ || poll(true, for_room, until);
    const bool was_interrupted = interrupted_.exchange(false, std::memory_order_acq_rel);
    if (!polled && !was_interrupted) {
      const bool sleeping = consumer_.sleeps();
      if (sleeping && (!for_room || producer_.waits())) {
        std::array<pollfd, 2> polls{{{event, POLLIN, 0}, {in, POLLIN, 0}}};
        timespec left = left_until(until);
        const int ready = ::ppoll(polls.data(), polls.size(), until ? &left : nullptr, nullptr);
        if (ready > 0 && polls[1].revents != 0) read_pipe(in);
        if (for_room) producer_.stops_waiting();
        consumer_.wakes();
        const readiness now = found();
        const bool only_wake = ready > 0 && polls[0].revents == 0;
        // A WAKE that told of nothing is waited on.
        if (only_wake && !now.readable && !now.writable) continue;
        drain_event(event);
        return now;
      }
      if (sleeping) consumer_.wakes();
    }
    drain_event(event);
    return found();
  }
}

bool ring_link::something(bool for_bytes, bool for_room) const noexcept {
  if (for_bytes) {
    const ring_look there = consumer_.look();
    if (there.count > 0 || there.nonsense) return true;
  }
  if (!for_room) return false;
  const ring_look room = producer_.look();
  return room.count > 0 || room.nonsense;
}

bool ring_link::poll(bool for_bytes, bool for_room, std::optional<steady::time_point> until) {
  if (something(for_bytes, for_room)) return true;
  const std::uint32_t poll_us = memory_->poll_us();
  if (poll_us == 0) return give_way(for_bytes, for_room);
  steady::time_point end = steady::now() + std::chrono::microseconds{poll_us};
  if (until) end = std::min(end, *until);
  do {
    for (unsigned i = 0; i < kRingLooksPerClock; i += 1) {
      relax();
      if (something(for_bytes, for_room)) return true;
    }
    if (interrupted_.load(std::memory_order_acquire)) return false;
  } while (steady::now() < end);
  return false;
}

bool ring_link::give_way(bool for_bytes, bool for_room) {
  steady::time_point before = steady::now();
  if (!yielding_.worth(before, usable_processors)) return false;
  for (unsigned i = 0; i < kYieldsBeforeSleep; i += 1) {
    ::sched_yield();
    if (something(for_bytes, for_room)) {
      (void)yielding_.was_away(before, steady::now());
      return true;
    }
    const steady::time_point after = steady::now();
    if (!yielding_.was_away(before, after)) return false;
    before = after;
  }
  return false;
}

void ring_link::wake(int out) {
  const std::lock_guard lock{wake_mutex_};
  for (;;) {
    const std::size_t length = wake_rest_ > 0 ? wake_rest_ : wire::kMessageBytes;
    const ssize_t taken =
        ::write(out, kWakeMessage.data() + (wire::kMessageBytes - length), length);
    if (taken < 0 && errno == EINTR) continue;
    // A pipe that takes nothing holds what wakes the engine; one without a reader has no engine, as
    // the end of IN tells.
    if (taken <= 0) return;
    const bool was_rest = wake_rest_ > 0;
    wake_rest_ = length - static_cast<std::size_t>(taken);
    if (wake_rest_ > 0 || !was_rest) return;
  }
}

void ring_link::read_pipe(int in) {
  std::array<std::byte, kWakesPerRead * wire::kMessageBytes> bytes;
  const ssize_t length = ::read(in, bytes.data(), bytes.size());
  if (length > 0) {
    take_wakes(bytes.data(), static_cast<std::size_t>(length));
  } else if (length == 0 || errno != EINTR) {
    ended_ = true;
    end_error_ = length == 0 ? 0 : errno;
  }
}

void ring_link::take_wakes(const std::byte* bytes, std::size_t length) {
  while (length > 0 && !fault_) {
    const std::size_t part = std::min(length, wire::kMessageBytes - pending_);
    std::memcpy(partial_.data() + pending_, bytes, part);
    pending_ += part;
    bytes += part;
    length -= part;
    if (pending_ < wire::kMessageBytes) return;
    pending_ = 0;
    verdict why;
    const bool broken = judge(partial_.data(), sender::engine, why) == judgement::broken;
    const std::uint8_t type = wire::type(partial_.data());
    if (static_cast<wire::MessageType>(type) != wire::MessageType::kWake) {
      fault_ = verdict{"ring-only", type_name(type) + " came on the pipe after ATTACHED"};
    } else if (broken) {
      fault_ = why;
    }
  }
}

}  // namespace millrace::detail
