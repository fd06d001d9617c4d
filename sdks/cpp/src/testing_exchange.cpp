// What the test kit's engine makes of the messages of its workers; see testing_engine.hpp.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "call_ids.hpp"
#include "testing_engine.hpp"

namespace millrace::detail {
namespace {

using wire::MessageType;

error wire_error(const failure& from, std::uint32_t status) {
  error why;
  if (from.reason >= 1 && from.reason <= wire::kReasons.size())
    why.reason = static_cast<wire::Reason>(from.reason);
  why.message = from.message;
  why.code = from.code;
  why.status = static_cast<wire::Status>(status);
  why.error_type = from.error_type;
  why.function = from.function;
  if (from.retry != 0) why.retryable = from.retry == 1;
  return why;
}

}  // namespace

bool test_engine::take(test_link& link, const std::byte* message,
                       std::unique_lock<std::mutex>& lock) {
  verdict why;
  const judgement judged = judge(message, sender::worker, why);
  if (judged == judgement::ignore) return true;
  if (judged == judgement::broken) {
    // The SDK itself broke the protocol: no test may pass over that.
    say("the worker broke the rule " + std::string{why.rule} + ": " + why.message);
    std::abort();
  }
  const std::uint32_t id = wire::call_id(message);
  breach broken;
  switch (static_cast<MessageType>(wire::type(message))) {
    case MessageType::kHello:
      if (link.span.take(message, broken)) take_hello(link, link.span.whole());
      break;
    case MessageType::kLog:
      if (link.span.take(message, broken)) take_log(link, link.span.whole(), id);
      break;
    case MessageType::kResolve:
      take_resolve(link, message);
      break;
    case MessageType::kInvoke:
      take_invoke(link, message, lock);
      break;
    case MessageType::kResult:
      take_output(link, message);
      break;
    case MessageType::kError:
      take_error(link, message);
      break;
    case MessageType::kCancel:
      if (const auto found = link.started_here.find(id); found != link.started_here.end())
        cancel(*found->second);
      break;
    case MessageType::kData:
    case MessageType::kWindow:
      if ((id & 1U) != 0) {
        take_from_caller(link, message);
      } else {
        take_output(link, message);
      }
      break;
    default:
      break;
  }
  return true;
}

void test_engine::take_hello(test_link& link, bytes_view body) {
  const auto hello = decode_hello(body.sub(wire::kVersionPrefixBytes));
  welcome_body answer;
  for (const auto& [name, id] : ids_) answer.functions.push_back({name, id});
  answer.features = hello->features;
  answer.bounds = {.max_calls = std::max(1U, hello->max_calls),
                   .max_open_invokes = kTestOpenInvokes,
                   .max_open_resolves = kTestOpenInvokes,
                   .max_open_pings = 1,
                   .max_payload_bytes = kTestPayloadBytesMax,
                   .max_depth = kTestDepthMax};
  bytes whole;
  write_prefix(whole);
  encode(answer, whole);
  link.out.send_spanning(MessageType::kWelcome, whole, [](std::byte*) {});
  link.welcomed = true;
}

void test_engine::take_log(test_link& link, bytes_view body, std::uint32_t call_id) {
  const auto record = decode_log(body);
  test::log_entry entry;
  entry.level = static_cast<log_level>(record->level);
  entry.message = record->message;
  entry.attributes_json = record->attributes_json;
  if (const auto found = link.running_here.find(call_id); found != link.running_here.end()) {
    entry.function = found->second->name;
  }
  logs.push_back(std::move(entry));
}

void test_engine::take_resolve(test_link& link, const std::byte* message) {
  const std::string name{body(message).text()};
  std::uint32_t id = 0;
  if (const auto found = ids_.find(name); found != ids_.end()) {
    id = found->second;
  } else if (stand_ins.contains(name) || faults.contains(name)) {
    id = static_cast<std::uint32_t>(ids_.size() + 1);
    ids_[name] = id;
  }
  std::byte* answer = link.out.begin(MessageType::kResolved);
  wire::set_function_id(answer, id);
  wire::set_status(answer, id == 0 ? static_cast<std::uint32_t>(wire::Status::kNotFound) : 0);
  std::memcpy(answer + wire::kHeaderBytes, name.data(), name.size());
  link.out.end(name.size());
}

/// A fault or a stand-in, if there is one for this function.
std::optional<result<bytes>> test_engine::answered_here(const std::string& name, bytes_view input) {
  counts[name] += 1;
  if (const auto found = faults.find(name); found != faults.end() && found->second.left > 0) {
    found->second.left -= 1;
    error why = found->second.why;
    why.function = name;
    return result<bytes>{std::move(why)};
  }
  if (const auto given = stand_ins.find(name); given != stand_ins.end())
    return given->second(input);
  return std::nullopt;
}

void test_engine::take_invoke(test_link& link, const std::byte* message,
                              std::unique_lock<std::mutex>& lock) {
  calls_.push_back(std::make_unique<test_call>());
  test_call& call = *calls_.back();
  call.caller = &link;
  call.caller_id = wire::call_id(message);
  link.started_here[call.caller_id] = &call;
  for (const auto& [name, id] : ids_) {
    if (id == wire::function_id(message)) call.name = name;
  }
  const auto parent = link.running_here.find(wire::parent_call_id(message));
  if (parent == link.running_here.end() || parent->second->cancel_sent) {
    settle(call, error{.reason = wire::Reason::kCancelled, .message = "its parent has ended"});
    return;
  }
  call.parent = parent->second;
  call.depth = static_cast<std::uint8_t>(call.parent->depth + 1);
  call.trace_id = call.parent->trace_id;
  call.deadline = call.parent->deadline;
  if (const std::uint32_t own = wire::timeout_us(message); own > 0) {
    const auto by = steady::now() + std::chrono::microseconds{own};
    if (!call.deadline || by < *call.deadline) call.deadline = by;
  }
  if (call.depth > kTestDepthMax) {
    settle(call, error{.reason = wire::Reason::kDepthExceeded,
                       .message = "max_depth is " + std::to_string(kTestDepthMax)});
  } else if (auto here = answered_here(call.name, body(message))) {
    settle(call, *std::move(here));
  } else {
    std::array<std::byte, wire::kMessageBytes> copy{};
    std::memcpy(copy.data(), message, copy.size());
    // Waiting for a worker gives up the lock: what was read is copied, and flushed so that nobody
    // waits for it.
    for (const auto& one : links_) flush(*one);
    call.pinned = true;
    call.callee = free_link(lock);
    call.pinned = false;
    if (call.settled) {
      call.callee = nullptr;
    } else if (call.callee == nullptr) {
      settle(call,
             error{.reason = wire::Reason::kQueueFull, .message = "all test workers are busy"});
    } else {
      send_invoke(call, copy.data());
    }
  }
}

/// Sends the INVOKE of a call to its callee: body and fields like those of `like`.
void test_engine::send_invoke(test_call& call, const std::byte* like) {
  test_link& link = *call.callee;
  link.last_id = next_call_id(link.last_id);
  call.callee_id = link.last_id;
  link.running_here[call.callee_id] = &call;
  std::byte* message = link.out.begin(MessageType::kInvoke);
  std::memcpy(message, like, wire::kHeaderBytes);
  wire::set_call_id(message, call.callee_id);
  wire::set_function_id(message, ids_[call.name]);
  wire::set_parent_call_id(message, 0);
  wire::set_depth(message, call.depth);
  wire::set_trace_id(message, call.trace_id);
  std::uint32_t left = 0;
  if (call.deadline) {
    const auto us =
        std::chrono::duration_cast<std::chrono::microseconds>(*call.deadline - steady::now())
            .count();
    left = static_cast<std::uint32_t>(std::clamp<std::int64_t>(us, 1, 0xffff'ffff));
  }
  wire::set_timeout_us(message, left);
  const bytes_view payload = body(like);
  if (!payload.empty()) std::memcpy(message + wire::kHeaderBytes, payload.data(), payload.size());
  link.out.end(payload.size());
  flush(link);
  changed_.notify_all();
}

/// RESULT, and DATA and WINDOW of a callee.
void test_engine::take_output(test_link& link, const std::byte* message) {
  const auto found = link.running_here.find(wire::call_id(message));
  if (found == link.running_here.end()) return;
  test_call& call = *found->second;
  const auto type = static_cast<MessageType>(wire::type(message));
  const bool final = type == MessageType::kResult && !has_more(message);
  if (call.caller == nullptr && !call.settled) {
    if (type == MessageType::kWindow) {
      if (call.input) (void)call.input->grant(wire::credit(message));
    } else {
      if (!call.output) {
        call.output.emplace(link.out, idle_turns_, call.callee_id,
                            final ? wire::payload_length(message) : wire::kPayloadLengthUnknown,
                            false, kTestPayloadBytesMax);
      }
      (void)call.output->take(message, type == MessageType::kData, final);
      if (final) settle(call, call.output->collected());
    }
  } else if (call.caller != nullptr && !call.settled) {
    // The same message under the other id; credit is passed on as it was granted.
    std::byte* copy = call.caller->out.begin(type);
    std::memcpy(copy, message, wire::kHeaderBytes);
    wire::set_call_id(copy, call.caller_id);
    const bytes_view payload = body(message);
    if (!payload.empty()) std::memcpy(copy + wire::kHeaderBytes, payload.data(), payload.size());
    call.caller->out.end(payload.size());
    if (final) {
      call.settled = true;
      call.caller->started_here.erase(call.caller_id);
    }
  }
  if (final) end(call);
}

void test_engine::take_error(test_link& link, const std::byte* message) {
  breach broken;
  if (!link.span.take(message, broken)) return;
  const auto found = link.running_here.find(wire::call_id(message));
  if (found == link.running_here.end()) return;
  test_call& call = *found->second;
  auto decoded = decode_failure(link.span.whole());
  error why = wire_error(*decoded, wire::status(message));
  if (why.function.empty()) why.function = call.name;
  if (!call.settled) settle(call, std::move(why));
  end(call);
}

/// DATA of an input and WINDOW for an output, from the caller.
void test_engine::take_from_caller(test_link& link, const std::byte* message) {
  const auto found = link.started_here.find(wire::call_id(message));
  if (found == link.started_here.end()) return;
  test_call& call = *found->second;
  if (call.callee == nullptr) return;
  std::byte* copy = call.callee->out.begin(static_cast<MessageType>(wire::type(message)));
  std::memcpy(copy, message, wire::kHeaderBytes);
  wire::set_call_id(copy, call.callee_id);
  const bytes_view payload = body(message);
  if (!payload.empty()) std::memcpy(copy + wire::kHeaderBytes, payload.data(), payload.size());
  call.callee->out.end(payload.size());
}

}  // namespace millrace::detail
