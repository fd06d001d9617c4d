// Internal calls; see caller.hpp.
#include "caller.hpp"

#include <algorithm>

#include "served_call.hpp"

namespace millrace::detail {
namespace {

std::uint32_t wire_us(std::chrono::microseconds time) {
  if (time.count() <= 0) return 0;
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(static_cast<std::uint64_t>(time.count()), kTimeoutUsMax));
}

}  // namespace

void pending_call::send_tail(bytes_view last, std::size_t) { home.send_input_end(id, last); }

void caller::send_input_end(std::uint32_t call_id, bytes_view last) {
  std::byte* data = channel_.begin(wire::MessageType::kData);
  wire::set_call_id(data, call_id);
  if (!last.empty()) std::memcpy(data + wire::kHeaderBytes, last.data(), last.size());
  channel_.end(last.size());
}

pending_call& caller::begin(served_call& parent, const call_request& request) {
  if (free_.empty()) {
    all_.push_back(std::make_unique<pending_call>(*this));
    free_.push_back(all_.back().get());
  }
  pending_call& call = *free_.back();
  free_.pop_back();
  call.parent = &parent;
  call.parent_id = parent.id;
  parent.children.push_back(&call);
  call.name.assign(request.name);
  call.input = request.input;
  if (request.keep_input) {
    call.kept.clear();
    call.kept.append(request.input);
    call.input = call.kept;
  }
  call.content = request.content;
  call.timeout_us = wire_us(request.options.timeout);
  call.priority = request.options.priority.value_or(parent.priority);
  call.streams_input = request.streams_input;
  call.streams_output = request.streams_output;
  call.holders = 1;
  if (auto refused = refusal(call, parent)) {
    fail(call, std::move(*refused));
  } else {
    look_up(call);
  }
  return call;
}

std::optional<error> caller::refusal(const pending_call& call, const served_call& parent) const {
  if (gone_) return gone_;
  if (parent.cancelled) return parent.cancelled;
  if (!is_function_name(call.name)) {
    return error{.message = "\"" + call.name + "\" can't name a function (rule name-form)"};
  }
  if (call.priority > 7) {
    return error{.message =
                     "the priority of a call is 0 to 7, not " + std::to_string(call.priority)};
  }
  if (welcome_.open_invokes_max == 0) {
    return error{.reason = wire::Reason::kUnsupported,
                 .message = "the engine did not accept internal calls on this channel"};
  }
  if (call.streams_input && !welcome_.streaming) {
    return error{.reason = wire::Reason::kUnsupported,
                 .message = "the engine did not accept streams on this channel"};
  }
  const std::size_t most = welcome_.streaming ? welcome_.payload_bytes_max : wire::kBodyBytes;
  if (call.input.size() > most) {
    return error{.reason = wire::Reason::kPayloadTooLarge,
                 .message = "the input for " + call.name + " has " +
                            std::to_string(call.input.size()) + " bytes; the engine takes " +
                            std::to_string(most)};
  }
  return std::nullopt;
}

void caller::look_up(pending_call& call) {
  if (const std::uint32_t id = names_.lookup(call.name); id != 0) {
    invoke(call, id);
    return;
  }
  if (unsent_ >= kCallsWaitingMax) {
    fail(call, {.reason = wire::Reason::kQueueFull,
                .message = std::to_string(kCallsWaitingMax) +
                           " internal calls of this worker wait already"});
    return;
  }
  unsent_ += 1;
  call.holders += 1;
  names_.ask(call.name, call);
}

void caller::on_name(pending_call& call, std::uint32_t id) {
  unsent_ -= 1;
  if (!call.settled) {
    if (call.stale && call.function_id == id) {
      fail(call, *call.stale);
    } else {
      invoke(call, id);
    }
  }
  release(call);
}

void caller::on_no_name(pending_call& call, const error& why) {
  unsent_ -= 1;
  if (!call.settled) fail(call, call.stale ? *call.stale : why);
  release(call);
}

void caller::invoke(pending_call& call, std::uint32_t function_id) {
  call.function_id = function_id;
  if (open_.size() < welcome_.open_invokes_max) {
    send(call);
  } else if (unsent_ < kCallsWaitingMax) {
    unsent_ += 1;
    call.holders += 1;
    waiting_.push_back(&call);
  } else {
    fail(call, {.reason = wire::Reason::kQueueFull,
                .message = std::to_string(kCallsWaitingMax) +
                           " internal calls of this worker wait already"});
  }
}

void caller::send(pending_call& call) {
  if (call.parent == nullptr) {
    fail(call, {.reason = wire::Reason::kCancelled,
                .message = "the call of " + call.name +
                           " was not sent before its own function had ended"});
    return;
  }
  do last_id_ = next_call_id(last_id_);
  while (open_.find(last_id_) != nullptr);
  any_ = true;
  call.id = last_id_;
  call.on_channel = true;
  call.holders += 1;
  open_.insert(call.id, &call);
  if (call.streams_input) {
    send_invoke(call, wire::kMore, wire::kPayloadLengthUnknown, {});
    call.out.emplace(channel_, turns_, call.id, 0, call, true);
    // A writer may wait for it.
    turns_.notify(call.outcome);
    return;
  }
  const auto length = static_cast<std::uint32_t>(call.input.size());
  if (length <= wire::kBodyBytes) {
    send_invoke(call, 0, length, call.input);
    return;
  }
  if (welcome_.files && length >= welcome_.file_bytes_min) {
    const std::string name = files_.write(call.input, function_owner(call.name));
    if (!name.empty()) {
      send_invoke(call, wire::kPayloadFile, length, bytes_view{name});
      return;
    }
  }
  send_invoke(call, wire::kMore, length, call.input.sub(0, wire::kBodyBytes));
  call.out.emplace(channel_, turns_, call.id, wire::kBodyBytes, call, true);
  call.out->finish(call.input.sub(wire::kBodyBytes));
}

void caller::send_invoke(pending_call& call, std::uint8_t flags, std::uint32_t payload_length,
                         bytes_view body) {
  std::byte* message = channel_.begin(wire::MessageType::kInvoke);
  wire::set_flags(message, flags);
  wire::set_call_id(message, call.id);
  wire::set_function_id(message, call.function_id);
  wire::set_payload_length(message, payload_length);
  wire::set_timeout_us(message, call.timeout_us);
  wire::set_parent_call_id(message, call.parent_id);
  wire::set_attempt(message, 1);
  wire::set_priority(message, call.priority);
  wire::set_content(message, static_cast<std::uint8_t>(call.content));
  if (!body.empty()) std::memcpy(message + wire::kHeaderBytes, body.data(), body.size());
  channel_.end(body.size());
}

void caller::cancel(pending_call& call, const error& why) {
  if (call.settled) return;
  if (call.on_channel) {
    std::byte* message = channel_.begin(wire::MessageType::kCancel);
    wire::set_call_id(message, call.id);
    channel_.end(0);
  }
  fail(call, why);
}

void caller::cancel_children(served_call& parent, const error& why) {
  for (pending_call* call : parent.children) cancel(*call, why);
}

void caller::forget_parent(served_call& parent) {
  for (pending_call* call : parent.children) {
    call->parent = nullptr;
    // The engine ends it (rule cancel-tree); whoever still holds it learns so from its ERROR.
    if (call->out) call->out->stop();
  }
  parent.children.clear();
}

void caller::fail_all(const error& why) {
  if (gone_) return;
  gone_ = why;
  std::vector<pending_call*> calls{waiting_.begin(), waiting_.end()};
  unsent_ -= waiting_.size();
  waiting_.clear();
  open_.each([&](pending_call& call) {
    call.on_channel = false;
    calls.push_back(&call);
  });
  open_.clear();
  for (pending_call* call : calls) {
    if (!call->settled) fail(*call, why);
    release(*call);
  }
  names_.fail_all(why);
}

void caller::settle(pending_call& call) {
  call.settled = true;
  if (call.out) call.out->stop();
  turns_.notify(call.outcome);
}

void caller::fail(pending_call& call, error why) {
  if (call.in) call.in->fail(why);
  call.failure = std::move(why);
  settle(call);
}

/// Its final message came: the id is free, and so is a place.
void caller::close(pending_call& call) {
  open_.erase(call.id);
  call.on_channel = false;
  call.id = 0;
  if (call.out) call.out->stop();
  while (!waiting_.empty() && open_.size() < welcome_.open_invokes_max) {
    pending_call& next = *waiting_.front();
    waiting_.pop_front();
    unsent_ -= 1;
    if (!next.settled) send(next);
    release(next);
  }
  release(call);
}

void caller::release(pending_call& call) {
  call.holders -= 1;
  if (call.holders > 0) return;
  if (call.parent != nullptr) std::erase(call.parent->children, &call);
  call.parent = nullptr;
  call.id = 0;
  call.settled = false;
  call.taken = false;
  call.output = bytes{};
  call.output_content = wire::Content::kBytes;
  call.kept = bytes{};
  call.input = {};
  call.failure.reset();
  call.stale.reset();
  call.out.reset();
  call.in.reset();
  if (free_.size() < kPooledCallsMax) {
    free_.push_back(&call);
  } else {
    std::erase_if(all_, [&](const auto& one) { return one.get() == &call; });
  }
}

}  // namespace millrace::detail
