// The golden vectors of spec/vectors, the rules of spec/requirements.json, and a judge of whole
// cold bodies.
#pragma once

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cold.hpp"
#include "cold_span.hpp"
#include "json.hpp"
#include "millrace/error.hpp"
#include "proto.hpp"
#include "verdict.hpp"

namespace support {

namespace wire = millrace::wire;
using millrace::bytes;
using millrace::bytes_view;
using millrace::detail::sender;
using message_bytes = std::array<std::byte, wire::kMessageBytes>;

inline std::string spec_folder() { return MILLRACE_SPEC; }

inline std::vector<json> golden_list(std::string_view key) {
  std::vector<json> all;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator{spec_folder() + "/vectors"})
    files.push_back(entry.path());
  std::ranges::sort(files);
  for (const auto& file : files) {
    const json content = read_json_file(file.string());
    if (const json* list = content.find(key))
      all.insert(all.end(), list->items().begin(), list->items().end());
  }
  return all;
}

inline std::set<std::string, std::less<>> rule_ids() {
  std::set<std::string, std::less<>> ids;
  const json registry = read_json_file(spec_folder() + "/requirements.json");
  for (const json& rule : registry.at("requirements").items()) ids.insert(rule.at("id").text());
  return ids;
}

/// All 1,024 bytes of a vector.
inline message_bytes golden(const json& vector) {
  message_bytes message{};
  const std::string& hex = vector.at("hex").text();
  for (std::size_t i = 0; 2 * i < hex.size(); i += 1) {
    message[i] = static_cast<std::byte>(std::stoul(hex.substr(2 * i, 2), nullptr, 16));
  }
  return message;
}

inline sender sender_of(const json& vector) {
  return vector.at("sender").text() == "engine" ? sender::engine : sender::worker;
}

/// What a cold body means, in the JSON of the vectors: decoded by the schema below, defaults left
/// out.
struct field_schema {
  std::string name;
  enum { number, text, message, reason, retry, level } kind;
  std::string inner;
  bool repeated = false;
};
using message_schema = std::map<std::uint32_t, field_schema>;

inline const std::map<std::string, message_schema, std::less<>>& schemas() {
  using f = field_schema;
  static const std::map<std::string, message_schema, std::less<>> all{
      {"Hello",
       {{1, {"token", f::text, {}, false}},
        {2, {"functions", f::message, "FunctionOffer", true}},
        {3, {"features", f::text, {}, true}},
        {4, {"max_calls", f::number, {}, false}},
        {5, {"software", f::message, "Software", false}}}},
      {"FunctionOffer",
       {{1, {"name", f::text, {}, false}}, {2, {"timeout_us", f::number, {}, false}}}},
      {"FunctionId", {{1, {"name", f::text, {}, false}}, {2, {"id", f::number, {}, false}}}},
      {"Software",
       {{1, {"name", f::text, {}, false}},
        {2, {"version", f::text, {}, false}},
        {3, {"language", f::text, {}, false}},
        {4, {"runtime", f::text, {}, false}}}},
      {"Welcome",
       {{1, {"functions", f::message, "FunctionId", true}},
        {2, {"features", f::text, {}, true}},
        {3, {"limits", f::message, "Limits", false}},
        {4, {"software", f::message, "Software", false}},
        {5, {"worker_id", f::number, {}, false}}}},
      {"Limits",
       {{1, {"max_calls", f::number, {}, false}},
        {2, {"max_open_invokes", f::number, {}, false}},
        {3, {"max_open_resolves", f::number, {}, false}},
        {4, {"max_open_pings", f::number, {}, false}},
        {5, {"max_payload_bytes", f::number, {}, false}},
        {6, {"max_depth", f::number, {}, false}}}},
      {"Goodbye",
       {{1, {"reason", f::reason, {}, false}},
        {2, {"message", f::text, {}, false}},
        {3, {"rule", f::text, {}, false}}}},
      {"Failure",
       {{1, {"reason", f::reason, {}, false}},
        {2, {"code", f::text, {}, false}},
        {3, {"message", f::text, {}, false}},
        {4, {"error_type", f::text, {}, false}},
        {5, {"stack", f::text, {}, false}},
        {6, {"retry", f::retry, {}, false}},
        {7, {"function", f::text, {}, false}}}},
      {"Log",
       {{1, {"level", f::level, {}, false}},
        {2, {"message", f::text, {}, false}},
        {3, {"attributes_json", f::text, {}, false}}}},
      {"Load",
       {{1, {"entry", f::text, {}, false}},
        {2, {"handler", f::text, {}, false}},
        {3, {"function", f::text, {}, false}}}},
      {"Loaded",
       {{1, {"offers", f::message, "FunctionOffer", true}},
        {2, {"functions", f::message, "FunctionId", true}},
        {3, {"failure", f::message, "Failure", false}}}},
      {"Fork",
       {{1, {"channel_in", f::text, {}, false}},
        {2, {"channel_out", f::text, {}, false}},
        {3, {"token", f::text, {}, false}}}},
  };
  return all;
}

inline json enum_json(const field_schema& schema, std::uint64_t value) {
  const auto upper = [](std::string_view prefix, std::string_view name) {
    std::string text{prefix};
    for (const char c : name) text += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return json{text};
  };
  if (schema.kind == field_schema::reason && value >= 1 && value <= wire::kReasons.size()) {
    return upper("REASON_", wire::kReasons[static_cast<std::size_t>(value) - 1].name);
  }
  static constexpr std::array<std::string_view, 3> kRetry{"UNSPECIFIED", "YES", "NO"};
  if (schema.kind == field_schema::retry && value < kRetry.size())
    return upper("RETRY_", kRetry[value]);
  static constexpr std::array<std::string_view, 5> kLevel{"UNSPECIFIED", "DEBUG", "INFO", "WARN",
                                                          "ERROR"};
  if (schema.kind == field_schema::level && value < kLevel.size())
    return upper("LOG_LEVEL_", kLevel[value]);
  return {static_cast<std::int64_t>(value)};
}

inline std::optional<json> decode_by_schema(const std::string& name, bytes_view body) {
  json::object out;
  millrace::detail::proto_reader reader{body};
  millrace::detail::proto_field field;
  const message_schema& fields = schemas().find(name)->second;
  while (reader.next(field)) {
    const auto found = fields.find(field.number);
    if (found == fields.end()) continue;
    const field_schema& schema = found->second;
    json value;
    if (schema.kind == field_schema::text && field.wire_type == 2) {
      value = {reader.text(field)};
    } else if (schema.kind == field_schema::message && field.wire_type == 2) {
      auto inner = decode_by_schema(schema.inner, field.payload);
      if (!inner) return std::nullopt;
      value = *inner;
    } else if (field.wire_type == 0 && schema.kind != field_schema::text &&
               schema.kind != field_schema::message) {
      value = schema.kind == field_schema::number ? json{static_cast<std::int64_t>(field.value)}
                                                  : enum_json(schema, field.value);
    } else {
      continue;
    }
    if (schema.repeated) {
      json& list = out[schema.name];
      if (list.value.index() == 0) list.value = json::list{};
      std::get<json::list>(list.value).push_back(value);
    } else {
      out[schema.name] = value;
    }
  }
  if (reader.malformed()) return std::nullopt;
  return json{std::move(out)};
}

inline std::optional<json> meaning(const wire::TypeInfo& info, bytes_view body) {
  if (info.prefix && body.size() < wire::kVersionPrefixBytes) return std::nullopt;
  return decode_by_schema(std::string{info.body},
                          info.prefix ? body.sub(wire::kVersionPrefixBytes) : body);
}

/// Judges a whole cold body: `accept`, or the rule that it breaks. `status`: of the message that
/// ended it.
inline std::string judge_body(const wire::TypeInfo& info, sender from, std::uint32_t status,
                              bytes_view body) {
  using wire::MessageType;
  if (!schemas().contains(std::string{info.body})) return "accept";
  if (info.prefix) {
    const auto prefix = millrace::detail::read_prefix(body);
    if (!prefix) {
      const bool magic =
          body.size() < wire::kVersionPrefixBytes || millrace::detail::begins_with_magic(body);
      return magic ? "handshake-prefix" : "handshake-magic";
    }
    const bool chosen = prefix->min == 1 && prefix->max == 1;
    const bool offered = prefix->min <= 1 && prefix->max >= 1;
    if (info.value == MessageType::kHello && !offered) return "handshake-version";
    if (info.value == MessageType::kWelcome && !chosen) return "handshake-version";
  }
  const bytes_view rest = info.prefix ? body.sub(wire::kVersionPrefixBytes) : body;
  const auto status_of = [](std::uint32_t reason) {
    return static_cast<std::uint32_t>(
        millrace::error{.reason = static_cast<wire::Reason>(reason)}.grpc_status());
  };
  const auto known = [](std::uint32_t reason) {
    return reason >= 1 && reason <= wire::kReasons.size();
  };
  if (info.value == MessageType::kHello) {
    const auto hello = millrace::detail::decode_hello(rest);
    if (!hello) return "handshake-body";
    std::set<std::string> names;
    for (const auto& offer : hello->functions) {
      if (!millrace::detail::is_function_name(offer.name)) return "name-form";
      names.insert(offer.name);
    }
    return names.size() < hello->functions.size() ? "handshake-functions-once" : "accept";
  }
  if (info.value == MessageType::kWelcome) {
    return millrace::detail::decode_welcome(rest) ? "accept" : "handshake-body";
  }
  if (info.value == MessageType::kGoodbye) {
    const auto goodbye = millrace::detail::decode_goodbye(rest);
    if (!goodbye) return "cold-body";
    if (goodbye->reason == 0) return status == 0 ? "accept" : "goodbye-status";
    return !known(goodbye->reason) || status_of(goodbye->reason) == status ? "accept"
                                                                           : "goodbye-status";
  }
  if (info.value == MessageType::kError) {
    const auto failure = millrace::detail::decode_failure(rest);
    if (!failure) return "error-body";
    if (!known(failure->reason) || failure->reason == 1) return "accept";
    static const std::set<std::uint32_t> engine_only{7, 8, 9, 10, 12, 15, 16};
    if (from == sender::worker && engine_only.contains(failure->reason))
      return "error-reason-worker";
    return status_of(failure->reason) == status ? "accept" : "error-status-of-reason";
  }
  return meaning(info, body) ? "accept" : "cold-body";
}

}  // namespace support
