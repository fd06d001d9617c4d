// Logging; see log.hpp.
#include "log.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "cold.hpp"
#include "limits.hpp"
#include "pipe.hpp"
#include "proto.hpp"

namespace millrace::detail {
namespace {

void append_text(std::string& json, std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  json += '"';
  for (const char c : sendable_text(text, kLogAttributesBytesMax)) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (code < 0x20) {
      json += "\\u00";
      json += kDigits[code >> 4U];
      json += kDigits[code & 15U];
    } else {
      json += c;
    }
  }
  json += '"';
}

template <class Number>
void append_number(std::string& json, Number number) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  json.append(text.data(), end);
}

std::string_view name_of(log_level level) {
  constexpr std::array<std::string_view, 5> kNames{"log", "debug", "info", "warn", "error"};
  const auto at = static_cast<std::size_t>(level);
  return at < kNames.size() ? kNames[at] : kNames[0];
}

}  // namespace

std::string json_of(std::initializer_list<attribute> attributes) {
  if (attributes.size() == 0) return {};
  std::string json = "{";
  for (const attribute& one : attributes) {
    if (json.size() > 1) json += ',';
    append_text(json, one.key);
    json += ':';
    std::visit(
        [&](const auto& value) {
          using type = std::remove_cvref_t<decltype(value)>;
          if constexpr (std::is_same_v<type, std::string_view>) {
            append_text(json, value);
          } else if constexpr (std::is_same_v<type, bool>) {
            json += value ? "true" : "false";
          } else if constexpr (std::is_same_v<type, double>) {
            // JSON has no infinity and no NaN.
            if (std::isfinite(value)) {
              append_number(json, value);
            } else {
              json += "null";
            }
          } else {
            append_number(json, value);
          }
        },
        one.value);
  }
  json += '}';
  if (json.size() <= kLogAttributesBytesMax) return json;
  return "{\"attributes_dropped\":\"" + std::to_string(json.size()) + " bytes\"}";
}

void worker_log::write(log_level level, std::string_view message,
                       std::initializer_list<attribute> attributes, std::string_view function,
                       std::uint32_t call_id) {
  if (!welcome_.log) {
    say(std::string{name_of(level)} + " " + std::string{function} + " " + std::string{message} +
        " " + json_of(attributes));
    return;
  }
  if (channel_.high()) {
    dropped_ += 1;
    return;
  }
  if (dropped_ > 0) {
    const std::string count = json_of({{"dropped", dropped_}});
    dropped_ = 0;
    send(log_level::warn, "log records were dropped: the channel was backed up", count, 0);
  }
  send(level, message, json_of(attributes), call_id);
}

void worker_log::send(log_level level, std::string_view message, std::string attributes,
                      std::uint32_t call_id) {
  log_record record;
  record.level = static_cast<std::uint32_t>(level);
  record.message = sendable_text(message, kLogMessageBytesMax);
  record.attributes_json = std::move(attributes);
  bytes body;
  encode(record, body);
  channel_.send_spanning(wire::MessageType::kLog, body,
                         [&](std::byte* part) { wire::set_call_id(part, call_id); });
}

}  // namespace millrace::detail
