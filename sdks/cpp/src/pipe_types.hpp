// What reading and writing come to, for pipes and rings alike.
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>
#include <optional>

namespace millrace::detail {

using steady = std::chrono::steady_clock;

/// What a `write` came to. `nonsense`: the engine has written a head of the ring OUT that cannot
/// be.
enum class write_state : std::uint8_t { all, full, broken, nonsense };

/// What a `wait` found.
struct readiness {
  bool readable = false;
  bool writable = false;
};

/// What is left until then, for `ppoll`; nothing when it has passed.
[[nodiscard]] timespec left_until(std::optional<steady::time_point> until);
/// Takes what lies in an eventfd that does not block.
void drain_event(int event);

}  // namespace millrace::detail
