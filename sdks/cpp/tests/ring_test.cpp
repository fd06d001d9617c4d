// The segment and the two halves of a ring, with an engine that is right and one that is hostile.
#include "ring.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "segment.hpp"
#include "support/memory_file.hpp"

namespace {

using namespace millrace;
using namespace millrace::detail;
using support::file_shape;
using support::kCells;
using support::memory_file;
using support::segment_bytes;

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

// ——— The segment ———

TEST(Segment, IsMappedSharedAndItsDescriptorClosed) {
  const int fd = memory_file();
  const int other = ::dup(fd);
  const auto opened = segment::open(std::to_string(fd).c_str());
  ASSERT_NE(opened, nullptr);
  EXPECT_FALSE(is_open(fd));
  EXPECT_EQ(opened->cells(), kCells);
  const std::uint32_t poll_us = 77;
  ASSERT_EQ(::pwrite(other, &poll_us, sizeof poll_us, wire::kPollUsSegmentOffset), 4);
  EXPECT_EQ(opened->poll_us(), 77U);
  word_at(opened->memory(), wire::kInHeadSegmentOffset).store(5);
  std::uint32_t head = 0;
  ASSERT_EQ(::pread(other, &head, sizeof head, wire::kInHeadSegmentOffset), 4);
  EXPECT_EQ(head, 5U);
  ::close(other);
}

TEST(Segment, IsNeverPolledForLongerThanAWorkerMay) {
  const auto opened = support::new_segment();
  word_at(opened->memory(), wire::kPollUsSegmentOffset).store(0xffff'ffffU);
  EXPECT_EQ(opened->poll_us(), wire::kRingPollUsMax);
}

TEST(Segment, IsNoneWhereTheNumberIsNotWrittenAsOne) {
  EXPECT_EQ(segment::open(nullptr), nullptr);
  const int fd = memory_file();
  const std::string number = std::to_string(fd);
  for (const std::string& text : {std::string{}, " " + number, number + " ", number + "x",
                                  "-" + number, std::string{"99999999999999999999"}}) {
    EXPECT_EQ(segment::open(text.c_str()), nullptr) << text;
  }
  EXPECT_EQ(segment::open("1000000"), nullptr);
  EXPECT_TRUE(is_open(fd));
  ::close(fd);
}

struct refused_file {
  const char* what;
  file_shape shape;
};

class RefusedFile : public testing::TestWithParam<refused_file> {};

TEST_P(RefusedFile, IsNoSegmentAndStaysOpen) {
  const int fd = memory_file(GetParam().shape);
  EXPECT_EQ(segment::open(std::to_string(fd).c_str()), nullptr);
  EXPECT_TRUE(is_open(fd));
  ::close(fd);
}

INSTANTIATE_TEST_SUITE_P(
    Segment, RefusedFile,
    testing::Values(refused_file{"NoSealAgainstShrinking", {.seals = F_SEAL_SEAL | F_SEAL_GROW}},
                    refused_file{"NoSealAgainstGrowing", {.seals = F_SEAL_SEAL | F_SEAL_SHRINK}},
                    refused_file{"NoSealAgainstSeals", {.seals = F_SEAL_SHRINK | F_SEAL_GROW}},
                    refused_file{"Magic", {.magic = "MILLRINg"}},
                    refused_file{"Layout", {.layout = wire::kSegmentLayout + 1}},
                    refused_file{"NoCells", {.cells = 0, .length = segment_bytes(0)}},
                    refused_file{"FewCells", {.cells = 8, .length = segment_bytes(8)}},
                    refused_file{"NoPowerOfTwo", {.cells = 24, .length = segment_bytes(24)}},
                    refused_file{"ManyCells", {.cells = 2'048, .length = segment_bytes(2'048)}},
                    refused_file{"CellsThatOverflow", {.cells = 0x8000'0000U}},
                    refused_file{"Short", {.length = segment_bytes(kCells) - 1}},
                    refused_file{"Long", {.length = segment_bytes(kCells) + 1}},
                    refused_file{"EndsWithinTheFields", {.length = 1'024}},
                    refused_file{"Empty", {.length = 0}}),
    [](const auto& one) { return std::string{one.param.what}; });

// ——— The halves ———

using message = std::array<std::byte, wire::kMessageBytes>;

message numbered(std::uint32_t number) {
  message one;
  one.fill(static_cast<std::byte>(number * 7 + 1));
  std::memcpy(one.data(), &number, sizeof number);
  return one;
}

/// The memory of two rings, and what an engine does with it.
struct rings {
  std::byte* memory = bytes.data();

  /// Writes message `number` into its cell of IN and publishes all up to it.
  void publish(std::uint32_t number) const {
    const message one = numbered(number);
    std::memcpy(memory + wire::kSegmentCellsAt + std::size_t{number % kCells} * one.size(),
                one.data(), one.size());
    in_tail().store(number + 1);
  }
  /// What lies in the cell of OUT of message `number`.
  [[nodiscard]] message sent(std::uint32_t number) const {
    message one;
    std::memcpy(one.data(),
                memory + wire::kSegmentCellsAt + std::size_t{kCells + number % kCells} * one.size(),
                one.size());
    return one;
  }
  [[nodiscard]] shared_word in_tail() const { return word_at(memory, wire::kInTailSegmentOffset); }
  [[nodiscard]] shared_word in_head() const { return word_at(memory, wire::kInHeadSegmentOffset); }
  [[nodiscard]] shared_word out_tail() const {
    return word_at(memory, wire::kOutTailSegmentOffset);
  }
  [[nodiscard]] shared_word out_head() const {
    return word_at(memory, wire::kOutHeadSegmentOffset);
  }
  [[nodiscard]] shared_word flag(std::size_t offset) const { return word_at(memory, offset); }

 private:
  struct alignas(64) aligned {
    std::array<std::byte, segment_bytes(kCells)> all{};
    std::byte* data() { return all.data(); }
  } bytes;
};

std::vector<std::byte> joined(std::uint32_t first, std::uint32_t count) {
  std::vector<std::byte> all;
  for (std::uint32_t i = 0; i < count; i += 1) {
    const message one = numbered(first + i);
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

/// Counters that begin at nothing, at the last message before the wrap, and in the middle of a ring
/// before it.
constexpr std::array<std::uint32_t, 4> kBegins{0, 0xffff'ffffU, 0xffff'fff8U, 0x7fff'ffffU};

TEST(RingConsumer, TakesMessagesInOrderAcrossTheWrapOfItsCounterAndItsCells) {
  for (const std::uint32_t begin : kBegins) {
    rings all;
    all.in_tail().store(begin);
    all.in_head().store(begin);
    ring_consumer consumer{all.memory, kCells, begin};
    EXPECT_EQ(consumer.look().count, 0U);
    for (std::uint32_t round = 0, next = begin; round < 3; round += 1) {
      for (std::uint32_t i = 0; i < kCells - 3; i += 1) all.publish(next + i);
      ASSERT_EQ(consumer.look().count, kCells - 3);
      std::vector<std::byte> into((kCells - 3) * wire::kMessageBytes);
      consumer.take(into.data(), kCells - 3);
      EXPECT_EQ(into, joined(next, kCells - 3)) << begin;
      next += kCells - 3;
      EXPECT_EQ(all.in_head().load(), next);
      EXPECT_EQ(consumer.look().count, 0U);
    }
  }
}

TEST(RingConsumer, CallsATailNonsenseThatIsBelowItsHeadOrAWholeRingAboveIt) {
  for (const std::uint32_t begin : kBegins) {
    rings all;
    ring_consumer consumer{all.memory, kCells, begin};
    for (const std::uint32_t above : {kCells + 1, 0x8000'0000U, 0xffff'ffffU}) {
      all.in_tail().store(begin + above);
      EXPECT_TRUE(consumer.look().nonsense) << begin << " + " << above;
      EXPECT_FALSE(consumer.sleeps());  // Who slept would not learn of it.
    }
    all.in_tail().store(begin + kCells);
    EXPECT_EQ(consumer.look().count, kCells);
    EXPECT_FALSE(consumer.look().nonsense);
  }
}

TEST(RingConsumer, HoldsACopyThatWhatTheEngineWritesLaterDoesNotChange) {
  rings all;
  ring_consumer consumer{all.memory, kCells};
  all.publish(0);
  message into;
  consumer.take(into.data(), 1);
  all.publish(kCells);
  EXPECT_EQ(into, numbered(0));
}

TEST(RingConsumer, SleepsWithItsFlagSetUnlessSomethingCameMeanwhile) {
  rings all;
  ring_consumer consumer{all.memory, kCells};
  const auto flag = all.flag(wire::kInConsumerSleepingSegmentOffset);
  EXPECT_TRUE(consumer.sleeps());
  EXPECT_EQ(flag.load(), 1U);
  consumer.wakes();
  EXPECT_EQ(flag.load(), 0U);
  all.publish(0);
  EXPECT_FALSE(consumer.sleeps());
  EXPECT_EQ(flag.load(), 0U);
}

TEST(RingConsumer, WakesAnEngineThatWaitsForRoomOnce) {
  rings all;
  ring_consumer consumer{all.memory, kCells};
  EXPECT_FALSE(consumer.must_wake());
  all.flag(wire::kInProducerWaitingSegmentOffset).store(1);
  EXPECT_TRUE(consumer.must_wake());
  EXPECT_FALSE(consumer.must_wake());
}

TEST(RingProducer, PublishesInOrderAcrossTheWrapAsMuchAsThereIsRoomFor) {
  for (const std::uint32_t begin : kBegins) {
    rings all;
    all.out_head().store(begin);
    ring_producer producer{all.memory, kCells, begin};
    const auto messages = joined(begin, kCells + 5);
    ASSERT_EQ(producer.put(messages.data(), kCells + 5).count, kCells);
    EXPECT_EQ(all.out_tail().load(), begin + kCells);
    EXPECT_EQ(producer.put(messages.data(), 1).count, 0U);
    EXPECT_EQ(producer.look().count, 0U);
    for (std::uint32_t i = 0; i < kCells; i += 1) {
      EXPECT_EQ(all.sent(begin + i), numbered(begin + i)) << begin;
    }
    all.out_head().store(begin + 5);
    const auto* rest = messages.data() + std::size_t{kCells} * wire::kMessageBytes;
    ASSERT_EQ(producer.put(rest, 5).count, 5U);
    EXPECT_EQ(all.sent(begin + kCells + 4), numbered(begin + kCells + 4));
    EXPECT_EQ(all.sent(begin + 5), numbered(begin + 5));  // Not taken yet, and still there.
  }
}

TEST(RingProducer, CallsAHeadNonsenseThatIsAboveItsTailOrAWholeRingBelowIt) {
  for (const std::uint32_t begin : kBegins) {
    rings all;
    ring_producer producer{all.memory, kCells, begin};
    const auto messages = joined(0, 1);
    for (const std::uint32_t head : {begin + 1, begin - kCells - 1, begin + 0x8000'0000U}) {
      all.out_head().store(head);
      EXPECT_TRUE(producer.look().nonsense) << begin << ": " << head;
      EXPECT_TRUE(producer.put(messages.data(), 1).nonsense);
      EXPECT_FALSE(producer.waits());  // Who waited would not learn of it.
    }
    EXPECT_EQ(all.out_tail().load(), 0U);  // Nothing was published.
  }
}

TEST(RingProducer, WaitsWithItsFlagSetUnlessRoomCameMeanwhile) {
  rings all;
  ring_producer producer{all.memory, kCells};
  const auto flag = all.flag(wire::kOutProducerWaitingSegmentOffset);
  EXPECT_FALSE(producer.waits());
  EXPECT_EQ(flag.load(), 0U);
  const auto messages = joined(0, kCells);
  ASSERT_EQ(producer.put(messages.data(), kCells).count, kCells);
  EXPECT_TRUE(producer.waits());
  EXPECT_EQ(flag.load(), 1U);
  producer.stops_waiting();
  EXPECT_EQ(flag.load(), 0U);
}

TEST(RingProducer, WakesAnEngineThatSleepsOnce) {
  rings all;
  ring_producer producer{all.memory, kCells};
  EXPECT_FALSE(producer.must_wake());
  all.flag(wire::kOutConsumerSleepingSegmentOffset).store(1);
  EXPECT_TRUE(producer.must_wake());
  EXPECT_FALSE(producer.must_wake());
}

}  // namespace
