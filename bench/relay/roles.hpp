// The processes of the floor, and what they report to the one that started them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace relay_floor {

/// How the relay waits for bytes.
enum class Wait { epoll, block };

/// All of them fit into one pipe, so that nobody ever waits for room.
inline constexpr std::size_t in_flight_max = 256;

struct Load {
  /// Round trips that are measured.
  std::size_t count = 10'000;
  /// Round trips before them.
  std::size_t warm_up = 2'000;
  /// Messages on their way at once, 1 to `in_flight_max`.
  std::size_t in_flight = 1;
  Wait wait = Wait::epoll;
  /// Messages per second at which they are due, each timed from then on; 0: the next one when one is back.
  std::size_t per_second = 0;
};

/// Lies in memory that the processes share.
struct Report {
  /// From the first measured message to the end of the last, in nanoseconds.
  std::int64_t elapsed_ns;
  /// User and system time of the relay per round trip; 0 without a relay.
  double relay_cpu_us;
};

/// Makes round trips by `out` and `in` until the load is through; leaves the time of each measured one in `samples`, in
/// nanoseconds, at most 4.29 s.
void run_caller(int out, int in, const Load &load, Report &report, std::uint32_t *samples);

/// The same at the load's rate: looks at the clock all the time, and so needs a core of its own.
void run_caller_at_rate(int out, int in, const Load &load, Report &report, std::uint32_t *samples);

/// Sends every message back as it came, but for its type, until the end of `in`.
void run_callee(int in, int out);

/// Moves bytes from caller to callee and from callee to caller until both have ended. Looks at none of them.
void run_relay(int from_caller, int to_callee, int from_callee, int to_caller, const Load &load, Report &report);

/// Sends every message on as it came, until the end of `in`.
void run_step(int in, int out);

/// Moves what comes from place `i` of the chain to place `i + 1`, and an answer to place `i - 1`, one message at a time, until
/// one of them ends. Reads only the first byte.
void run_chain_relay(const std::vector<int> &from, const std::vector<int> &to);

} // namespace relay_floor
