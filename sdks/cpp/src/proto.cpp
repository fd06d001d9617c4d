// Reading protobuf's encoding; see proto.hpp.
#include "proto.hpp"

namespace millrace::detail {
namespace {

/// Groups within groups that are skipped; deeper ones are malformed. Unit: groups.
constexpr int kGroupDepthMax = 32;

/// Length of the UTF-8 character that begins at `at`; 0: none does.
std::size_t character_length(std::string_view text, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; i += 1) {
    if ((byte(at + i) & 0xc0U) != 0x80U) return 0;
  }
  const unsigned char second = byte(at + 1);
  // Overlong forms, surrogates, and what is above U+10FFFF.
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)) return 0;
  if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) return 0;
  return length;
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = character_length(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::string sendable_text(std::string_view text, std::size_t max) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = character_length(text, at);
    if (out.size() + (length == 0 ? 1 : length) > max) break;
    if (length == 0) {
      out += '?';
      at += 1;
    } else {
      out += text.substr(at, length);
      at += length;
    }
  }
  return out;
}

bool proto_reader::varint(std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    if (at_ >= from_.size()) return false;
    const auto byte = static_cast<std::uint64_t>(from_[at_]);
    at_ += 1;
    if (shift < 64) value |= (byte & 0x7fU) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

bool proto_reader::value(proto_field& field, int depth) {
  switch (field.wire_type) {
    case 0:
      return varint(field.value);
    case 1:
    case 5: {
      const std::size_t length = field.wire_type == 1 ? 8 : 4;
      if (from_.size() - at_ < length) return false;
      at_ += length;
      return true;
    }
    case 2: {
      std::uint64_t length = 0;
      if (!varint(length) || length > from_.size() - at_) return false;
      field.payload = from_.sub(at_, static_cast<std::size_t>(length));
      at_ += static_cast<std::size_t>(length);
      return true;
    }
    case 3:
      return depth < kGroupDepthMax && skip_group(field.number, depth + 1);
    default:
      return false;
  }
}

bool proto_reader::skip_group(std::uint32_t number, int depth) {
  for (;;) {
    std::uint64_t tag = 0;
    if (!varint(tag) || tag > 0xffff'ffffU) return false;
    proto_field inner;
    inner.number = static_cast<std::uint32_t>(tag >> 3U);
    inner.wire_type = static_cast<std::uint32_t>(tag & 7U);
    if (inner.number == 0) return false;
    if (inner.wire_type == 4) return inner.number == number;
    if (!value(inner, depth)) return false;
  }
}

bool proto_reader::next(proto_field& field) {
  if (malformed_ || at_ >= from_.size()) return false;
  field = {};
  std::uint64_t tag = 0;
  if (!varint(tag) || tag > 0xffff'ffffU) {
    malformed_ = true;
    return false;
  }
  field.number = static_cast<std::uint32_t>(tag >> 3U);
  field.wire_type = static_cast<std::uint32_t>(tag & 7U);
  if (field.number == 0 || !value(field, 0)) malformed_ = true;
  return !malformed_;
}

std::string proto_reader::text(const proto_field& field) {
  if (!is_utf8(field.payload.text())) malformed_ = true;
  return std::string{field.payload.text()};
}

}  // namespace millrace::detail
