// What the table of reasons says of an error.
#include "millrace/error.hpp"

namespace millrace {
namespace {

const wire::ReasonInfo& info_of(wire::Reason which) noexcept {
  for (const wire::ReasonInfo& info : wire::kReasons) {
    if (info.value == which) return info;
  }
  // Rule reason-unknown: a reason that is not known is taken for handler_error.
  return wire::kReasons.front();
}

}  // namespace

std::string_view reason_name(wire::Reason which) noexcept { return info_of(which).name; }

bool error::may_retry() const noexcept {
  return retryable.value_or(info_of(reason).retry == "yes");
}

wire::Status error::grpc_status() const noexcept {
  const bool own = reason == wire::Reason::kHandlerError && status && *status != wire::Status::kOk;
  return own ? *status : info_of(reason).status;
}

std::string error::text() const {
  std::string line;
  if (!function.empty()) line += function + ": ";
  line += reason_name(reason);
  if (!code.empty()) line += " (" + code + ")";
  if (!message.empty()) line += ": " + message;
  return line;
}

}  // namespace millrace
