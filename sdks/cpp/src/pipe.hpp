// The two FIFOs of a channel and the process around them. The only room that touches the OS.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "pipe_types.hpp"
#include "ring_link.hpp"

namespace millrace::detail {

/// Exit codes of a worker (spec chapter 2).
enum exit_code : int { kExitOk = 0, kExitEngineGone = 69, kExitProtocol = 76, kExitConfig = 78 };

/// A descriptor that closes itself.
class descriptor {
 public:
  descriptor() noexcept = default;
  explicit descriptor(int fd) noexcept : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~descriptor() { close(); }
  [[nodiscard]] int get() const noexcept { return fd_; }
  void close() noexcept;

 private:
  int fd_ = -1;
};

/// IN and OUT. One thread reads at a time; writes are made under the session's lock.
class pipe {
 public:
  /// Takes over both: IN is made blocking, for one read is one system call; OUT stays non-blocking.
  pipe(descriptor in, descriptor out);

  /// Opens IN, then OUT, non-blocking and close-on-exec (rules launch-open-order,
  /// channel-close-on-exec). On failure gives nothing and sets `error_number`; ENXIO: nobody reads
  /// OUT, so the engine is gone.
  static std::optional<pipe> open(const std::string& in_path, const std::string& out_path,
                                  int& error_number);

  /// Rings that the engine may accept in WELCOME; null: none. Before the first read.
  void offer(std::unique_ptr<segment> memory);
  /// They were accepted, or not: then the pipes go on alone. Before the next read.
  void settle_rings(bool accepted);
  /// The rings; null: none.
  [[nodiscard]] ring_link* rings() noexcept { return rings_.get(); }

  /// Waits for bytes and reads. 0: the end of the stream; -1: an error, see `error_number`.
  long read(std::byte* into, std::size_t most, int& error_number);

  /// Waits until IN has bytes or `interrupt` was called (when `for_bytes`), until OUT has room
  /// (when `for_room`), or until `until`.
  readiness wait(bool for_bytes, bool for_room, std::optional<steady::time_point> until);
  /// Makes a `wait`, now or next, return at once. From any thread.
  void interrupt() noexcept;

  /// Writes what fits without waiting; `written` counts it.
  write_state write(const std::byte* from, std::size_t length, std::size_t& written);

  void close() noexcept {
    in_.close();
    out_.close();
  }
  /// Ends OUT only: what was written can be read, then comes its end.
  void close_out() noexcept { out_.close(); }

 private:
  write_state write_pipe(const std::byte* from, std::size_t length, std::size_t& written);

  descriptor in_;
  descriptor out_;
  descriptor event_;
  std::unique_ptr<ring_link> rings_;
};

/// Makes a write to a pipe without a reader an EPIPE and not a death, unless the user has decided
/// about SIGPIPE already. A handler that does nothing, for unlike "ignore" it is not inherited by
/// programs that this process starts.
void outlive_broken_pipes() noexcept;

/// One line on standard error, in one write.
void say(const std::string& line) noexcept;

}  // namespace millrace::detail
