// Rooms on their own: ids, outbox, payloads and credit, protobuf, results, logs.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <set>

#include "call_ids.hpp"
#include "id_map.hpp"
#include "log.hpp"
#include "outbox.hpp"
#include "payload_in.hpp"
#include "payload_out.hpp"
#include "proto.hpp"
#include "support/golden.hpp"
#include "support/random.hpp"

namespace {

using namespace millrace;
using namespace millrace::detail;

TEST(CallIds, RiseByTwoWrapAndSkipZero) {
  EXPECT_EQ(next_call_id(2), 4U);
  EXPECT_EQ(next_call_id(0xffff'fffeU), 2U);
  EXPECT_EQ(next_call_id(0xffff'ffffU), 1U);
  EXPECT_TRUE(is_after(0x7fff'ffffU, 0));
  EXPECT_FALSE(is_after(0x8000'0000U, 0));
  EXPECT_TRUE(is_after(2, 0xffff'fffeU));
  EXPECT_FALSE(is_after(5, 5));
}

TEST(IdMap, HoldsWhatASetHoldsWhateverComesAndGoes) {
  struct thing {};
  std::vector<thing> things(64);
  id_map<thing> map;
  std::set<std::uint32_t> ids;
  support::seeded_random chance{5};
  for (int step = 0; step < 20'000; step += 1) {
    // Few homes, many of them the same: collisions are the point.
    const auto id = static_cast<std::uint32_t>(1 + 2 * chance.below(40) + 4096 * chance.below(3));
    if (ids.contains(id)) {
      map.erase(id);
      ids.erase(id);
    } else {
      map.insert(id, &things[id % things.size()]);
      ids.insert(id);
    }
    ASSERT_EQ(map.size(), ids.size());
    for (const std::uint32_t one : ids) ASSERT_EQ(map.find(one), &things[one % things.size()]);
  }
}

/// Both ends of a pipe, non-blocking; the writer is the pipe under test.
struct pipes {
  pipes() {
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    if (::pipe(in.data()) != 0 || ::pipe(out.data()) != 0) throw std::runtime_error("no pipes");
    in_writer = descriptor{in[1]};
    out_reader = descriptor{out[0]};
    under_test.emplace(descriptor{in[0]}, descriptor{out[1]});
  }
  /// Everything written so far; at least one byte must have been.
  bytes read() {
    bytes all(1U << 20U);
    const ssize_t length = ::read(out_reader.get(), all.data(), all.size());
    all.resize(static_cast<std::size_t>(length));
    return all;
  }
  descriptor in_writer, out_reader;
  std::optional<detail::pipe> under_test;
};

TEST(Outbox, ClearsWhatASlotHeldBefore) {
  pipes ends;
  outbox box;
  for (const std::size_t length : {960U, 1U, 500U, 0U}) {
    std::byte* message = box.begin(wire::MessageType::kResult);
    std::memset(message + wire::kHeaderBytes, 0xee, length);
    box.end(length);
    EXPECT_EQ(box.flush(*ends.under_test), write_state::all);
    const bytes written = ends.read();
    ASSERT_EQ(written.size(), wire::kMessageBytes);
    EXPECT_EQ(wire::body_length(written.data()), length);
    for (std::size_t i = wire::kHeaderBytes + length; i < written.size(); i += 1) {
      ASSERT_EQ(written[i], std::byte{0}) << i << " after " << length;
    }
  }
}

TEST(Outbox, KeepsOrderAndZeroTailsWhenThePipeTakesParts) {
  pipes ends;
  outbox box;
  support::seeded_random chance{9};
  std::uint32_t sent = 0;
  std::uint32_t seen = 0;
  bytes got;
  for (int turn = 0; turn < 400; turn += 1) {
    for (std::size_t i = chance.below(20); i > 0; i -= 1) {
      std::byte* message = box.begin(wire::MessageType::kPing);
      ASSERT_NE(message, nullptr);
      sent += 1;
      wire::set_nonce(message, sent);
      const std::size_t length = chance.below(wire::kBodyBytes + 1);
      std::memset(message + wire::kHeaderBytes, 0xee, length);
      box.end(length);
    }
    box.flush(*ends.under_test);
    if (chance.below(3) == 0 || box.waiting() > 100) {
      if (sent > seen) got.append(ends.read());
      while (got.size() >= wire::kMessageBytes) {
        seen += 1;
        ASSERT_EQ(wire::nonce(got.data()), seen);
        for (std::size_t i = wire::kHeaderBytes + wire::body_length(got.data());
             i < wire::kMessageBytes; i += 1) {
          ASSERT_EQ(got[i], std::byte{0});
        }
        got = bytes{got.view().sub(wire::kMessageBytes)};
      }
    }
  }
  EXPECT_GT(seen, 1'000U);
}

TEST(Outbox, SaysSoAtItsBoundAndNotBefore) {
  outbox box;
  for (std::size_t i = 0; i < kOutboxMessagesMax; i += 1) {
    ASSERT_NE(box.begin(wire::MessageType::kPing), nullptr) << i;
    box.end(0);
  }
  EXPECT_EQ(box.begin(wire::MessageType::kPing), nullptr);
  EXPECT_EQ(box.waiting(), kOutboxMessagesMax);
}

struct nobody final : turn_listener {
  void on_bytes(const std::byte*, std::size_t) override {}
  void on_stream_end(int) override {}
  void on_lost() override {}
  [[nodiscard]] std::size_t ready() const override { return 0; }
  bool spawn() override { return false; }
};

struct room {
  pipes ends;
  nobody listener;
  channel wire_out{*ends.under_test};
  turns threads{*ends.under_test, wire_out, listener, steady::duration{1}};
};

support::message_bytes data_of(std::size_t length, bool more) {
  support::message_bytes message{};
  wire::set_type(message.data(), static_cast<std::uint8_t>(wire::MessageType::kData));
  wire::set_flags(message.data(), more ? wire::kMore : std::uint8_t{0});
  wire::set_body_length(message.data(), static_cast<std::uint16_t>(length));
  return message;
}

TEST(Incoming, TakesThirtyTwoUnreadPartsAndNotOneMore) {
  room here;
  incoming input{here.wire_out, here.threads, 2, wire::kPayloadLengthUnknown, true, 0};
  const auto part = data_of(1, true);
  for (std::uint32_t i = 0; i < wire::kCreditMax; i += 1)
    ASSERT_FALSE(input.take(part.data(), true, false));
  const breach broken = input.take(part.data(), true, false);
  ASSERT_TRUE(broken);
  EXPECT_EQ(broken->rule, "data-credit");
}

TEST(Incoming, GrantsHalfOfTheCreditWhenItsReaderHasTakenThatMuch) {
  room here;
  incoming input{here.wire_out, here.threads, 2, wire::kPayloadLengthUnknown, true, 0};
  const auto part = data_of(1, true);
  for (std::uint32_t i = 0; i < kGrantBatch; i += 1)
    ASSERT_FALSE(input.take(part.data(), true, false));
  for (std::uint32_t i = 0; i + 1 < kGrantBatch; i += 1) ASSERT_TRUE(input.next());
  EXPECT_TRUE(here.wire_out.empty());
  ASSERT_TRUE(input.next());
  here.wire_out.flush();
  const bytes window = here.ends.read();
  EXPECT_EQ(wire::type(window.data()), static_cast<std::uint8_t>(wire::MessageType::kWindow));
  EXPECT_EQ(wire::credit(window.data()), kGrantBatch);
}

TEST(Incoming, HoldsTheSenderToWhatItAnnounced) {
  for (const auto& [first, last, holds] :
       {std::tuple{4U, 6U, true}, {4U, 5U, false}, {4U, 7U, false}}) {
    room here;
    incoming input{here.wire_out, here.threads, 2, 10, false, 1'000};
    ASSERT_FALSE(input.take(data_of(first, true).data(), false, false));
    const breach broken = input.take(data_of(last, false).data(), true, true);
    EXPECT_EQ(!broken, holds) << first << " and " << last;
    if (broken) {
      EXPECT_EQ(broken->rule, "payload-length-exact");
    }
  }
}

struct tail final : payload_tail {
  void send_tail(bytes_view last, std::size_t bytes) override {
    length = last.size();
    total = bytes;
  }
  std::optional<std::size_t> length;
  std::size_t total = 0;
};

TEST(Outgoing, SendsAsCreditAllowsAndTheTailWithoutAny) {
  room here;
  tail end;
  const bytes payload(960 * 40);
  outgoing output{here.wire_out, here.threads, 2, 960, end, false};
  output.finish(payload.view().sub(960));
  EXPECT_FALSE(end.length);
  EXPECT_EQ(output.total(), 960U * 33);
  const breach broken = output.grant(33);
  ASSERT_TRUE(broken);
  EXPECT_EQ(broken->rule, "credit-max");
  // 39 parts after the head: 38 in DATA, the last in the tail.
  ASSERT_FALSE(output.grant(6));
  ASSERT_TRUE(end.length);
  EXPECT_EQ(*end.length, 960U);
  EXPECT_EQ(end.total, payload.size());
}

TEST(Proto, RefusesWhatIsMalformedAndSkipsWhatIsUnknown) {
  const auto decodes = [](std::initializer_list<int> raw) {
    bytes body;
    for (const int byte : raw) body.push_back(static_cast<std::byte>(byte));
    return decode_goodbye(body).has_value();
  };
  EXPECT_TRUE(decodes({}));
  EXPECT_TRUE(decodes({0x08, 0x01}));
  EXPECT_TRUE(decodes({0x78, 0x01}));              // an unknown number
  EXPECT_TRUE(decodes({0x7b, 0x08, 0x01, 0x7c}));  // an unknown group
  EXPECT_TRUE(decodes({0x7d, 1, 2, 3, 4}));        // an unknown fixed32
  EXPECT_FALSE(decodes({0x08}));                   // a number without its value
  EXPECT_FALSE(decodes({0x00, 0x01}));             // field 0
  EXPECT_FALSE(decodes({0x12, 0x05, 0x61}));       // a text beyond the end
  EXPECT_FALSE(decodes({0x0e, 0x01}));             // wire type 6
  EXPECT_FALSE(decodes({0x7b, 0x08, 0x01}));       // a group without its end
  EXPECT_FALSE(decodes({0x0c}));                   // the end of no group
  EXPECT_FALSE(decodes({0x12, 0x01, 0xff}));       // a text that is not UTF-8
  EXPECT_FALSE(decodes({0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}));
}

TEST(Proto, CutsTextsBetweenCharacters) {
  EXPECT_EQ(sendable_text("h\xc3\xa9llo", 2), "h");
  EXPECT_EQ(sendable_text("h\xc3\xa9llo", 3), "h\xc3\xa9");
  EXPECT_EQ(sendable_text("a\xff"
                          "b",
                          10),
            "a?b");
  EXPECT_FALSE(is_utf8("\xed\xa0\x80"));
  EXPECT_FALSE(is_utf8("\xc0\x80"));
  EXPECT_TRUE(is_utf8("\xf0\x9f\x98\x80"));
}

TEST(Names, AreOfTheFormOfTheSpec) {
  for (const char* good : {"a", "9", "greet", "a.b-c_D9"})
    EXPECT_TRUE(is_function_name(good)) << good;
  for (const char* bad : {"", ".a", "-a", "_a", "a/b", "a b", "\xc3\xa9"})
    EXPECT_FALSE(is_function_name(bad)) << bad;
  EXPECT_TRUE(is_function_name(std::string(128, 'a')));
  EXPECT_FALSE(is_function_name(std::string(129, 'a')));
}

TEST(Results, HoldAValueOrAnError) {
  const result<int> good = 3;
  const result<int> bad = error{.reason = reason::kBadInput, .message = "no"};
  EXPECT_EQ(*good, 3);
  EXPECT_FALSE(bad);
  EXPECT_EQ(result<int>{bad}.value_or(7), 7);
  EXPECT_EQ(*result<int>{good}.transform([](int n) { return n + 1; }), 4);
  EXPECT_FALSE(result<int>{bad}.and_then([](int n) { return result<int>{n}; }));
  try {
    (void)result<int>{bad}.value();
    FAIL() << "value() of a failure must throw";
  } catch (const failed& thrown) {
    EXPECT_EQ(thrown.why().reason, reason::kBadInput);
    EXPECT_STREQ(thrown.what(), "bad_input: no");
  }
}

TEST(Errors, KnowTheirStatusAndWhetherARetryMayHelp) {
  EXPECT_EQ(error{.reason = reason::kQueueFull}.grpc_status(), status::kResourceExhausted);
  EXPECT_TRUE(error{.reason = reason::kQueueFull}.may_retry());
  EXPECT_FALSE((error{.reason = reason::kQueueFull, .retryable = false}.may_retry()));
  EXPECT_FALSE(error{.reason = reason::kDeadlineExceeded}.may_retry());
  EXPECT_EQ((error{.status = status::kAborted}.grpc_status()), status::kAborted);
  EXPECT_EQ((error{.reason = reason::kNotFound, .status = status::kAborted}.grpc_status()),
            status::kNotFound);
}

TEST(Logs, WriteTheirAttributesAsJson) {
  EXPECT_EQ(json_of({}), "");
  EXPECT_EQ(json_of({{"text", "a\"b\n"}, {"count", 3}, {"share", 0.5}, {"on", true}}),
            R"({"text":"a\"b\u000a","count":3,"share":0.5,"on":true})");
  EXPECT_EQ(json_of({{"long", std::string(9'000, 'x')}}).substr(0, 24),
            R"({"attributes_dropped":"8)");
}

}  // namespace
