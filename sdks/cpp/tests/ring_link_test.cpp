// A link of pipes and rings, and an engine's side of it in threads of the same process. Memory that
// two processes share shows ThreadSanitizer one side alone; here it sees both, in the same mapping.
#include "ring_link.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <thread>
#include <vector>

#include "millrace/gen/layout.hpp"
#include "support/memory_file.hpp"

namespace {

using namespace millrace;
using namespace millrace::detail;
using support::kCells;

using message = std::array<std::byte, wire::kMessageBytes>;

message of_type(wire::MessageType type, std::uint32_t call_id = 0) {
  message one{};
  one[0] = static_cast<std::byte>(type);
  wire::set_call_id(one.data(), call_id);
  return one;
}

/// A pipe whose ends are closed with it.
struct pipe_ends {
  pipe_ends() {
    std::array<int, 2> fds{};
    if (::pipe(fds.data()) != 0) throw std::runtime_error("no pipe");
    read = fds[0];
    write = fds[1];
  }
  pipe_ends(const pipe_ends&) = delete;
  pipe_ends& operator=(const pipe_ends&) = delete;
  ~pipe_ends() {
    ::close(read);
    close_write();
  }
  void close_write() {
    if (write >= 0) ::close(write);
    write = -1;
  }
  int read = -1;
  int write = -1;
};

/// A link that is attached in both directions, with the engine's ends of it.
struct stage {
  explicit stage(std::uint32_t poll_us = 0) {
    auto opened = support::new_segment();
    memory = opened->memory();
    word(wire::kPollUsSegmentOffset).store(poll_us);
    link.emplace(std::move(opened));
    link->switch_out_after(0);
    link->switch_in();
    ::fcntl(out.write, F_SETFL, O_NONBLOCK);  // As the worker has it.
  }
  [[nodiscard]] shared_word word(std::size_t offset) const { return word_at(memory, offset); }
  [[nodiscard]] std::byte* in_cell(std::uint32_t number) const {
    return memory + wire::kSegmentCellsAt + std::size_t{number % kCells} * wire::kMessageBytes;
  }
  [[nodiscard]] const std::byte* out_cell(std::uint32_t number) const {
    return in_cell(number) + std::size_t{kCells} * wire::kMessageBytes;
  }

  /// As an engine sends: room, the cell, the tail, the flag. False: the ring is full.
  bool send(const message& one) {
    const std::uint32_t tail = word(wire::kInTailSegmentOffset).load();
    if (tail - word(wire::kInHeadSegmentOffset).load() == kCells) return false;
    std::memcpy(in_cell(tail), one.data(), one.size());
    word(wire::kInTailSegmentOffset).store(tail + 1);
    if (word(wire::kInConsumerSleepingSegmentOffset).exchange(0) != 0)
      say(of_type(wire::MessageType::kWake));
    return true;
  }
  /// As an engine takes: the tail, the copy, the head, the flag. False: the ring is empty.
  bool take(message& one) {
    const std::uint32_t head = word(wire::kOutHeadSegmentOffset).load();
    if (head == word(wire::kOutTailSegmentOffset).load()) return false;
    std::memcpy(one.data(), out_cell(head), one.size());
    word(wire::kOutHeadSegmentOffset).store(head + 1);
    if (word(wire::kOutProducerWaitingSegmentOffset).exchange(0) != 0)
      say(of_type(wire::MessageType::kWake));
    return true;
  }
  /// Writes to the pipe IN.
  void say(const message& one) {
    ASSERT_EQ(::write(in.write, one.data(), one.size()), static_cast<ssize_t>(one.size()));
  }
  /// Reads one message of the pipe OUT. Blocks.
  message heard() {
    message one{};
    EXPECT_EQ(::read(out.read, one.data(), one.size()), static_cast<ssize_t>(one.size()));
    return one;
  }
  /// Sleeps as an engine does until one of the two pipes' fields has changed.
  void until_woken(std::size_t flag, const std::function<bool()>& is_over) {
    word(flag).store(1);
    if (!is_over()) heard();
    word(flag).store(0);
  }

  long read(std::vector<std::byte>& into) {
    into.resize(std::size_t{kCells} * wire::kMessageBytes);
    error = 0;
    return link->read(in.read, out.write, into.data(), into.size(), error);
  }

  pipe_ends in;
  pipe_ends out;
  std::byte* memory = nullptr;
  std::optional<ring_link> link;
  int error = 0;
};

TEST(RingLink, ReadsWhatWasPublishedWithoutWake) {
  stage both;
  ASSERT_TRUE(both.send(of_type(wire::MessageType::kPing, 0)));
  std::vector<std::byte> into;
  ASSERT_EQ(both.read(into), static_cast<long>(wire::kMessageBytes));
  EXPECT_EQ(wire::type(into.data()), static_cast<std::uint8_t>(wire::MessageType::kPing));
}

TEST(RingLink, SleepsUntilWakeWithItsFlagSetAndTakesOneThatTellsOfNothing) {
  stage both;
  std::thread engine{[&] {
    while (both.word(wire::kInConsumerSleepingSegmentOffset).load() == 0) std::this_thread::yield();
    both.say(of_type(wire::MessageType::kWake));  // Of nothing: it goes back to sleep.
    while (!both.send(of_type(wire::MessageType::kPing))) std::this_thread::yield();
  }};
  std::vector<std::byte> into;
  EXPECT_EQ(both.read(into), static_cast<long>(wire::kMessageBytes));
  engine.join();
  EXPECT_FALSE(both.link->fault());
}

TEST(RingLink, TellsAnEngineThatSleepsOnceAndOneThatIsAwakeNever) {
  stage both;
  const message one = of_type(wire::MessageType::kPong);
  std::size_t written = 0;
  EXPECT_EQ(both.link->write(both.out.write, one.data(), one.size(), written), write_state::all);
  both.word(wire::kOutConsumerSleepingSegmentOffset).store(1);
  for (int i = 0; i < 2; i += 1) both.link->write(both.out.write, one.data(), one.size(), written);
  EXPECT_EQ(wire::type(both.heard().data()), static_cast<std::uint8_t>(wire::MessageType::kWake));
  ::fcntl(both.out.read, F_SETFL, O_NONBLOCK);
  message rest{};
  EXPECT_EQ(::read(both.out.read, rest.data(), rest.size()), -1);  // No second one.
}

TEST(RingLink, WritesAsMuchAsTheRingHoldsAndTheRestWhenThereIsRoom) {
  stage both;
  const std::vector<std::byte> many(std::size_t{kCells + 2} * wire::kMessageBytes);
  std::size_t written = 0;
  EXPECT_EQ(both.link->write(both.out.write, many.data(), many.size(), written), write_state::full);
  EXPECT_EQ(written, std::size_t{kCells} * wire::kMessageBytes);
  message one;
  ASSERT_TRUE(both.take(one));
  EXPECT_EQ(both.link->write(both.out.write, many.data(), 2 * wire::kMessageBytes, written),
            write_state::full);
  EXPECT_EQ(written, wire::kMessageBytes);
}

TEST(RingLink, CallsATailThatCannotBeABreachOfRingIndices) {
  for (const std::uint32_t tail : {kCells + 1, 0x8000'0000U, 0xffff'ffffU}) {
    stage both;
    both.word(wire::kInTailSegmentOffset).store(tail);
    std::vector<std::byte> into;
    EXPECT_EQ(both.read(into), -1);
    ASSERT_TRUE(both.link->fault());
    EXPECT_EQ(both.link->fault()->rule, "ring-indices");
  }
}

TEST(RingLink, CallsAHeadThatCannotBeNonsense) {
  for (const std::uint32_t head : {1U, 0x8000'0000U, 0xffff'ffffU - kCells}) {
    stage both;
    both.word(wire::kOutHeadSegmentOffset).store(head);
    const message one = of_type(wire::MessageType::kPong);
    std::size_t written = 0;
    EXPECT_EQ(both.link->write(both.out.write, one.data(), one.size(), written),
              write_state::nonsense);
    EXPECT_EQ(both.word(wire::kOutTailSegmentOffset).load(), 0U);
  }
}

TEST(RingLink, CallsAnythingButWakeOnThePipeABreachOfRingOnly) {
  stage both;
  both.say(of_type(wire::MessageType::kPing));
  std::vector<std::byte> into;
  EXPECT_EQ(both.read(into), -1);
  ASSERT_TRUE(both.link->fault());
  EXPECT_EQ(both.link->fault()->rule, "ring-only");
}

TEST(RingLink, TakesWhatIsInTheRingBeforeItTellsOfTheEnd) {
  stage both;
  ASSERT_TRUE(both.send(of_type(wire::MessageType::kPing)));
  both.in.close_write();
  std::vector<std::byte> into;
  EXPECT_EQ(both.read(into), static_cast<long>(wire::kMessageBytes));
  EXPECT_EQ(both.read(into), 0);
}

/// Both sides sleep and wake, the rings run full, and no message is lost, doubled, torn or
/// overtaken. A WAKE that is lost leaves both asleep, and the test's time limit tells.
void echoes_all(std::uint32_t poll_us) {
  constexpr std::uint32_t kMessages = 4'000;
  stage both{poll_us};
  std::thread worker{[&] {
    std::vector<std::byte> into;
    for (std::uint32_t seen = 0; seen < kMessages;) {
      const long length = both.read(into);
      ASSERT_GT(length, 0);
      seen += static_cast<std::uint32_t>(static_cast<std::size_t>(length) / wire::kMessageBytes);
      for (std::size_t at = 0; at < static_cast<std::size_t>(length);) {
        std::size_t written = 0;
        const auto state = both.link->write(both.out.write, into.data() + at,
                                            static_cast<std::size_t>(length) - at, written);
        ASSERT_NE(state, write_state::broken);
        at += written;
        // Another thread's part in a worker: it looks for room again and again.
        if (state == write_state::full) std::this_thread::yield();
      }
    }
  }};
  std::thread sender{[&] {
    for (std::uint32_t i = 0; i < kMessages;) {
      message one;
      one.fill(static_cast<std::byte>(i));
      std::memcpy(one.data(), &i, sizeof i);
      if (both.send(one)) {
        i += 1;
      } else {
        std::this_thread::yield();
      }
    }
  }};
  for (std::uint32_t i = 0; i < kMessages;) {
    message one;
    if (!both.take(one)) {
      // A sanitizer takes a WAKE for an order of its own; without any, the ring alone orders what
      // is written and read.
      if (poll_us > 0) {
        std::this_thread::yield();
        continue;
      }
      both.until_woken(wire::kOutConsumerSleepingSegmentOffset, [&] {
        return both.word(wire::kOutTailSegmentOffset).load() !=
               both.word(wire::kOutHeadSegmentOffset).load();
      });
      continue;
    }
    message expected;
    expected.fill(static_cast<std::byte>(i));
    std::memcpy(expected.data(), &i, sizeof i);
    ASSERT_EQ(one, expected) << i;
    i += 1;
  }
  worker.join();
  sender.join();
}

TEST(RingLink, LosesNothingBetweenSidesThatSleepAtOnce) { echoes_all(0); }
TEST(RingLink, LosesNothingBetweenSidesThatPoll) { echoes_all(50); }

}  // namespace
