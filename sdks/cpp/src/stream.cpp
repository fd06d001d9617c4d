// Streams as handlers see them: each waits under the worker's lock, reading the channel meanwhile.
#include "millrace/stream.hpp"

#include <utility>

#include "worker.hpp"

namespace millrace {
namespace {

using detail::pending_call;
using detail::session_lock;
using detail::worker;

/// Reads until the end.
template <class Stream>
result<bytes> all_of(Stream& stream) {
  bytes whole;
  for (;;) {
    auto part = stream.read();
    if (!part) return std::move(part).error();
    if (!*part) return whole;
    whole.append(**part);
  }
}

}  // namespace

result<std::optional<bytes>> input_stream::read() {
  worker& home = call_.home;
  session_lock lock{home.mutex};
  detail::incoming& input = *call_.in;
  home.threads().wait(lock, input.arrival, [&] { return input.readable(); });
  return input.next();
}

result<bytes> input_stream::read_all() { return all_of(*this); }

result<void> output_stream::write(bytes_view part) {
  worker& home = call_.home;
  session_lock lock{home.mutex};
  if (call_.cancelled) return *call_.cancelled;
  if (part.empty()) return {};
  const std::size_t total =
      call_.large_output.size() + (call_.out ? call_.out->total() : 0) + part.size();
  if (!home.terms().streaming && total <= wire::kBodyBytes) {
    // One message can carry it: rule payload-inline-output speaks of longer outputs only.
    call_.large_output.append(part);
    return {};
  }
  if (auto refused = home.served().refuse_output(total)) return *refused;
  if (!call_.out) part = part.sub(home.served().begin_output(call_, part));
  if (!part.empty()) {
    call_.out->write(part);
    home.threads().wait(lock, call_.out->sent, [&] { return call_.out->idle(); });
  }
  if (call_.cancelled) return *call_.cancelled;
  return {};
}

result<void> output_stream::end_with(bytes last) {
  worker& home = call_.home;
  const session_lock lock{home.mutex};
  const std::size_t before = call_.large_output.size();
  const std::size_t total = before + (call_.out ? call_.out->total() : 0) + last.size();
  if (total > wire::kBodyBytes) {
    if (auto refused = home.served().refuse_output(total)) return *refused;
  }
  if (before == 0) {
    call_.large_output = std::move(last);
  } else {
    call_.large_output.append(last);
  }
  return {};
}

stream_call::stream_call(stream_call&& other) noexcept
    : call_(std::exchange(other.call_, nullptr)) {}
stream_call& stream_call::operator=(stream_call&& other) noexcept {
  std::swap(call_, other.call_);
  return *this;
}

stream_call::~stream_call() {
  if (call_ == nullptr) return;
  worker& home = call_->home.home();
  const session_lock lock{home.mutex};
  const error left{.reason = wire::Reason::kCancelled,
                   .message = "the output is not read any more"};
  home.calls().cancel(*call_, left);
  home.calls().release(*call_);
}

result<void> stream_call::write(bytes_view part) {
  worker& home = call_->home.home();
  session_lock lock{home.mutex};
  pending_call& call = *call_;
  if (!call.streams_input) return error{.message = "the input of this call was given whole"};
  home.threads().wait(lock, call.outcome, [&] { return call.settled || call.out.has_value(); });
  if (call.settled || !call.out || part.empty()) return {};
  if (call.out->closing()) return error{.message = "the input of this call was ended before"};
  const std::size_t most = home.terms().payload_bytes_max;
  if (call.out->total() + part.size() > most) {
    return error{.reason = wire::Reason::kPayloadTooLarge,
                 .message = "the input for " + call.name + " is over the engine's limit of " +
                            std::to_string(most) + " bytes"};
  }
  call.out->write(part);
  home.threads().wait(lock, call.out->sent, [&] { return call.out->idle(); });
  return {};
}

result<void> stream_call::finish() {
  worker& home = call_->home.home();
  session_lock lock{home.mutex};
  pending_call& call = *call_;
  if (!call.streams_input) return {};
  home.threads().wait(lock, call.outcome, [&] { return call.settled || call.out.has_value(); });
  if (!call.settled && call.out && !call.out->closing()) call.out->finish({});
  home.threads().after_send();
  return {};
}

result<std::optional<bytes>> stream_call::read() {
  worker& home = call_->home.home();
  session_lock lock{home.mutex};
  pending_call& call = *call_;
  home.threads().wait(lock, call.outcome, [&] { return call.settled || call.in.has_value(); });
  if (call.in) {
    home.threads().wait(lock, call.in->arrival, [&] { return call.in->readable(); });
    return call.in->next();
  }
  if (call.failure) return *call.failure;
  return std::optional<bytes>{};
}

result<bytes> stream_call::read_all() {
  if (auto finished = finish(); !finished) return finished.error();
  return all_of(*this);
}

wire::Content stream_call::output_content() const {
  const session_lock lock{call_->home.home().mutex};
  return call_->output_content;
}

void stream_call::cancel() {
  worker& home = call_->home.home();
  const session_lock lock{home.mutex};
  const error given_up{.reason = wire::Reason::kCancelled,
                       .message = "the call of " + call_->name + " was cancelled"};
  home.calls().cancel(*call_, given_up);
}

}  // namespace millrace
