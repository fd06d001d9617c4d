// A worker: functions, served over one channel. Ties the rooms together under one lock.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "caller.hpp"
#include "channel.hpp"
#include "handshake.hpp"
#include "inbox.hpp"
#include "log.hpp"
#include "payload_files.hpp"
#include "pipe.hpp"
#include "served_calls.hpp"
#include "turns.hpp"

namespace millrace::detail {

/// What the user has registered.
struct app_state {
  std::vector<function> functions;
  std::vector<std::function<result<void>()>> start;
  std::vector<std::function<void()>> stop;
  std::uint32_t concurrency = kConcurrencyDefault;
  /// The payload directory that the launch names; empty: none.
  std::string payload_directory;
  /// The first mistake in a registration; `run` tells it.
  std::string mistake;
};

/// Runs the start hooks in order. False: one failed, which was said.
[[nodiscard]] bool run_start_hooks(const app_state& app);

/// One worker over one pipe. `run` once.
///
/// Threads: the one that calls `run` and up to `concurrency - 1` more run handlers; the standby is
/// one besides. All rooms are used under `mutex`, which is free while user code runs and while
/// somebody reads.
class worker final : turn_listener, inbox_listener {
 public:
  /// `exit_now`: ends the process when handlers or hooks do not end in time; empty: they are waited
  /// for.
  worker(const app_state& app, pipe pipe, std::string token, std::function<void(int)> exit_now);
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;
  ~worker();

  /// Says HELLO and serves until the channel is over. Gives the exit code.
  int run();

  std::mutex mutex;
  [[nodiscard]] turns& threads() noexcept { return turns_; }
  [[nodiscard]] channel& wire() noexcept { return channel_; }
  [[nodiscard]] caller& calls() noexcept { return caller_; }
  [[nodiscard]] served_calls& served() noexcept { return served_; }
  [[nodiscard]] worker_log& log() noexcept { return log_; }
  [[nodiscard]] const welcome& terms() const noexcept { return welcome_; }
  [[nodiscard]] std::uint32_t concurrency() const noexcept { return app_.concurrency; }

  /// A served call has sent its final message.
  void on_call_closed();

 private:
  void on_bytes(const std::byte* from, std::size_t length) override;
  void on_stream_end(int error_number) override;
  void on_beside(const verdict& why) override;
  void on_lost() override;
  [[nodiscard]] std::size_t ready() const override { return served_.ready(); }
  bool spawn() override;

  breach on_welcome(bytes_view body) override;
  void on_attached() override;
  void on_goodbye(bytes_view body, std::uint32_t status) override;
  void on_ping(std::uint32_t nonce) override;
  void on_drain(std::uint32_t timeout_us) override;
  void on_broken(const verdict& why) override;

  [[nodiscard]] launched_with given() noexcept;
  void send_hello();
  void serve(session_lock& lock);
  void run_call(session_lock& lock, served_call& call);
  void send_goodbye(const bytes& body, std::uint32_t status);
  /// The channel is over: every open call learns `why`. Once.
  void finish(int code, const error& why);
  void run_stop_hooks();
  void write_the_last(session_lock& lock);
  void watch(session_lock& lock);

  const app_state& app_;
  const std::string token_;
  const std::function<void(int)> exit_now_;
  pipe pipe_;
  welcome welcome_;
  channel channel_;
  turns turns_;
  payload_files files_;
  caller caller_;
  worker_log log_;
  served_calls served_;
  inbox inbox_;
  message_assembler assembler_;
  bool welcomed_ = false;
  bool draining_ = false;
  bool finishing_ = false;
  int exit_code_ = kExitOk;
  /// When the time of a drain is over.
  std::optional<steady::time_point> drain_by_;
  /// Threads besides the first that run calls.
  std::vector<std::thread> pool_;
  std::thread standby_;
  /// Threads that are not done with calls: the first, and those of the pool.
  std::size_t serving_ = 0;
  bool hooks_begun_ = false;
  bool done_ = false;
  std::condition_variable progress_;
};

}  // namespace millrace::detail
