// Seeded chance, the same on every machine: splitmix64.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "millrace/bytes.hpp"

namespace support {

class seeded_random {
 public:
  explicit seeded_random(std::uint64_t seed) noexcept : state_(seed) {}
  std::uint64_t next() noexcept {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }
  /// 0 to `bound` - 1.
  std::size_t below(std::size_t bound) noexcept { return static_cast<std::size_t>(next() % bound); }

 private:
  std::uint64_t state_;
};

/// The bytes in pieces of 1 to `most`.
inline std::vector<millrace::bytes_view> cuts(seeded_random& chance, millrace::bytes_view whole,
                                              std::size_t most) {
  std::vector<millrace::bytes_view> pieces;
  for (std::size_t at = 0; at < whole.size();) {
    pieces.push_back(whole.sub(at, 1 + chance.below(most)));
    at += pieces.back().size();
  }
  return pieces;
}

/// The bytes in pieces of that size.
inline std::vector<millrace::bytes_view> pieces_of(millrace::bytes_view whole, std::size_t size) {
  std::vector<millrace::bytes_view> pieces;
  for (std::size_t at = 0; at < whole.size(); at += size) pieces.push_back(whole.sub(at, size));
  return pieces;
}

}  // namespace support
