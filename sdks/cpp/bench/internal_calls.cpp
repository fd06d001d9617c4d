// The worker of the bench: `internal_calls caller` times internal calls to `bench.echo`, which
// `internal_calls callee` serves in a process of its own. Other names are given behind the role:
// `internal_calls caller CALLS ECHO`, `internal_calls callee ECHO`. `wide` for `callee`: it takes
// many calls at once.
//
// Input of `bench.calls`: "<calls> <bytes> <in flight>". Output: "<p50> <p99> <p99.9> <calls per
// second>", in µs.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <sstream>
#include <string>
#include <vector>

#include "millrace/millrace.hpp"

namespace {

using steady = std::chrono::steady_clock;
using millrace::bytes;
using millrace::bytes_view;
using millrace::context;
using millrace::result;

struct load {
  std::size_t calls = 0;
  std::size_t bytes = 0;
  std::size_t in_flight = 0;
};

constexpr std::uint32_t kCallsOfWide = 256;

std::string echo_name = "bench.echo";

double us_since(steady::time_point begin) {
  return std::chrono::duration<double, std::micro>(steady::now() - begin).count();
}

result<void> one_by_one(context& ctx, const load& what, std::vector<double>& samples) {
  const bytes input(what.bytes);
  for (std::size_t i = 0; i < what.calls; i += 1) {
    const auto begin = steady::now();
    auto output = ctx.call(echo_name, input);
    samples.push_back(us_since(begin));
    if (!output) return output.error();
  }
  return {};
}

result<void> overlapping(context& ctx, const load& what, std::vector<double>& samples) {
  const bytes input(what.bytes);
  struct under_way {
    millrace::pending call;
    steady::time_point begin;
  };
  std::deque<under_way> running;
  for (std::size_t begun = 0; begun < what.calls || !running.empty();) {
    while (begun < what.calls && running.size() < what.in_flight) {
      running.push_back({ctx.start(echo_name, input), steady::now()});
      begun += 1;
    }
    auto output = running.front().call.get();
    if (!output) return output.error();
    samples.push_back(us_since(running.front().begin));
    running.pop_front();
  }
  return {};
}

result<std::string> measure(context& ctx, std::string_view request) {
  load what;
  std::istringstream{std::string{request}} >> what.calls >> what.bytes >> what.in_flight;
  if (what.calls == 0)
    return millrace::error{.reason = millrace::reason::kBadInput, .message = "no calls to make"};
  std::vector<double> samples;
  samples.reserve(what.calls);
  const auto begin = steady::now();
  const auto done =
      what.in_flight > 1 ? overlapping(ctx, what, samples) : one_by_one(ctx, what, samples);
  if (!done) return done.error();
  const double seconds = us_since(begin) / 1e6;
  std::ranges::sort(samples);
  const auto at = [&](double share) {
    return samples[std::min(samples.size() - 1,
                            static_cast<std::size_t>(share * static_cast<double>(samples.size())))];
  };
  std::ostringstream line;
  line << at(0.5) << ' ' << at(0.99) << ' ' << at(0.999) << ' '
       << static_cast<double>(what.calls) / seconds;
  return line.str();
}

}  // namespace

int main(int argc, char** argv) {
  const auto given = [&](int at, std::string otherwise) {
    return argc > at ? std::string{argv[at]} : otherwise;
  };
  const std::string role = given(1, "");
  millrace::app app;
  if (role == "caller") {
    echo_name = given(3, echo_name);
    app.handle(given(2, "bench.calls"), measure);
  }
  if (role == "wide") app.concurrency(kCallsOfWide);
  if (role == "callee" || role == "wide")
    app.handle(given(2, echo_name), [](context&, bytes_view input) { return bytes{input}; });
  return app.run();
}
