// JSON by a hook: two functions in the namespace of your type. With a JSON library they are one
// line each, such as `return nlohmann::json(order).dump();`, or templates over all types of the
// namespace.
#include <charconv>

#include "millrace/millrace.hpp"

namespace shop {

struct order {
  int count = 0;
};

std::string millrace_to_json(const order& from) {
  return "{\"count\":" + std::to_string(from.count) + "}";
}

bool millrace_from_json(std::string_view json, order& into) {
  const auto colon = json.find("\"count\":");
  if (colon == std::string_view::npos) return false;
  const char* begin = json.data() + colon + 8;
  return std::from_chars(begin, json.data() + json.size(), into.count).ec == std::errc{};
}

}  // namespace shop

int main() {
  millrace::app app;
  app.handle("double-order",
             [](millrace::context& ctx, const shop::order& one) -> millrace::result<shop::order> {
               if (one.count <= 0) {
                 return millrace::error{.reason = millrace::reason::kBadInput,
                                        .message = "count must be above 0",
                                        .code = "EMPTY_ORDER",
                                        .retryable = false};
               }
               ctx.log(millrace::log_level::info, "doubling", {{"count", one.count}});
               return shop::order{2 * one.count};
             },
             {.timeout = std::chrono::milliseconds{50}});
  return app.run();
}
