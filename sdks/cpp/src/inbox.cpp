// The inbox; see inbox.hpp.
#include "inbox.hpp"

namespace millrace::detail {

using wire::MessageType;

bool inbox::take(const std::byte* message) {
  const judgement judged = judge(message, sender::engine, why_);
  if (judged == judgement::ignore && !span_.open()) return true;
  breach broken = judged == judgement::broken ? breach{why_} : take_accepted(message);
  if (broken) {
    ended_ = true;
    listener_.on_broken(*broken);
  }
  return !ended_;
}

breach inbox::take_accepted(const std::byte* message) {
  if (!welcomed_) return take_first(message);
  const auto type = static_cast<MessageType>(wire::type(message));
  if (welcome_.rings && !attached_) return take_attached(type);
  if (span_.open()) return take_cold(message, type);
  if (breach broken = unaccepted(message)) return broken;
  const bool ours = (wire::call_id(message) & 1U) != 0;
  switch (type) {
    case MessageType::kInvoke:
      return served_.on_invoke(message);
    case MessageType::kResult:
      return caller_.on_result(message);
    case MessageType::kError:
      return take_cold(message, type);
    case MessageType::kCancel:
      return served_.on_cancel(message);
    case MessageType::kData:
      return ours ? caller_.on_data(message) : served_.on_data(message);
    case MessageType::kWindow:
      return ours ? caller_.on_window(message) : served_.on_window(message);
    case MessageType::kResolved:
      return caller_.known_names().resolved(message);
    case MessageType::kPing:
      listener_.on_ping(wire::nonce(message));
      return std::nullopt;
    case MessageType::kPong:
      return verdict{"pong-open", "PONG came, but this worker sent no PING"};
    case MessageType::kDrain:
      listener_.on_drain(wire::timeout_us(message));
      return std::nullopt;
    case MessageType::kGoodbye:
      ended_ = true;
      listener_.on_goodbye(body(message), wire::status(message));
      return std::nullopt;
    case MessageType::kWelcome:
      return verdict{"handshake-hello-once", "a second WELCOME came"};
    default:
      return verdict{"message-direction", "a worker takes no " + type_name(wire::type(message))};
  }
}

/// The first message is WELCOME or GOODBYE.
breach inbox::take_first(const std::byte* message) {
  const auto type = static_cast<MessageType>(wire::type(message));
  if (type == MessageType::kGoodbye && !span_.open()) {
    ended_ = true;
    listener_.on_goodbye(body(message), wire::status(message));
    return std::nullopt;
  }
  if (type != MessageType::kWelcome && !span_.open()) {
    return verdict{"handshake-engine-waits",
                   type_name(wire::type(message)) + " came before WELCOME"};
  }
  breach broken;
  if (!span_.take(message, broken)) return broken;
  broken = listener_.on_welcome(span_.whole());
  welcomed_ = !broken;
  return broken;
}

/// The first message after WELCOME, when there are rings.
breach inbox::take_attached(MessageType type) {
  if (type != MessageType::kAttached) {
    return verdict{"ring-attached", type_name(static_cast<std::uint8_t>(type)) +
                                        " came after WELCOME, where ATTACHED belongs"};
  }
  attached_ = true;
  listener_.on_attached();
  return std::nullopt;
}

/// ERROR, which may span; only its own parts may come while it does.
breach inbox::take_cold(const std::byte* message, MessageType) {
  breach broken;
  if (!span_.take(message, broken)) return broken;
  return caller_.on_error(wire::call_id(message), wire::status(message), span_.whole());
}

/// Rule feature-accepted: types and flags of features that WELCOME did not accept.
breach inbox::unaccepted(const std::byte* message) const {
  const auto broken = [&](std::string_view feature) {
    return verdict{"feature-accepted", type_name(wire::type(message)) + " with flags " +
                                           std::to_string(wire::flags(message)) +
                                           " came, but WELCOME did not accept " +
                                           std::string{feature}};
  };
  switch (static_cast<MessageType>(wire::type(message))) {
    case MessageType::kInvoke:
    case MessageType::kResult: {
      const std::uint8_t flags = wire::flags(message);
      if (flags == 0) return std::nullopt;
      if ((flags & wire::kHead) != 0) return broken("http");
      if ((flags & wire::kPayloadFile) != 0) {
        return welcome_.files ? breach{} : broken("payload-file");
      }
      return welcome_.streaming ? breach{} : broken("streaming");
    }
    case MessageType::kData:
    case MessageType::kWindow:
      return welcome_.streaming ? breach{} : broken("streaming");
    case MessageType::kResolved:
      return welcome_.internal_calls ? breach{} : broken("internal-calls");
    case MessageType::kLoad:
    case MessageType::kLoaded:
      return broken("load");
    case MessageType::kFork:
      return broken("fork");
    case MessageType::kAttached:
    case MessageType::kWake:
      if (!welcome_.rings) return broken("shm-ring");
      return verdict{"ring-no-wake", type_name(wire::type(message)) + " came in the ring"};
    default:
      return std::nullopt;
  }
}

}  // namespace millrace::detail
