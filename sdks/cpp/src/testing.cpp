// The test kit's face, and the outcomes of external calls; the protocol side is in
// testing_engine.cpp.
#include "millrace/testing.hpp"

#include <cstdlib>

#include "testing_engine.hpp"

namespace millrace::test {

struct engine::state {
  explicit state(const detail::app_state& app) : inner(app) {}
  detail::test_engine inner;
};

engine::engine(app& app) : state_(std::make_unique<state>(*app.state_)) {
  if (app.state_->functions.empty() && app.state_->mistake.empty()) {
    app.state_->mistake = "there is no function to serve";
  }
  if (!app.state_->mistake.empty() || !detail::run_start_hooks(*app.state_)) {
    detail::say("the test engine can't start: " + app.state_->mistake);
    std::abort();
  }
  state_->inner.start();
}

engine::~engine() = default;

result<bytes> engine::call_bytes(std::string_view name, bytes_view input, wire::Content kind,
                                 const call_options& options) {
  return state_->inner.call(name, input, kind, options);
}

void engine::fail(std::string_view name, error why, std::uint32_t times) {
  const std::lock_guard lock{state_->inner.mutex};
  state_->inner.faults[std::string{name}] = {std::move(why), times};
}

void engine::crash(std::string_view name, std::uint32_t times) {
  fail(name,
       {.reason = wire::Reason::kWorkerCrashed,
        .message = "the worker was made to crash by the test"},
       times);
}

void engine::provide(std::string name, stand_in answer) {
  const std::lock_guard lock{state_->inner.mutex};
  state_->inner.stand_ins[std::move(name)] = std::move(answer);
}

std::uint64_t engine::calls_of(std::string_view name) const {
  const std::lock_guard lock{state_->inner.mutex};
  const auto found = state_->inner.counts.find(name);
  return found == state_->inner.counts.end() ? 0 : found->second;
}

std::vector<log_entry> engine::logs() const {
  const std::lock_guard lock{state_->inner.mutex};
  return state_->inner.logs;
}

int engine::stop() { return state_->inner.stop(); }

}  // namespace millrace::test
