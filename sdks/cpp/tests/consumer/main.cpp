// A program of somebody who has installed the package: tests its own function without an engine.
#include <cstdio>
#include <millrace/millrace.hpp>
#include <millrace/testing.hpp>

int main() {
  millrace::app app;
  app.handle("hello", [](millrace::context&, std::string_view name) {
    return "Hello, " + std::string{name};
  });
  millrace::test::engine engine{app};
  const auto output = engine.call<std::string>("hello", "Ada");
  std::puts(output ? output->c_str() : output.error().text().c_str());
  return output && *output == "Hello, Ada" ? engine.stop() : 1;
}
