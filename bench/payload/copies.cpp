// The least that an echo of a payload by file can cost: the same four copies between memory and a memory file system, in
// one process without a call between. Prints one JSON object with times in microseconds.
//
//   copies DIRECTORY BYTES COUNT WARM_UP
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using bytes = std::vector<char>;

void all(bool writing, int fd, bytes& buffer) {
  for (std::size_t done = 0; done < buffer.size();) {
    char* const at = buffer.data() + done;
    const auto offset = static_cast<off_t>(done);
    const ssize_t moved = writing ? pwrite(fd, at, buffer.size() - done, offset)
                                  : pread(fd, at, buffer.size() - done, offset);
    if (moved <= 0) {
      std::perror(writing ? "pwrite" : "pread");
      std::exit(1);
    }
    done += static_cast<std::size_t>(moved);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("copies: say DIRECTORY BYTES COUNT WARM_UP\n", stderr);
    return 2;
  }
  const std::string path = std::string{argv[1]} + "/copies";
  const auto size = static_cast<std::size_t>(std::atoll(argv[2]));
  const int count = std::atoi(argv[3]);
  const int warm_up = std::atoi(argv[4]);
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600);
  if (fd < 0) {
    std::perror(path.c_str());
    return 1;
  }
  bytes caller(size, 'm');
  bytes callee(size);
  std::vector<double> times;
  for (int i = 0; i < warm_up + count; i += 1) {
    const auto begin = std::chrono::steady_clock::now();
    all(true, fd, caller);   // The caller writes its input,
    all(false, fd, callee);  // the callee reads it,
    all(true, fd, callee);   // and writes its output into the same file,
    all(false, fd, caller);  // which the caller reads.
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
    if (i >= warm_up) times.push_back(took.count());
  }
  close(fd);
  unlink(path.c_str());
  std::sort(times.begin(), times.end());
  std::printf("{\"p50Us\":%.1f,\"p99Us\":%.1f}\n", times[times.size() / 2],
              times[std::min(times.size() - 1, times.size() * 99 / 100)]);
  return 0;
}
