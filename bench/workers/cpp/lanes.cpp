#include "lanes.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <deque>
#include <limits>
#include <sstream>

namespace bench {
namespace {

using millrace::bytes;
using millrace::context;
using millrace::result;

static_assert(std::endian::native == std::endian::little, "samples are sent as they lie in memory");

struct load {
  std::string callee;
  std::size_t count = 0;
  std::size_t in_flight = 0;
  std::size_t batch = 0;
  std::size_t size = 0;
  unsigned first = 0;

  [[nodiscard]] bytes input() const {
    bytes made(size);
    if (size > 0) made[0] = static_cast<std::byte>(first);
    return made;
  }
};

std::uint64_t ns_since(steady::time_point begin) {
  const auto passed = std::chrono::duration_cast<std::chrono::nanoseconds>(steady::now() - begin);
  return static_cast<std::uint64_t>(passed.count());
}

result<void> check(const load& what, result<bytes>&& output) {
  if (!output) return std::move(output).error();
  if ((*output).size() != what.size) return wrong_size(what.callee, (*output).size(), what.size);
  return {};
}

result<void> one_by_one(context& ctx, const load& what, samples& times) {
  const bytes input = what.input();
  for (std::size_t i = 0; i < what.count; i += 1) {
    const auto begin = steady::now();
    auto output = ctx.call(what.callee, input);
    times.add(begin);
    if (auto fine = check(what, std::move(output)); !fine) return fine;
  }
  return {};
}

// A window of calls; the oldest is waited for, as calls of one worker come back in order.
result<void> overlapping(context& ctx, const load& what, samples& times) {
  const bytes input = what.input();
  struct under_way {
    millrace::pending call;
    steady::time_point begin;
  };
  std::deque<under_way> running;
  for (std::size_t begun = 0; begun < what.count || !running.empty();) {
    while (begun < what.count && running.size() < what.in_flight) {
      const auto begin = steady::now();
      running.push_back({ctx.start(what.callee, input), begin});
      begun += 1;
    }
    auto output = running.front().call.get();
    if (auto fine = check(what, std::move(output)); !fine) return fine;
    times.add(running.front().begin);
    running.pop_front();
  }
  return {};
}

result<void> batches(context& ctx, const load& what, samples& times) {
  const bytes input = what.input();
  for (std::size_t i = 0; i < what.count; i += 1) {
    const auto begin = steady::now();
    std::vector<millrace::pending> running;
    running.reserve(what.batch);
    for (std::size_t k = 0; k < what.batch; k += 1) running.push_back(ctx.start(what.callee, input));
    for (auto& call : running) {
      if (auto fine = check(what, call.get()); !fine) return fine;
    }
    times.add(begin);
  }
  return {};
}

} // namespace

void samples::add(steady::time_point begin) {
  each_.push_back(static_cast<std::uint32_t>(
      std::min<std::uint64_t>(ns_since(begin), std::numeric_limits<std::uint32_t>::max())));
}

bytes samples::encoded() const {
  const std::uint64_t elapsed = ns_since(begun_);
  bytes all(sizeof elapsed + each_.size() * sizeof(std::uint32_t));
  std::memcpy(all.data(), &elapsed, sizeof elapsed);
  std::memcpy(all.data() + sizeof elapsed, each_.data(), each_.size() * sizeof(std::uint32_t));
  return all;
}

millrace::error wrong_size(std::string_view callee, std::size_t got, std::size_t wanted) {
  return {.reason = millrace::reason::kHandlerError,
          .message = std::string{callee} + " sent " + std::to_string(got) + " bytes instead of " +
                     std::to_string(wanted)};
}

result<bytes> calls(context& ctx, std::string_view text) {
  load what;
  std::istringstream words{std::string{text}};
  words >> what.callee >> what.count >> what.in_flight >> what.batch >> what.size >> what.first;
  if (!words || what.count == 0) {
    return millrace::error{.reason = millrace::reason::kBadInput,
                           .message = "\"" + std::string{text} + "\" is no load"};
  }
  samples times{what.count};
  auto done = what.batch > 1 ? batches(ctx, what, times)
              : what.in_flight > 1 ? overlapping(ctx, what, times)
                                   : one_by_one(ctx, what, times);
  if (!done) return std::move(done).error();
  return times.encoded();
}

} // namespace bench
