// Whether a worker gives up its processor before it sleeps on its ring. Pure: the clock and the
// number of processors come from the caller.
#pragma once

#include <cstddef>

#include "limits.hpp"
#include "pipe_types.hpp"

namespace millrace::detail {

/// With few processors several workers share one. Where many messages came at once, the others on
/// it most likely have their next ones: they work when this one gives way, what they send comes
/// back to this one, and nobody had to sleep and be woken, which costs the engine more than 16
/// messages do.
///
/// Not beside somebody who computes: the kernel does not take the processor back from it as it
/// would for one that wakes. So after being away for long this one rests for many times as long,
/// and only sleeps. Nor on one processor, where whoever is woken waits for the engine anyway, and a
/// yield comes on top.
class yielding {
 public:
  /// So many messages were read at once.
  void took(std::size_t messages) noexcept { many_ = messages >= kYieldMessagesMin; }

  /// Whether to give way now, up to `kYieldsBeforeSleep` times. False until the next read of many.
  /// `processors`: how many this process may use, asked once in a while.
  template <class Processors>
  [[nodiscard]] bool worth(steady::time_point now, Processors&& processors) {
    if (!many_ || now < rests_until_) return false;
    many_ = false;
    if (now >= known_until_) {
      alone_ = processors() <= 1;
      known_until_ = now + kProcessorsKnownFor;
    }
    return !alone_;
  }

  /// The processor was given up, and is back. Whether to go on.
  bool was_away(steady::time_point from, steady::time_point until) noexcept {
    if (until - from <= kYieldAwayMax) return true;
    rests_until_ = until + kYieldRest * (until - from);
    return false;
  }

 private:
  bool many_ = false;
  bool alone_ = false;
  steady::time_point known_until_{};
  steady::time_point rests_until_{};
};

}  // namespace millrace::detail
