// The smallest worker: one function, text in and text out.
#include "millrace/millrace.hpp"

int main() {
  millrace::app app;
  app.handle("greet", [](millrace::context&, std::string_view name) {
    return "Hello, " + std::string{name} + "!";
  });
  return app.run();
}
