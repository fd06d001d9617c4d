// What a handler can ask and do: each is a short visit under the worker's lock.
#include "millrace/context.hpp"

#include <algorithm>

#include "worker.hpp"

namespace millrace {
namespace {

using detail::pending_call;
using detail::session_lock;
using detail::worker;

std::string hex(std::span<const std::byte> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : bytes) {
    text += kDigits[static_cast<unsigned>(byte) >> 4U];
    text += kDigits[static_cast<unsigned>(byte) & 15U];
  }
  return text;
}

error given_up(const pending_call& call) {
  return {.reason = wire::Reason::kCancelled,
          .message = "the call of " + call.name + " was cancelled"};
}

/// Cancels a call from whatever thread requests the stop.
void cancel_from_anywhere(worker& home, pending_call& call) {
  const session_lock lock{home.mutex};
  home.calls().cancel(call, given_up(call));
  home.threads().interrupt();
  home.threads().after_send();
}

/// Waits for the outcome and takes it. The call is not given back.
result<bytes> outcome_of(worker& home, session_lock& lock, pending_call& call, bool interruptible) {
  home.threads().wait(lock, call.outcome, [&] { return call.settled; },
                      {.interruptible = interruptible});
  call.taken = true;
  if (call.failure) return *call.failure;
  return std::move(call.output);
}

}  // namespace

std::string trace_context::trace_id_text() const { return hex(trace_id); }
std::string trace_context::span_id_text() const { return hex(span_id); }

std::uint32_t context::id() const noexcept { return call_.id; }
std::string_view context::function() const noexcept { return call_.fn->name; }
unsigned context::depth() const noexcept { return call_.depth; }
unsigned context::priority() const noexcept { return call_.priority; }
std::uint32_t context::attempt() const noexcept { return call_.attempt; }
trace_context context::trace() const noexcept { return call_.trace; }
wire::Content context::input_content() const noexcept { return call_.input_content; }

std::stop_token context::stop_token() {
  const session_lock lock{call_.home.mutex};
  if (!call_.stop) {
    call_.stop.emplace();
    if (call_.cancelled) call_.stop->request_stop();
  }
  return call_.stop->get_token();
}

std::optional<error> context::cancellation() const {
  const session_lock lock{call_.home.mutex};
  return call_.cancelled;
}

bool context::cancelled() const {
  const session_lock lock{call_.home.mutex};
  return call_.cancelled.has_value();
}

std::optional<std::chrono::steady_clock::time_point> context::deadline() const noexcept {
  if (call_.timeout_us == 0) return std::nullopt;
  return call_.received + std::chrono::microseconds{call_.timeout_us};
}

std::optional<std::chrono::microseconds> context::time_left() const noexcept {
  const auto by = deadline();
  if (!by) return std::nullopt;
  const auto left =
      std::chrono::duration_cast<std::chrono::microseconds>(*by - detail::steady::now());
  return std::max(left, std::chrono::microseconds{0});
}

void context::log(log_level level, std::string_view message,
                  std::initializer_list<attribute> attributes) {
  worker& home = call_.home;
  const session_lock lock{home.mutex};
  home.log().write(level, message, attributes, call_.fn->name, call_.id);
  home.threads().after_send();
}

void context::output_content(wire::Content kind) noexcept { call_.output_content = kind; }

result<void> context::capacity(std::uint32_t calls) {
  worker& home = call_.home;
  if (calls > home.concurrency()) {
    return error{.message = "capacity is " + std::to_string(calls) + "; this worker offered " +
                            std::to_string(home.concurrency()) + " calls at once"};
  }
  const session_lock lock{home.mutex};
  if (!home.terms().capacity) return {};
  std::byte* message = home.wire().begin(wire::MessageType::kCapacity);
  wire::set_capacity(message, calls);
  home.wire().end(0);
  home.threads().after_send();
  return {};
}

result<void> context::sleep_for(std::chrono::microseconds time) {
  worker& home = call_.home;
  session_lock lock{home.mutex};
  home.threads().wait(lock, call_.cancellation, [&] { return call_.cancelled.has_value(); },
                      {.until = detail::steady::now() + time});
  if (call_.cancelled) return *call_.cancelled;
  return {};
}

result<bytes> context::call_bytes(std::string_view name, bytes_view input, wire::Content kind,
                                  const call_options& options) {
  worker& home = call_.home;
  session_lock lock{home.mutex};
  pending_call& call = home.calls().begin(
      call_, {.name = name, .input = input, .content = kind, .options = options});
  result<bytes> outcome = bytes{};
  if (options.stop.stop_possible()) {
    // Outside the lock: a stop that was requested already calls back at once.
    lock.unlock();
    {
      const std::stop_callback watch{options.stop, [&] { cancel_from_anywhere(home, call); }};
      lock.lock();
      outcome = outcome_of(home, lock, call, true);
      lock.unlock();
    }
    lock.lock();
  } else {
    outcome = outcome_of(home, lock, call, false);
  }
  // The input is the caller's: nothing of it may be sent after this.
  if (call.out) call.out->stop();
  home.calls().release(call);
  return outcome;
}

pending context::start_bytes(std::string_view name, bytes_view input, wire::Content kind,
                             const call_options& options) {
  worker& home = call_.home;
  session_lock lock{home.mutex};
  pending_call& call = home.calls().begin(
      call_,
      {.name = name, .input = input, .content = kind, .options = options, .keep_input = true});
  home.threads().after_send();
  lock.unlock();
  pending started{&call};
  if (options.stop.stop_possible())
    started.watch_ = std::make_unique<pending::stop_watch>(options.stop, home, call);
  return started;
}

stream_call context::stream_bytes(std::string_view name, bytes_view input, wire::Content kind,
                                  const call_options& options) {
  const session_lock lock{call_.home.mutex};
  return stream_call{&call_.home.calls().begin(call_, {.name = name,
                                                       .input = input,
                                                       .content = kind,
                                                       .options = options,
                                                       .streams_output = true,
                                                       .keep_input = true})};
}

stream_call context::open_stream(std::string_view name, const call_options& options) {
  const session_lock lock{call_.home.mutex};
  return stream_call{
      &call_.home.calls().begin(call_, {.name = name,
                                        .input = {},
                                        .content = options.content.value_or(wire::Content::kBytes),
                                        .options = options,
                                        .streams_input = true,
                                        .streams_output = true})};
}

/// Cancels a started call when a stop is requested.
struct pending::stop_watch {
  struct action {
    worker& home;
    pending_call& call;
    void operator()() const { cancel_from_anywhere(home, call); }
  };
  stop_watch(const std::stop_token& stop, worker& home, pending_call& call)
      : callback(stop, action{home, call}) {}
  std::stop_callback<action> callback;
};

pending::pending(pending_call* call) noexcept : call_(call) {}
pending::pending(pending&& other) noexcept
    : call_(std::exchange(other.call_, nullptr)), watch_(std::move(other.watch_)) {}
pending& pending::operator=(pending&& other) noexcept {
  if (this != &other) {
    leave();
    call_ = std::exchange(other.call_, nullptr);
    watch_ = std::move(other.watch_);
  }
  return *this;
}
pending::~pending() { leave(); }

void pending::leave() noexcept {
  watch_.reset();
  if (call_ == nullptr) return;
  worker& home = call_->home.home();
  const session_lock lock{home.mutex};
  home.calls().cancel(*call_, given_up(*call_));
  home.calls().release(*call_);
  call_ = nullptr;
}

result<bytes> pending::get_bytes() {
  if (call_ == nullptr) return error{.message = "the outcome of this call was taken before"};
  worker& home = call_->home.home();
  session_lock lock{home.mutex};
  result<bytes> outcome = outcome_of(home, lock, *call_, watch_ != nullptr);
  lock.unlock();
  leave();
  return outcome;
}

bool pending::ready() const {
  if (call_ == nullptr) return true;
  const session_lock lock{call_->home.home().mutex};
  return call_->settled;
}

void pending::cancel() {
  if (call_ != nullptr) cancel_from_anywhere(call_->home.home(), *call_);
}

}  // namespace millrace
