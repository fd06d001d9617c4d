// Protobuf's encoding, as far as the cold messages need it: varints, texts, messages within
// messages. No dependency.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "millrace/bytes.hpp"

namespace millrace::detail {

/// Appends fields to a body. Fields with their default value are left out, as proto3 wants.
class proto_writer {
 public:
  explicit proto_writer(bytes& into) noexcept : into_(into) {}

  void number(std::uint32_t field, std::uint64_t value) {
    if (value == 0) return;
    varint(std::uint64_t{field} << 3U);
    varint(value);
  }
  void text(std::uint32_t field, std::string_view value) {
    if (!value.empty()) item(field, value);
  }
  /// One item of a repeated field, or a message: written even when it is empty.
  void item(std::uint32_t field, bytes_view value) {
    varint((std::uint64_t{field} << 3U) | 2U);
    varint(value.size());
    into_.append(value);
  }

 private:
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) into_.push_back(static_cast<std::byte>(value | 0x80U));
    into_.push_back(static_cast<std::byte>(value));
  }

  bytes& into_;
};

/// One field as it lies in a message.
struct proto_field {
  std::uint32_t number = 0;
  /// 0: a number. 2: bytes, a text or a message. Others are skipped by who does not know them.
  std::uint32_t wire_type = 0;
  std::uint64_t value = 0;
  bytes_view payload;
};

/// Reads the fields of one message. Never reads beyond it, whatever the bytes.
class proto_reader {
 public:
  explicit proto_reader(bytes_view from) noexcept : from_(from) {}

  /// The next field. False at the end, and when the bytes are malformed: see `malformed`.
  bool next(proto_field& field);
  /// Whether the bytes are no protobuf message. Also set by `fail`.
  [[nodiscard]] bool malformed() const noexcept { return malformed_; }
  /// A field does not hold what it should.
  void fail() noexcept { malformed_ = true; }
  /// The field as text; malformed when it is not UTF-8.
  std::string text(const proto_field& field);

 private:
  bool varint(std::uint64_t& value);
  bool skip_group(std::uint32_t number, int depth);
  bool value(proto_field& field, int depth);

  bytes_view from_;
  std::size_t at_ = 0;
  bool malformed_ = false;
};

/// Whether the bytes are UTF-8, as proto3 wants of its texts.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// At most `max` bytes of `text`, cut between characters; bytes that are not UTF-8 become '?'.
[[nodiscard]] std::string sendable_text(std::string_view text, std::size_t max);

}  // namespace millrace::detail
