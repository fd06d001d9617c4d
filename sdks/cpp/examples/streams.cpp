// Streams: input in parts, output in parts, and a handler that stops when it is asked to.
#include <cctype>

#include "millrace/millrace.hpp"

using millrace::context;
using millrace::input_stream;
using millrace::output_stream;
using millrace::result;

int main() {
  millrace::app app;

  app.handle_stream(
      "upper", [](context&, input_stream& input, output_stream& output) -> result<void> {
        for (;;) {
          auto part = input.read();
          if (!part) return std::move(part).error();
          if (!*part) return {};
          for (std::byte& byte : **part)
            byte = static_cast<std::byte>(std::toupper(static_cast<unsigned char>(byte)));
          if (auto sent = output.write(**part); !sent) return sent;
        }
      });

  app.handle_stream("count-down",
                    [](context& ctx, input_stream&, output_stream& output) -> result<void> {
                      const std::stop_token stop = ctx.stop_token();
                      for (int left = 3; left > 0 && !stop.stop_requested(); left -= 1) {
                        if (auto sent = output.write(std::to_string(left) + " "); !sent)
                          return sent;
                        if (auto slept = ctx.sleep_for(std::chrono::milliseconds{1}); !slept)
                          return slept;
                      }
                      return output.end_with("go");
                    });
  return app.run();
}
