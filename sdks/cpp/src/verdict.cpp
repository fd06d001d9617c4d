// The judge; see verdict.hpp.
#include "verdict.hpp"

#include <array>

namespace millrace::detail {
namespace {

using wire::MessageType;

/// By type number: what the layout says, or null.
constexpr std::array<const wire::TypeInfo*, 256> by_number() {
  std::array<const wire::TypeInfo*, 256> table{};
  for (const wire::TypeInfo& info : wire::kTypes)
    table[static_cast<std::uint8_t>(info.value)] = &info;
  return table;
}
constexpr auto kByNumber = by_number();

judgement broken(verdict& why, std::string_view rule, std::string message) {
  why = {rule, std::move(message)};
  return judgement::broken;
}

std::string text(std::uint32_t number) { return std::to_string(number); }

std::string_view name_of(sender from) { return from == sender::engine ? "engine" : "worker"; }

/// The lowest bit of the ids of the calls that a side starts.
std::uint32_t parity(sender side) { return side == sender::worker ? 1 : 0; }

/// An INVOKE or RESULT with PAYLOAD_FILE: its body is the file's name.
judgement judge_file(const std::byte* message, verdict& why) {
  if (has_more(message)) return broken(why, "file-alone", "MORE and PAYLOAD_FILE are both set");
  if (is_function_name(body(message).text())) return judgement::accept;
  return broken(
      why, "file-name-plain",
      "the body, of " + text(wire::body_length(message)) + " bytes, names no payload file");
}

judgement judge_invoke(const std::byte* message, sender from, verdict& why) {
  const std::uint32_t id = wire::call_id(message);
  if (id == 0 || (id & 1U) != parity(from)) {
    return broken(
        why, "invoke-call-id-parity",
        "call_id " + text(id) + " is not of the " + std::string{name_of(from)} + "'s parity");
  }
  if (wire::function_id(message) == 0) return broken(why, "invoke-function-id", "function_id is 0");
  const std::uint32_t body_length = wire::body_length(message);
  const std::uint32_t payload_length = wire::payload_length(message);
  if ((wire::flags(message) & wire::kPayloadFile) != 0) {
    const judgement file = judge_file(message, why);
    if (file != judgement::accept) return file;
  } else if (!has_more(message)) {
    if (payload_length != body_length) {
      return broken(why, "invoke-payload-length",
                    "payload_length " + text(payload_length) + " is not body_length " +
                        text(body_length) + ", and nothing follows");
    }
  } else if (payload_length < body_length) {
    return broken(
        why, "invoke-payload-length",
        "payload_length " + text(payload_length) + " is below body_length " + text(body_length));
  }
  if (wire::priority(message) > 7) {
    return broken(why, "invoke-priority-range",
                  "priority is " + text(wire::priority(message)) + ", above 7");
  }
  if (wire::attempt(message) == 0) return broken(why, "invoke-attempt-positive", "attempt is 0");
  const std::uint32_t parent = wire::parent_call_id(message);
  if (parent != 0) {
    if (from == sender::engine) {
      return broken(why, "call-parent-zero",
                    "the engine's INVOKE has parent_call_id " + text(parent));
    }
    if ((parent & 1U) != 0) {
      return broken(why, "call-parent-open",
                    "parent_call_id " + text(parent) + " is no call of the engine");
    }
  }
  return judgement::accept;
}

judgement judge_result(const std::byte* message, sender from, bool of_caller, verdict& why) {
  const std::uint32_t status = wire::status(message);
  if (status != 0) return broken(why, "result-status-zero", "RESULT has status " + text(status));
  if (of_caller) {
    return broken(why, "call-callee-answers",
                  "RESULT comes from the " + std::string{name_of(from)} + ", which started call " +
                      text(wire::call_id(message)));
  }
  if ((wire::flags(message) & wire::kPayloadFile) != 0) return judge_file(message, why);
  if (wire::payload_length(message) < wire::body_length(message)) {
    return broken(why, has_more(message) ? "payload-length-exact" : "result-total",
                  "payload_length " + text(wire::payload_length(message)) +
                      " is below body_length " + text(wire::body_length(message)));
  }
  return judgement::accept;
}

judgement judge_error(const std::byte* message, sender from, bool of_caller, verdict& why) {
  const std::uint32_t status = wire::status(message);
  if (status == 0 || status > 16)
    return broken(why, "error-status-range", "ERROR has status " + text(status));
  if (of_caller) {
    return broken(why, "call-callee-answers",
                  "ERROR comes from the " + std::string{name_of(from)} + ", which started call " +
                      text(wire::call_id(message)));
  }
  return judgement::accept;
}

/// RESULT, ERROR, CANCEL, DATA and WINDOW. Sender and parity of the id tell caller from callee.
judgement judge_open_call(const std::byte* message, MessageType type, sender from, verdict& why) {
  const std::uint32_t id = wire::call_id(message);
  const std::uint32_t body_length = wire::body_length(message);
  if (id == 0) {
    return broken(why, "message-call-id",
                  type_name(static_cast<std::uint8_t>(type)) + " has call_id 0");
  }
  const bool of_caller = (id & 1U) == parity(from);
  switch (type) {
    case MessageType::kResult:
      return judge_result(message, from, of_caller, why);
    case MessageType::kError:
      return judge_error(message, from, of_caller, why);
    case MessageType::kCancel:
      if (body_length != 0) return broken(why, "message-body-none", "CANCEL has a body");
      if (of_caller) return judgement::accept;
      return broken(why, "call-caller-cancels",
                    "CANCEL comes from the " + std::string{name_of(from)} +
                        ", which did not start call " + text(id));
    case MessageType::kData:
      if (has_more(message)) {
        if (body_length > 0) return judgement::accept;
        return broken(why, "data-not-empty", "DATA with MORE has no bytes");
      }
      return of_caller ? judgement::accept
                       : broken(why, "data-output-more", "DATA of an output has no MORE");
    default: {
      if (body_length != 0) return broken(why, "message-body-none", "WINDOW has a body");
      const std::uint32_t credit = wire::credit(message);
      if (credit == 0) return broken(why, "window-credit-positive", "WINDOW grants 0");
      if (credit <= wire::kCreditMax) return judgement::accept;
      return broken(why, "credit-max",
                    "WINDOW grants " + text(credit) + ", above " + text(wire::kCreditMax));
    }
  }
}

/// Whether a type has the field status: its word at 20 is not reserved, and is not another field's.
bool has_status(MessageType type) {
  return type == MessageType::kGoodbye || type == MessageType::kResolved ||
         type == MessageType::kLoaded || type == MessageType::kForked;
}

bool may_send(wire::Direction direction, sender from) {
  return direction == wire::Direction::kBoth ||
         (direction == wire::Direction::kEngine) == (from == sender::engine);
}

judgement judge_cold(const std::byte* message, const wire::TypeInfo& info, sender from,
                     verdict& why) {
  const std::string name{info.name};
  const std::uint32_t body_length = wire::body_length(message);
  if (!may_send(info.direction, from)) {
    return broken(why, "message-direction",
                  "the " + std::string{name_of(from)} + " may not send " + name);
  }
  if (info.call == wire::CallRule::kNone && wire::call_id(message) != 0) {
    return broken(why, "message-call-id",
                  name + " is not about a call, but call_id is " + text(wire::call_id(message)));
  }
  if (info.body == "none" && body_length != 0)
    return broken(why, "message-body-none", name + " has a body");
  if (info.body == "name" && !is_function_name(body(message).text())) {
    return broken(why, "name-form",
                  name + " carries " + text(body_length) + " bytes that are no function name");
  }
  if (has_status(info.value) && wire::status(message) > 16) {
    return broken(why, "message-status-range", "status is " + text(wire::status(message)));
  }
  if (info.value == MessageType::kResolved) {
    const std::uint32_t status = wire::status(message);
    const std::uint32_t id = wire::function_id(message);
    if ((status == 0) != (id != 0)) {
      return broken(why, status == 0 ? "resolved-id" : "resolved-not-found",
                    "RESOLVED has status " + text(status) + " and function_id " + text(id));
    }
  }
  if (info.value == MessageType::kLog && (wire::call_id(message) & 1U) != 0) {
    return broken(
        why, "log-call-id",
        "LOG has call_id " + text(wire::call_id(message)) + ", which is no call of the engine");
  }
  // A prefix may be cut off from its first message only by a sender that does not know this layout.
  if (info.value == MessageType::kGoodbye && body_length < wire::kVersionPrefixBytes) {
    return broken(why, "handshake-prefix",
                  "GOODBYE has " + text(body_length) + " body bytes, less than the version prefix");
  }
  return judgement::accept;
}

}  // namespace

judgement judge(const std::byte* message, sender from, verdict& why) {
  const std::uint8_t type = wire::type(message);
  const wire::TypeInfo* info = kByNumber[type];
  if (info == nullptr) {
    if (type >= 0x80) return judgement::ignore;
    return broken(why, "message-type-known",
                  "type " + text(type) + " is not a type of this version");
  }
  if (wire::body_length(message) > wire::kBodyBytes) {
    return broken(
        why, "message-body-length",
        "body_length is " + text(wire::body_length(message)) + ", above " + text(wire::kBodyBytes));
  }
  const std::uint8_t flags = wire::flags(message);
  if ((flags & ~info->flags) != 0) {
    return broken(
        why, "message-flags-known",
        "flags " + text(flags) + " has a bit that " + std::string{info->name} + " does not allow");
  }
  for (const wire::ReservedWord& word : info->reserved) {
    if ((wire::load<std::uint32_t>(message + word.offset) & word.mask) != 0) {
      return broken(why, "message-reserved-zero",
                    std::string{info->name} + " has a reserved bit set in the word at " +
                        std::to_string(word.offset));
    }
  }
  switch (info->value) {
    case MessageType::kInvoke:
      return judge_invoke(message, from, why);
    case MessageType::kResult:
    case MessageType::kError:
    case MessageType::kCancel:
    case MessageType::kData:
    case MessageType::kWindow:
      return judge_open_call(message, info->value, from, why);
    default:
      return judge_cold(message, *info, from, why);
  }
}

std::string type_name(std::uint8_t type) {
  const wire::TypeInfo* info = kByNumber[type];
  return info == nullptr ? "type " + std::to_string(type) : std::string{info->name};
}

bool is_function_name(std::string_view name) noexcept {
  if (name.empty() || name.size() > wire::kNameBytesMax) return false;
  for (std::size_t at = 0; at < name.size(); at += 1) {
    const char c = name[at];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = c >= '0' && c <= '9';
    const bool mark = at > 0 && (c == '-' || c == '.' || c == '_');
    if (!letter && !digit && !mark) return false;
  }
  return true;
}

}  // namespace millrace::detail
