// Bytes cut anywhere into whole messages (rule channel-reassemble). Pure: no I/O.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

#include "millrace/gen/layout.hpp"

namespace millrace::detail {

/// Reassembles messages. A message that came whole is shown where it lies; only cut ones are
/// copied.
class message_assembler {
 public:
  /// Gives each whole message to `take(const std::byte*)`, which returns false to be given no more.
  /// The pointer is valid during the call only.
  template <class Take>
  void push(const std::byte* bytes, std::size_t length, Take&& take) {
    if (stopped_) return;
    std::size_t at = 0;
    if (pending_ > 0) {
      at = std::min(length, wire::kMessageBytes - pending_);
      std::memcpy(partial_.data() + pending_, bytes, at);
      pending_ += at;
      if (pending_ < wire::kMessageBytes) return;
      pending_ = 0;
      if (!take(static_cast<const std::byte*>(partial_.data()))) {
        stopped_ = true;
        return;
      }
    }
    for (; length - at >= wire::kMessageBytes; at += wire::kMessageBytes) {
      if (!take(bytes + at)) {
        stopped_ = true;
        return;
      }
    }
    if (at < length) {
      pending_ = length - at;
      std::memcpy(partial_.data(), bytes + at, pending_);
    }
  }

  /// Bytes of a message whose rest has not come, 0 to 1,023. Above 0 at the end of the stream: rule
  /// channel-truncated.
  [[nodiscard]] std::size_t pending_bytes() const noexcept { return pending_; }

 private:
  std::array<std::byte, wire::kMessageBytes> partial_{};
  std::size_t pending_ = 0;
  bool stopped_ = false;
};

}  // namespace millrace::detail
