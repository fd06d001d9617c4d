// A worker's life; see worker.hpp.
#include "worker.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <typeinfo>

namespace millrace::detail {
namespace {

std::string readable_type(const std::type_info& type) {
  int failed = 0;
  const std::unique_ptr<char, void (*)(void*)> name{
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &failed), std::free};
  return failed == 0 ? name.get() : type.name();
}

error of_exception(const std::exception& thrown) {
  return {.message = thrown.what(), .error_type = readable_type(typeid(thrown))};
}

/// Runs user code; whatever it throws becomes the failure of the call.
template <class Result, class Run>
Result guarded(Run run) {
  try {
    return run();
  } catch (const failed& thrown) {
    return thrown.why();
  } catch (const std::exception& thrown) {
    return of_exception(thrown);
  } catch (...) {
    return error{.message = "the handler threw something that is no std::exception",
                 .error_type = "unknown"};
  }
}

error peer_error(std::string text, wire::Reason reason) {
  return {.reason = reason, .message = std::move(text)};
}

}  // namespace

void served_call::send_tail(bytes_view last, std::size_t total) {
  home.served().end_output(*this, last, total);
}

bool run_start_hooks(const app_state& app) {
  for (const auto& hook : app.start) {
    const auto started = guarded<result<void>>([&] { return hook(); });
    if (started) continue;
    say("an on_start hook failed: " + started.error().text());
    return false;
  }
  return true;
}

worker::worker(const app_state& app, pipe pipe, std::string token,
               std::function<void(int)> exit_now)
    : app_(app),
      token_(std::move(token)),
      exit_now_(std::move(exit_now)),
      pipe_(std::move(pipe)),
      channel_(pipe_),
      turns_(pipe_, channel_, *this, app.concurrency == 1 ? kStandbyTickSingle : kStandbyTickPool),
      files_(app.payload_directory),
      caller_(*this, channel_, turns_, welcome_, files_),
      log_(channel_, welcome_),
      served_(*this, channel_, turns_, caller_, welcome_, files_),
      inbox_(*this, served_, caller_, welcome_) {}

worker::~worker() {
  for (std::thread& thread : pool_) thread.join();
  if (standby_.joinable()) standby_.join();
}

int worker::run() {
  session_lock lock{mutex};
  send_hello();
  standby_ = std::thread{[this] {
    session_lock own{mutex};
    turns_.stand_by(own);
    watch(own);
  }};
  serving_ = 1;
  serve(lock);
  serving_ -= 1;
  // Handlers of other threads still run; their outcomes go nowhere but into the pipe.
  progress_.wait(lock, [&] { return serving_ == 0; });
  turns_.run_stops(lock);
  hooks_begun_ = true;
  progress_.notify_all();
  lock.unlock();
  run_stop_hooks();
  lock.lock();
  send_goodbye(goodbye_body({}, {}), 0);
  write_the_last(lock);
  done_ = true;
  progress_.notify_all();
  lock.unlock();
  // It may be about to wait for the pipe, or in the middle of it.
  standby_.join();
  pipe_.close();
  return exit_code_;
}

launched_with worker::given() noexcept {
  return {.files = files_.given(), .rings = pipe_.rings() != nullptr};
}

void worker::send_hello() {
  std::vector<function_offer> offers;
  for (const function& fn : app_.functions) offers.push_back({fn.name, fn.timeout_us});
  channel_.send_spanning(wire::MessageType::kHello,
                         hello_body(std::move(offers), token_, app_.concurrency, given()),
                         [](std::byte*) {});
}

/// Runs calls until the channel is over.
void worker::serve(session_lock& lock) {
  turns::event call_came;
  while (!turns_.over()) {
    turns_.wait(lock, call_came, [&] { return served_.ready() > 0; }, {.who = turns::kind::idle});
    if (!turns_.over() && served_.ready() > 0) run_call(lock, served_.take_ready());
  }
}

void worker::run_call(session_lock& lock, served_call& call) {
  const function& fn = *call.fn;
  context ctx{call};
  const steady::time_point begun = call.started;
  lock.unlock();
  if (fn.streamed) {
    input_stream input{call};
    output_stream output{call};
    auto outcome = guarded<result<void>>([&] { return fn.streamed(ctx, input, output); });
    lock.lock();
    served_.complete_stream(call, std::move(outcome));
  } else {
    auto output = guarded<result<bytes>>([&] { return fn.whole(ctx, call.input); });
    lock.lock();
    served_.complete(call, std::move(output));
  }
  // Outcomes of short handlers leave together.
  if (app_.concurrency > 1 && steady::now() - begun > kBatchHandlerMax) channel_.flush();
}

bool worker::spawn() {
  if (turns_.over() || pool_.size() + 1 >= app_.concurrency) return false;
  serving_ += 1;
  pool_.emplace_back([this] {
    session_lock lock{mutex};
    serve(lock);
    serving_ -= 1;
    progress_.notify_all();
  });
  return true;
}

void worker::on_bytes(const std::byte* from, std::size_t length) {
  assembler_.push(from, length, [this](const std::byte* message) { return inbox_.take(message); });
}

void worker::on_stream_end(int error_number) {
  const bool truncated = assembler_.pending_bytes() > 0;
  const std::size_t open = served_.open();
  const bool orderly = error_number == 0 && !truncated && open == 0 && welcomed_;
  std::string line = "the engine is gone";
  if (truncated) line = "the engine cut a message short and is gone (rule channel-truncated)";
  if (error_number != 0) line += std::string{" ("} + std::strerror(error_number) + ")";
  if (open > 0) line += " and left " + std::to_string(open) + " calls open";
  if (!orderly) say(line);
  channel_.seal();
  finish(orderly ? kExitOk : kExitEngineGone, peer_error(line, wire::Reason::kInternal));
}

void worker::on_beside(const verdict& why) { on_broken(why); }

void worker::on_lost() {
  if (channel_.lost_by_rule() != nullptr) {
    // No GOODBYE: there is no telling which cell it could go into. Told more than once.
    if (!finishing_) on_broken(verdict{channel_.lost_by_rule(), channel_.lost()});
    return;
  }
  const std::string line = std::string{"the engine is gone: "} + channel_.lost();
  if (!finishing_) say(line);
  finish(kExitEngineGone, peer_error(line, wire::Reason::kInternal));
}

breach worker::on_welcome(bytes_view body) {
  if (breach broken = read_welcome(body, app_.concurrency, welcome_, given())) return broken;
  for (const function_id& given : welcome_.functions) {
    const function* fn = nullptr;
    for (const function& one : app_.functions) {
      if (one.name == given.name) fn = &one;
    }
    if (fn == nullptr) {
      return verdict{"welcome-functions",
                     "WELCOME lists \"" + given.name + "\", which HELLO did not offer"};
    }
    if (given.id == 0 || served_.serves(given.id)) {
      return verdict{"function-id-unique",
                     "WELCOME gives \"" + given.name + "\" the id " + std::to_string(given.id)};
    }
    served_.serve(given.id, *fn);
    caller_.known_names().remember(given.name, given.id);
  }
  caller_.known_names().allow(welcome_.open_resolves_max);
  welcomed_ = true;
  pipe_.settle_rings(welcome_.rings);
  if (welcome_.rings) {
    // Rule ring-attached: what is sent from now on goes by the ring.
    channel_.begin(wire::MessageType::kAttached);
    channel_.end(0);
    pipe_.rings()->switch_out_after(channel_.waiting_bytes());
  }
  return std::nullopt;
}

void worker::on_attached() { pipe_.rings()->switch_in(); }

void worker::on_ping(std::uint32_t nonce) {
  std::byte* pong = channel_.begin(wire::MessageType::kPong);
  wire::set_nonce(pong, nonce);
  wire::set_open_calls(pong, static_cast<std::uint32_t>(served_.open()));
  channel_.end(0);
}

void worker::on_drain(std::uint32_t timeout_us) {
  if (draining_) return;  // Rule drain-repeated.
  draining_ = true;
  if (timeout_us > 0) drain_by_ = steady::now() + std::chrono::microseconds{timeout_us};
  // The last call may end on another thread than the one that reads then.
  turns_.be_careful();
  served_.drain();
  on_call_closed();
}

void worker::on_call_closed() {
  if (draining_ && served_.open() == 0)
    finish(kExitOk, peer_error("this worker has drained", wire::Reason::kInternal));
}

void worker::on_goodbye(bytes_view body, std::uint32_t status) {
  channel_.seal();  // Rule goodbye-received: nothing is sent any more, not even a GOODBYE.
  const farewell why = read_goodbye(body, status);
  if (!why.wrong) {
    finish(kExitOk, peer_error("the engine said GOODBYE", wire::Reason::kInternal));
    return;
  }
  const std::string line =
      (welcomed_ ? "the engine ended the channel: " : "the engine refused this worker: ") +
      why.text;
  say(line);
  finish(kExitProtocol, peer_error(line, wire::Reason::kProtocolError));
}

void worker::on_broken(const verdict& why) {
  const std::string line =
      "the engine broke the rule " + std::string{why.rule} + ": " + why.message;
  send_goodbye(goodbye_body(why.rule, why.message),
               static_cast<std::uint32_t>(wire::Status::kInternal));
  channel_.flush();
  say(line);
  finish(kExitProtocol, peer_error(line, wire::Reason::kProtocolError));
}

/// Sends GOODBYE, and nothing after it (rule goodbye-last); after a GOODBYE either way, nothing.
void worker::send_goodbye(const bytes& body, std::uint32_t status) {
  channel_.send_spanning(wire::MessageType::kGoodbye, body,
                         [&](std::byte* message) { wire::set_status(message, status); });
  channel_.seal();
}

void worker::finish(int code, const error& why) {
  if (finishing_) return;
  finishing_ = true;
  exit_code_ = code;
  caller_.fail_all(why);
  error stop = why;
  stop.reason = wire::Reason::kCancelled;
  served_.stop_all(stop);
  turns_.end();
}

void worker::run_stop_hooks() {
  for (auto hook = app_.stop.rbegin(); hook != app_.stop.rend(); ++hook) {
    const auto stopped = guarded<result<void>>([&]() -> result<void> {
      (*hook)();
      return {};
    });
    if (!stopped) say("an on_stop hook failed: " + stopped.error().text());
  }
}

/// Gets the last messages into the pipe, for as long as that may take.
void worker::write_the_last(session_lock& lock) {
  const steady::time_point until = steady::now() + kLastWriteMax;
  channel_.flush();
  while (!channel_.empty() && channel_.lost() == nullptr && steady::now() < until) {
    lock.unlock();
    const readiness found = pipe_.wait(false, true, until);
    lock.lock();
    if (found.writable) channel_.unblock();
    channel_.flush();
  }
  if (channel_.lost() == nullptr || exit_code_ != kExitOk) return;
  exit_code_ = channel_.lost_by_rule() == nullptr ? kExitEngineGone : kExitProtocol;
}

/// The standby's last duty: ends the process when handlers or hooks do not end in time.
void worker::watch(session_lock& lock) {
  if (!exit_now_) return;
  const auto hooks_begun = [&] { return hooks_begun_; };
  if (!progress_.wait_for(lock, kHandlersStopMax, hooks_begun)) {
    say("a handler did not end within a second after the channel; exiting without it");
    exit_now_(exit_code_);
    return;
  }
  steady::duration left = kStopHooksMax;
  if (drain_by_) left = std::min<steady::duration>(left, *drain_by_ - steady::now());
  if (progress_.wait_for(lock, left + kLastWriteMax, [&] { return done_; })) return;
  say("on_stop hooks did not end in time; exiting without them");
  exit_now_(exit_code_);
}

}  // namespace millrace::detail
