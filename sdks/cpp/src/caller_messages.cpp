// What the engine sends about internal calls: outputs, failures, credit. See caller.hpp.
#include "caller.hpp"
#include "served_call.hpp"

namespace millrace::detail {
namespace {

error left(const std::string& name) {
  return {.reason = wire::Reason::kCancelled,
          .message = "the output of " + name + " is not read any more"};
}

error failure_of(const failure& from, std::uint32_t status) {
  error why;
  const bool known = from.reason >= 1 && from.reason <= wire::kReasons.size();
  // Rules error-empty-body and reason-unknown.
  if (known) why.reason = static_cast<wire::Reason>(from.reason);
  why.status = static_cast<wire::Status>(status);
  why.message = from.message;
  why.code = from.code;
  why.error_type = from.error_type;
  why.stack = from.stack;
  why.function = from.function;
  if (from.retry == 1 || from.retry == 2) why.retryable = from.retry == 1;
  return why;
}

}  // namespace

breach caller::on_result(const std::byte* message) {
  pending_call* call = open_.find(wire::call_id(message));
  if (call == nullptr) return late(wire::call_id(message));
  if ((wire::flags(message) & wire::kPayloadFile) != 0) return file_result(*call, message);
  const bool more = has_more(message);
  if (!call->in) return more ? head_result(*call, message) : whole_result(*call, message);
  const std::string id = std::to_string(call->id);
  if (more) return verdict{"result-more-once", "a second RESULT with MORE came for call " + id};
  const std::size_t total = call->in->total() + wire::body_length(message);
  if (total != wire::payload_length(message)) {
    return verdict{"result-total", "the output of call " + id + " had " + std::to_string(total) +
                                       " bytes; its last RESULT says " +
                                       std::to_string(wire::payload_length(message))};
  }
  if (breach broken = call->in->take(message, false, true)) return broken;
  if (!call->settled) {
    if (call->streams_output) {
      settle(*call);
    } else if (call->in->too_large()) {
      fail(*call, {.reason = wire::Reason::kPayloadTooLarge, .message = "the output is too large"});
    } else {
      call->output = call->in->collected();
      settle(*call);
    }
  }
  close(*call);
  return std::nullopt;
}

/// An output in a file. One that is refused fails its call alone: rule file-refused.
breach caller::file_result(pending_call& call, const std::byte* message) {
  if (call.in) {
    return verdict{"file-alone", "the output of call " + std::to_string(call.id) +
                                     " began in RESULT, and names a file now"};
  }
  const std::string_view name = body(message).text();
  if (call.settled) {
    files_.discard(name);  // Nobody waits for it any more.
    close(call);
    return std::nullopt;
  }
  call.output_content = static_cast<wire::Content>(wire::content(message));
  bytes output;
  const std::string_view broken =
      files_.read(name, wire::payload_length(message), function_owner(call.name), output);
  if (!broken.empty()) {
    fail(call, {.reason = wire::Reason::kProtocolError,
                .message = "the payload file " + std::string{name} + " was refused (rule " +
                           std::string{broken} + ")",
                .function = call.name});
  } else if (call.streams_output) {
    call.in.emplace(channel_, turns_, call.id, wire::kPayloadLengthUnknown, true, 0);
    call.in->give(std::move(output));
    settle(call);
  } else {
    call.output = std::move(output);
    settle(call);
  }
  close(call);
  return std::nullopt;
}

breach caller::whole_result(pending_call& call, const std::byte* message) {
  const std::uint32_t length = wire::body_length(message);
  if (wire::payload_length(message) != length) {
    return verdict{"result-total", "RESULT of call " + std::to_string(call.id) + " has " +
                                       std::to_string(length) + " bytes and says " +
                                       std::to_string(wire::payload_length(message))};
  }
  if (!call.settled) {
    call.output_content = static_cast<wire::Content>(wire::content(message));
    if (call.streams_output) {
      call.in.emplace(channel_, turns_, call.id, length, true, 0);
      if (breach broken = call.in->take(message, false, true)) return broken;
    } else {
      call.output.clear();
      call.output.append(body(message));
    }
    settle(call);
  }
  close(call);
  return std::nullopt;
}

breach caller::head_result(pending_call& call, const std::byte* message) {
  if (!welcome_.streaming) {
    return verdict{"feature-accepted", "RESULT has MORE, but WELCOME did not accept streaming"};
  }
  call.output_content = static_cast<wire::Content>(wire::content(message));
  call.in.emplace(channel_, turns_, call.id, wire::payload_length(message), call.streams_output,
                  welcome_.payload_bytes_max);
  // Nobody waits for it any more, so its bytes are not kept.
  if (call.settled) call.in->fail(left(call.name));
  breach broken = call.in->take(message, false, false);
  if (!broken) turns_.notify(call.outcome);
  return broken;
}

breach caller::on_data(const std::byte* message) {
  pending_call* call = open_.find(wire::call_id(message));
  if (call == nullptr) return late(wire::call_id(message));
  const std::string id = std::to_string(call->id);
  if (!has_more(message)) {
    return verdict{"data-output-more", "DATA without MORE came for the output of call " + id};
  }
  if (!call->in) return verdict{"data-after-head", "DATA came before RESULT for call " + id};
  breach broken = call->in->take(message, true, false);
  if (!broken && call->in->too_large() && !call->settled) {
    cancel(*call, {.reason = wire::Reason::kPayloadTooLarge,
                   .message = "the output of " + call->name + " has more than " +
                              std::to_string(welcome_.payload_bytes_max) +
                              " bytes; read it by call_stream",
                   .function = call->name});
  }
  return broken;
}

breach caller::on_window(const std::byte* message) {
  pending_call* call = open_.find(wire::call_id(message));
  if (call == nullptr) return late(wire::call_id(message));
  if (call->out) return call->out->grant(wire::credit(message));
  // After a local end the input is not sent any more, and its credit does not matter.
  if (call->settled) return std::nullopt;
  return verdict{"credit-max", "WINDOW grants " + std::to_string(wire::credit(message)) +
                                   " for call " + std::to_string(call->id) +
                                   ", which has all its credit"};
}

breach caller::on_error(std::uint32_t call_id, std::uint32_t status, bytes_view body) {
  pending_call* call = open_.find(call_id);
  if (call == nullptr) return late(call_id);
  const auto decoded = decode_failure(body);
  if (!decoded)
    return verdict{"error-body",
                   "ERROR of call " + std::to_string(call_id) + " carries no Failure"};
  error why = failure_of(*decoded, status);
  // An id that the engine does not know any more: ask for the name once more. A handler's own
  // not_found has a type.
  const bool stale = why.reason == wire::Reason::kNotFound && why.error_type.empty() &&
                     !call->stale && !call->settled && !call->streams_input;
  if (!stale) {
    if (!call->settled) fail(*call, std::move(why));
    close(*call);
    return std::nullopt;
  }
  names_.forget(call->name, call->function_id);
  call->stale = std::move(why);
  call->holders += 1;
  close(*call);
  call->out.reset();
  call->in.reset();
  look_up(*call);
  release(*call);
  return std::nullopt;
}

breach caller::late(std::uint32_t call_id) const {
  if (any_ && !is_after(call_id, last_id_)) return std::nullopt;  // Rule call-late-dropped.
  return verdict{"call-id-known", "this worker never started a call " + std::to_string(call_id)};
}

}  // namespace millrace::detail
