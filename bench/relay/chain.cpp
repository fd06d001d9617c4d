// A chain through one relay: caller, steps, callee, each a process. A message goes up the chain and its answer down.
#include "bytes.hpp"
#include "roles.hpp"

#include <array>
#include <fcntl.h>
#include <sys/epoll.h>

namespace relay_floor {

void run_step(int in, int out) {
  std::vector<char> bytes(read_bytes);
  for (;;) {
    const ssize_t length = read_some(in, bytes.data(), bytes.size());
    if (length <= 0) return;
    write_all(out, bytes.data(), static_cast<std::size_t>(length));
  }
}

void run_chain_relay(const std::vector<int> &from, const std::vector<int> &to) {
  const int poll = epoll_create1(EPOLL_CLOEXEC);
  if (poll < 0) fail("epoll_create1");
  for (std::size_t place = 0; place < from.size(); ++place) {
    fcntl(from[place], F_SETFL, fcntl(from[place], F_GETFL) | O_NONBLOCK);
    epoll_event event{.events = EPOLLIN, .data = {.u64 = place}};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, from[place], &event) != 0) fail("epoll_ctl");
  }
  std::vector<char> bytes(read_bytes);
  std::array<epoll_event, 16> events{};
  for (;;) {
    const int ready = epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
    for (int k = 0; k < ready; ++k) {
      const std::size_t place = events[static_cast<std::size_t>(k)].data.u64;
      const ssize_t length = read_some(from[place], bytes.data(), bytes.size());
      if (length == 0) return; // One has ended: the others end as this process does.
      if (length < 0) continue;
      write_all(to[bytes[0] == answer_type ? place - 1 : place + 1], bytes.data(), static_cast<std::size_t>(length));
    }
  }
}

} // namespace relay_floor
