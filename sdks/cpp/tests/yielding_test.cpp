// When a worker gives up its processor before it sleeps, by a clock that the test sets.
#include "yielding.hpp"

#include <gtest/gtest.h>

namespace {

using namespace millrace::detail;

/// A clock that is set by hand, and a number of processors that says how often it was asked for.
struct processors_at {
  steady::time_point now{std::chrono::hours{1}};
  int processors = 2;
  int asked = 0;
  yielding state;

  bool worth() {
    return state.worth(now, [&] {
      asked += 1;
      return processors;
    });
  }
  bool away(steady::duration span) {
    const steady::time_point from = now;
    now += span;
    return state.was_away(from, now);
  }
};

TEST(Yielding, IsWorthItOnceAfterAReadOfMany) {
  processors_at at;
  EXPECT_FALSE(at.worth());
  at.state.took(kYieldMessagesMin - 1);
  EXPECT_FALSE(at.worth());
  at.state.took(kYieldMessagesMin);
  EXPECT_TRUE(at.worth());
  EXPECT_FALSE(at.worth());
  at.state.took(kYieldMessagesMin);
  at.state.took(1);
  EXPECT_FALSE(at.worth());
}

TEST(Yielding, IsNotWorthItOnOneProcessorWhichIsAskedOnceInAWhile) {
  processors_at at;
  const auto worth = [&] {
    at.state.took(kYieldMessagesMin);
    return at.worth();
  };
  at.processors = 1;
  EXPECT_FALSE(worth());
  at.processors = 2;
  at.now += kProcessorsKnownFor - std::chrono::nanoseconds{1};
  EXPECT_FALSE(worth());
  EXPECT_EQ(at.asked, 1);
  at.now += std::chrono::nanoseconds{1};
  EXPECT_TRUE(worth());
  EXPECT_TRUE(worth());
  EXPECT_EQ(at.asked, 2);
}

TEST(Yielding, RestsManyTimesAsLongAsSomebodyHeldTheProcessor) {
  processors_at at;
  const auto worth = [&] {
    at.state.took(kYieldMessagesMin);
    return at.worth();
  };
  EXPECT_TRUE(worth());
  EXPECT_TRUE(at.away(kYieldAwayMax));
  EXPECT_TRUE(worth());
  const auto held = kYieldAwayMax + std::chrono::microseconds{1};
  EXPECT_FALSE(at.away(held));
  at.now += kYieldRest * held - std::chrono::nanoseconds{1};
  EXPECT_FALSE(worth());
  at.now += std::chrono::nanoseconds{1};
  EXPECT_TRUE(worth());
}

}  // namespace
