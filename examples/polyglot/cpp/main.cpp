// The C++ functions. After them in the ring come TypeScript's, then Python's.
#include <charconv>
#include <string>
#include <string_view>

#include "millrace/millrace.hpp"

using millrace::context;
using millrace::result;

namespace {

// A number as JSON. Its two hooks are all that the SDK needs of a type.
struct number {
  long value = 0;
};

std::string millrace_to_json(const number& from) { return std::to_string(from.value); }

bool millrace_from_json(std::string_view json, number& into) {
  return std::from_chars(json.data(), json.data() + json.size(), into.value).ec == std::errc{};
}

result<number> hops(context& ctx, const number& n) {
  if (n.value == 0) return number{0};
  auto rest = ctx.call<number>("node.hops", number{n.value - 1});
  if (!rest) return rest.error();
  return number{1 + rest->value};
}

result<number> fib(context& ctx, const number& n) {
  if (n.value < 2) return n;
  auto a = ctx.start("node.fib", number{n.value - 1});
  auto b = ctx.start("python.fib", number{n.value - 2});
  auto first = a.get<number>();
  if (!first) return first.error();
  auto second = b.get<number>();
  if (!second) return second.error();
  return number{first->value + second->value};
}

}  // namespace

int main() {
  millrace::app app;
  // A function that waits for another keeps its thread: room for every call of a recursion.
  app.concurrency(64);
  app.handle("cpp.hops", hops);
  app.handle("cpp.fib", fib);
  app.handle("cpp.square", [](context&, const number& n) { return number{n.value * n.value}; });
  return app.run();
}
