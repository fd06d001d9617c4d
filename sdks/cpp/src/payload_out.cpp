// Sending payloads; see payload_out.hpp.
#include "payload_out.hpp"

#include <algorithm>

namespace millrace::detail {

void outgoing::finish(bytes_view rest) {
  if (ended_) return;
  bytes_ = rest;
  closing_ = true;
  pump();
}

void outgoing::write(bytes_view part) {
  if (ended_) return;
  bytes_ = part;
  pump();
}

void outgoing::stop() {
  ended_ = true;
  bytes_ = {};
  turns_.notify(sent);
}

breach outgoing::grant(std::uint32_t credit) {
  if (credit_ + credit > wire::kCreditMax) {
    return verdict{"credit-max", "call " + std::to_string(call_id_) + " has credit " +
                                     std::to_string(credit_) + ", and WINDOW grants " +
                                     std::to_string(credit) + " more"};
  }
  credit_ += credit;
  pump();
  return std::nullopt;
}

void outgoing::on_room() {
  waits_for_room_ = false;
  pump();
}

void outgoing::pump() {
  if (ended_) return;
  while (!bytes_.empty() && !(closing_ && bytes_.size() <= wire::kBodyBytes)) {
    if (credit_ == 0) return;
    if (channel_.high()) {
      if (!waits_for_room_) channel_.wait_for_room(*this);
      waits_for_room_ = true;
      return;
    }
    const bytes_view part = bytes_.sub(0, wire::kBodyBytes);
    credit_ -= 1;
    std::byte* data = channel_.begin(wire::MessageType::kData);
    wire::set_call_id(data, call_id_);
    wire::set_flags(data, wire::kMore);
    std::memcpy(data + wire::kHeaderBytes, part.data(), part.size());
    channel_.end(part.size());
    bytes_ = bytes_.sub(part.size());
    total_ += part.size();
  }
  if (!closing_) {
    turns_.notify(sent);
    return;
  }
  if (tail_costs_) {
    if (credit_ == 0) return;
    credit_ -= 1;
  }
  const bytes_view last = bytes_;
  total_ += last.size();
  bytes_ = {};
  ended_ = true;
  turns_.notify(sent);
  // The call may end by this, and this object with it: nothing of it is touched afterwards.
  tail_.send_tail(last, total_);
}

}  // namespace millrace::detail
