// The fixture of the conformance suite (conformance/FIXTURE.md): echo, and interp with its tiny
// byte-code.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "millrace/millrace.hpp"

namespace {

using millrace::bytes;
using millrace::bytes_view;
using millrace::context;
using millrace::error;
using millrace::output_stream;
using millrace::reason;
using millrace::result;

/// Handlers that wait at once; each is a thread.
constexpr std::uint32_t kCallsAtOnce = 64;

class program_cut : public std::exception {};

/// The program, read from its begin to its end.
class reader {
 public:
  explicit reader(bytes_view from) noexcept : from_(from) {}
  [[nodiscard]] bool over() const noexcept { return at_ == from_.size(); }
  bytes_view take(std::size_t count) {
    if (from_.size() - at_ < count) throw program_cut{};
    const bytes_view part = from_.sub(at_, count);
    at_ += count;
    return part;
  }
  template <class N>
  N number() {
    return millrace::wire::load<N>(take(sizeof(N)).data());
  }
  std::uint8_t u8() { return number<std::uint8_t>(); }
  std::uint16_t u16() { return number<std::uint16_t>(); }
  std::uint32_t u32() { return number<std::uint32_t>(); }

 private:
  bytes_view from_;
  std::size_t at_ = 0;
};

template <class N>
void put(bytes& to, N number) {
  std::array<std::byte, sizeof(N)> raw{};
  millrace::wire::store(raw.data(), number);
  to.append({raw.data(), raw.size()});
}

void put_text(bytes& to, const std::string& text) {
  put(to, static_cast<std::uint16_t>(text.size()));
  to.append(text);
}

bytes pattern(std::uint32_t count, std::uint32_t seed) {
  bytes out(count);
  for (std::byte& byte : out) {
    seed = seed * 1664525U + 1013904223U;
    byte = static_cast<std::byte>(seed >> 24U);
  }
  return out;
}

std::uint32_t crc32(bytes_view of) {
  std::uint32_t crc = 0xffff'ffffU;
  for (const std::byte byte : of) {
    crc ^= static_cast<std::uint32_t>(byte);
    for (int bit = 0; bit < 8; bit += 1) crc = (crc >> 1U) ^ (0xedb8'8320U & (0U - (crc & 1U)));
  }
  return ~crc;
}

void put_outcome(bytes& to, const result<bytes>& outcome) {
  if (outcome) {
    put(to, std::uint8_t{0});
    put(to, static_cast<std::uint32_t>(outcome->size()));
    to.append(*outcome);
    return;
  }
  const error& why = outcome.error();
  put(to, std::uint8_t{1});
  put(to, static_cast<std::uint8_t>(why.reason));
  put(to, static_cast<std::uint8_t>(why.status.value_or(why.grpc_status())));
  put(to, static_cast<std::uint8_t>(!why.retryable ? 0 : *why.retryable ? 1 : 2));
  put_text(to, why.code);
  put_text(to, why.message);
}

/// Writes n characters to a stream of the user's, and flushes it.
void print(std::FILE* to, std::uint32_t count, char what) {
  const std::string text(count, what);
  std::fwrite(text.data(), 1, text.size(), to);
  std::fflush(to);
}

/// Starts a child that lives for so long and is not waited for by its parent: a grandchild, so that
/// none is left behind. Returns once it runs its own program: until then it still has this one's
/// environment and descriptors.
void spawn(std::uint32_t ms) {
  const std::string seconds = std::to_string(static_cast<double>(ms) / 1000.0);
  std::array<int, 2> runs{};
  if (::pipe2(runs.data(), O_CLOEXEC) != 0) return;
  const pid_t child = ::fork();
  if (child == 0) {
    if (::fork() == 0) ::execlp("sleep", "sleep", seconds.c_str(), nullptr);
    ::_exit(0);
  }
  ::close(runs[1]);
  if (child > 0) ::waitpid(child, nullptr, 0);
  // The grandchild has the last writing end, which its exec closes.
  char none = 0;
  while (::read(runs[0], &none, 1) < 0 && errno == EINTR) {
  }
  ::close(runs[0]);
}

class interpreter {
 public:
  interpreter(context& ctx, output_stream& stream) noexcept : ctx_(ctx), stream_(stream) {}

  result<void> run(bytes_view program) {
    reader code{program};
    try {
      while (!code.over()) {
        if (auto done = step(code); !done) return done;
      }
    } catch (const program_cut&) {
      return error{.reason = reason::kBadInput, .message = "an instruction is cut off"};
    }
    return {};
  }

  [[nodiscard]] bytes& output() noexcept { return output_; }

 private:
  result<void> step(reader& code) {
    const std::uint8_t op = code.u8();
    switch (op) {
      case 0x01:
        output_.append(code.take(code.u32()));
        return {};
      case 0x02:
        return fail(code);
      case 0x03:
        throw std::runtime_error(std::string{code.take(code.u16()).text()});
      case 0x04:
        // A cancelled call wakes at once, and the next instruction runs.
        if (ctx_.sleep_for(std::chrono::milliseconds{code.u32()})) return {};
        return {};
      case 0x05: {
        const std::uint32_t count = code.u32();
        output_.append(pattern(count, code.u32()));
        return {};
      }
      case 0x06:
        put(output_, crc32(code.take(code.u32())));
        return {};
      case 0x07:
        return call(code);
      case 0x08:
        while (!running_.empty()) {
          put_outcome(output_, running_.front().get());
          running_.pop_front();
        }
        return {};
      case 0x09:
        print(stdout, code.u32(), 'o');
        return {};
      case 0x0a:
        print(stderr, code.u32(), 'e');
        return {};
      case 0x0b:
        std::_Exit(code.u8());
      case 0x0c:
        ::kill(::getpid(), code.u8());
        return {};
      case 0x0d:
        spawn(code.u32());
        return {};
      case 0x0e:
        put(output_, static_cast<std::uint8_t>(ctx_.cancelled() ? 1 : 0));
        return {};
      case 0x0f:
        put_context();
        return {};
      case 0x10: {
        const auto level = static_cast<millrace::log_level>(code.u8());
        ctx_.log(level, code.take(code.u16()).text());
        return {};
      }
      case 0x11:
        return send_stream(code);
      case 0x12:
        return ctx_.capacity(code.u32());
      case 0x13:
        ctx_.output_content(static_cast<millrace::content>(code.u8()));
        return {};
      case 0x14: {
        const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds{code.u32()};
        while (std::chrono::steady_clock::now() < until) {
        }
        return {};
      }
      default:
        return error{.reason = reason::kBadInput,
                     .message = "there is no instruction " + std::to_string(op)};
    }
  }

  static result<void> fail(reader& code) {
    error why;
    why.reason = static_cast<reason>(code.u8());
    const std::uint8_t retry = code.u8();
    if (retry == 1 || retry == 2) why.retryable = retry == 1;
    why.code = code.take(code.u8()).text();
    why.message = code.take(code.u16()).text();
    return why;
  }

  result<void> call(reader& code) {
    const bool overlap = (code.u8() & 1U) != 0;
    const std::string name{code.take(code.u8()).text()};
    const millrace::call_options options{.timeout = std::chrono::milliseconds{code.u32()}};
    const bytes_view input = code.take(code.u32());
    if (overlap) {
      running_.push_back(ctx_.start(name, input, options));
    } else {
      put_outcome(output_, ctx_.call(name, input, options));
    }
    return {};
  }

  void put_context() {
    put(output_, static_cast<std::uint8_t>(ctx_.depth()));
    put(output_, static_cast<std::uint8_t>(ctx_.priority()));
    put(output_, ctx_.attempt());
    const auto left = ctx_.time_left();
    put(output_, left ? static_cast<std::uint32_t>(left->count())
                      : std::numeric_limits<std::uint32_t>::max());
    const millrace::trace_context trace = ctx_.trace();
    output_.append(std::span<const std::byte>{trace.trace_id});
    output_.append(std::span<const std::byte>{trace.span_id});
    put(output_, trace.flags);
  }

  result<void> send_stream(reader& code) {
    const std::uint32_t count = code.u32();
    const std::uint32_t size = code.u32();
    const std::uint32_t seed = code.u32();
    if (auto sent = stream_.write(output_); !sent) return sent;
    output_.clear();
    for (std::uint32_t i = 0; i < count; i += 1) {
      if (auto sent = stream_.write(pattern(size, seed + i)); !sent) return sent;
    }
    streamed_ = true;
    return {};
  }

  context& ctx_;
  output_stream& stream_;
  bytes output_;
  std::deque<millrace::pending> running_;
  bool streamed_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  // Put before both names, so that fixtures of several languages can serve one engine.
  const std::string prefix = argc > 1 ? argv[1] : "";
  millrace::app app;
  app.concurrency(kCallsAtOnce);
  app.handle(prefix + "echo", [](context& ctx, bytes_view input) {
    ctx.output_content(ctx.input_content());
    return bytes{input};
  });
  app.handle_stream(
      prefix + "interp",
      [](context& ctx, millrace::input_stream& input, output_stream& stream) -> result<void> {
        auto program = input.read_all();
        if (!program) return program.error();
        interpreter run{ctx, stream};
        if (auto done = run.run(*program); !done) return done;
        // What was not streamed goes out in one piece, inline when it fits.
        return stream.end_with(std::move(run.output()));
      });
  return app.run();
}
