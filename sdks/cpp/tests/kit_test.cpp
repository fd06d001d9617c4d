// Apps as users write them, in the test kit: types, hooks, internal calls, streams, faults,
// deadlines, allocations.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <thread>

#include "millrace/millrace.hpp"
#include "millrace/testing.hpp"

namespace counting {

/// Allocations of this thread so far.
thread_local std::uint64_t allocations = 0;

}  // namespace counting

[[gnu::noinline]] void* operator new(std::size_t size) {
  counting::allocations += 1;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc{};
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace shop {

struct order {
  int count = 0;
};
std::string millrace_to_json(const order& from) {
  return "{\"count\":" + std::to_string(from.count) + "}";
}
bool millrace_from_json(std::string_view json, order& into) {
  return std::sscanf(std::string{json}.c_str(), "{\"count\":%d}", &into.count) == 1;
}

}  // namespace shop

namespace {

using namespace std::chrono_literals;
using millrace::app;
using millrace::bytes;
using millrace::bytes_view;
using millrace::context;
using millrace::error;
using millrace::input_stream;
using millrace::output_stream;
using millrace::reason;
using millrace::result;
using millrace::test::engine;

TEST(Kit, CallsFunctionsOfBytesTextsAndJson) {
  app app;
  app.handle("bytes", [](context&, bytes_view input) { return bytes{input}; });
  app.handle("text", [](context&, std::string_view name) { return "Hello, " + std::string{name}; });
  app.handle("json", [](context&, shop::order one) -> result<shop::order> {
    return shop::order{one.count + 1};
  });
  app.handle("nothing", [](context&, bytes_view) {});
  engine engine{app};
  EXPECT_EQ(engine.call("bytes", bytes{"raw"})->text(), "raw");
  EXPECT_EQ(*engine.call<std::string>("text", "Ada"), "Hello, Ada");
  EXPECT_EQ(engine.call<shop::order>("json", shop::order{41})->count, 42);
  EXPECT_EQ(engine.call("json", "what?").error().reason, reason::kBadInput);
  EXPECT_TRUE(engine.call("nothing", "")->empty());
  EXPECT_EQ(engine.call("missing", "").error().reason, reason::kNotFound);
  EXPECT_EQ(engine.stop(), 0);
}

TEST(Kit, TellsHowAHandlerFailed) {
  app app;
  app.handle("error", [](context&, bytes_view) -> result<bytes> {
    return error{.reason = reason::kBadInput,
                 .message = "no such user",
                 .code = "NO_USER",
                 .retryable = false};
  });
  app.handle("exception", [](context&, bytes_view) -> bytes { throw std::out_of_range("beyond"); });
  app.handle("value",
             [](context& ctx, bytes_view) -> bytes { return ctx.call("error", "").value(); });
  app.handle("number", [](context&, bytes_view) -> bytes { throw 3; });
  engine engine{app};
  const error given = engine.call("error", "").error();
  EXPECT_EQ(given.code, "NO_USER");
  EXPECT_EQ(given.function, "error");
  EXPECT_EQ(given.retryable, std::optional{false});
  const error thrown = engine.call("exception", "").error();
  EXPECT_EQ(thrown.reason, reason::kHandlerError);
  EXPECT_EQ(thrown.error_type, "std::out_of_range");
  EXPECT_EQ(engine.call("value", "").error().code, "NO_USER");
  EXPECT_EQ(engine.call("number", "").error().reason, reason::kHandlerError);
}

TEST(Kit, RunsChainsAndFansOfInternalCalls) {
  app app;
  app.handle("leaf", [](context& ctx, std::string_view text) {
    return std::string{text} + std::to_string(ctx.depth()) + std::to_string(ctx.priority());
  });
  app.handle("chain", [](context& ctx, std::string_view text) -> result<std::string> {
    return ctx.call<std::string>("leaf", text);
  });
  app.handle("fan", [](context& ctx, bytes_view) -> result<std::string> {
    std::vector<millrace::pending> calls;
    for (int i = 0; i < 5; i += 1) calls.push_back(ctx.start("leaf", std::to_string(i)));
    std::string all;
    for (millrace::pending& call : calls) {
      auto output = call.get<std::string>();
      if (!output) return output;
      all += *output + " ";
    }
    return all;
  });
  engine engine{app};
  EXPECT_EQ(*engine.call<std::string>("chain", "x", {.priority = std::uint8_t{1}}), "x11");
  EXPECT_EQ(*engine.call<std::string>("fan", ""), "013 113 213 313 413 ");
  EXPECT_EQ(engine.calls_of("leaf"), 6U);
}

TEST(Kit, StopsARecursionWithoutEndAtTheDepthLimit) {
  app app;
  app.handle("down", [](context& ctx, bytes_view) { return ctx.call("down", ""); });
  engine engine{app};
  const error why = engine.call("down", "").error();
  EXPECT_TRUE(why.reason == reason::kQueueFull || why.reason == reason::kHandlerError)
      << why.text();
}

TEST(Kit, CarriesPayloadsOfAnySizeBothWays) {
  app app;
  app.handle("echo", [](context&, bytes_view input) { return bytes{input}; });
  app.handle("relay", [](context& ctx, bytes_view input) { return ctx.call("echo", input); });
  app.handle("started",
             [](context& ctx, bytes_view input) { return ctx.start("echo", input).get(); });
  engine engine{app};
  for (const std::size_t size : {0U, 1U, 959U, 960U, 961U, 65'536U, 1'048'576U}) {
    bytes input(size);
    for (std::size_t i = 0; i < size; i += 1) input[i] = static_cast<std::byte>(i * 7 + i / 251);
    for (const char* name : {"echo", "relay", "started"}) {
      const auto output = engine.call(name, input);
      ASSERT_TRUE(output) << output.error().text();
      EXPECT_TRUE(*output == input) << name << " of " << size;
    }
  }
}

TEST(Kit, StreamsBothWaysAtTheSameTime) {
  app app;
  app.handle_stream("double",
                    [](context&, input_stream& input, output_stream& output) -> result<void> {
                      for (;;) {
                        auto part = input.read();
                        if (!part) return part.error();
                        if (!*part) return {};
                        if (auto sent = output.write(**part); !sent) return sent;
                        if (auto sent = output.write(**part); !sent) return sent;
                      }
                    });
  app.handle("talk", [](context& ctx, bytes_view) -> result<std::string> {
    millrace::stream_call call = ctx.open_stream("double");
    std::string answers;
    for (const char* word : {"one ", "two ", "three "}) {
      if (auto sent = call.write(word); !sent) return sent.error();
      for (int twice = 0; twice < 2; twice += 1) {
        auto part = call.read();
        if (!part) return part.error();
        answers += (*part)->text();
      }
    }
    auto rest = call.read_all();
    if (!rest) return rest.error();
    return answers + std::string{rest->text()};
  });
  app.handle("much", [](context& ctx, bytes_view) -> result<std::string> {
    millrace::stream_call call = ctx.call_stream("double", bytes(500'000));
    auto whole = call.read_all();
    if (!whole) return whole.error();
    return std::to_string(whole->size());
  });
  app.handle("leave", [](context& ctx, bytes_view) -> result<std::string> {
    millrace::stream_call call = ctx.call_stream("double", bytes(500'000));
    auto first = call.read();
    return std::string{first ? "left" : "failed"};
  });
  engine engine{app};
  EXPECT_EQ(*engine.call<std::string>("talk", ""), "one one two two three three ");
  EXPECT_EQ(*engine.call<std::string>("much", ""), "1000000");
  EXPECT_EQ(*engine.call<std::string>("leave", ""), "left");
}

TEST(Kit, EndsCallsAtTheirDeadlineAndTellsTheHandler) {
  app app;
  std::atomic<int> begun = 0;
  std::atomic<int> told = 0;
  app.handle("wait", [&](context& ctx, bytes_view) -> result<bytes> {
    begun += 1;
    EXPECT_TRUE(ctx.deadline());
    EXPECT_LE(*ctx.time_left(), 50ms);
    // CANCEL does not say why: near the deadline the worker takes it for the deadline's. The
    // caller's outcome is the engine's own and always exact.
    if (auto slept = ctx.sleep_for(1h); !slept) {
      told += 1;
      return slept.error();
    }
    return bytes{};
  });
  app.handle("outer",
             [](context& ctx, bytes_view) { return ctx.call("wait", "", {.timeout = 50ms}); });
  engine engine{app};
  EXPECT_EQ(engine.call("wait", "", {.timeout = 50ms}).error().reason, reason::kDeadlineExceeded);
  EXPECT_EQ(engine.call("outer", "").error().reason, reason::kDeadlineExceeded);
  EXPECT_EQ(engine.stop(), 0);
  // Every handler that began; a busy machine may spend the whole limit before one does.
  EXPECT_EQ(told, begun);
}

TEST(Kit, CancelsByAStopTokenDownTheTree) {
  app app;
  std::stop_source stop;
  app.handle("inner", [&](context& ctx, bytes_view) -> result<bytes> {
    const std::stop_token asked = ctx.stop_token();
    stop.request_stop();
    while (!asked.stop_requested()) std::this_thread::yield();
    return *ctx.cancellation();
  });
  app.handle("outer", [](context& ctx, bytes_view) { return ctx.call("inner", ""); });
  engine engine{app};
  EXPECT_EQ(engine.call("outer", "", {.stop = stop.get_token()}).error().reason,
            reason::kCancelled);
}

TEST(Kit, InjectsFaultsAndStandIns) {
  app app;
  app.handle("greet", [](context&, bytes_view) { return bytes{"hi"}; });
  app.handle("outer", [](context& ctx, bytes_view) { return ctx.call("elsewhere", "in"); });
  engine engine{app};
  engine.fail("greet", {.reason = reason::kUnsupported, .message = "by the test"}, 2);
  EXPECT_EQ(engine.call("greet", "").error().reason, reason::kUnsupported);
  EXPECT_FALSE(engine.call("greet", ""));
  EXPECT_TRUE(engine.call("greet", ""));
  engine.crash("greet");
  EXPECT_EQ(engine.call("greet", "").error().reason, reason::kWorkerCrashed);
  EXPECT_EQ(engine.call("outer", "").error().reason, reason::kNotFound);
  engine.provide("elsewhere",
                 [](bytes_view input) { return bytes{"got " + std::string{input.text()}}; });
  EXPECT_EQ(engine.call("outer", "")->text(), "got in");
}

TEST(Kit, RunsHooksAndKeepsLogs) {
  std::string order;
  app app;
  app.on_start([&]() -> result<void> {
    order += "start ";
    return {};
  });
  app.on_stop([&] { order += "stop1 "; });
  app.on_stop([&] { order += "stop2 "; });
  app.handle("log", [](context& ctx, bytes_view) {
    ctx.log(millrace::log_level::warn, "careful", {{"count", 3}, {"who", "Ada"}});
    return bytes{};
  });
  engine engine{app};
  ASSERT_TRUE(engine.call("log", ""));
  EXPECT_EQ(engine.stop(), 0);
  EXPECT_EQ(order, "start stop2 stop1 ");
  const auto logs = engine.logs();
  ASSERT_EQ(logs.size(), 1U);
  EXPECT_EQ(logs[0].message, "careful");
  EXPECT_EQ(logs[0].function, "log");
  EXPECT_EQ(logs[0].attributes_json, R"({"count":3,"who":"Ada"})");
}

TEST(Kit, RunsManyCallsAtOnceOnManyThreads) {
  app app;
  app.concurrency(8);
  app.handle("leaf", [](context&, bytes_view input) { return bytes{input}; });
  app.handle("outer", [](context& ctx, bytes_view input) { return ctx.call("leaf", input); });
  engine engine{app};
  std::atomic<int> good = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 6; t += 1) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; i += 1) {
        const std::string input = std::to_string(t * 1000 + i);
        const auto output = engine.call<std::string>("outer", input);
        if (output && *output == input) good += 1;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(good, 1'200);
}

TEST(Allocations, OfInternalCallsAreNoneInTheSteadyState) {
  app app;
  std::uint64_t allocated = 1;
  app.handle("leaf", [](context&, bytes_view input) { return bytes{input}; });
  app.handle("loop", [&](context& ctx, bytes_view) -> result<bytes> {
    const bytes input(64);
    std::uint64_t before = 0;
    for (int i = 0; i < 2'000; i += 1) {
      if (i == 1'000) before = counting::allocations;
      if (auto output = ctx.call("leaf", input); !output) return output;
    }
    allocated = counting::allocations - before;
    return bytes{};
  });
  engine engine{app};
  ASSERT_TRUE(engine.call("loop", ""));
  EXPECT_EQ(allocated, 0U);
}

}  // namespace
