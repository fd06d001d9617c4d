// The relay: an event loop that does nothing but move bytes. Whatever an engine takes longer, it takes for its dispatch.
#include "bytes.hpp"
#include "roles.hpp"

#include <array>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <vector>

namespace relay_floor {
namespace {

double cpu_us() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto microseconds = [](const timeval &time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return microseconds(used.ru_utime) + microseconds(used.ru_stime);
}

/// Moves what lies in a pipe, and knows when the warm-up is over. A round trip passes twice.
class Mover {
public:
  explicit Mover(const Load &load) : warm_up_bytes_(2 * load.warm_up * message_bytes), count_(load.count) {}

  /// One read and its write. False at the end of `from`.
  bool move(int from, int to) {
    const ssize_t length = read_some(from, buffer_.data(), buffer_.size());
    if (length == 0) return false;
    if (length < 0) return true;
    write_all(to, buffer_.data(), static_cast<std::size_t>(length));
    moved_ += static_cast<std::size_t>(length);
    if (!warm_ && moved_ >= warm_up_bytes_) {
      warm_ = true;
      cpu_at_warm_ = cpu_us();
    }
    return true;
  }

  [[nodiscard]] double cpu_per_call_us() const {
    return (cpu_us() - cpu_at_warm_) / static_cast<double>(count_);
  }

private:
  std::vector<char> buffer_ = std::vector<char>(read_bytes);
  std::size_t warm_up_bytes_;
  std::size_t count_;
  std::size_t moved_ = 0;
  bool warm_ = false;
  double cpu_at_warm_ = 0;
};

void watch(int poll, int fd) {
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
  if (epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
}

void relay_by_epoll(Mover &mover, int from_caller, int to_callee, int from_callee, int to_caller) {
  const int poll = epoll_create1(EPOLL_CLOEXEC);
  if (poll < 0) fail("epoll_create1");
  watch(poll, from_caller);
  watch(poll, from_callee);
  std::array<epoll_event, 2> events{};
  for (;;) {
    const int ready = epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
    for (int k = 0; k < ready; ++k) {
      const int fd = events[static_cast<std::size_t>(k)].data.fd;
      if (fd == from_callee) {
        if (!mover.move(from_callee, to_caller)) return;
      } else if (!mover.move(from_caller, to_callee)) {
        // The caller has ended: the callee ends when its pipe does, and then the relay.
        epoll_ctl(poll, EPOLL_CTL_DEL, from_caller, nullptr);
        close(to_callee);
      }
    }
  }
}

/// Only for one message at a time: each read knows who has to write next.
void relay_by_blocking(Mover &mover, int from_caller, int to_callee, int from_callee, int to_caller) {
  while (mover.move(from_caller, to_callee) && mover.move(from_callee, to_caller)) {
  }
}

} // namespace

void run_relay(int from_caller, int to_callee, int from_callee, int to_caller, const Load &load, Report &report) {
  Mover mover(load);
  if (load.wait == Wait::epoll) {
    relay_by_epoll(mover, from_caller, to_callee, from_callee, to_caller);
  } else {
    relay_by_blocking(mover, from_caller, to_callee, from_callee, to_caller);
  }
  report.relay_cpu_us = mover.cpu_per_call_us();
}

} // namespace relay_floor
