// Opening, reading and writing the FIFOs; see pipe.hpp.
#include "pipe.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <ctime>

namespace millrace::detail {
namespace {

void set_blocking(int fd, bool blocking) {
  const int flags = ::fcntl(fd, F_GETFL);
  ::fcntl(fd, F_SETFL, blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
}

/// Without keeping the time of each read, which only the owner of the file may leave out.
int open_to_read(const char* path) {
  constexpr int flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC;
  const int fd = ::open(path, flags | O_NOATIME);
  return fd < 0 && errno == EPERM ? ::open(path, flags) : fd;
}

}  // namespace

void descriptor::close() noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

pipe::pipe(descriptor in, descriptor out)
    : in_(std::move(in)), out_(std::move(out)), event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  set_blocking(in_.get(), true);
  set_blocking(out_.get(), false);
}

std::optional<pipe> pipe::open(const std::string& in_path, const std::string& out_path,
                               int& error_number) {
  descriptor in{open_to_read(in_path.c_str())};
  if (in.get() < 0) {
    error_number = errno;
    return std::nullopt;
  }
  descriptor out{::open(out_path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)};
  if (out.get() < 0) {
    error_number = errno;
    return std::nullopt;
  }
  return pipe{std::move(in), std::move(out)};
}

long pipe::read(std::byte* into, std::size_t most, int& error_number) {
  if (rings_ != nullptr && rings_->attached()) {
    return rings_->read(in_.get(), out_.get(), into, most, error_number);
  }
  if (rings_ != nullptr) most = rings_->readable_before(most);
  for (;;) {
    const ssize_t length = ::read(in_.get(), into, most);
    if (length > 0 && rings_ != nullptr) rings_->passed(static_cast<std::size_t>(length));
    if (length >= 0) return length;
    if (errno == EINTR) continue;
    error_number = errno;
    return -1;
  }
}

readiness pipe::wait(bool for_bytes, bool for_room, std::optional<steady::time_point> until) {
  if (rings_ != nullptr && rings_->attached()) {
    return rings_->wait(in_.get(), event_.get(), for_bytes, for_room, until);
  }
  std::array<pollfd, 3> polls{{{for_bytes ? event_.get() : -1, POLLIN, 0},
                               {for_bytes ? in_.get() : -1, POLLIN, 0},
                               {for_room ? out_.get() : -1, POLLOUT, 0}}};
  timespec left = left_until(until);
  // A signal of the user's ends the wait early: whoever waits looks again.
  if (::ppoll(polls.data(), polls.size(), until ? &left : nullptr, nullptr) <= 0) return {};
  if (polls[0].revents != 0) drain_event(event_.get());
  return {.readable = polls[1].revents != 0, .writable = polls[2].revents != 0};
}

void pipe::interrupt() noexcept {
  if (rings_ != nullptr) rings_->interrupt();
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(event_.get(), &one, sizeof one);
}

write_state pipe::write(const std::byte* from, std::size_t length, std::size_t& written) {
  written = 0;
  if (rings_ != nullptr) {
    const std::size_t piped = rings_->for_pipe(length);
    const write_state state = write_pipe(from, piped, written);
    rings_->piped(written);
    if (state != write_state::all || piped == length) return state;
    std::size_t ringed = 0;
    const write_state rest = rings_->write(out_.get(), from + piped, length - piped, ringed);
    written += ringed;
    return rest;
  }
  return write_pipe(from, length, written);
}

write_state pipe::write_pipe(const std::byte* from, std::size_t length, std::size_t& written) {
  while (written < length) {
    const ssize_t taken = ::write(out_.get(), from + written, length - written);
    if (taken >= 0) {
      written += static_cast<std::size_t>(taken);
    } else if (errno == EAGAIN) {
      return write_state::full;
    } else if (errno != EINTR) {
      return write_state::broken;
    }
  }
  return write_state::all;
}

void pipe::offer(std::unique_ptr<segment> memory) {
  if (memory != nullptr) rings_ = std::make_unique<ring_link>(std::move(memory));
}

void pipe::settle_rings(bool accepted) {
  if (!accepted) rings_.reset();
}

timespec left_until(std::optional<steady::time_point> until) {
  timespec left{};
  if (!until) return left;
  const auto ns =
      std::chrono::duration_cast<std::chrono::nanoseconds>(*until - steady::now()).count();
  const auto wait_ns = ns < 0 ? 0 : ns;
  left.tv_sec = static_cast<std::time_t>(wait_ns / 1'000'000'000);
  left.tv_nsec = static_cast<long>(wait_ns % 1'000'000'000);
  return left;
}

void drain_event(int event) {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t taken = ::read(event, &count, sizeof count);
}

void outlive_broken_pipes() noexcept {
  struct sigaction now {};
  if (::sigaction(SIGPIPE, nullptr, &now) != 0 || now.sa_handler != SIG_DFL) return;
  struct sigaction quiet {};
  quiet.sa_handler = [](int) {};
  quiet.sa_flags = SA_RESTART;
  sigemptyset(&quiet.sa_mask);
  ::sigaction(SIGPIPE, &quiet, nullptr);
}

void say(const std::string& line) noexcept {
  const std::string whole = "millrace worker: " + line + "\n";
  // Standard error that is closed or full is no place to complain about; the exit code tells the
  // rest.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, whole.data(), whole.size());
}

}  // namespace millrace::detail
