// Ids of one side of a channel: they rise by two, wrap at 2^32, and skip 0 and ids still open.
// Rules call-id-rising and call-id-open-skipped.
#pragma once

#include <cstdint>

namespace millrace::detail {

/// The id that follows `last` in the same parity. Never 0.
[[nodiscard]] constexpr std::uint32_t next_call_id(std::uint32_t last) noexcept {
  const std::uint32_t next = last + 2U;
  return next == 0 ? 2U : next;
}

/// Whether `id` comes after `last` on the circle of 32-bit ids: less than half a turn ahead. One
/// that does not was used before, or never will have been.
[[nodiscard]] constexpr bool is_after(std::uint32_t id, std::uint32_t last) noexcept {
  const std::uint32_t ahead = id - last;
  return ahead != 0 && ahead < 0x8000'0000U;
}

/// Before its first call, the last id of a worker counts as this.
inline constexpr std::uint32_t kWorkerLastIdFirst = 0xffff'ffffU;

static_assert(next_call_id(kWorkerLastIdFirst) == 1);
static_assert(next_call_id(0xffff'fffeU) == 2);
static_assert(is_after(2, 0) && !is_after(2, 2) && !is_after(7, 9) && is_after(1, 0xffff'ffffU));

}  // namespace millrace::detail
