// The fixture as a process, and payloads to exchange with it.
#pragma once

#include "program.hpp"
#include "scripted_engine.hpp"

namespace support {

inline constexpr std::uint32_t kEcho = 1;
inline constexpr std::uint32_t kInterp = 2;

struct fixture_worker : launched_worker {
  fixture_worker() : launched_worker(MILLRACE_FIXTURE) {}
};

inline terms with_calls(std::uint32_t max_calls) {
  terms how;
  how.limits.max_calls = max_calls;
  return how;
}

/// Takes an output in one or many messages, granting credit as it comes; checks the rules of
/// streams.
inline bytes take_output(scripted_engine& engine, std::uint32_t id) {
  bytes whole;
  std::uint32_t credit = wire::kCreditMax;
  for (bool head = true;; head = false) {
    const auto part = engine.read();
    if (!part) {
      ADD_FAILURE() << "the channel ended within an output";
      return whole;
    }
    if (part->type() == MessageType::kError) {
      ADD_FAILURE() << failure_of(*part).message;
      return whole;
    }
    EXPECT_EQ(part->id(), id);
    whole.append(part->body());
    if (part->type() == MessageType::kData) {
      EXPECT_FALSE(head);
      EXPECT_GT(credit, 0U) << "DATA without credit";
      credit -= 1;
      if (credit == 0) {
        message window{MessageType::kWindow};
        window.with_id(id);
        wire::set_credit(window.data(), wire::kCreditMax);
        engine.send(window);
        credit = wire::kCreditMax;
      }
    } else if (!part->more()) {
      EXPECT_EQ(wire::payload_length(part->data()), whole.size()) << "rule result-total";
      return whole;
    }
  }
}

/// Sends an input in parts as credit allows.
inline void send_input(scripted_engine& engine, std::uint32_t id, std::uint32_t function_id,
                       bytes_view input) {
  message head = invoke(id, function_id, input.sub(0, wire::kBodyBytes));
  wire::set_flags(head.data(), wire::kMore);
  wire::set_payload_length(head.data(), static_cast<std::uint32_t>(input.size()));
  engine.send(head);
  std::uint32_t credit = wire::kCreditMax;
  for (std::size_t at = wire::kBodyBytes; at < input.size();) {
    if (credit == 0) credit += wire::credit(engine.expect(MessageType::kWindow).data());
    const bytes_view part = input.sub(at, wire::kBodyBytes);
    at += part.size();
    credit -= 1;
    message data{MessageType::kData};
    data.with_id(id).with_body(part);
    if (at < input.size()) wire::set_flags(data.data(), wire::kMore);
    engine.send(data);
  }
}

inline bytes patterned(std::size_t size) {
  bytes out(size);
  std::uint32_t x = 7;
  for (std::byte& one : out) {
    x = x * 1664525U + 1013904223U;
    one = static_cast<std::byte>(x >> 24U);
  }
  return out;
}

}  // namespace support
