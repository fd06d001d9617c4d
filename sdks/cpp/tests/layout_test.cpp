// The generated layout against the golden vectors. Prints every disagreement; exits 1 if there was one.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>

#include "gen/vectors.hpp"
#include "millrace/gen/layout.hpp"

namespace {

namespace wire = millrace::wire;
using Message = std::array<std::byte, wire::kMessageBytes>;

int failures = 0;

void expect(bool holds, std::string_view vector, std::string_view what) {
  if (holds) return;
  failures += 1;
  std::cerr << vector << ": " << what << '\n';
}

unsigned digit(char c) { return c <= '9' ? static_cast<unsigned>(c - '0') : static_cast<unsigned>(c - 'a') + 10U; }

Message from_hex(std::string_view hex) {
  Message message{};
  for (std::size_t i = 0; 2 * i < hex.size(); i += 1) {
    message[i] = static_cast<std::byte>(16U * digit(hex[2 * i]) + digit(hex[2 * i + 1]));
  }
  return message;
}

void each_field_has_the_listed_value(const wire::vectors::Vector& vector, const Message& message) {
  for (const auto& field : vector.fields) {
    const auto accessor = std::find_if(wire::vectors::kAccessors.begin(), wire::vectors::kAccessors.end(),
                                       [&](const auto& one) { return one.name == field.name; });
    if (accessor == wire::vectors::kAccessors.end()) {
      expect(false, vector.id, "a field has no accessor");
      continue;
    }
    const std::string read = accessor->read(message.data());
    expect(read == field.value, vector.id, std::string{field.name} + " is " + read);
  }
}

void the_tables_hold_it(const wire::vectors::Vector& vector, const Message& message) {
  const wire::TypeInfo* info = wire::find_type(wire::type(message.data()));
  if (info == nullptr) {
    expect(false, vector.id, "its type is unknown");
    return;
  }
  expect(info->name == vector.type, vector.id, "its type has another name");
  expect((wire::flags(message.data()) & ~info->flags) == 0, vector.id, "it has a flag that its type does not allow");
  for (const wire::ReservedWord& word : info->reserved) {
    const auto value = wire::load<std::uint32_t>(message.data() + word.offset);
    expect((value & word.mask) == 0, vector.id, "a reserved word is not zero");
  }
}

void written_fields_read_back_and_touch_no_other() {
  Message message{};
  wire::set_body_length(message.data(), 0xbeef);
  wire::set_call_id(message.data(), 0xdeadbeef);
  wire::set_content(message.data(), 0xff);
  std::array<std::byte, 8> span{};
  span[0] = std::byte{1};
  span[7] = std::byte{8};
  wire::set_span_id(message.data(), span);
  expect(wire::body_length(message.data()) == 0xbeef, "written", "body_length is another");
  expect(wire::call_id(message.data()) == 0xdeadbeef, "written", "call_id is another");
  expect(std::ranges::equal(wire::span_id(message.data()), span), "written", "span_id is another");
  const auto set = std::ranges::count_if(message, [](std::byte byte) { return byte != std::byte{0}; });
  expect(set == 2 + 4 + 1 + 2, "written", "another byte was touched");
}

}  // namespace

int main() {
  for (const auto& vector : wire::vectors::kVectors) {
    const Message message = from_hex(vector.hex);
    each_field_has_the_listed_value(vector, message);
    the_tables_hold_it(vector, message);
  }
  for (const wire::TypeInfo& info : wire::kTypes) {
    const bool shown = std::ranges::any_of(wire::vectors::kVectors, [&](const auto& one) { return one.type == info.name; });
    expect(shown, info.name, "no vector shows this type");
  }
  written_fields_read_back_and_touch_no_other();
  std::cout << wire::vectors::kVectors.size() << " vectors, " << failures << " failures\n";
  return failures == 0 ? 0 : 1;
}
