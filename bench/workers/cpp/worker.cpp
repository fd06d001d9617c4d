// The functions of the bench in C++. `worker ROLE`: `ping` and `pong`, whose functions call each other, have a thread for each
// call of a chain, `wide` has one for each call that comes at once, and every other role has one.
#include "lanes.hpp"

#include <sstream>
#include <string>

namespace {

using millrace::bytes;
using millrace::bytes_view;
using millrace::context;
using millrace::result;

// Calls that may come at once where the bench measures how many get through.
constexpr std::uint32_t calls_at_once_max = 256;

// Calls that may be open at once in a worker whose functions call each other: more than the deepest recursion has.
constexpr std::uint32_t nested_calls_max = 16;

// Calls `next` with one less in its first byte, until that is 0.
auto hop(std::string next) {
  return [next = std::move(next)](context& ctx, bytes_view input) -> result<bytes> {
    bytes rest{input};
    if (rest[0] == std::byte{0}) return rest;
    rest[0] = std::byte(std::to_integer<unsigned>(rest[0]) - 1U);
    return ctx.call(next, rest);
  };
}

// Functions of a chain: each calls the one after it, and the last sends back what it got.
constexpr int chain = 8;

std::string step_name(int number) { return "cpp.step-" + std::to_string(number); }

// Streams parts: its input says how many, and of how many bytes.
result<void> source(context&, millrace::input_stream& input, millrace::output_stream& output) {
  auto wanted = input.read_all();
  if (!wanted) return wanted.error();
  std::size_t parts = 0;
  std::size_t size = 0;
  std::istringstream{std::string{wanted->text()}} >> parts >> size;
  const bytes part(size);
  for (std::size_t i = 0; i < parts; i += 1) {
    if (auto sent = output.write(part); !sent) return sent;
  }
  return {};
}

// Reads streams to their end; its input: the function that streams, streams, parts of each, bytes of each part.
result<bytes> reads(context& ctx, std::string_view wanted) {
  std::string callee;
  std::size_t count = 0;
  std::size_t parts = 0;
  std::size_t size = 0;
  std::istringstream{std::string{wanted}} >> callee >> count >> parts >> size;
  const std::string each = std::to_string(parts) + " " + std::to_string(size);
  bench::samples times{count};
  for (std::size_t i = 0; i < count; i += 1) {
    const auto begin = bench::steady::now();
    auto stream = ctx.call_stream(callee, each);
    std::size_t read = 0;
    for (;;) {
      auto part = stream.read();
      if (!part) return part.error();
      if (!*part) break;
      read += (*part)->size();
    }
    if (read != parts * size) return bench::wrong_size(callee, read, parts * size);
    times.add(begin);
  }
  return times.encoded();
}

} // namespace

int main(int argc, char** argv) {
  const std::string role = argc > 1 ? argv[1] : "";
  millrace::app app;
  if (role == "ping" || role == "pong") app.concurrency(nested_calls_max);
  if (role == "wide") app.concurrency(calls_at_once_max);
  app.handle("cpp.echo", [](context&, bytes_view input) { return bytes{input}; });
  app.handle("cpp.calls", bench::calls);
  for (int number = 1; number < chain; number += 1) {
    app.handle(step_name(number), [next = step_name(number + 1)](context& ctx, bytes_view input) { return ctx.call(next, input); });
  }
  app.handle(step_name(chain), [](context&, bytes_view input) { return bytes{input}; });
  app.handle("cpp.ping", hop("cpp.pong"));
  app.handle("cpp.pong", hop("cpp.ping"));
  app.handle("cpp.recurse", hop("cpp.recurse"));
  app.handle_stream("cpp.source", source);
  app.handle("cpp.reads", reads);
  return app.run();
}
