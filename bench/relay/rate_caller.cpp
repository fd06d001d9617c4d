// The caller of an open loop: messages are due at a rate, whether answers come or not.
#include "bytes.hpp"
#include "roles.hpp"

#include <algorithm>
#include <fcntl.h>
#include <limits>
#include <vector>

namespace relay_floor {
namespace {

constexpr std::int64_t sample_ns_max = std::numeric_limits<std::uint32_t>::max();

} // namespace

void run_caller_at_rate(int out, int in, const Load &load, Report &report, std::uint32_t *samples) {
  // The warm-up is a load of its own, one message after the other: its time is no concern here.
  std::vector<std::uint32_t> ignored(load.warm_up);
  Load first = load;
  first.count = load.warm_up;
  first.warm_up = 0;
  if (first.count > 0) run_caller(out, in, first, report, ignored.data());

  fcntl(in, F_SETFL, fcntl(in, F_GETFL) | O_NONBLOCK);
  const std::vector<char> message(message_bytes);
  std::vector<char> received(read_bytes);
  const std::int64_t begun = now_ns();
  const auto due = [&](std::size_t number) {
    return begun + static_cast<std::int64_t>(number * 1'000'000'000 / load.per_second);
  };
  std::size_t sent = 0;
  std::size_t back = 0;
  std::size_t partial = 0;
  while (back < load.count) {
    // One that is due while as many are on their way as the pipes hold waits, and its time runs.
    for (const std::int64_t now = now_ns(); sent < load.count && sent - back < in_flight_max && due(sent) <= now; ++sent) {
      write_all(out, message.data(), message.size());
    }
    const ssize_t length = read_some(in, received.data(), received.size());
    if (length == 0) fail("the relay ended early");
    if (length < 0) continue;
    partial += static_cast<std::size_t>(length);
    const std::size_t messages = partial / message_bytes;
    partial %= message_bytes;
    const std::int64_t at = now_ns();
    for (std::size_t k = 0; k < messages; ++k, ++back) {
      samples[back] = static_cast<std::uint32_t>(std::min(at - due(back), sample_ns_max));
    }
  }
  report.elapsed_ns = now_ns() - begun;
}

} // namespace relay_floor
