// The engine of the test kit: one lock, one reading thread per worker, one thread for deadlines.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "cold_span.hpp"
#include "millrace/testing.hpp"
#include "worker.hpp"

namespace millrace::detail {

/// Workers in memory at once. Unit: workers.
inline constexpr std::size_t kTestWorkersMax = 32;
/// Calls that one worker may have under way. Unit: calls.
inline constexpr std::uint32_t kTestOpenInvokes = 1'024;
/// Bytes of the largest payload. Unit: bytes.
inline constexpr std::uint32_t kTestPayloadBytesMax = 64U * 1'024 * 1'024;
/// Internal calls that may be above a call. Unit: calls.
inline constexpr std::uint32_t kTestDepthMax = 64;

struct test_link;

/// A call inside the test engine: who waits for it, and who runs it.
struct test_call final : payload_tail {
  std::string name;
  /// The worker that runs it and the id there; null once its final message came.
  test_link* callee = nullptr;
  std::uint32_t callee_id = 0;
  /// The worker that started it and the id there; null: an external call.
  test_link* caller = nullptr;
  std::uint32_t caller_id = 0;
  /// The call that made it.
  test_call* parent = nullptr;
  std::optional<steady::time_point> deadline;
  std::uint8_t depth = 0;
  std::array<std::byte, 16> trace_id{};
  /// The one who waits has the outcome.
  bool settled = false;
  bool cancel_sent = false;
  // Of an external call:
  std::optional<result<bytes>> outcome;
  std::optional<outgoing> input;
  std::optional<incoming> output;
  /// Somebody refers to it while the lock is free.
  bool pinned = false;
  /// The end of the input of an external call.
  void send_tail(bytes_view last, std::size_t total) override;
};

/// One worker of the test engine, seen from the engine.
struct test_link {
  explicit test_link(pipe to_worker) : engine_pipe(std::move(to_worker)), out(engine_pipe) {}
  pipe engine_pipe;
  channel out;
  message_assembler assembler;
  cold_span span;
  std::unique_ptr<worker> served;
  std::thread worker_thread;
  std::thread reader;
  std::map<std::uint32_t, test_call*> started_here;
  std::map<std::uint32_t, test_call*> running_here;
  std::uint32_t last_id = 0;
  bool welcomed = false;
  bool gone = false;
  int exit_code = 0;
};

class test_engine final : turn_listener {
 public:
  explicit test_engine(const app_state& app) : app_(app) {}
  ~test_engine() { stop(); }

  void start();
  result<bytes> call(std::string_view name, bytes_view input, wire::Content kind,
                     const call_options& options);
  int stop();

  mutable std::mutex mutex;
  struct fault {
    error why;
    std::uint32_t left = 0;
  };
  std::map<std::string, fault, std::less<>> faults;
  std::map<std::string, test::stand_in, std::less<>> stand_ins;
  std::map<std::string, std::uint64_t, std::less<>> counts;
  std::vector<test::log_entry> logs;

 private:
  // The kit reads by threads of its own; nobody waits by turns here.
  void on_bytes(const std::byte*, std::size_t) override {}
  void on_stream_end(int) override {}
  void on_lost() override {}
  [[nodiscard]] std::size_t ready() const override { return 0; }
  bool spawn() override { return false; }

  test_link* free_link(std::unique_lock<std::mutex>& lock);
  test_link& add_link();
  void read(test_link& link);
  bool take(test_link& link, const std::byte* message, std::unique_lock<std::mutex>& lock);
  void take_hello(test_link& link, bytes_view body);
  void take_resolve(test_link& link, const std::byte* message);
  void take_invoke(test_link& link, const std::byte* message, std::unique_lock<std::mutex>& lock);
  void take_output(test_link& link, const std::byte* message);
  void take_error(test_link& link, const std::byte* message);
  void take_from_caller(test_link& link, const std::byte* message);
  void take_log(test_link& link, bytes_view body, std::uint32_t call_id);
  std::optional<result<bytes>> answered_here(const std::string& name, bytes_view input);
  void send_invoke(test_call& call, const std::byte* like);
  void settle(test_call& call, result<bytes> outcome);
  void tell_caller(test_call& call, const result<bytes>& outcome);
  void end(test_call& call);
  void cancel(test_call& call);
  void end_link(test_link& link);
  void flush(test_link& link);
  void watch_deadlines();

  const app_state& app_;
  std::vector<std::unique_ptr<test_link>> links_;
  std::vector<std::unique_ptr<test_call>> calls_;
  std::map<std::string, std::uint32_t, std::less<>> ids_;
  std::condition_variable changed_;
  std::thread clock_;
  bool stopping_ = false;
  bool stopped_ = false;
  // For payload_in and payload_out, which notify those who wait by turns.
  ::millrace::detail::pipe idle_pipe_{descriptor{}, descriptor{}};
  channel idle_channel_{idle_pipe_};
  turns idle_turns_{idle_pipe_, idle_channel_, *this, steady::duration{1}};
};

}  // namespace millrace::detail
