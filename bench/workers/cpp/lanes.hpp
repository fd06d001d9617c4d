// The loops of a calling function in C++, and what it answers.
#pragma once

#include "millrace/millrace.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

using steady = std::chrono::steady_clock;

// Times in nanoseconds, as the bench reads them: the whole time as u64, then each sample as u32, little-endian.
class samples {
public:
  explicit samples(std::size_t count) { each_.reserve(count); }
  // A sample that began then and ends now.
  void add(steady::time_point begin);
  [[nodiscard]] millrace::bytes encoded() const;

private:
  steady::time_point begun_ = steady::now();
  std::vector<std::uint32_t> each_;
};

// Why a callee's answer is not what it should be.
millrace::error wrong_size(std::string_view callee, std::size_t got, std::size_t wanted);

// Makes the calls of a load, one after the other, overlapping, or in batches.
millrace::result<millrace::bytes> calls(millrace::context& ctx, std::string_view load);

} // namespace bench
