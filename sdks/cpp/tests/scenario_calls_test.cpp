// Calls, internal calls, logs and capacity: a scripted engine against the fixture as a process, and
// against apps on a thread.
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

TEST(Calls, EchoEachInlineSizeAndLeaveNoStaleTail) {
  fixture_worker worker;
  worker.shake_hands(with_calls(64));
  std::uint32_t id = 0;
  for (const std::size_t size : {960U, 1U, 959U, 0U, 960U, 0U}) {
    id += 2;
    const bytes input = patterned(size);
    worker.send(invoke(id, kEcho, input));
    const message output = worker.expect(MessageType::kResult);
    EXPECT_EQ(output.id(), id);
    EXPECT_TRUE(bytes{output.body()} == input) << size;
    EXPECT_GE(wire::run_us(output.data()), 1U);
  }
}

TEST(Calls, ComeCutIntoSingleBytesOrSixtyFourAtOnce) {
  fixture_worker worker;
  worker.shake_hands(with_calls(64));
  const message one = invoke(2, kEcho, "cut");
  for (const std::byte byte : one.raw) worker.send_bytes({&byte, 1});
  EXPECT_EQ(worker.expect(MessageType::kResult).body().text(), "cut");
  std::vector<message> many;
  for (std::uint32_t i = 0; i < 64; i += 1)
    many.push_back(invoke(4 + 2 * i, kEcho, std::to_string(i)));
  worker.send_together(many);
  std::map<std::uint32_t, std::string> outputs;
  while (outputs.size() < 64) {
    const message output = worker.expect(MessageType::kResult);
    outputs[output.id()] = output.body().text();
  }
  for (std::uint32_t i = 0; i < 64; i += 1) EXPECT_EQ(outputs[4 + 2 * i], std::to_string(i));
}

TEST(Calls, ThatFailSayWhy) {
  fixture_worker worker;
  worker.shake_hands(with_calls(64));
  worker.send(invoke(2, kInterp, program{}.fail(2, 2, "NO_USER", "no such user")));
  message failed = worker.expect(MessageType::kError);
  EXPECT_EQ(failed.status(), 3U);
  EXPECT_EQ(failure_of(failed).code, "NO_USER");
  EXPECT_EQ(failure_of(failed).retry, 2U);
  worker.send(invoke(4, kInterp, program{}.raise("it broke")));
  failed = worker.expect(MessageType::kError);
  EXPECT_EQ(failure_of(failed).reason, 1U);
  EXPECT_EQ(failure_of(failed).message, "it broke");
  EXPECT_EQ(failure_of(failed).error_type, "std::runtime_error");
  worker.send(invoke(6, kInterp, program{}.u8(0x99)));
  EXPECT_EQ(failure_of(worker.expect(MessageType::kError)).reason, 2U);
  // A reason by which only the engine can speak (rule error-reason-worker).
  worker.send(invoke(8, kInterp, program{}.fail(7, 0, "", "full")));
  failed = worker.expect(MessageType::kError);
  EXPECT_EQ(failure_of(failed).reason, 1U);
  EXPECT_EQ(failed.status(), 2U);
  EXPECT_EQ(failure_of(failed).message, "queue_full: full");
  worker.send(invoke(10, 4'000'000'000U, ""));
  EXPECT_EQ(worker.expect(MessageType::kError).status(), 5U);
  worker.send(invoke(12, kEcho, "still here"));
  EXPECT_EQ(worker.expect(MessageType::kResult).body().text(), "still here");
}

TEST(Calls, PrintWithoutTouchingTheChannel) {
  fixture_worker worker;
  worker.shake_hands(with_calls(64));
  worker.send(invoke(2, kInterp, program{}.print(3).echo("printed")));
  EXPECT_EQ(take_output(worker, 2).text(), "printed");
}

TEST(Calls, KnowTheirContext) {
  fixture_worker worker;
  worker.shake_hands(with_calls(64));
  message one = invoke(2, kInterp, program{}.context(), 30'000'000);
  wire::set_depth(one.data(), 3);
  wire::set_priority(one.data(), 1);
  wire::set_attempt(one.data(), 2);
  std::array<std::byte, 16> trace{};
  trace.fill(std::byte{0xaa});
  wire::set_trace_id(one.data(), trace);
  wire::set_trace_flags(one.data(), 1);
  worker.send(one);
  const bytes output = take_output(worker, 2);
  ASSERT_EQ(output.size(), 1U + 1 + 4 + 4 + 16 + 8 + 1);
  EXPECT_EQ(output[0], std::byte{3});
  EXPECT_EQ(output[1], std::byte{1});
  EXPECT_EQ(wire::load<std::uint32_t>(output.data() + 2), 2U);
  EXPECT_LE(wire::load<std::uint32_t>(output.data() + 6), 30'000'000U);
  EXPECT_EQ(output[10], std::byte{0xaa});
  EXPECT_EQ(output[34], std::byte{1});
}

TEST(Calls, BeyondTheAgreedNumberAreRefusedAsOverloaded) {
  app app;
  std::latch release{1};
  app.handle("wait", [&](context&, bytes_view) {
    release.wait();
    return bytes{};
  });
  threaded_worker worker{app};
  worker.shake_hands();
  worker.send_together({invoke(2, 1, ""), invoke(4, 1, "")});
  const message refused = worker.expect(MessageType::kError);
  EXPECT_EQ(refused.id(), 4U);
  EXPECT_EQ(failure_of(refused).reason, static_cast<std::uint32_t>(reason::kOverloaded));
  release.count_down();
  EXPECT_EQ(worker.expect(MessageType::kResult).id(), 2U);
}

TEST(InternalCalls, ResolveOnceNameTheirParentAndGiveOutcomes) {
  fixture_worker worker;
  worker.shake_hands(with_calls(64));
  worker.send(invoke(2, kInterp, program{}.call(0, "other", "one", 250).call(0, "other", "two")));
  worker.expect_resolve("other", 77);
  message internal = worker.expect(MessageType::kInvoke);
  EXPECT_EQ(internal.id(), 1U);
  EXPECT_EQ(wire::function_id(internal.data()), 77U);
  EXPECT_EQ(wire::parent_call_id(internal.data()), 2U);
  EXPECT_EQ(wire::timeout_us(internal.data()), 250'000U);
  EXPECT_EQ(wire::priority(internal.data()), 3);
  EXPECT_EQ(internal.body().text(), "one");
  worker.send(result_of(1, "uno"));
  internal = worker.expect(MessageType::kInvoke);
  EXPECT_EQ(internal.id(), 3U);
  worker.send(error_of(3, reason::kQueueFull, "too many"));
  const bytes output = take_output(worker, 2);
  // 0, 3, "uno"; then 1, reason, status, retry, no code, the message.
  ASSERT_EQ(output.size(), 8U + 4 + 2 + 2 + 8);
  EXPECT_EQ(output.view().sub(5, 3).text(), "uno");
  EXPECT_EQ(output[9], std::byte{7});
  EXPECT_EQ(output.view().sub(16).text(), "too many");
}

TEST(InternalCalls, OverlapAndTakeTheirOutcomesInAnyOrder) {
  fixture_worker worker;
  worker.shake_hands(with_calls(64));
  worker.send(
      invoke(2, kInterp,
             program{}.call(1, "other", "a").call(1, "other", "b").call(1, "other", "c").join()));
  worker.expect_resolve("other", 77);
  std::vector<message> calls;
  while (calls.size() < 3) calls.push_back(worker.expect(MessageType::kInvoke));
  worker.send_together({result_of(calls[2].id(), "3"), result_of(calls[0].id(), "1"),
                        result_of(calls[1].id(), "2")});
  const bytes output = take_output(worker, 2);
  ASSERT_EQ(output.size(), 18U);
  EXPECT_EQ(output.view().sub(5, 1).text() == "1", true);
  EXPECT_EQ(output.view().sub(11, 1).text(), "2");
  EXPECT_EQ(output.view().sub(17, 1).text(), "3");
}

TEST(InternalCalls, NeverExceedTheEnginesLimit) {
  fixture_worker worker;
  terms how = with_calls(64);
  how.limits.max_open_invokes = 2;
  worker.shake_hands(how);
  program calls;
  for (int i = 0; i < 5; i += 1) calls.call(1, "other", "x");
  worker.send(invoke(2, kInterp, calls.join()));
  worker.expect_resolve("other", 77);
  std::vector<message> open{worker.expect(MessageType::kInvoke),
                            worker.expect(MessageType::kInvoke)};
  for (int ended = 0; ended < 5; ended += 1) {
    // Nothing but what the limit allows comes before the PONG.
    worker.send(ping(1));
    worker.expect(MessageType::kPong);
    worker.send(result_of(open.front().id(), ""));
    open.erase(open.begin());
    if (ended < 3) open.push_back(worker.expect(MessageType::kInvoke));
  }
  take_output(worker, 2);
}

TEST(InternalCalls, AskForTheNameOnceMoreWhenAnIdIsStale) {
  fixture_worker worker;
  worker.shake_hands(with_calls(64));
  worker.send(invoke(2, kInterp, program{}.call(0, "other", "x")));
  worker.expect_resolve("other", 77);
  worker.send(error_of(worker.expect(MessageType::kInvoke).id(), reason::kNotFound, "stale"));
  worker.expect_resolve("other", 78);
  const message again = worker.expect(MessageType::kInvoke);
  EXPECT_EQ(wire::function_id(again.data()), 78U);
  EXPECT_EQ(again.body().text(), "x");
  worker.send(result_of(again.id(), "y"));
  EXPECT_EQ(take_output(worker, 2).view().sub(5).text(), "y");
}

TEST(InternalCalls, EndWithTheCancellationOfTheirParent) {
  app app;
  app.handle("outer", [](context& ctx, bytes_view) { return ctx.call("other", ""); });
  threaded_worker worker{app};
  worker.shake_hands();
  worker.send(invoke(2, 1, ""));
  worker.expect_resolve("other", 77);
  const message internal = worker.expect(MessageType::kInvoke);
  worker.send(message{MessageType::kCancel}.with_id(2));
  EXPECT_EQ(worker.expect(MessageType::kCancel).id(), internal.id());
  const message ended = worker.expect(MessageType::kError);
  EXPECT_EQ(ended.id(), 2U);
  EXPECT_EQ(ended.status(), 1U);
  // The callee's final message crosses, and is dropped.
  worker.send_together({result_of(internal.id(), "late"), ping(1)});
  worker.expect(MessageType::kPong);
  worker.drain();
}

TEST(InternalCalls, CanBeCancelledByAStopToken) {
  app app;
  std::stop_source stop;
  app.handle("outer", [&](context& ctx, bytes_view) -> result<bytes> {
    auto outcome = ctx.call("other", "", {.stop = stop.get_token()});
    return bytes{std::string{millrace::reason_name(outcome.error().reason)}};
  });
  threaded_worker worker{app};
  worker.shake_hands();
  worker.send(invoke(2, 1, ""));
  worker.expect_resolve("other", 77);
  const message internal = worker.expect(MessageType::kInvoke);
  stop.request_stop();
  EXPECT_EQ(worker.expect(MessageType::kCancel).id(), internal.id());
  EXPECT_EQ(worker.expect(MessageType::kResult).body().text(), "cancelled");
}

TEST(Sleep, EndsWithACancelAndTheNextInstructionRuns) {
  fixture_worker worker;
  worker.shake_hands(with_calls(64));
  worker.send_together({invoke(2, kInterp, program{}.sleep(3'600'000).cancelled()), ping(1)});
  worker.expect(MessageType::kPong);
  worker.send(message{MessageType::kCancel}.with_id(2));
  const auto ended = worker.read();
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->id(), 2U);
  ASSERT_EQ(ended->type(), MessageType::kResult);
  EXPECT_EQ(ended->body()[0], std::byte{1});
}

TEST(Logs, CarryTheirCall) {
  fixture_worker worker;
  worker.shake_hands(with_calls(64));
  worker.send(invoke(2, kInterp, program{}.log(3, "look here")));
  const message log = worker.expect(MessageType::kLog);
  EXPECT_EQ(log.id(), 2U);
  const auto record = millrace::detail::decode_log(log.body());
  ASSERT_TRUE(record);
  EXPECT_EQ(record->level, 3U);
  EXPECT_EQ(record->message, "look here");
  worker.expect(MessageType::kResult);
}

TEST(Capacity, IsTold) {
  fixture_worker worker;
  worker.shake_hands(with_calls(64));
  worker.send(invoke(2, kInterp, program{}.capacity(7)));
  EXPECT_EQ(wire::capacity(worker.expect(MessageType::kCapacity).data()), 7U);
  worker.expect(MessageType::kResult);
}

}  // namespace
