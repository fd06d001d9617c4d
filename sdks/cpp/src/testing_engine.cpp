// The protocol side of the test kit's engine; see testing_engine.hpp.
#include "testing_engine.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "call_ids.hpp"

namespace millrace::detail {
namespace {

using wire::MessageType;

std::array<descriptor, 2> make_pipe() {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0) {
    say("the test engine can't make a pipe");
    std::abort();
  }
  return {descriptor{fds[0]}, descriptor{fds[1]}};
}

failure wire_failure(const error& why) {
  failure out;
  out.reason = static_cast<std::uint32_t>(why.reason);
  out.message = why.message;
  out.code = why.code;
  out.function = why.function;
  if (why.retryable) out.retry = *why.retryable ? 1 : 2;
  return out;
}

}  // namespace

void test_call::send_tail(bytes_view last, std::size_t) {
  channel& out = callee->out;
  std::byte* data = out.begin(MessageType::kData);
  wire::set_call_id(data, callee_id);
  if (!last.empty()) std::memcpy(data + wire::kHeaderBytes, last.data(), last.size());
  out.end(last.size());
}

void test_engine::start() {
  const std::lock_guard lock{mutex};
  outlive_broken_pipes();
  for (const function& fn : app_.functions)
    ids_[fn.name] = static_cast<std::uint32_t>(ids_.size() + 1);
  add_link();
  clock_ = std::thread{[this] { watch_deadlines(); }};
}

test_link& test_engine::add_link() {
  auto [in_read, in_write] = make_pipe();
  auto [out_read, out_write] = make_pipe();
  links_.push_back(std::make_unique<test_link>(
      ::millrace::detail::pipe{std::move(out_read), std::move(in_write)}));
  test_link& link = *links_.back();
  link.served = std::make_unique<worker>(
      app_, ::millrace::detail::pipe{std::move(in_read), std::move(out_write)}, "test", nullptr);
  link.worker_thread = std::thread{[&link] { link.exit_code = link.served->run(); }};
  link.reader = std::thread{[this, &link] { read(link); }};
  return link;
}

/// A worker with a free place, once it was welcomed.
test_link* test_engine::free_link(std::unique_lock<std::mutex>& lock) {
  for (;;) {
    bool starting = false;
    for (const auto& link : links_) {
      if (link->gone) continue;
      if (!link->welcomed) {
        starting = true;
      } else if (link->running_here.size() < app_.concurrency) {
        return link.get();
      }
    }
    if (!starting && links_.size() >= kTestWorkersMax) return nullptr;
    if (!starting) add_link();
    changed_.wait(lock);
    if (stopping_) return nullptr;
  }
}

void test_engine::read(test_link& link) {
  std::vector<std::byte> buffer(kReadBufferBytes);
  for (;;) {
    int error_number = 0;
    const long length = link.engine_pipe.read(buffer.data(), buffer.size(), error_number);
    std::unique_lock lock{mutex};
    if (length <= 0) {
      end_link(link);
      return;
    }
    link.assembler.push(buffer.data(), static_cast<std::size_t>(length),
                        [&](const std::byte* message) { return take(link, message, lock); });
    for (const auto& one : links_) flush(*one);
    changed_.notify_all();
  }
}

void test_engine::settle(test_call& call, result<bytes> outcome) {
  if (call.settled) return;
  call.settled = true;
  if (call.input) call.input->stop();
  if (call.caller != nullptr) {
    tell_caller(call, outcome);
    call.caller->started_here.erase(call.caller_id);
  } else {
    call.outcome = std::move(outcome);
  }
  changed_.notify_all();
}

/// The outcome of an internal call that no worker gave.
void test_engine::tell_caller(test_call& call, const result<bytes>& outcome) {
  channel& out = call.caller->out;
  if (outcome) {
    // Stand-ins give short outputs; a longer one would need credit of its own.
    if (outcome->size() > wire::kBodyBytes) {
      tell_caller(call,
                  error{.reason = wire::Reason::kPayloadTooLarge,
                        .message = "a stand-in for an internal call gives at most 960 bytes"});
      return;
    }
    std::byte* message = out.begin(MessageType::kResult);
    wire::set_call_id(message, call.caller_id);
    wire::set_payload_length(message, static_cast<std::uint32_t>(outcome->size()));
    if (!outcome->empty())
      std::memcpy(message + wire::kHeaderBytes, outcome->data(), outcome->size());
    out.end(outcome->size());
    return;
  }
  bytes body;
  encode(wire_failure(outcome.error()), body);
  out.send_spanning(MessageType::kError, body, [&](std::byte* message) {
    wire::set_call_id(message, call.caller_id);
    wire::set_status(message, static_cast<std::uint32_t>(
                                  outcome.error().status.value_or(outcome.error().grpc_status())));
  });
}

/// The callee has sent its final message: its internal calls have nobody left.
void test_engine::end(test_call& call) {
  call.callee->running_here.erase(call.callee_id);
  call.callee = nullptr;
  for (const auto& other : calls_) {
    if (other->parent != &call) continue;
    cancel(*other);
    other->parent = nullptr;
  }
  changed_.notify_all();
}

void test_engine::cancel(test_call& call) {
  if (call.cancel_sent || call.callee == nullptr) return;
  call.cancel_sent = true;
  std::byte* message = call.callee->out.begin(MessageType::kCancel);
  wire::set_call_id(message, call.callee_id);
  call.callee->out.end(0);
  for (const auto& other : calls_) {
    if (other->parent == &call) cancel(*other);
  }
}

void test_engine::end_link(test_link& link) {
  link.gone = true;
  const auto running = link.running_here;
  for (const auto& [id, call] : running) {
    settle(*call, error{.reason = wire::Reason::kWorkerCrashed, .message = "the worker has ended"});
    end(*call);
  }
  for (const auto& [id, call] : link.started_here) {
    cancel(*call);
    call->settled = true;
  }
  changed_.notify_all();
}

void test_engine::flush(test_link& link) {
  link.out.flush();
  // Blocks the engine, not the worker: that one always reads.
  while (!link.out.empty() && link.out.lost() == nullptr) {
    link.engine_pipe.wait(false, true, std::nullopt);
    link.out.unblock();
    link.out.flush();
  }
}

void test_engine::watch_deadlines() {
  std::unique_lock lock{mutex};
  while (!stopping_) {
    std::optional<steady::time_point> next;
    const auto now = steady::now();
    for (const auto& call : calls_) {
      if (!call->deadline || call->settled) continue;
      if (*call->deadline <= now) {
        settle(*call, error{.reason = wire::Reason::kDeadlineExceeded,
                            .message = call->name + " did not end in time",
                            .function = call->name});
        cancel(*call);
      } else if (!next || *call->deadline < *next) {
        next = call->deadline;
      }
    }
    // Nobody refers to a call that was settled, has ended, and is not waited for.
    std::erase_if(calls_, [&](const auto& call) {
      return call->settled && !call->pinned && call->callee == nullptr && call->caller != nullptr &&
             std::ranges::none_of(
                 calls_, [&](const auto& other) { return other && other->parent == call.get(); });
    });
    for (const auto& link : links_) flush(*link);
    if (next) {
      changed_.wait_until(lock, *next);
    } else {
      changed_.wait(lock);
    }
  }
}

result<bytes> test_engine::call(std::string_view name, bytes_view input, wire::Content kind,
                                const call_options& options) {
  std::unique_lock lock{mutex};
  calls_.push_back(std::make_unique<test_call>());
  test_call& call = *calls_.back();
  call.name = name;
  for (std::byte& byte : call.trace_id) byte = std::byte{0xab};
  if (options.timeout.count() > 0) call.deadline = steady::now() + options.timeout;
  if (auto here = answered_here(call.name, input)) {
    settle(call, *std::move(here));
  } else if (!ids_.contains(call.name)) {
    settle(call, error{.reason = wire::Reason::kNotFound,
                       .message = "there is no function named \"" + call.name + "\"",
                       .function = call.name});
  } else if (call.callee = free_link(lock); call.callee == nullptr) {
    settle(call, error{.reason = wire::Reason::kQueueFull, .message = "all test workers are busy"});
  } else {
    std::array<std::byte, wire::kMessageBytes> head{};
    const bytes_view first = input.sub(0, wire::kBodyBytes);
    const bool more = first.size() < input.size();
    wire::set_type(head.data(), static_cast<std::uint8_t>(MessageType::kInvoke));
    wire::set_flags(head.data(), more ? wire::kMore : std::uint8_t{0});
    wire::set_body_length(head.data(), static_cast<std::uint16_t>(first.size()));
    wire::set_payload_length(head.data(), static_cast<std::uint32_t>(input.size()));
    wire::set_attempt(head.data(), 1);
    wire::set_priority(head.data(), options.priority.value_or(wire::kPriorityDefault));
    wire::set_content(head.data(), static_cast<std::uint8_t>(kind));
    if (!first.empty()) std::memcpy(head.data() + wire::kHeaderBytes, first.data(), first.size());
    test_link& link = *call.callee;
    send_invoke(call, head.data());
    if (more) {
      call.input.emplace(link.out, idle_turns_, call.callee_id, first.size(), call, true);
      call.input->finish(input.sub(first.size()));
      flush(link);
    }
  }
  lock.unlock();
  {
    const std::stop_callback watch{options.stop, [&] {
                                     const std::lock_guard own{mutex};
                                     cancel(call);
                                     if (call.callee != nullptr) flush(*call.callee);
                                   }};
    lock.lock();
    changed_.wait(lock, [&] { return call.outcome.has_value(); });
    lock.unlock();
  }
  lock.lock();
  result<bytes> outcome = *std::move(call.outcome);
  // From now on the record may go once its callee has ended.
  call.input.reset();
  call.caller = links_.front().get();
  changed_.notify_all();
  return outcome;
}

int test_engine::stop() {
  std::unique_lock lock{mutex};
  if (stopped_) return 0;
  stopped_ = true;
  for (const auto& link : links_) {
    link->out.begin(MessageType::kDrain);
    link->out.end(0);
    flush(*link);
  }
  lock.unlock();
  int code = 0;
  for (const auto& link : links_) {
    link->worker_thread.join();
    link->reader.join();
    link->served.reset();
    if (code == 0) code = link->exit_code;
  }
  lock.lock();
  stopping_ = true;
  changed_.notify_all();
  lock.unlock();
  clock_.join();
  return code;
}

}  // namespace millrace::detail
