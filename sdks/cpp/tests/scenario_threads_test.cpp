// Who reads and who runs: handlers that compute, wait, and meet: a scripted engine against the
// fixture as a process, and against apps on a thread.
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <latch>
#include <map>

#include "support/fixture.hpp"

namespace {

using namespace support;
using millrace::app;
using millrace::context;
using millrace::error;
using millrace::reason;
using millrace::result;

TEST(Threads, AnswerPingAndCancelWhileTheOnlyHandlerComputes) {
  app app;
  app.handle("spin", [](context& ctx, bytes_view) -> result<bytes> {
    const std::stop_token stop = ctx.stop_token();
    while (!stop.stop_requested()) {
    }
    return error{.message = "stopped"};
  });
  threaded_worker worker{app};
  worker.shake_hands();
  worker.send_together({invoke(2, 1, "", 3'600'000'000U), ping(7)});
  const message pong = worker.expect(MessageType::kPong);
  EXPECT_EQ(wire::nonce(pong.data()), 7U);
  EXPECT_EQ(wire::open_calls(pong.data()), 1U);
  worker.send_together(
      {message{MessageType::kCancel}.with_id(2), message{MessageType::kCancel}.with_id(2)});
  const message ended = worker.expect(MessageType::kError);
  EXPECT_EQ(failure_of(ended).reason, static_cast<std::uint32_t>(reason::kCancelled));
  worker.drain();
}

TEST(Threads, RunAsManyHandlersAtOnceAsWereAgreed) {
  constexpr std::uint32_t kAtOnce = 8;
  app app;
  app.concurrency(kAtOnce);
  std::barrier meet{kAtOnce};
  app.handle("meet", [&](context&, bytes_view) {
    // Comes back only when all eight run.
    meet.arrive_and_wait();
    return bytes{};
  });
  threaded_worker worker{app};
  worker.shake_hands(with_calls(kAtOnce));
  std::vector<message> calls;
  for (std::uint32_t i = 1; i <= kAtOnce; i += 1) calls.push_back(invoke(2 * i, 1, ""));
  worker.send_together(calls);
  for (std::uint32_t i = 1; i <= kAtOnce; i += 1) worker.expect(MessageType::kResult);
  worker.drain();
}

TEST(Threads, LetOthersRunWhileAHandlerWaitsForItsInternalCall) {
  app app;
  app.concurrency(2);
  app.handle("outer", [](context& ctx, bytes_view) { return ctx.call("other", ""); });
  app.handle("short", [](context&, bytes_view) { return bytes{"short"}; });
  threaded_worker worker{app};
  worker.shake_hands(with_calls(2));
  worker.send(invoke(2, 1, ""));
  worker.expect_resolve("other", 77);
  const message internal = worker.expect(MessageType::kInvoke);
  EXPECT_EQ(wire::parent_call_id(internal.data()), 2U);
  worker.send(invoke(4, 2, ""));
  EXPECT_EQ(worker.expect(MessageType::kResult).id(), 4U);
  worker.send(result_of(internal.id(), "inner"));
  EXPECT_EQ(worker.expect(MessageType::kResult).body().text(), "inner");
  worker.drain();
}

TEST(Threads, OfAHandlersOwnMayCallThroughItsContext) {
  app app;
  app.handle("fan", [](context& ctx, bytes_view) -> result<bytes> {
    std::array<std::string, 4> outputs;
    std::vector<std::jthread> threads;
    for (std::string& output : outputs) {
      threads.emplace_back([&] { output = ctx.call<std::string>("other", "").value_or("failed"); });
    }
    threads.clear();
    return bytes{outputs[0] + outputs[1] + outputs[2] + outputs[3]};
  });
  threaded_worker worker{app};
  worker.shake_hands();
  worker.send(invoke(2, 1, ""));
  worker.expect_resolve("other", 77);
  std::vector<message> calls;
  while (calls.size() < 4) calls.push_back(worker.expect(MessageType::kInvoke));
  for (const message& call : calls) worker.send(result_of(call.id(), "x"));
  EXPECT_EQ(worker.expect(MessageType::kResult).body().text(), "xxxx");
  worker.drain();
}

TEST(Threads, KeepReadingWhileOutIsFull) {
  fixture_worker worker;
  worker.shake_hands(with_calls(64));
  // Far more than both pipes hold: every PING can only be written when the worker reads on, though
  // nobody takes its PONGs.
  constexpr std::uint32_t kPings = 2'000;
  for (std::uint32_t nonce = 1; nonce <= kPings; nonce += 1) worker.send(ping(nonce));
  for (std::uint32_t nonce = 1; nonce <= kPings; nonce += 1) {
    ASSERT_EQ(wire::nonce(worker.expect(MessageType::kPong).data()), nonce);
  }
}

TEST(Threads, SendWhatAHandlerStartsThoughItNeverWaits) {
  app app;
  std::atomic<bool> go_on = false;
  app.handle("start", [&](context& ctx, bytes_view) -> result<bytes> {
    // The standby reads by now, and looks after nothing else.
    const std::stop_token stop = ctx.stop_token();
    while (!stop.stop_requested()) {
    }
    ctx.log(millrace::log_level::info, "on its way");
    while (!go_on) {
    }
    return bytes{};
  });
  threaded_worker worker{app};
  worker.shake_hands();
  worker.send_together({invoke(2, 1, ""), ping(1)});
  worker.expect(MessageType::kPong);
  worker.send(message{MessageType::kCancel}.with_id(2));
  EXPECT_EQ(worker.expect(MessageType::kLog).id(), 2U);
  go_on = true;
  worker.expect(MessageType::kResult);
  worker.drain();
}

}  // namespace
