// Judges each message of the engine and takes it to its room. Touches nothing of the outside.
#pragma once

#include "caller.hpp"
#include "cold_span.hpp"
#include "served_calls.hpp"

namespace millrace::detail {

/// What the worker as a whole is told.
class inbox_listener {
 public:
  /// The whole body of WELCOME.
  virtual breach on_welcome(bytes_view body) = 0;
  /// ATTACHED came: the engine's next message comes by the ring.
  virtual void on_attached() = 0;
  virtual void on_goodbye(bytes_view body, std::uint32_t status) = 0;
  virtual void on_ping(std::uint32_t nonce) = 0;
  virtual void on_drain(std::uint32_t timeout_us) = 0;
  /// The engine broke a rule. No message is taken any more.
  virtual void on_broken(const verdict& why) = 0;

 protected:
  ~inbox_listener() = default;
};

/// Used under the worker's lock.
class inbox {
 public:
  inbox(inbox_listener& listener, served_calls& served, caller& caller, const welcome& welcome)
      : listener_(listener), served_(served), caller_(caller), welcome_(welcome) {}

  /// Takes one message; false: take no more.
  bool take(const std::byte* message);

 private:
  breach take_accepted(const std::byte* message);
  breach take_first(const std::byte* message);
  breach take_attached(wire::MessageType type);
  breach take_cold(const std::byte* message, wire::MessageType type);
  [[nodiscard]] breach unaccepted(const std::byte* message) const;

  inbox_listener& listener_;
  served_calls& served_;
  caller& caller_;
  const welcome& welcome_;
  cold_span span_;
  verdict why_;
  bool welcomed_ = false;
  bool attached_ = false;
  bool ended_ = false;
};

}  // namespace millrace::detail
