// Buffers that own their bytes, and the pools they come from.
#include "millrace/bytes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "limits.hpp"

namespace {

using namespace millrace;
using namespace millrace::detail;

TEST(Bytes, OwnMoveCopyAndGrow) {
  bytes a{"hello"};
  bytes b = a;
  b.append(" world");
  EXPECT_EQ(a.text(), "hello");
  EXPECT_EQ(b.text(), "hello world");
  bytes c = std::move(b);
  EXPECT_EQ(c.text(), "hello world");
  c.append(c);
  EXPECT_EQ(c.text(), "hello worldhello world");
  bytes large(2'000);
  large[1'999] = std::byte{1};
  large.append(large);
  EXPECT_EQ(large.size(), 4'000U);
  EXPECT_EQ(large[3'999], std::byte{1});
  large.resize(10);
  large.resize(12);
  EXPECT_EQ(large[11], std::byte{0});
  EXPECT_TRUE(bytes{"x"} == bytes{"x"});
  EXPECT_FALSE(bytes{"x"} == bytes{"y"});
}

TEST(Bytes, OfALargeSizeAreUsedAnewForNoFewerThanHalfOfThem) {
  constexpr std::size_t kSize = 1'000'000;
  const auto given_back = [] {
    bytes one{kSize};
    std::ranges::fill(one, std::byte{0xaa});
  };
  given_back();
  bytes half;
  half.resize_for_overwrite(kSize / 2);
  EXPECT_EQ(half.capacity(), kSize);
  bytes other;
  other.reserve(kSize);  // The only one is in use.
  EXPECT_EQ(other.capacity(), kSize);
  EXPECT_NE(other.data(), half.data());
  given_back();
  bytes less{kSize / 2 - 1};
  EXPECT_EQ(less.capacity(), kSize / 2 - 1);
  // What was in it is not seen by who asks for bytes.
  const bytes zero{kSize - 1};
  EXPECT_EQ(zero.capacity(), kSize);
  EXPECT_TRUE(std::ranges::all_of(zero.view(), [](std::byte one) { return one == std::byte{0}; }));
}

TEST(Bytes, OfALargeSizeAreKeptWithinBounds) {
  const auto reserved = [](std::size_t capacity) {
    bytes one;
    one.reserve(capacity);
    return one.capacity();
  };
  // The oldest goes when another one would be too much.
  constexpr std::size_t kMost = kLargeKeptBytesMax;
  reserved(kMost);
  EXPECT_EQ(reserved(kMost - 1), kMost);
  reserved(kLargeBlockBytesMin);
  EXPECT_EQ(reserved(kMost - 1), kMost - 1);
  EXPECT_EQ(reserved(kMost + 1), kMost + 1);
  EXPECT_EQ(reserved(kMost - 2), kMost - 1);  // One that is larger than all that is kept is not.
  // Nor more than so many.
  std::vector<bytes> many(kLargeKeptMax + 1);
  for (std::size_t i = 0; i < many.size(); i += 1) many[i].reserve(2 * kLargeBlockBytesMin + i);
  const std::size_t first = many[0].capacity();
  const std::size_t second = many[1].capacity();
  for (bytes& one : many) one = bytes{};
  many.clear();
  std::vector<bytes> again(kLargeKeptMax);
  for (bytes& one : again) one.reserve(2 * kLargeBlockBytesMin);
  EXPECT_TRUE(std::ranges::none_of(again, [&](const bytes& one) { return one.capacity() == first; }));
  EXPECT_TRUE(std::ranges::any_of(again, [&](const bytes& one) { return one.capacity() == second; }));
}

}  // namespace
