// The app: registration, and the launch by an engine.
#include "millrace/app.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "worker.hpp"

namespace millrace {
namespace {

using detail::app_state;

void note(app_state& state, std::string mistake) {
  if (state.mistake.empty()) state.mistake = std::move(mistake);
}

void add(app_state& state, detail::function fn, const handler_options& options) {
  const std::int64_t us = options.timeout.count();
  if (!detail::is_function_name(fn.name))
    note(state, "\"" + fn.name + "\" can't name a function (rule name-form)");
  for (const detail::function& other : state.functions) {
    if (other.name == fn.name)
      note(state, "two functions are named \"" + fn.name + "\"; give one another name");
  }
  if (us < 0 || us > static_cast<std::int64_t>(detail::kTimeoutUsMax)) {
    note(state, "the timeout of \"" + fn.name + "\" is not from 0 to 71 minutes");
  }
  if (state.functions.size() == wire::kFunctionsPerWorkerMax) {
    note(state,
         "there are more than " + std::to_string(wire::kFunctionsPerWorkerMax) + " functions");
  }
  fn.content = options.content.value_or(wire::Content::kBytes);
  fn.timeout_us = static_cast<std::uint32_t>(us);
  state.functions.push_back(std::move(fn));
}

}  // namespace

app::app() : state_(std::make_unique<app_state>()) {}
app::~app() = default;

app& app::handle_bytes(std::string name, bytes_handler handler, handler_options options) {
  add(*state_, {.name = std::move(name), .whole = std::move(handler), .streamed = {}}, options);
  return *this;
}

app& app::handle_stream(std::string name, stream_handler handler, handler_options options) {
  add(*state_, {.name = std::move(name), .whole = {}, .streamed = std::move(handler)}, options);
  return *this;
}

app& app::on_start(std::function<result<void>()> hook) {
  state_->start.push_back(std::move(hook));
  return *this;
}

app& app::on_stop(std::function<void()> hook) {
  state_->stop.push_back(std::move(hook));
  return *this;
}

app& app::concurrency(std::uint32_t calls) {
  if (calls < 1 || calls > detail::kConcurrencyMax) {
    note(*state_, "concurrency is " + std::to_string(calls) + "; use 1 to " +
                      std::to_string(detail::kConcurrencyMax));
  } else {
    state_->concurrency = calls;
  }
  return *this;
}

int app::run() {
  if (state_->functions.empty()) note(*state_, "there is no function to serve");
  if (!state_->mistake.empty()) {
    detail::say(state_->mistake);
    return detail::kExitConfig;
  }
  const char* in = std::getenv("MILLRACE_CHANNEL_IN");
  const char* out = std::getenv("MILLRACE_CHANNEL_OUT");
  const char* token = std::getenv("MILLRACE_TOKEN");
  if (in == nullptr || out == nullptr || token == nullptr) {
    detail::say(
        "this is a Millrace worker and no engine started it: name it by `command` in millrace.yaml "
        "and run "
        "`millrace dev`");
    return detail::kExitConfig;
  }
  const std::string in_path = in;
  const std::string out_path = out;
  const std::string secret = token;
  const char* payloads = std::getenv("MILLRACE_PAYLOAD_DIR");
  state_->payload_directory = payloads == nullptr ? "" : payloads;
  auto memory = detail::segment::open(std::getenv("MILLRACE_RING"));
  // What this process starts must not inherit the token (rule launch-environment-cleared).
  ::unsetenv("MILLRACE_CHANNEL_IN");
  ::unsetenv("MILLRACE_CHANNEL_OUT");
  ::unsetenv("MILLRACE_TOKEN");
  ::unsetenv("MILLRACE_PAYLOAD_DIR");
  ::unsetenv("MILLRACE_RING");
  detail::outlive_broken_pipes();
  int error_number = 0;
  auto pipe = detail::pipe::open(in_path, out_path, error_number);
  if (!pipe) {
    detail::say(error_number == ENXIO
                    ? "the engine is gone: nobody reads the channel"
                    : std::string{"the channel can't be opened: "} + std::strerror(error_number));
    return detail::kExitEngineGone;
  }
  pipe->offer(std::move(memory));
  if (!detail::run_start_hooks(*state_)) return detail::kExitConfig;
  detail::worker worker{*state_, *std::move(pipe), secret, [](int code) { std::_Exit(code); }};
  return worker.run();
}

}  // namespace millrace
