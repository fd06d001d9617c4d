// The engine's end of a channel, moved by a test: over FIFOs to a process, or over pipes to a
// worker on a thread. Every read waits for its event; what never comes is ended by the time limit
// of ctest.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cold.hpp"
#include "golden.hpp"
#include "limits.hpp"
#include "millrace/millrace.hpp"
#include "worker.hpp"

namespace millrace::detail {

/// For tests: what an app has registered.
struct app_access {
  static app_state& state(app& of) { return *of.state_; }
};

}  // namespace millrace::detail

namespace support {

using millrace::detail::descriptor;
using wire::MessageType;

/// One message, with what tests ask of it.
struct message {
  message_bytes raw{};

  message() = default;
  explicit message(MessageType type) {
    wire::set_type(raw.data(), static_cast<std::uint8_t>(type));
  }
  std::byte* data() { return raw.data(); }
  [[nodiscard]] const std::byte* data() const { return raw.data(); }
  [[nodiscard]] MessageType type() const {
    return static_cast<MessageType>(wire::type(raw.data()));
  }
  [[nodiscard]] std::uint32_t id() const { return wire::call_id(raw.data()); }
  [[nodiscard]] std::uint32_t status() const { return wire::status(raw.data()); }
  [[nodiscard]] bool more() const { return millrace::detail::has_more(raw.data()); }
  [[nodiscard]] bytes_view body() const { return millrace::detail::body(raw.data()); }
  message& with_body(bytes_view body) {
    if (!body.empty()) std::memcpy(raw.data() + wire::kHeaderBytes, body.data(), body.size());
    wire::set_body_length(raw.data(), static_cast<std::uint16_t>(body.size()));
    return *this;
  }
  message& with_id(std::uint32_t id) {
    wire::set_call_id(raw.data(), id);
    return *this;
  }
};

inline message invoke(std::uint32_t id, std::uint32_t function_id, bytes_view body,
                      std::uint32_t timeout_us = 0) {
  message one{MessageType::kInvoke};
  one.with_id(id).with_body(body);
  wire::set_function_id(one.data(), function_id);
  wire::set_payload_length(one.data(), static_cast<std::uint32_t>(body.size()));
  wire::set_timeout_us(one.data(), timeout_us);
  wire::set_attempt(one.data(), 1);
  wire::set_priority(one.data(), 3);
  return one;
}

inline message result_of(std::uint32_t id, bytes_view body) {
  message one{MessageType::kResult};
  one.with_id(id).with_body(body);
  wire::set_payload_length(one.data(), static_cast<std::uint32_t>(body.size()));
  return one;
}

inline message error_of(std::uint32_t id, millrace::reason reason, const std::string& text) {
  millrace::detail::failure why;
  why.reason = static_cast<std::uint32_t>(reason);
  why.message = text;
  bytes body;
  millrace::detail::encode(why, body);
  message one{MessageType::kError};
  one.with_id(id).with_body(body);
  wire::set_status(one.data(),
                   static_cast<std::uint32_t>(millrace::error{.reason = reason}.grpc_status()));
  return one;
}

inline message ping(std::uint32_t nonce) {
  message one{MessageType::kPing};
  wire::set_nonce(one.data(), nonce);
  return one;
}

inline message resolved(bytes_view name, std::uint32_t id) {
  message one{MessageType::kResolved};
  one.with_body(name);
  wire::set_function_id(one.data(), id);
  if (id == 0) wire::set_status(one.data(), 5);
  return one;
}

inline message goodbye(std::uint32_t reason, std::uint32_t status) {
  bytes body;
  millrace::detail::write_prefix(body);
  millrace::detail::encode(
      millrace::detail::goodbye{.reason = reason, .message = "by the test", .rule = {}}, body);
  message one{MessageType::kGoodbye};
  one.with_body(body);
  wire::set_status(one.data(), status);
  return one;
}

/// The Failure of an ERROR.
inline millrace::detail::failure failure_of(const message& error) {
  auto decoded = millrace::detail::decode_failure(error.body());
  EXPECT_TRUE(decoded) << "not a Failure";
  return decoded.value_or(millrace::detail::failure{});
}

/// The rule that a GOODBYE names.
inline std::string rule_of(const message& goodbye) {
  const auto decoded =
      millrace::detail::decode_goodbye(goodbye.body().sub(wire::kVersionPrefixBytes));
  return decoded ? decoded->rule : "not a Goodbye";
}

/// What WELCOME grants; tests change what they are about.
struct terms {
  std::vector<std::string> features{"internal-calls", "streaming", "log", "capacity"};
  millrace::detail::limits limits{.max_calls = 1,
                                  .max_open_invokes = 64,
                                  .max_open_resolves = 16,
                                  .max_open_pings = 1,
                                  .max_payload_bytes = 8U << 20U,
                                  .max_depth = 16};
};

class scripted_engine {
 public:
  scripted_engine() = default;
  scripted_engine(descriptor from_worker, descriptor to_worker)
      : from_worker_(std::move(from_worker)), to_worker_(std::move(to_worker)) {}

  void send_bytes(bytes_view what) {
    for (std::size_t at = 0; at < what.size();) {
      const ssize_t written = ::write(to_worker_.get(), what.data() + at, what.size() - at);
      if (written < 0 && errno == EINTR) continue;
      ASSERT_GT(written, 0) << "the worker does not read any more";
      at += static_cast<std::size_t>(written);
    }
  }
  void send(const message& one) { send_bytes({one.raw.data(), one.raw.size()}); }
  void send_together(const std::vector<message>& many) {
    bytes whole;
    for (const message& one : many) whole.append({one.raw.data(), one.raw.size()});
    send_bytes(whole);
  }

  /// The next message; nothing at the end of the stream. Judges it: a worker breaks no rule.
  std::optional<message> read() {
    message one;
    std::size_t at = 0;
    while (at < one.raw.size()) {
      const ssize_t length = ::read(from_worker_.get(), one.raw.data() + at, one.raw.size() - at);
      if (length < 0 && errno == EINTR) continue;
      if (length <= 0) {
        EXPECT_EQ(at, 0U) << "the worker cut a message short";
        return std::nullopt;
      }
      at += static_cast<std::size_t>(length);
    }
    millrace::detail::verdict why;
    const auto judged = millrace::detail::judge(one.data(), sender::worker, why);
    EXPECT_EQ(judged, millrace::detail::judgement::accept) << why.rule << ": " << why.message;
    for (std::size_t i = wire::kHeaderBytes + one.body().size(); i < one.raw.size(); i += 1) {
      if (one.raw[i] != std::byte{0}) {
        ADD_FAILURE() << "rule message-tail-zero: byte " << i << " of a "
                      << millrace::detail::type_name(wire::type(one.data()));
        break;
      }
    }
    return one;
  }
  /// The next message, which must be of this type.
  message expect(MessageType type) {
    const auto one = read();
    if (!one) {
      ADD_FAILURE() << "the channel ended before "
                    << millrace::detail::type_name(static_cast<std::uint8_t>(type));
      return message{type};
    }
    EXPECT_EQ(one->type(), type) << millrace::detail::type_name(wire::type(one->data()))
                                 << " came: "
                                 << (one->type() == MessageType::kError ? failure_of(*one).message
                                                                        : "");
    return *one;
  }
  void expect_end() { EXPECT_FALSE(read()) << "something came after the last message"; }

  /// Takes HELLO.
  millrace::detail::hello expect_hello() {
    bytes body;
    message part;
    do {
      part = expect(MessageType::kHello);
      body.append(part.body());
    } while (part.more());
    EXPECT_TRUE(millrace::detail::read_prefix(body));
    auto hello = millrace::detail::decode_hello(body.view().sub(wire::kVersionPrefixBytes));
    EXPECT_TRUE(hello);
    return *hello;
  }
  /// Answers HELLO: functions get the ids 1, 2, ... in their order.
  void welcome(const millrace::detail::hello& hello, terms how = {}) {
    millrace::detail::welcome_body body;
    for (const auto& offer : hello.functions) {
      body.functions.push_back({offer.name, static_cast<std::uint32_t>(body.functions.size() + 1)});
    }
    body.features = how.features;
    body.bounds = how.limits;
    bytes whole;
    millrace::detail::write_prefix(whole);
    millrace::detail::encode(body, whole);
    send(message{MessageType::kWelcome}.with_body(whole));
  }
  void shake_hands(const terms& how = {}) { welcome(expect_hello(), how); }

  /// Answers RESOLVE.
  void expect_resolve(const std::string& name, std::uint32_t id) {
    const message asked = expect(MessageType::kResolve);
    EXPECT_EQ(asked.body().text(), name);
    send(resolved(name, id));
  }

  void close_in() { to_worker_.close(); }
  void close_out() { from_worker_.close(); }

 protected:
  descriptor from_worker_;
  descriptor to_worker_;
};

/// A worker process, launched by the spec's contract (spec chapter 2).
class launched_worker : public scripted_engine {
 public:
  explicit launched_worker(const std::string& program)
      : launched_worker([program] {
          ::execl(program.c_str(), program.c_str(), nullptr);
          return 127;
        }) {}
  /// `main`: what the process runs, as its own main.
  explicit launched_worker(const std::function<int()>& main, bool quiet = false) {
    std::string folder = "/tmp/millrace-test-XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no folder for the FIFOs");
    folder_ = folder;
    in_path_ = folder_ + "/in";
    out_path_ = folder_ + "/out";
    ::mkfifo(in_path_.c_str(), 0600);
    ::mkfifo(out_path_.c_str(), 0600);
    from_worker_ = descriptor{::open(out_path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
    to_worker_ = descriptor{::open(in_path_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC)};
    pid_ = ::fork();
    if (pid_ == 0) {
      ::setenv("MILLRACE_CHANNEL_IN", in_path_.c_str(), 1);
      ::setenv("MILLRACE_CHANNEL_OUT", out_path_.c_str(), 1);
      ::setenv("MILLRACE_TOKEN", "token-of-the-test", 1);
      // What the worker starts and leaves behind must not keep the test's own output open.
      if (quiet) {
        const int nowhere = ::open("/dev/null", O_RDWR);
        for (const int stream : {0, 1, 2}) ::dup2(nowhere, stream);
      }
      ::_exit(main());
    }
    // A reader that blocks must not take "not opened yet" for the end: the first byte is waited for
    // without it.
    pollfd first{from_worker_.get(), POLLIN, 0};
    while (::poll(&first, 1, -1) < 0) {
    }
    ::fcntl(from_worker_.get(), F_SETFL, 0);
    descriptor write_only{::open(in_path_.c_str(), O_WRONLY | O_CLOEXEC)};
    to_worker_ = std::move(write_only);
  }
  ~launched_worker() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    ::unlink(in_path_.c_str());
    ::unlink(out_path_.c_str());
    ::rmdir(folder_.c_str());
  }
  launched_worker(const launched_worker&) = delete;
  launched_worker& operator=(const launched_worker&) = delete;

  /// Waits for its end; its exit code, or 128 + the signal that ended it.
  int exit_code() {
    int state = 0;
    ::waitpid(pid_, &state, 0);
    pid_ = -1;
    return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
  }

 private:
  std::string folder_, in_path_, out_path_;
  pid_t pid_ = -1;
};

/// An app's worker on a thread of the test.
class threaded_worker : public scripted_engine {
 public:
  explicit threaded_worker(millrace::app& app) : app_(app) {
    millrace::detail::outlive_broken_pipes();
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0) {
      throw std::runtime_error("no pipes for the test");
    }
    from_worker_ = descriptor{out[0]};
    to_worker_ = descriptor{in[1]};
    thread_ = std::thread{[this, in = in[0], out = out[1]] {
      millrace::detail::worker worker{millrace::detail::app_access::state(app_),
                                      millrace::detail::pipe{descriptor{in}, descriptor{out}},
                                      "token", nullptr};
      code_ = worker.run();
    }};
  }
  ~threaded_worker() {
    close_in();
    close_out();
    if (thread_.joinable()) thread_.join();
  }
  threaded_worker(const threaded_worker&) = delete;
  threaded_worker& operator=(const threaded_worker&) = delete;

  int exit_code() {
    thread_.join();
    return code_;
  }
  /// Drains it and waits for its end.
  void drain() {
    send(message{MessageType::kDrain});
    expect(MessageType::kGoodbye);
    expect_end();
    EXPECT_EQ(exit_code(), 0);
  }

 private:
  millrace::app& app_;
  std::thread thread_;
  int code_ = -1;
};

}  // namespace support
