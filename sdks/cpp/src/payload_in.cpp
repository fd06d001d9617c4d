// Taking payloads; see payload_in.hpp.
#include "payload_in.hpp"

#include <algorithm>

namespace millrace::detail {

incoming::incoming(channel& channel, turns& turns, std::uint32_t call_id, std::uint32_t announced,
                   bool in_parts, std::size_t bytes_max)
    : channel_(channel),
      turns_(turns),
      call_id_(call_id),
      announced_(announced),
      in_parts_(in_parts),
      bytes_max_(bytes_max) {
  if (in_parts_) return;
  whole_.reserve(announced == wire::kPayloadLengthUnknown
                     ? kCollectBytesFirst
                     : std::min<std::size_t>(announced, bytes_max));
}

breach incoming::take(const std::byte* message, bool in_data, bool last) {
  if (in_data) {
    if (credit_ == 0) {
      return verdict{"data-credit",
                     "DATA for call " + std::to_string(call_id_) + " came without credit"};
    }
    credit_ -= 1;
  }
  const bytes_view part = body(message);
  total_ += part.size();
  const bool announced = announced_ != wire::kPayloadLengthUnknown;
  if (announced && (total_ > announced_ || (last && total_ != announced_))) {
    return verdict{"payload-length-exact", "the payload of call " + std::to_string(call_id_) +
                                               " was announced with " + std::to_string(announced_) +
                                               " bytes and has " + std::to_string(total_) +
                                               (last ? "" : " or more")};
  }
  if (failed_) return std::nullopt;
  if (in_parts_) {
    if (!part.empty()) parts_.push_back({bytes{part}, in_data});
    ended_ = last;
    turns_.notify(arrival);
    return std::nullopt;
  }
  if (too_large_) return std::nullopt;
  if (total_ > bytes_max_) {
    too_large_ = true;
    whole_ = bytes{};
    return std::nullopt;
  }
  whole_.append(part);
  ended_ = last;
  if (in_data && !last) consumed();
  return std::nullopt;
}

void incoming::give(bytes whole) {
  total_ = whole.size();
  if (!whole.empty()) parts_.push_back({std::move(whole), false});
  ended_ = true;
  turns_.notify(arrival);
}

void incoming::fail(const error& why) {
  if (ended_ || failed_) return;
  failed_ = why;
  whole_ = bytes{};
  turns_.notify(arrival);
}

result<std::optional<bytes>> incoming::next() {
  if (!parts_.empty()) {
    received first = std::move(parts_.front());
    parts_.pop_front();
    if (first.in_data && !ended_ && !failed_) consumed();
    return std::optional<bytes>{std::move(first.body)};
  }
  if (failed_) return *failed_;
  return std::optional<bytes>{};
}

void incoming::consumed() {
  consumed_ += 1;
  // Half of the credit: late enough to save messages, early enough that the sender never runs dry.
  if (consumed_ < kGrantBatch) return;
  std::byte* window = channel_.begin(wire::MessageType::kWindow);
  wire::set_call_id(window, call_id_);
  wire::set_credit(window, consumed_);
  channel_.end(0);
  credit_ += consumed_;
  consumed_ = 0;
}

}  // namespace millrace::detail
