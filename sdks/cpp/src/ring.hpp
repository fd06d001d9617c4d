// The two halves of a ring in shared memory (spec chapter 11). Pure: no I/O, WAKE is the caller's
// to send. What comes out of the memory is copied or loaded once, then checked.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "millrace/gen/layout.hpp"

namespace millrace::detail {

/// A word that both sides use.
using shared_word = std::atomic_ref<std::uint32_t>;
static_assert(shared_word::is_always_lock_free, "the two sides are two processes");

[[nodiscard]] inline shared_word word_at(std::byte* memory, std::size_t offset) noexcept {
  return shared_word{*reinterpret_cast<std::uint32_t*>(memory + offset)};
}

/// Whether a flag was set; it is not afterwards. One that is not set costs no write.
[[nodiscard]] inline bool exchanged(shared_word flag) noexcept {
  return flag.load(std::memory_order_seq_cst) != 0 &&
         flag.exchange(0, std::memory_order_seq_cst) != 0;
}

/// What a look found.
struct ring_look {
  std::uint32_t count = 0;
  /// The other side has written an index that breaks the rule ring-indices.
  bool nonsense = false;
};

/// The sending half: of the ring OUT.
class ring_producer {
 public:
  /// `published`: messages in all so far; a test of the wrap begins shortly before it.
  ring_producer(std::byte* memory, std::uint32_t cells, std::uint32_t published = 0) noexcept
      : memory_(memory),
        first_(memory + wire::kSegmentCellsAt + std::size_t{cells} * wire::kMessageBytes),
        cells_(cells),
        tail_(published) {}

  /// Free cells. From any thread.
  [[nodiscard]] ring_look look() const noexcept {
    const std::uint32_t head =
        word_at(memory_, wire::kOutHeadSegmentOffset).load(std::memory_order_seq_cst);
    const std::uint32_t used = tail_.load(std::memory_order_relaxed) - head;
    if (used > cells_) return {.nonsense = true};
    return {.count = cells_ - used};
  }

  /// Publishes the first messages of `count`, as many as there is room for, and says how many. When
  /// there are any the caller asks `must_wake`. One thread at a time.
  ring_look put(const std::byte* from, std::size_t count) noexcept {
    const ring_look room = look();
    if (room.nonsense) return room;
    const auto taken = static_cast<std::uint32_t>(std::min<std::size_t>(count, room.count));
    std::uint32_t tail = tail_.load(std::memory_order_relaxed);
    for (std::uint32_t i = 0; i < taken; i += 1, tail += 1, from += wire::kMessageBytes) {
      std::memcpy(first_ + std::size_t{tail & (cells_ - 1)} * wire::kMessageBytes, from,
                  wire::kMessageBytes);
    }
    if (taken == 0) return {};
    tail_.store(tail, std::memory_order_relaxed);
    word_at(memory_, wire::kOutTailSegmentOffset).store(tail, std::memory_order_seq_cst);
    return {.count = taken};
  }

  /// Whether the engine sleeps and must get WAKE now (rule ring-wake).
  [[nodiscard]] bool must_wake() noexcept {
    return exchanged(word_at(memory_, wire::kOutConsumerSleepingSegmentOffset));
  }

  /// Says that it waits for room; then, looking once more, whether it has to (rule ring-full).
  [[nodiscard]] bool waits() noexcept {
    word_at(memory_, wire::kOutProducerWaitingSegmentOffset).store(1, std::memory_order_seq_cst);
    const ring_look room = look();
    if (room.count == 0 && !room.nonsense) return true;
    stops_waiting();
    return false;
  }
  void stops_waiting() noexcept {
    word_at(memory_, wire::kOutProducerWaitingSegmentOffset).store(0, std::memory_order_seq_cst);
  }

 private:
  std::byte* memory_;
  std::byte* first_;
  std::uint32_t cells_;
  /// Published in all; never read back from the memory. Written under the worker's lock, read by
  /// whoever waits for room.
  std::atomic<std::uint32_t> tail_;
};

/// The receiving half: of the ring IN. Used by the thread that reads.
class ring_consumer {
 public:
  /// `taken`: messages in all so far; a test of the wrap begins shortly before it.
  ring_consumer(std::byte* memory, std::uint32_t cells, std::uint32_t taken = 0) noexcept
      : memory_(memory), first_(memory + wire::kSegmentCellsAt), cells_(cells), head_(taken) {}

  /// Messages that are there.
  [[nodiscard]] ring_look look() const noexcept {
    const std::uint32_t tail =
        word_at(memory_, wire::kInTailSegmentOffset).load(std::memory_order_seq_cst);
    const std::uint32_t there = tail - head_;
    if (there > cells_) return {.nonsense = true};
    return {.count = there};
  }

  /// Copies `count` messages, no more than the last look said, and frees their cells (rule
  /// ring-copied-once). Afterwards the caller asks `must_wake`.
  void take(std::byte* into, std::uint32_t count) noexcept {
    for (std::uint32_t i = 0; i < count; i += 1, head_ += 1, into += wire::kMessageBytes) {
      std::memcpy(into, first_ + std::size_t{head_ & (cells_ - 1)} * wire::kMessageBytes,
                  wire::kMessageBytes);
    }
    word_at(memory_, wire::kInHeadSegmentOffset).store(head_, std::memory_order_seq_cst);
  }

  /// Whether the engine waits for room and must get WAKE now (rule ring-room).
  [[nodiscard]] bool must_wake() noexcept {
    return exchanged(word_at(memory_, wire::kInProducerWaitingSegmentOffset));
  }

  /// Says that it sleeps; then, looking once more, whether it may (rule ring-sleep).
  [[nodiscard]] bool sleeps() noexcept {
    word_at(memory_, wire::kInConsumerSleepingSegmentOffset).store(1, std::memory_order_seq_cst);
    const ring_look found = look();
    if (found.count == 0 && !found.nonsense) return true;
    wakes();
    return false;
  }
  void wakes() noexcept {
    word_at(memory_, wire::kInConsumerSleepingSegmentOffset).store(0, std::memory_order_seq_cst);
  }

 private:
  std::byte* memory_;
  const std::byte* first_;
  std::uint32_t cells_;
  /// Taken in all; never read back from the memory.
  std::uint32_t head_;
};

}  // namespace millrace::detail
