// Joins the bodies of a cold message that spans consecutive messages of one type and call by MORE.
// Rules cold-span-consecutive, cold-span-header and cold-span-bytes.
#pragma once

#include <array>
#include <string>

#include "millrace/bytes.hpp"
#include "verdict.hpp"

namespace millrace::detail {

/// Holds at most 64 KiB, however many parts they came in.
class cold_span {
 public:
  /// Whether a span has begun and not ended.
  [[nodiscard]] bool open() const noexcept { return open_; }

  /// Takes one judged message; give it every message of the channel's direction while `open`, and
  /// every spanning type otherwise. True: `body` is whole and valid until the next `take`. False:
  /// more must come, or a rule is broken.
  bool take(const std::byte* message, breach& broken) {
    const bytes_view part = body(message);
    if (open_ && (broken = compare(message))) return false;
    if (joined_.size() * static_cast<std::size_t>(open_) + part.size() >
        wire::kColdMessageBytesMax) {
      broken = verdict{"cold-span-bytes", type_name(wire::type(message)) + " is over 65536 bytes"};
      return false;
    }
    if (!open_) {
      joined_ = bytes{};
      std::memcpy(header_.data(), message, header_.size());
    }
    joined_.append(part);
    open_ = has_more(message);
    return !open_;
  }

  [[nodiscard]] bytes_view whole() const noexcept { return joined_; }

 private:
  [[nodiscard]] breach compare(const std::byte* message) const {
    for (std::size_t i = 0; i < header_.size(); i += 1) {
      // Flags and body_length: each part has its own.
      if (i >= wire::kFlagsOffset && i < wire::kCallIdOffset) continue;
      if (message[i] == header_[i]) continue;
      const std::string first = type_name(static_cast<std::uint8_t>(header_[0]));
      if (i > wire::kCallIdOffset + 3) {
        std::string differ = "parts of ";
        differ.append(first).append(" differ at header byte ").append(std::to_string(i));
        return verdict{"cold-span-header", std::move(differ)};
      }
      std::string what = i == 0 ? type_name(wire::type(message))
                                : "call " + std::to_string(wire::call_id(message));
      what.append(" came between the parts of ").append(first);
      return verdict{"cold-span-consecutive", std::move(what)};
    }
    return std::nullopt;
  }

  bool open_ = false;
  std::array<std::byte, wire::kHeaderBytes> header_{};
  bytes joined_;
};

}  // namespace millrace::detail
