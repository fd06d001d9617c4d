// Who reads the channel. There is no reading thread: whoever has to wait for something reads, one
// at a time, and so the thread that waits for an output is the one that the kernel wakes with it.
// With one thread nothing is ever handed over.
//
// A thread that leaves to run the user's code leaves the reading to the next one that waits; nobody
// is woken for it unless a call waits for its output right now, for a wake-up costs more than most
// handlers. The *standby*, one thread of its own, covers what that leaves open: it looks again and
// again while calls run, writes what was not written, wakes threads for calls that wait to be run,
// and reads itself when nobody has since its last look, so that CANCEL, PING and DRAIN are seen
// during a handler that computes. It looks every tick while it finds something to do, seldom while
// every call is read, run and answered by one thread, and sleeps when there are none.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "channel.hpp"
#include "pipe.hpp"

namespace millrace::detail {

/// What happens on the channel, told to the worker under its lock.
class turn_listener {
 public:
  virtual void on_bytes(const std::byte* from, std::size_t length) = 0;
  /// IN is at its end; `error_number` 0: in order. Once, and nothing comes after it.
  virtual void on_stream_end(int error_number) = 0;
  /// The engine broke a rule beside its messages: in shared memory, or on the pipe beside a ring.
  /// Nothing comes after it. Only of a channel with rings.
  virtual void on_beside(const verdict& /*why*/) {}
  /// `channel::lost` was found set. May be told more than once.
  virtual void on_lost() = 0;
  /// Calls that wait to be run.
  [[nodiscard]] virtual std::size_t ready() const = 0;
  /// Makes one more thread that runs calls; false: there are enough.
  virtual bool spawn() = 0;

 protected:
  ~turn_listener() = default;
};

using session_lock = std::unique_lock<std::mutex>;

/// The turns of the threads of one worker. Everything is used under the worker's lock, which
/// waiting gives up.
class turns {
  struct waiter {
    std::condition_variable wake;
    bool woken = false;
  };

 public:
  /// Something that one thread may wait for.
  class event {
    friend class turns;
    waiter* waiting_ = nullptr;
  };

  enum class kind {
    /// A thread without a call.
    idle,
    /// A handler, or a thread of the user's, that waits within a call.
    in_call,
  };

  /// How a wait differs from the plain one.
  struct options {
    kind who = kind::in_call;
    /// When to give up waiting.
    std::optional<steady::time_point> until{};
    /// `done` may come true by another thread than the reader's.
    bool interruptible = false;
  };

  turns(pipe& pipe, channel& channel, turn_listener& listener, steady::duration tick)
      : pipe_(pipe),
        channel_(channel),
        listener_(listener),
        tick_(tick),
        pause_(tick),
        buffer_(kReadBufferBytes) {}

  /// Waits until `done()`, until `until`, or until the channel is over. Reads and writes the
  /// channel meanwhile.
  template <class Done>
  void wait(session_lock& lock, event& what, Done done, const options& how) {
    if (!done() && !over_) {
      channel_.flush();
      if (how.who == kind::in_call && listener_.ready() > 0) wake_idle(listener_.ready());
      while (!done() && !over_) {
        if (channel_.lost() != nullptr) {
          listener_.on_lost();
        } else if (how.until && steady::now() >= *how.until) {
          break;
        } else if (!reading_) {
          read(lock, how);
        } else {
          sleep(lock, what, how);
        }
      }
    }
    leave(how.who);
  }
  template <class Done>
  void wait(session_lock& lock, event& what, Done done) {
    wait(lock, what, done, options{});
  }

  /// What somebody may wait for has happened.
  void notify(event& what) {
    if (what.waiting_ != nullptr) wake(*what.waiting_);
  }
  /// A `done` came true outside the reader's thread: a reader that waits for it looks again.
  void interrupt() {
    if (reading_ && interruptible_) pipe_.interrupt();
  }
  /// A stop is to be requested when the lock is free: the user's callbacks run then.
  void defer_stop(std::stop_source source) { stops_.push_back(std::move(source)); }
  /// Requests them. Gives up the lock meanwhile.
  void run_stops(session_lock& lock);

  /// After sending outside a wait: what was sent leaves by the standby's next look, or now when it
  /// does not look; and somebody waits for room when OUT is full.
  void after_send();

  /// From now on every read can be interrupted: the end may come by another thread.
  void be_careful() noexcept { careful_ = true; }
  /// The channel is over: nobody waits or reads any more.
  void end();
  [[nodiscard]] bool over() const noexcept { return over_; }

  /// The standby's life, until the channel is over.
  void stand_by(session_lock& lock);
  /// Lets the standby look now.
  void call_standby();

 private:
  void read(session_lock& lock, const options& how);
  void sleep(session_lock& lock, event& what, const options& how);
  void leave(kind who);
  void leave_work_behind();
  void wake(waiter& one);
  void wake_idle(std::size_t count);
  void stand_in(session_lock& lock);
  void look_after_room();
  [[nodiscard]] bool anyone_waits() const noexcept { return !in_call_.empty() || !idle_.empty(); }

  pipe& pipe_;
  channel& channel_;
  turn_listener& listener_;
  const steady::duration tick_;
  /// Until the standby's next look: `tick_` while it is needed, longer while it is not.
  steady::duration pause_;
  /// Since the standby's last look a thread left calls or messages to others.
  bool left_behind_ = false;
  std::vector<std::byte> buffer_;
  /// Who sleeps and was not woken.
  std::vector<waiter*> in_call_;
  std::vector<waiter*> idle_;
  std::vector<std::stop_source> stops_;
  bool reading_ = false;
  bool interruptible_ = false;
  bool careful_ = false;
  bool over_ = false;
  /// Counts the beginnings and ends of reads.
  std::uint64_t epoch_ = 0;
  /// Counts those who were woken.
  std::uint64_t wakes_ = 0;
  std::condition_variable standby_;
  bool parked_ = true;
  bool standing_in_ = false;
};

}  // namespace millrace::detail
