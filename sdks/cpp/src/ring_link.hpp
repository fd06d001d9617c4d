// A channel's two pipes with two rings beside them (spec chapter 11). Up to ATTACHED bytes go by
// the pipe, after it by the ring, and the pipe has WAKE alone.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <limits>
#include <memory>
#include <mutex>

#include "pipe_types.hpp"
#include "ring.hpp"
#include "segment.hpp"
#include "verdict.hpp"
#include "yielding.hpp"

namespace millrace::detail {

/// The rings of one worker. One thread reads at a time; writes are made under the session's lock,
/// by any thread.
class ring_link {
 public:
  explicit ring_link(std::unique_ptr<segment> memory) noexcept
      : memory_(std::move(memory)),
        producer_(memory_->memory(), memory_->cells()),
        consumer_(memory_->memory(), memory_->cells()) {}

  // ——— The change from the pipes to the rings ———

  /// Everything after the next `bytes` that are written goes by the ring.
  void switch_out_after(std::size_t bytes) noexcept { pipe_bytes_ = bytes; }
  /// ATTACHED has come: from now on `read` takes from the ring.
  void switch_in() noexcept { attached_.store(true, std::memory_order_release); }
  [[nodiscard]] bool attached() const noexcept { return attached_.load(std::memory_order_acquire); }
  /// How much of `most` bytes may be read from the pipe before ATTACHED: never beyond a message's
  /// end, so that nothing which follows ATTACHED is read with it.
  [[nodiscard]] std::size_t readable_before(std::size_t most) const noexcept;
  /// So many bytes were read.
  void passed(std::size_t length) noexcept {
    into_message_ = (into_message_ + length) % wire::kMessageBytes;
  }

  // ——— Writing ———

  /// How many of `length` bytes still belong to the pipe.
  [[nodiscard]] std::size_t for_pipe(std::size_t length) const noexcept {
    return std::min(length, pipe_bytes_);
  }
  void piped(std::size_t length) noexcept { pipe_bytes_ -= length; }
  /// Publishes the whole messages that fit.
  write_state write(int out, const std::byte* from, std::size_t length, std::size_t& written);

  // ——— Reading, once attached ———

  /// Waits for messages, polling first, and copies them. 0: the end; -1: an error, or `fault`.
  long read(int in, int out, std::byte* into, std::size_t most, int& error_number);
  /// As `pipe::wait`. `event`: a descriptor whose bytes end the wait.
  readiness wait(int in, int event, bool for_bytes, bool for_room,
                 std::optional<steady::time_point> until);
  /// Ends the polling of a `wait`. From any thread.
  void interrupt() noexcept { interrupted_.store(true, std::memory_order_release); }
  /// The rule that the engine broke beside the messages; `read` gives -1 for it.
  [[nodiscard]] const breach& fault() const noexcept { return fault_; }

 private:
  void wake(int out);
  void take_wakes(const std::byte* bytes, std::size_t length);
  /// Reads what lies in the pipe: WAKE, or its end. Blocks when it has nothing.
  void read_pipe(int in);
  [[nodiscard]] bool something(bool for_bytes, bool for_room) const noexcept;
  /// Polls for as long as the engine wants. Whether there is something.
  bool poll(bool for_bytes, bool for_room, std::optional<steady::time_point> until);
  /// Lets others on this processor work, if that pays. Whether there is something.
  bool give_way(bool for_bytes, bool for_room);

  const std::unique_ptr<segment> memory_;
  ring_producer producer_;
  ring_consumer consumer_;
  /// Bytes that still go by the pipe; ATTACHED is the last of them.
  std::size_t pipe_bytes_ = std::numeric_limits<std::size_t>::max();
  /// Set by who reads; whoever waits for room asks, too.
  std::atomic<bool> attached_{false};
  /// Bytes of the message on the pipe that have come.
  std::size_t into_message_ = 0;
  /// The part of a WAKE that has come.
  std::array<std::byte, wire::kMessageBytes> partial_{};
  std::size_t pending_ = 0;
  bool ended_ = false;
  int end_error_ = 0;
  breach fault_;
  yielding yielding_;
  std::atomic<bool> interrupted_{false};
  /// WAKE is sent by readers and writers.
  std::mutex wake_mutex_;
  /// Bytes of the last WAKE that the pipe did not take.
  std::size_t wake_rest_ = 0;
};

}  // namespace millrace::detail
