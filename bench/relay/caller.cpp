// The caller: sends messages, a window of them at a time, and times each until it is back.
#include "bytes.hpp"
#include "roles.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace relay_floor {
namespace {

/// The smallest sample that at least this share of all samples does not exceed (nearest rank), in microseconds.
double percentile_us(const std::vector<std::int64_t> &sorted, double share) {
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return static_cast<double>(sorted[std::max<std::size_t>(rank, 1) - 1]) / 1e3;
}

} // namespace

void run_caller(int out, int in, const Load &load, Report &report) {
  const std::size_t total = load.warm_up + load.count;
  std::vector<char> sending(load.in_flight * message_bytes);
  std::vector<char> received(read_bytes);
  // Messages come back in the order in which they went, so the time of sending is found by number.
  std::vector<std::int64_t> sent_at(total);
  std::vector<std::int64_t> samples;
  samples.reserve(load.count);
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
      if (back >= load.warm_up) samples.push_back(at - sent_at[back]);
    }
    send(messages);
  }
  const std::int64_t ended = now_ns();

  std::sort(samples.begin(), samples.end());
  report.p50_us = percentile_us(samples, 0.5);
  report.p99_us = percentile_us(samples, 0.99);
  report.p999_us = percentile_us(samples, 0.999);
  report.calls_per_second = static_cast<double>(load.count) * 1e9 / static_cast<double>(ended - begun);
}

} // namespace relay_floor
