// Served calls; see served_calls.hpp.
#include "served_calls.hpp"

#include <algorithm>
#include <array>

#include "call_ids.hpp"
#include "proto.hpp"
#include "worker.hpp"

namespace millrace::detail {
namespace {

/// Reasons that a handler can't give (rule error-reason-worker). `draining` and `overloaded` would
/// make the engine run the call once more elsewhere, as if this one had never started; the others
/// only the engine can know.
constexpr std::array kNotAHandlers{
    wire::Reason::kQueueFull,          wire::Reason::kDepthExceeded, wire::Reason::kWorkerCrashed,
    wire::Reason::kWorkerUnavailable,  wire::Reason::kProtocolError, wire::Reason::kUnauthenticated,
    wire::Reason::kVersionUnsupported, wire::Reason::kDraining,      wire::Reason::kOverloaded};

/// What goes on the wire when a handler fails with this (rule error-status-of-reason).
failure sendable(const error& why) {
  const bool own = std::ranges::find(kNotAHandlers, why.reason) == kNotAHandlers.end();
  failure out;
  out.reason = static_cast<std::uint32_t>(own ? why.reason : wire::Reason::kHandlerError);
  const std::string text =
      own ? why.message : std::string{reason_name(why.reason)} + ": " + why.message;
  out.message = sendable_text(text, kFailureTextBytesMax);
  out.code = sendable_text(why.code, kFailureCodeBytesMax);
  out.error_type = sendable_text(why.error_type.empty() ? "millrace::error" : why.error_type,
                                 kFailureTextBytesMax);
  out.stack = sendable_text(why.stack, kFailureTextBytesMax);
  if (why.retryable) out.retry = *why.retryable ? 1 : 2;
  if (is_function_name(why.function)) out.function = why.function;
  return out;
}

wire::Status status_of(const failure& sent, const error& why) {
  const auto reason = static_cast<wire::Reason>(sent.reason);
  return error{.reason = reason, .status = reason == why.reason ? why.status : std::nullopt}
      .grpc_status();
}

bool in_file(const std::byte* message) { return (wire::flags(message) & wire::kPayloadFile) != 0; }

/// Time since the handler began, rounded up: 0 is left to calls that never began. Stops at
/// 0xFFFFFFFF.
std::uint32_t run_us(const served_call& call) {
  if (!call.begun) return 0;
  const auto us =
      std::chrono::duration_cast<std::chrono::microseconds>(steady::now() - call.started).count();
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(us, 1, static_cast<std::int64_t>(kTimeoutUsMax)));
}

}  // namespace

breach served_calls::on_invoke(const std::byte* message) {
  const std::uint32_t id = wire::call_id(message);
  if (!is_after(id, last_id_)) {
    return verdict{"call-id-rising", "INVOKE has call_id " + std::to_string(id) +
                                         ", which does not come after " + std::to_string(last_id_)};
  }
  if (open_.find(id) != nullptr) {
    return verdict{"call-id-open-skipped",
                   "INVOKE has call_id " + std::to_string(id) + ", which is still open"};
  }
  last_id_ = id;
  if (has_more(message) && !welcome_.streaming) {
    return verdict{"feature-accepted", "INVOKE has MORE, but WELCOME did not accept streaming"};
  }
  const auto found = functions_.find(wire::function_id(message));
  if (found == functions_.end()) {
    refuse(
        id, wire::Reason::kNotFound,
        "this worker serves no function with the id " + std::to_string(wire::function_id(message)));
    if (in_file(message)) files_.discard(body(message).text());
  } else if (draining_) {
    refuse(id, wire::Reason::kDraining, "this worker is draining and did not start the call");
  } else if (open_.size() >= welcome_.calls_max) {
    refuse(id, wire::Reason::kOverloaded,
           "this worker runs " + std::to_string(welcome_.calls_max) + " calls already");
  } else {
    return start(*found->second, message);
  }
  return std::nullopt;
}

served_call& served_calls::take_free() {
  if (free_.empty()) {
    all_.push_back(std::make_unique<served_call>(home_));
    free_.push_back(all_.back().get());
  }
  served_call& call = *free_.back();
  free_.pop_back();
  return call;
}

breach served_calls::start(const function& fn, const std::byte* message) {
  served_call& call = take_free();
  call.fn = &fn;
  call.id = wire::call_id(message);
  call.timeout_us = wire::timeout_us(message);
  call.attempt = wire::attempt(message);
  call.depth = wire::depth(message);
  call.priority = wire::priority(message);
  call.input_content = static_cast<wire::Content>(wire::content(message));
  call.output_content = fn.content;
  std::ranges::copy(wire::trace_id(message), call.trace.trace_id.begin());
  std::ranges::copy(wire::span_id(message), call.trace.span_id.begin());
  call.trace.flags = wire::trace_flags(message);
  call.received = steady::now();
  open_.insert(call.id, &call);
  const bool more = has_more(message);
  call.input_over = !more;
  if (in_file(message)) return start_file(call, message);
  if (fn.streamed) {
    call.in.emplace(channel_, turns_, call.id, wire::payload_length(message), true, 0);
    if (breach broken = call.in->take(message, false, !more)) return broken;
    ready_.push_back(&call);
    return std::nullopt;
  }
  if (more) {
    call.in.emplace(channel_, turns_, call.id, wire::payload_length(message), false,
                    welcome_.payload_bytes_max);
    return call.in->take(message, false, false);
  }
  const bytes_view input = body(message);
  if (!input.empty()) std::memcpy(call.inline_input.data(), input.data(), input.size());
  call.input = {call.inline_input.data(), input.size()};
  ready_.push_back(&call);
  return std::nullopt;
}

/// An input in a file. One that is refused fails this call alone: rule file-refused.
breach served_calls::start_file(served_call& call, const std::byte* message) {
  call.in_file = true;
  const std::string_view name = body(message).text();
  const std::string_view broken =
      files_.read(name, wire::payload_length(message), call_owner(call.id), call.large_input);
  if (!broken.empty()) {
    fail(call, {.reason = wire::Reason::kBadInput,
                .message = "the payload file " + std::string{name} + " was refused (rule " +
                           std::string{broken} + ")"});
    return std::nullopt;
  }
  if (call.fn->streamed) {
    call.in.emplace(channel_, turns_, call.id, wire::kPayloadLengthUnknown, true, 0);
    call.in->give(std::move(call.large_input));
  } else {
    call.input = call.large_input;
  }
  ready_.push_back(&call);
  return std::nullopt;
}

breach served_calls::on_data(const std::byte* message) {
  served_call* call = open_.find(wire::call_id(message));
  if (call == nullptr) return late(wire::call_id(message));
  if (call->input_over) {
    return verdict{"data-after-end",
                   "DATA came for call " + std::to_string(call->id) + ", whose input had ended"};
  }
  const bool last = !has_more(message);
  call->input_over = last;
  if (breach broken = call->in->take(message, true, last)) return broken;
  if (call->fn->streamed) return std::nullopt;
  if (call->in->too_large()) {
    fail(*call, {.reason = wire::Reason::kPayloadTooLarge,
                 .message = "the input has more than " +
                            std::to_string(welcome_.payload_bytes_max) + " bytes"});
  } else if (last) {
    call->large_input = call->in->collected();
    call->input = call->large_input;
    ready_.push_back(call);
  }
  return std::nullopt;
}

breach served_calls::on_window(const std::byte* message) {
  served_call* call = open_.find(wire::call_id(message));
  if (call == nullptr) return late(wire::call_id(message));
  if (call->out) return call->out->grant(wire::credit(message));
  return verdict{"credit-max", "WINDOW grants " + std::to_string(wire::credit(message)) +
                                   " for call " + std::to_string(call->id) +
                                   ", which has all its credit"};
}

breach served_calls::on_cancel(const std::byte* message) {
  served_call* call = open_.find(wire::call_id(message));
  if (call == nullptr) return late(wire::call_id(message));
  if (call->cancelled) return std::nullopt;  // Rule cancel-repeated.
  const std::chrono::microseconds limit{call->timeout_us};
  const bool by_time =
      call->timeout_us > 0 && steady::now() - call->received >= limit - kDeadlineSlack;
  stop(*call, by_time ? error{.reason = wire::Reason::kDeadlineExceeded,
                              .message = call->fn->name + " did not end within " +
                                         std::to_string(limit.count() / 1000) + " ms"}
                      : error{.reason = wire::Reason::kCancelled,
                              .message = "the call of " + call->fn->name + " was cancelled"});
  // A handler that was not begun yet never is, and one that has returned is done, though the rest
  // of its output waits for credit: nobody else would end the call.
  if (!call->begun || (call->out && call->out->closing())) fail(*call, *call->cancelled);
  return std::nullopt;
}

void served_calls::stop(served_call& call, const error& why) {
  call.cancelled = why;
  if (call.in) call.in->fail(why);
  if (call.out && !call.out->closing()) call.out->stop();
  caller_.cancel_children(call, why);
  turns_.notify(call.cancellation);
  if (call.stop) turns_.defer_stop(*call.stop);
}

void served_calls::stop_all(const error& why) {
  open_.each([&](served_call& call) {
    if (!call.cancelled) stop(call, why);
    if (call.out) call.out->stop();
  });
}

served_call& served_calls::take_ready() {
  served_call& call = *ready_.front();
  ready_.pop_front();
  call.begun = true;
  call.running = true;
  call.started = steady::now();
  return call;
}

void served_calls::complete(served_call& call, result<bytes> output) {
  call.running = false;
  if (!output) {
    fail(call, output.error());
  } else if (output->size() <= wire::kBodyBytes) {
    begin_result(call, 0, output->size(), *output);
    channel_.end(output->size());
    close(call);
  } else if (auto refused = refuse_output(output->size())) {
    fail(call, *refused);
  } else if (!complete_file(call, *output)) {
    call.large_output = *std::move(output);
    const bytes_view whole = call.large_output;
    begin_result(call, wire::kMore, whole.size(), whole.sub(0, wire::kBodyBytes));
    channel_.end(wire::kBodyBytes);
    call.out.emplace(channel_, turns_, call.id, wire::kBodyBytes, call, false);
    call.out->finish(whole.sub(wire::kBodyBytes));
  }
}

/// Sends an output in a file, where that is faster. False: it goes in DATA.
bool served_calls::complete_file(served_call& call, bytes_view output) {
  if (!welcome_.files || output.size() < welcome_.file_bytes_min) return false;
  const std::string name = files_.write(output, call_owner(call.id));
  if (name.empty()) return false;
  begin_result(call, wire::kPayloadFile, output.size(), bytes_view{name});
  channel_.end(name.size());
  close(call);
  return true;
}

void served_calls::complete_stream(served_call& call, result<void> outcome) {
  if (!outcome || !call.out) {
    complete(call, outcome ? result<bytes>{std::move(call.large_output)}
                           : result<bytes>{std::move(outcome).error()});
    return;
  }
  call.running = false;
  if (call.cancelled) {
    fail(call, *call.cancelled);
  } else {
    call.out->finish(call.large_output);
  }
}

std::size_t served_calls::begin_output(served_call& call, bytes_view first) {
  const std::size_t length = std::min(first.size(), wire::kBodyBytes);
  begin_result(call, wire::kMore, wire::kPayloadLengthUnknown, first.sub(0, length));
  channel_.end(length);
  call.out.emplace(channel_, turns_, call.id, length, call, false);
  return length;
}

std::optional<error> served_calls::refuse_output(std::size_t bytes) const {
  if (welcome_.streaming && bytes <= welcome_.payload_bytes_max) return std::nullopt;
  const std::size_t most = welcome_.streaming ? welcome_.payload_bytes_max : wire::kBodyBytes;
  return error{.reason = wire::Reason::kPayloadTooLarge,
               .message = "the output has " + std::to_string(bytes) +
                          " bytes or more; the engine takes " + std::to_string(most)};
}

void served_calls::end_output(served_call& call, bytes_view last, std::size_t total) {
  begin_result(call, 0, total, last);
  channel_.end(last.size());
  close(call);
}

std::byte* served_calls::begin_result(const served_call& call, std::uint8_t flags,
                                      std::size_t payload_length, bytes_view body) {
  std::byte* message = channel_.begin(wire::MessageType::kResult);
  wire::set_flags(message, flags);
  wire::set_call_id(message, call.id);
  wire::set_payload_length(message, static_cast<std::uint32_t>(payload_length));
  wire::set_run_us(message, run_us(call));
  wire::set_content(message, static_cast<std::uint8_t>(call.output_content));
  if (!body.empty()) std::memcpy(message + wire::kHeaderBytes, body.data(), body.size());
  return message;
}

void served_calls::fail(served_call& call, const error& why) {
  if (call.out) call.out->stop();
  // After a CANCEL the reason is the cancellation's, whatever the handler gave.
  const error& told = call.cancelled ? *call.cancelled : why;
  const failure sent = sendable(told);
  send_error(call.id, sent, status_of(sent, told), run_us(call));
  close(call);
}

void served_calls::refuse(std::uint32_t id, wire::Reason reason, std::string message) {
  failure why;
  why.reason = static_cast<std::uint32_t>(reason);
  why.message = std::move(message);
  send_error(id, why, error{.reason = reason}.grpc_status(), 0);
}

void served_calls::send_error(std::uint32_t id, const failure& why, wire::Status status,
                              std::uint32_t run_us) {
  bytes body;
  encode(why, body);
  channel_.send_spanning(wire::MessageType::kError, body, [&](std::byte* message) {
    wire::set_call_id(message, id);
    wire::set_status(message, static_cast<std::uint32_t>(status));
    wire::set_run_us(message, run_us);
  });
}

void served_calls::close(served_call& call) {
  call.ended = true;
  open_.erase(call.id);
  if (call.in_file) files_.release(call_owner(call.id));
  if (!call.begun) std::erase(ready_, &call);
  if (!call.children.empty()) caller_.forget_parent(call);
  home_.on_call_closed();
  if (!call.running) recycle(call);
}

void served_calls::recycle(served_call& call) {
  call.cancelled.reset();
  call.stop.reset();
  call.in.reset();
  call.out.reset();
  call.input = {};
  call.large_input = bytes{};
  call.large_output = bytes{};
  call.in_file = false;
  call.begun = false;
  call.running = false;
  call.ended = false;
  if (free_.size() < kPooledCallsMax) {
    free_.push_back(&call);
  } else {
    std::erase_if(all_, [&](const auto& one) { return one.get() == &call; });
  }
}

breach served_calls::late(std::uint32_t call_id) const {
  if (call_id != 0 && last_id_ != 0 && !is_after(call_id, last_id_))
    return std::nullopt;  // Rule call-late-dropped.
  return verdict{"call-id-known", "the engine never started a call " + std::to_string(call_id)};
}

}  // namespace millrace::detail
