// The shared memory of this worker's channel, mapped from the descriptor that the engine gave it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace millrace::detail {

/// A segment that is mapped until this ends.
class segment {
 public:
  segment(const segment&) = delete;
  segment& operator=(const segment&) = delete;
  ~segment();

  /// Maps the descriptor with that number, such as "3", and closes it (rule
  /// ring-descriptor-closed). Null when it names nothing that is sealed and laid out as the rule
  /// ring-offer asks; then the descriptor stays as it is, for it is somebody else's. `number` may
  /// be null.
  [[nodiscard]] static std::unique_ptr<segment> open(const char* number);

  [[nodiscard]] std::byte* memory() const noexcept { return memory_; }
  /// Cells of each ring.
  [[nodiscard]] std::uint32_t cells() const noexcept { return cells_; }
  /// For how long the engine wants this worker to poll, now, in microseconds; within the limit.
  [[nodiscard]] std::uint32_t poll_us() const noexcept;

 private:
  segment(std::byte* memory, std::size_t length, std::uint32_t cells) noexcept
      : memory_(memory), length_(length), cells_(cells) {}

  std::byte* memory_;
  std::size_t length_;
  std::uint32_t cells_;
};

}  // namespace millrace::detail
