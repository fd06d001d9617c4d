// What every role of the floor shares: the size of a message, whole writes, the clock.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <poll.h>
#include <unistd.h>

namespace relay_floor {

/// One message of the wire, in bytes.
inline constexpr std::size_t message_bytes = 1024;

/// What the first byte of an answer says; any other than the caller's will do.
inline constexpr char answer_type = 2;

/// One read takes at most this much, as the engine's does: 64 messages, the kernel's default for a pipe.
inline constexpr std::size_t read_bytes = 64 * message_bytes;

[[noreturn]] inline void fail(const char *what) {
  std::fprintf(stderr, "relay-floor: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

/// Nanoseconds of CLOCK_MONOTONIC.
inline std::int64_t now_ns() {
  timespec at{};
  clock_gettime(CLOCK_MONOTONIC, &at);
  return static_cast<std::int64_t>(at.tv_sec) * 1'000'000'000 + at.tv_nsec;
}

/// Writes all of it, to a blocking or a non-blocking descriptor.
inline void write_all(int fd, const char *bytes, std::size_t length) {
  while (length > 0) {
    const ssize_t written = write(fd, bytes, length);
    if (written >= 0) {
      bytes += written;
      length -= static_cast<std::size_t>(written);
    } else if (errno == EAGAIN) {
      pollfd full{.fd = fd, .events = POLLOUT, .revents = 0};
      poll(&full, 1, -1);
    } else if (errno != EINTR) {
      fail("write");
    }
  }
}

/// One read; 0 is the end, -1 is "nothing there" on a non-blocking descriptor.
inline ssize_t read_some(int fd, char *into, std::size_t most) {
  for (;;) {
    const ssize_t length = read(fd, into, most);
    if (length >= 0) return length;
    if (errno == EAGAIN) return -1;
    if (errno != EINTR) fail("read");
  }
}

} // namespace relay_floor
