// Payload files; see payload_files.hpp.
#include "payload_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace millrace::detail {
namespace {

constexpr std::string_view kRegular = "file-regular";
constexpr std::string_view kSize = "file-size-exact";
constexpr mode_t kOwnOnly = 0600;

/// Reads all of an open file, or gives the rule that it breaks.
std::string_view read_whole(int fd, std::size_t size, bytes& into) {
  struct stat found {};
  if (::fstat(fd, &found) != 0 || !S_ISREG(found.st_mode) || found.st_nlink != 1) return kRegular;
  if (static_cast<std::size_t>(found.st_size) != size) return kSize;
  into.resize_for_overwrite(size);
  for (std::size_t at = 0; at < size;) {
    const ssize_t got = ::pread(fd, into.data() + at, size - at, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return kSize;  // It was cut meanwhile.
    at += static_cast<std::size_t>(got);
  }
  return {};
}

bool write_whole(int fd, bytes_view from) {
  for (std::size_t at = 0; at < from.size();) {
    const ssize_t put = ::pwrite(fd, from.data() + at, from.size() - at, static_cast<off_t>(at));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    at += static_cast<std::size_t>(put);
  }
  return true;
}

}  // namespace

payload_files::~payload_files() {
  for (const kept_file& one : kept_) ::close(one.fd);
}

std::string_view payload_files::read(std::string_view name, std::size_t size,
                                     const std::string& owner, bytes& into) {
  // Without waiting: a FIFO would hold it up. For writing, too: it may be written anew.
  const int fd = ::open(path(name).c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) {
    discard(name);
    return kRegular;
  }
  const std::string_view broken = read_whole(fd, size, into);
  if (!broken.empty()) {
    drop(name, fd);
    return broken;
  }
  kept_.push_back({owner, std::string{name}, fd, size});
  kept_bytes_ += size;
  while (kept_.size() > wire::kFilesKeptMax || kept_bytes_ > kFilesKeptBytesMax) {
    forget(kept_.begin());
  }
  return {};
}

std::string payload_files::write(bytes_view payload, const std::string& owner) {
  const auto found =
      std::ranges::find_if(kept_, [&](const kept_file& one) { return one.owner == owner; });
  kept_file file;
  if (found != kept_.end()) {
    file = *found;
    kept_bytes_ -= file.size;
    kept_.erase(found);
  } else {
    number_ += 1;
    file.name = "w" + std::to_string(number_);
    constexpr int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    file.fd = ::open(path(file.name).c_str(), flags, kOwnOnly);
    if (file.fd < 0) return {};
  }
  const bool written = write_whole(file.fd, payload) &&
                       (file.size <= payload.size() ||
                        ::ftruncate(file.fd, static_cast<off_t>(payload.size())) == 0);
  if (!written) {
    drop(file.name, file.fd);
    return {};
  }
  ::close(file.fd);
  return file.name;
}

void payload_files::release(const std::string& owner) {
  for (;;) {
    const auto found =
        std::ranges::find_if(kept_, [&](const kept_file& one) { return one.owner == owner; });
    if (found == kept_.end()) return;
    forget(found);
  }
}

void payload_files::discard(std::string_view name) { ::unlink(path(name).c_str()); }

void payload_files::forget(std::deque<kept_file>::iterator at) {
  kept_bytes_ -= at->size;
  drop(at->name, at->fd);
  kept_.erase(at);
}

void payload_files::drop(std::string_view name, int fd) {
  ::close(fd);
  discard(name);
}

std::string payload_files::path(std::string_view name) const {
  return directory_ + "/" + std::string{name};
}

}  // namespace millrace::detail
