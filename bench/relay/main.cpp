// The floor of the bench: round trips of 1,024-byte messages over FIFOs, with a relay between (four hops) or without,
// or through a chain of processes with the relay between each two.
//
//   relay-floor relay|pipe|chain [--count N] [--warm-up N] [--in-flight N] [--wait epoll|block] [--per-second N]
//                                [--steps N] [--limit-seconds N]
//
// Every role is a process of its own, and all run where this one may run: pin them by `taskset -c CORE relay-floor ...`.
// Prints one JSON object: the time of each measured round trip, the whole time, the CPU time of the relay.
#include "bytes.hpp"
#include "roles.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <fcntl.h>
#include <functional>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <vector>

namespace {

using namespace relay_floor;

enum class Kind { relay, pipe, chain };

struct Options {
  Kind kind = Kind::relay;
  /// Calls of a chain: as many processes, and the caller.
  std::size_t steps = 8;
  Load load;
  unsigned limit_seconds = 60;
};

[[noreturn]] void usage() {
  std::fprintf(stderr, "usage: relay-floor relay|pipe|chain [--count N] [--warm-up N] [--in-flight 1..256] "
                       "[--wait epoll|block] [--per-second N] [--steps 1..32] [--limit-seconds N]\n");
  std::exit(64);
}

std::size_t number(std::string_view text, std::size_t least, std::size_t most) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most) usage();
  return value;
}

Options parse(const std::vector<std::string_view> &words) {
  Options options;
  if (words.empty() || words.size() % 2 == 0) usage();
  if (words[0] == "pipe") options.kind = Kind::pipe;
  else if (words[0] == "chain") options.kind = Kind::chain;
  else if (words[0] != "relay") usage();
  for (std::size_t at = 1; at < words.size(); at += 2) {
    const auto name = words[at];
    const auto value = words[at + 1];
    if (name == "--count") options.load.count = number(value, 1, 100'000'000);
    else if (name == "--warm-up") options.load.warm_up = number(value, 0, 100'000'000);
    else if (name == "--in-flight") options.load.in_flight = number(value, 1, in_flight_max);
    else if (name == "--per-second") options.load.per_second = number(value, 1, 10'000'000);
    else if (name == "--wait" && value == "epoll") options.load.wait = Wait::epoll;
    else if (name == "--wait" && value == "block") options.load.wait = Wait::block;
    else if (name == "--steps") options.steps = number(value, 1, 32);
    else if (name == "--limit-seconds") options.limit_seconds = static_cast<unsigned>(number(value, 1, 3'600));
    else usage();
  }
  if (options.load.wait == Wait::block && options.load.in_flight != 1) usage();
  if (options.kind == Kind::chain && (options.load.in_flight != 1 || options.load.per_second != 0)) usage();
  return options;
}

struct Fifo {
  int read_end = -1;
  int write_end = -1;
};

/// A FIFO whose two ends are open and whose name is gone already.
Fifo open_fifo(const std::string &directory, std::size_t in_flight) {
  const std::string path = directory + "/fifo";
  if (mkfifo(path.c_str(), 0600) != 0) fail("mkfifo");
  Fifo fifo;
  fifo.read_end = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  fifo.write_end = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  unlink(path.c_str());
  // A kernel that gives less makes a writer wait, which costs time and loses nothing.
  if (in_flight * message_bytes > read_bytes) {
    fcntl(fifo.write_end, F_SETPIPE_SZ, static_cast<int>(in_flight_max * message_bytes));
  }
  if (fifo.read_end < 0 || fifo.write_end < 0) fail("open");
  fcntl(fifo.read_end, F_SETFL, 0); // Non-blocking was for the opening alone.
  return fifo;
}

std::vector<Fifo> open_fifos(std::size_t count, std::size_t in_flight) {
  const char *given = std::getenv("TMPDIR");
  // Where the engine's lie: on a disk, the times of a FIFO's last read and write cost a transaction at each tick.
  const char *base = given != nullptr ? given : access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
  std::string directory = std::string(base) + "/relay-floor-XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) fail("mkdtemp");
  std::vector<Fifo> fifos(count);
  for (Fifo &fifo : fifos) fifo = open_fifo(directory, in_flight);
  rmdir(directory.c_str());
  return fifos;
}

/// Memory that the processes share, zero at first.
template <class T> T *shared(std::size_t count) {
  void *memory = mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) fail("mmap");
  return static_cast<T *>(memory);
}

/// A process for one role, with the descriptors it needs and no other, so that the end of one role is seen by the next.
void start(const std::vector<Fifo> &fifos, unsigned limit_seconds, const std::vector<int> &needs,
           const std::function<void()> &role) {
  const pid_t pid = fork();
  if (pid < 0) fail("fork");
  if (pid > 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  alarm(limit_seconds);
  for (const Fifo &fifo : fifos) {
    for (const int fd : {fifo.read_end, fifo.write_end}) {
      if (std::find(needs.begin(), needs.end(), fd) == needs.end()) close(fd);
    }
  }
  role();
  _exit(0);
}

} // namespace

int main(int count, char **words) {
  const Options options = parse({words + 1, words + count});
  const Load &load = options.load;
  auto *report = shared<Report>(1);
  auto *samples = shared<std::uint32_t>(load.count);

  const std::size_t places = options.kind == Kind::chain ? options.steps + 1 : 2;
  // Of each place the one that it writes, then the one that it reads.
  const auto fifos = open_fifos(2 * places, load.per_second > 0 ? in_flight_max : load.in_flight);
  const Fifo &out = fifos[0];
  const Fifo &back = fifos[1];
  const Fifo &up = fifos[2 * places - 2];
  const Fifo &down = fifos[2 * places - 1];
  const auto begin = [&](const std::vector<int> &needs, const std::function<void()> &role) {
    start(fifos, options.limit_seconds, needs, role);
  };
  if (options.kind == Kind::pipe) {
    begin({out.read_end, back.write_end}, [&] { run_callee(out.read_end, back.write_end); });
  } else {
    begin({down.read_end, up.write_end}, [&] { run_callee(down.read_end, up.write_end); });
  }
  if (options.kind == Kind::relay) {
    begin({out.read_end, down.write_end, up.read_end, back.write_end},
          [&] { run_relay(out.read_end, down.write_end, up.read_end, back.write_end, load, *report); });
  }
  if (options.kind == Kind::chain) {
    std::vector<int> from;
    std::vector<int> to;
    for (std::size_t place = 0; place < places; ++place) {
      const Fifo &writes = fifos[2 * place];
      const Fifo &reads = fifos[2 * place + 1];
      from.push_back(writes.read_end);
      to.push_back(reads.write_end);
      if (place == 0 || place == places - 1) continue;
      begin({reads.read_end, writes.write_end}, [&] { run_step(reads.read_end, writes.write_end); });
    }
    std::vector<int> all = from;
    all.insert(all.end(), to.begin(), to.end());
    begin(all, [&] { run_chain_relay(from, to); });
  }
  begin({out.write_end, back.read_end}, [&] {
    const auto run = load.per_second > 0 ? run_caller_at_rate : run_caller;
    run(out.write_end, back.read_end, load, *report, samples);
  });
  for (const Fifo &fifo : fifos) {
    close(fifo.read_end);
    close(fifo.write_end);
  }

  bool good = true;
  int status = 0;
  while (wait(&status) > 0) good = good && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  if (!good) {
    std::fprintf(stderr, "relay-floor: a process failed, or took longer than %u s\n", options.limit_seconds);
    return 1;
  }
  std::printf("{\"elapsedNs\":%lld,\"relayCpuUs\":%.3f,\"samplesNs\":[", static_cast<long long>(report->elapsed_ns),
              report->relay_cpu_us);
  for (std::size_t k = 0; k < load.count; ++k) std::printf(k == 0 ? "%u" : ",%u", samples[k]);
  std::printf("]}\n");
  return 0;
}
