// The caller: sends messages, a window of them at a time, and times each until it is back.
#include "bytes.hpp"
#include "roles.hpp"

#include <algorithm>
#include <limits>
#include <vector>

namespace relay_floor {
namespace {

constexpr std::int64_t sample_ns_max = std::numeric_limits<std::uint32_t>::max();

} // namespace

void run_caller(int out, int in, const Load &load, Report &report, std::uint32_t *samples) {
  const std::size_t total = load.warm_up + load.count;
  std::vector<char> sending(load.in_flight * message_bytes);
  std::vector<char> received(read_bytes);
  // Messages come back in the order in which they went, so the time of sending is found by number.
  std::vector<std::int64_t> sent_at(total);
  std::size_t sent = 0;
  std::size_t back = 0;
  std::size_t partial = 0;
  std::int64_t begun = now_ns();

  const auto send = [&](std::size_t messages) {
    messages = std::min(messages, total - sent);
    const std::int64_t at = now_ns();
    for (std::size_t k = 0; k < messages; ++k) sent_at[sent + k] = at;
    sent += messages;
    write_all(out, sending.data(), messages * message_bytes);
  };

  send(load.in_flight);
  while (back < total) {
    const ssize_t length = read_some(in, received.data(), received.size());
    if (length <= 0) fail("the relay ended early");
    partial += static_cast<std::size_t>(length);
    const std::size_t messages = partial / message_bytes;
    partial %= message_bytes;
    const std::int64_t at = now_ns();
    for (std::size_t k = 0; k < messages; ++k, ++back) {
      if (back == load.warm_up) begun = sent_at[back];
      if (back >= load.warm_up) {
        samples[back - load.warm_up] =
            static_cast<std::uint32_t>(std::min<std::int64_t>(at - sent_at[back], sample_ns_max));
      }
    }
    send(messages);
  }
  report.elapsed_ns = now_ns() - begun;
}

} // namespace relay_floor
