// The cold messages field by field; the numbers are those of proto/millrace/v1.
#include "cold.hpp"

#include <cstring>

#include "proto.hpp"

namespace millrace::detail {
namespace {

constexpr std::uint32_t kNumber = 0;
constexpr std::uint32_t kPayload = 2;

/// Gives each field to `take(reader, field)`. Fields of another wire type than their number has are
/// for `take` to pass over, as unknown ones are (rule cold-unknown-fields).
template <class Message, class Take>
std::optional<Message> decode(bytes_view body, Take take) {
  Message message;
  proto_reader reader{body};
  proto_field field;
  while (reader.next(field)) take(message, reader, field);
  if (reader.malformed()) return std::nullopt;
  return message;
}

std::uint32_t number(const proto_field& field) { return static_cast<std::uint32_t>(field.value); }

void encode(const software& from, bytes& into) {
  proto_writer to{into};
  to.text(1, from.name);
  to.text(2, from.version);
  to.text(3, from.language);
  to.text(4, from.runtime);
}

std::optional<software> decode_software(bytes_view body) {
  return decode<software>(body, [](software& to, proto_reader& reader, const proto_field& field) {
    if (field.wire_type != kPayload) return;
    if (field.number == 1) to.name = reader.text(field);
    if (field.number == 2) to.version = reader.text(field);
    if (field.number == 3) to.language = reader.text(field);
    if (field.number == 4) to.runtime = reader.text(field);
  });
}

/// FunctionOffer and FunctionId have the same shape: a name and a number.
bytes named_number(const std::string& name, std::uint32_t value) {
  bytes body;
  proto_writer to{body};
  to.text(1, name);
  to.number(2, value);
  return body;
}

std::optional<function_id> decode_named_number(bytes_view body) {
  return decode<function_id>(body,
                             [](function_id& to, proto_reader& reader, const proto_field& field) {
                               if (field.number == 1 && field.wire_type == kPayload)
                                 to.name = reader.text(field);
                               if (field.number == 2 && field.wire_type == kNumber)
                                 to.id = number(field);
                             });
}

/// A message within a message: malformed inside is malformed outside.
template <class Inner>
void inner(proto_reader& reader, std::optional<Inner> decoded, Inner& to) {
  if (decoded) {
    to = std::move(*decoded);
  } else {
    reader.fail();
  }
}

}  // namespace

void write_prefix(bytes& into, version_prefix prefix) {
  const std::size_t at = into.size();
  into.resize(at + wire::kVersionPrefixBytes);
  std::memcpy(into.data() + at, wire::kMagic.data(), wire::kMagic.size());
  wire::store(into.data() + at + wire::kVersionMinPrefixOffset, prefix.min);
  wire::store(into.data() + at + wire::kVersionMaxPrefixOffset, prefix.max);
}

bool begins_with_magic(bytes_view body) {
  return body.size() >= wire::kMagic.size() &&
         body.text().substr(0, wire::kMagic.size()) == wire::kMagic;
}

std::optional<version_prefix> read_prefix(bytes_view body) {
  if (body.size() < wire::kVersionPrefixBytes || !begins_with_magic(body)) return std::nullopt;
  if (wire::load<std::uint32_t>(body.data() + wire::kPrefixReservedPrefixOffset) != 0)
    return std::nullopt;
  return version_prefix{wire::load<std::uint16_t>(body.data() + wire::kVersionMinPrefixOffset),
                        wire::load<std::uint16_t>(body.data() + wire::kVersionMaxPrefixOffset)};
}

void encode(const hello& from, bytes& into) {
  proto_writer to{into};
  to.text(1, from.token);
  for (const function_offer& offer : from.functions)
    to.item(2, named_number(offer.name, offer.timeout_us));
  for (const std::string& feature : from.features) to.item(3, feature);
  to.number(4, from.max_calls);
  bytes about;
  encode(from.about, about);
  if (!about.empty()) to.item(5, about);
}

std::optional<hello> decode_hello(bytes_view body) {
  return decode<hello>(body, [](hello& to, proto_reader& reader, const proto_field& field) {
    if (field.number == 4 && field.wire_type == kNumber) to.max_calls = number(field);
    if (field.wire_type != kPayload) return;
    if (field.number == 1) to.token = reader.text(field);
    if (field.number == 2) {
      function_id offer;
      inner(reader, decode_named_number(field.payload), offer);
      to.functions.push_back({offer.name, offer.id});
    }
    if (field.number == 3) to.features.push_back(reader.text(field));
    if (field.number == 5) inner(reader, decode_software(field.payload), to.about);
  });
}

void encode(const welcome_body& from, bytes& into) {
  proto_writer to{into};
  for (const function_id& function : from.functions)
    to.item(1, named_number(function.name, function.id));
  for (const std::string& feature : from.features) to.item(2, feature);
  bytes bounds;
  proto_writer inside{bounds};
  inside.number(1, from.bounds.max_calls);
  inside.number(2, from.bounds.max_open_invokes);
  inside.number(3, from.bounds.max_open_resolves);
  inside.number(4, from.bounds.max_open_pings);
  inside.number(5, from.bounds.max_payload_bytes);
  inside.number(6, from.bounds.max_depth);
  inside.number(7, from.bounds.min_file_bytes);
  if (!bounds.empty()) to.item(3, bounds);
  bytes about;
  encode(from.about, about);
  if (!about.empty()) to.item(4, about);
  to.number(5, from.worker_id);
}

std::optional<welcome_body> decode_welcome(bytes_view body) {
  const auto decode_limits = [](bytes_view from) {
    return decode<limits>(from, [](limits& to, proto_reader&, const proto_field& field) {
      if (field.wire_type != kNumber) return;
      if (field.number == 1) to.max_calls = number(field);
      if (field.number == 2) to.max_open_invokes = number(field);
      if (field.number == 3) to.max_open_resolves = number(field);
      if (field.number == 4) to.max_open_pings = number(field);
      if (field.number == 5) to.max_payload_bytes = number(field);
      if (field.number == 6) to.max_depth = number(field);
      if (field.number == 7) to.min_file_bytes = number(field);
    });
  };
  return decode<welcome_body>(
      body, [&](welcome_body& to, proto_reader& reader, const proto_field& field) {
        if (field.number == 5 && field.wire_type == kNumber) to.worker_id = number(field);
        if (field.wire_type != kPayload) return;
        if (field.number == 1) {
          inner(reader, decode_named_number(field.payload), to.functions.emplace_back());
        }
        if (field.number == 2) to.features.push_back(reader.text(field));
        if (field.number == 3) inner(reader, decode_limits(field.payload), to.bounds);
        if (field.number == 4) inner(reader, decode_software(field.payload), to.about);
      });
}

void encode(const goodbye& from, bytes& into) {
  proto_writer to{into};
  to.number(1, from.reason);
  to.text(2, from.message);
  to.text(3, from.rule);
}

std::optional<goodbye> decode_goodbye(bytes_view body) {
  return decode<goodbye>(body, [](goodbye& to, proto_reader& reader, const proto_field& field) {
    if (field.number == 1 && field.wire_type == kNumber) to.reason = number(field);
    if (field.wire_type != kPayload) return;
    if (field.number == 2) to.message = reader.text(field);
    if (field.number == 3) to.rule = reader.text(field);
  });
}

void encode(const failure& from, bytes& into) {
  proto_writer to{into};
  to.number(1, from.reason);
  to.text(2, from.code);
  to.text(3, from.message);
  to.text(4, from.error_type);
  to.text(5, from.stack);
  to.number(6, from.retry);
  to.text(7, from.function);
}

std::optional<failure> decode_failure(bytes_view body) {
  return decode<failure>(body, [](failure& to, proto_reader& reader, const proto_field& field) {
    if (field.wire_type == kNumber) {
      if (field.number == 1) to.reason = number(field);
      if (field.number == 6) to.retry = number(field);
    }
    if (field.wire_type != kPayload) return;
    if (field.number == 2) to.code = reader.text(field);
    if (field.number == 3) to.message = reader.text(field);
    if (field.number == 4) to.error_type = reader.text(field);
    if (field.number == 5) to.stack = reader.text(field);
    if (field.number == 7) to.function = reader.text(field);
  });
}

void encode(const log_record& from, bytes& into) {
  proto_writer to{into};
  to.number(1, from.level);
  to.text(2, from.message);
  to.text(3, from.attributes_json);
}

std::optional<log_record> decode_log(bytes_view body) {
  return decode<log_record>(body,
                            [](log_record& to, proto_reader& reader, const proto_field& field) {
                              if (field.number == 1 && field.wire_type == kNumber)
                                to.level = number(field);
                              if (field.wire_type != kPayload) return;
                              if (field.number == 2) to.message = reader.text(field);
                              if (field.number == 3) to.attributes_json = reader.text(field);
                            });
}

}  // namespace millrace::detail
