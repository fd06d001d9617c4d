// Payloads of many messages, and their credit: a scripted engine against the fixture as a process,
// and against apps on a thread.
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

TEST(Payloads, OfManyMessagesGoBothWaysByCredit) {
  fixture_worker worker;
  worker.shake_hands(with_calls(64));
  std::uint32_t id = 0;
  for (const std::size_t size : {961U, 1920U, 1921U, 31'680U, 65'536U, 1'048'576U}) {
    id += 2;
    const bytes input = patterned(size);
    // The echo answers when it has all of it, so grants that are left come before its RESULT.
    std::thread sender_thread;
    send_input(worker, id, kEcho, input);
    bytes whole;
    for (;;) {
      const auto next = worker.read();
      ASSERT_TRUE(next);
      if (next->type() == MessageType::kWindow) continue;
      whole.append(next->body());
      EXPECT_EQ(next->type(), MessageType::kResult);
      break;
    }
    std::uint32_t credit = wire::kCreditMax;
    for (bool last = whole.size() == size; !last;) {
      if (credit == 0) {
        message window{MessageType::kWindow};
        window.with_id(id);
        wire::set_credit(window.data(), wire::kCreditMax);
        worker.send(window);
        credit = wire::kCreditMax;
      }
      const auto next = worker.read();
      ASSERT_TRUE(next);
      whole.append(next->body());
      last = next->type() == MessageType::kResult;
      if (!last) credit -= 1;
    }
    EXPECT_TRUE(whole == input) << size;
  }
}

TEST(Payloads, StopAtTheCreditAndGoOnWithTheGrant) {
  fixture_worker worker;
  worker.shake_hands(with_calls(64));
  worker.send(invoke(2, kInterp, program{}.echo("head").stream(40, 10, 1)));
  EXPECT_EQ(worker.expect(MessageType::kResult).body().text(), "head");
  for (std::uint32_t i = 0; i < wire::kCreditMax; i += 1)
    EXPECT_TRUE(worker.expect(MessageType::kData).more());
  worker.send(ping(1));
  worker.expect(MessageType::kPong);
  message window{MessageType::kWindow};
  window.with_id(2);
  wire::set_credit(window.data(), 8);
  worker.send(window);
  for (int i = 0; i < 8; i += 1) worker.expect(MessageType::kData);
  const message last = worker.expect(MessageType::kResult);
  EXPECT_FALSE(last.more());
  EXPECT_EQ(wire::payload_length(last.data()), 404U);
}

TEST(Payloads, ThatWaitForCreditEndWithACancel) {
  fixture_worker worker;
  worker.shake_hands(with_calls(64));
  worker.send(invoke(2, kInterp, program{}.pattern(100'000, 1)));
  worker.expect(MessageType::kResult);
  for (std::uint32_t i = 0; i < wire::kCreditMax; i += 1) worker.expect(MessageType::kData);
  worker.send(message{MessageType::kCancel}.with_id(2));
  EXPECT_EQ(worker.expect(MessageType::kError).status(), 1U);
}

TEST(Payloads, TooLargeForACoreChannelAreRefused) {
  fixture_worker worker;
  terms how = with_calls(64);
  how.features = {};
  worker.shake_hands(how);
  worker.send(invoke(2, kInterp, program{}.pattern(961, 1)));
  EXPECT_EQ(worker.expect(MessageType::kError).status(), 8U);
  worker.send(invoke(4, kInterp, program{}.pattern(960, 1)));
  EXPECT_EQ(worker.expect(MessageType::kResult).body().size(), 960U);
}

}  // namespace
