// RESOLVE and RESOLVED; see names.hpp.
#include "names.hpp"

#include <algorithm>

#include "limits.hpp"

namespace millrace::detail {

void names::remember(const std::string& name, std::uint32_t id) {
  // A cache that is full begins anew: each name then costs one more RESOLVE, and no order has to be
  // kept.
  if (ids_.size() >= kNamesCachedMax) ids_.clear();
  ids_[name] = id;
}

void names::forget(std::string_view name, std::uint32_t id) {
  const auto found = ids_.find(name);
  if (found != ids_.end() && found->second == id) ids_.erase(found);
}

void names::ask(const std::string& name, pending_call& call) {
  const auto found = waiters_.find(name);
  if (found != waiters_.end()) {
    found->second.push_back(&call);
    return;
  }
  if (waiters_.size() >= kNamesWaitingMax) {
    listener_.on_no_name(
        call, {.reason = wire::Reason::kQueueFull,
               .message = std::to_string(kNamesWaitingMax) + " names wait to be resolved already"});
    return;
  }
  waiters_[name].push_back(&call);
  if (open_ < open_max_) {
    resolve(name);
  } else {
    unasked_.push_back(name);
  }
}

breach names::resolved(const std::byte* message) {
  const std::string name{body(message).text()};
  const auto found = waiters_.find(name);
  if (found == waiters_.end() || std::ranges::find(unasked_, name) != unasked_.end()) {
    return verdict{"resolved-open", "RESOLVED names " + name + ", for which no RESOLVE is open"};
  }
  const std::vector<pending_call*> waiters = std::move(found->second);
  waiters_.erase(found);
  open_ -= 1;
  const std::uint32_t status = wire::status(message);
  const std::uint32_t id = wire::function_id(message);
  if (status == 0) remember(name, id);
  for (pending_call* waiter : waiters) {
    if (status == 0) {
      listener_.on_name(*waiter, id);
    } else if (status == static_cast<std::uint32_t>(wire::Status::kNotFound)) {
      listener_.on_no_name(*waiter, {.reason = wire::Reason::kNotFound,
                                     .message = "there is no function named \"" + name + "\"",
                                     .function = name});
    } else {
      listener_.on_no_name(*waiter, {.reason = wire::Reason::kWorkerUnavailable,
                                     .message = "\"" + name + "\" can't be called now (status " +
                                                std::to_string(status) + ")",
                                     .function = name});
    }
  }
  if (open_ < open_max_ && !unasked_.empty()) {
    const std::string next = unasked_.front();
    unasked_.erase(unasked_.begin());
    resolve(next);
  }
  return std::nullopt;
}

void names::fail_all(const error& why) {
  by_name<std::vector<pending_call*>> waiters;
  waiters.swap(waiters_);
  unasked_.clear();
  for (const auto& [name, calls] : waiters) {
    for (pending_call* call : calls) listener_.on_no_name(*call, why);
  }
}

void names::resolve(const std::string& name) {
  open_ += 1;
  std::byte* message = channel_.begin(wire::MessageType::kResolve);
  std::memcpy(message + wire::kHeaderBytes, name.data(), name.size());
  channel_.end(name.size());
}

}  // namespace millrace::detail
