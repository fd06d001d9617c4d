// Functions that call functions: one after the other, and overlapping. What they call may be
// written in any language.
#include <vector>

#include "millrace/millrace.hpp"

using millrace::context;
using millrace::result;

int main() {
  millrace::app app;
  // Calls at once, and so threads; the default is 1. A function that waits for another keeps its
  // place meanwhile, so a worker whose functions call each other needs room for all of them: here 1
  // + 3 + 3 for three names.
  app.concurrency(16);

  app.handle("shout", [](context&, std::string_view text) { return std::string{text} + "!"; });

  app.handle("greet", [](context& ctx, std::string_view name) -> result<std::string> {
    return ctx.call<std::string>("shout", "Hello, " + std::string{name},
                                 {.timeout = std::chrono::milliseconds{100}});
  });

  app.handle("greet-all", [](context& ctx, std::string_view names) -> result<std::string> {
    std::vector<millrace::pending> calls;
    for (std::size_t at = 0; at < names.size();) {
      const std::size_t end = std::min(names.find(',', at), names.size());
      calls.push_back(ctx.start("greet", names.substr(at, end - at)));
      at = end + 1;
    }
    std::string all;
    for (millrace::pending& call : calls) {
      auto greeting = call.get<std::string>();
      if (!greeting) return std::move(greeting).error();
      all += *greeting + "\n";
    }
    return all;
  });
  return app.run();
}
