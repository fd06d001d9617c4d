// Generated from spec/vectors by tools/generate. Do not edit: run `make generate`.
//
// The accepted golden vectors, and every accessor of the layout by its field name.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "millrace/gen/layout.hpp"

namespace millrace::wire::vectors {

// A field as a vector lists it: a decimal number, or hexadecimal text for byte fields.
struct Field {
  std::string_view name;
  std::string_view value;
};

struct Vector {
  std::string_view id;
  std::string_view type;
  // The message in hexadecimal; zeros at its end are cut.
  std::string_view hex;
  std::span<const Field> fields;
};

// Reads one field, as a vector shows it.
struct Accessor {
  std::string_view name;
  std::string (*read)(const std::byte* message);
};

inline std::string show(std::span<const std::byte> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : bytes) {
    text += kDigits[std::to_integer<std::size_t>(byte >> 4)];
    text += kDigits[std::to_integer<std::size_t>(byte & std::byte{15})];
  }
  return text;
}
inline std::string show(std::uint32_t value) { return std::to_string(value); }

inline constexpr std::array<Accessor, 25> kAccessors{{
    {"type", [](const std::byte* m) { return show(wire::type(m)); }},
    {"flags", [](const std::byte* m) { return show(wire::flags(m)); }},
    {"body_length", [](const std::byte* m) { return show(wire::body_length(m)); }},
    {"call_id", [](const std::byte* m) { return show(wire::call_id(m)); }},
    {"function_id", [](const std::byte* m) { return show(wire::function_id(m)); }},
    {"payload_length", [](const std::byte* m) { return show(wire::payload_length(m)); }},
    {"timeout_us", [](const std::byte* m) { return show(wire::timeout_us(m)); }},
    {"run_us", [](const std::byte* m) { return show(wire::run_us(m)); }},
    {"credit", [](const std::byte* m) { return show(wire::credit(m)); }},
    {"capacity", [](const std::byte* m) { return show(wire::capacity(m)); }},
    {"nonce", [](const std::byte* m) { return show(wire::nonce(m)); }},
    {"pid", [](const std::byte* m) { return show(wire::pid(m)); }},
    {"parent_call_id", [](const std::byte* m) { return show(wire::parent_call_id(m)); }},
    {"status", [](const std::byte* m) { return show(wire::status(m)); }},
    {"open_calls", [](const std::byte* m) { return show(wire::open_calls(m)); }},
    {"exit_code", [](const std::byte* m) { return show(wire::exit_code(m)); }},
    {"queue_us", [](const std::byte* m) { return show(wire::queue_us(m)); }},
    {"attempt", [](const std::byte* m) { return show(wire::attempt(m)); }},
    {"cpu_us", [](const std::byte* m) { return show(wire::cpu_us(m)); }},
    {"trace_id", [](const std::byte* m) { return show(wire::trace_id(m)); }},
    {"span_id", [](const std::byte* m) { return show(wire::span_id(m)); }},
    {"trace_flags", [](const std::byte* m) { return show(wire::trace_flags(m)); }},
    {"priority", [](const std::byte* m) { return show(wire::priority(m)); }},
    {"depth", [](const std::byte* m) { return show(wire::depth(m)); }},
    {"content", [](const std::byte* m) { return show(wire::content(m)); }},
}};

inline constexpr std::array<Field, 4> kFields0{{
    {"type", "1"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields1{{
    {"type", "1"},
    {"flags", "1"},
    {"body_length", "960"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields2{{
    {"type", "1"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields3{{
    {"type", "2"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields4{{
    {"type", "2"},
    {"flags", "1"},
    {"body_length", "960"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields5{{
    {"type", "2"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 5> kFields6{{
    {"type", "3"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "0"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 5> kFields7{{
    {"type", "3"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "0"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 5> kFields8{{
    {"type", "3"},
    {"flags", "0"},
    {"body_length", "960"},
    {"call_id", "0"},
    {"status", "16"},
}};
inline constexpr std::array<Field, 5> kFields9{{
    {"type", "3"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "0"},
    {"status", "5"},
}};
inline constexpr std::array<Field, 4> kFields10{{
    {"type", "8"},
    {"flags", "0"},
    {"body_length", "1"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields11{{
    {"type", "8"},
    {"flags", "0"},
    {"body_length", "128"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields12{{
    {"type", "8"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 6> kFields13{{
    {"type", "9"},
    {"flags", "0"},
    {"body_length", "1"},
    {"call_id", "0"},
    {"function_id", "1"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 6> kFields14{{
    {"type", "9"},
    {"flags", "0"},
    {"body_length", "128"},
    {"call_id", "0"},
    {"function_id", "4294967295"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 6> kFields15{{
    {"type", "9"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "0"},
    {"function_id", "67305985"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 16> kFields16{{
    {"type", "16"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "1"},
    {"function_id", "1"},
    {"payload_length", "0"},
    {"timeout_us", "0"},
    {"parent_call_id", "0"},
    {"queue_us", "0"},
    {"attempt", "1"},
    {"trace_id", "00000000000000000000000000000000"},
    {"span_id", "0000000000000000"},
    {"trace_flags", "0"},
    {"priority", "0"},
    {"depth", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 16> kFields17{{
    {"type", "16"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"function_id", "1"},
    {"payload_length", "0"},
    {"timeout_us", "0"},
    {"parent_call_id", "0"},
    {"queue_us", "0"},
    {"attempt", "1"},
    {"trace_id", "00000000000000000000000000000000"},
    {"span_id", "0000000000000000"},
    {"trace_flags", "0"},
    {"priority", "0"},
    {"depth", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 16> kFields18{{
    {"type", "16"},
    {"flags", "5"},
    {"body_length", "960"},
    {"call_id", "4294967295"},
    {"function_id", "4294967295"},
    {"payload_length", "4294967295"},
    {"timeout_us", "4294967295"},
    {"parent_call_id", "4294967294"},
    {"queue_us", "4294967295"},
    {"attempt", "4294967295"},
    {"trace_id", "ffffffffffffffffffffffffffffffff"},
    {"span_id", "ffffffffffffffff"},
    {"trace_flags", "255"},
    {"priority", "7"},
    {"depth", "255"},
    {"content", "255"},
}};
inline constexpr std::array<Field, 16> kFields19{{
    {"type", "16"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "67305985"},
    {"function_id", "134678021"},
    {"payload_length", "16"},
    {"timeout_us", "269422093"},
    {"parent_call_id", "336794128"},
    {"queue_us", "404166165"},
    {"attempt", "471538201"},
    {"trace_id", "1d1e1f202122232425262728292a2b2c"},
    {"span_id", "2d2e2f3031323334"},
    {"trace_flags", "53"},
    {"priority", "5"},
    {"depth", "54"},
    {"content", "55"},
}};
inline constexpr std::array<Field, 10> kFields20{{
    {"type", "17"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"payload_length", "0"},
    {"run_us", "0"},
    {"status", "0"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 10> kFields21{{
    {"type", "17"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "1"},
    {"payload_length", "0"},
    {"run_us", "0"},
    {"status", "0"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 10> kFields22{{
    {"type", "17"},
    {"flags", "5"},
    {"body_length", "960"},
    {"call_id", "4294967294"},
    {"payload_length", "4294967295"},
    {"run_us", "4294967295"},
    {"status", "0"},
    {"queue_us", "4294967295"},
    {"cpu_us", "4294967295"},
    {"content", "255"},
}};
inline constexpr std::array<Field, 10> kFields23{{
    {"type", "17"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "67305984"},
    {"payload_length", "16"},
    {"run_us", "202050057"},
    {"status", "0"},
    {"queue_us", "269422093"},
    {"cpu_us", "336794129"},
    {"content", "21"},
}};
inline constexpr std::array<Field, 8> kFields24{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"run_us", "0"},
    {"status", "2"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields25{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "1"},
    {"run_us", "0"},
    {"status", "2"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields26{{
    {"type", "18"},
    {"flags", "1"},
    {"body_length", "960"},
    {"call_id", "4294967294"},
    {"run_us", "4294967295"},
    {"status", "16"},
    {"queue_us", "4294967295"},
    {"cpu_us", "4294967295"},
}};
inline constexpr std::array<Field, 8> kFields27{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "67305984"},
    {"run_us", "134678021"},
    {"status", "5"},
    {"queue_us", "202050057"},
    {"cpu_us", "269422093"},
}};
inline constexpr std::array<Field, 4> kFields28{{
    {"type", "19"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "1"},
}};
inline constexpr std::array<Field, 4> kFields29{{
    {"type", "19"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
}};
inline constexpr std::array<Field, 4> kFields30{{
    {"type", "19"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "4294967295"},
}};
inline constexpr std::array<Field, 4> kFields31{{
    {"type", "19"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "67305985"},
}};
inline constexpr std::array<Field, 4> kFields32{{
    {"type", "24"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "1"},
}};
inline constexpr std::array<Field, 4> kFields33{{
    {"type", "24"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
}};
inline constexpr std::array<Field, 4> kFields34{{
    {"type", "24"},
    {"flags", "1"},
    {"body_length", "960"},
    {"call_id", "4294967295"},
}};
inline constexpr std::array<Field, 4> kFields35{{
    {"type", "24"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "67305985"},
}};
inline constexpr std::array<Field, 5> kFields36{{
    {"type", "25"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "1"},
    {"credit", "1"},
}};
inline constexpr std::array<Field, 5> kFields37{{
    {"type", "25"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"credit", "1"},
}};
inline constexpr std::array<Field, 5> kFields38{{
    {"type", "25"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "4294967295"},
    {"credit", "32"},
}};
inline constexpr std::array<Field, 5> kFields39{{
    {"type", "25"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "67305985"},
    {"credit", "5"},
}};
inline constexpr std::array<Field, 5> kFields40{{
    {"type", "32"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"nonce", "0"},
}};
inline constexpr std::array<Field, 5> kFields41{{
    {"type", "32"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"nonce", "0"},
}};
inline constexpr std::array<Field, 5> kFields42{{
    {"type", "32"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"nonce", "4294967295"},
}};
inline constexpr std::array<Field, 5> kFields43{{
    {"type", "32"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"nonce", "67305985"},
}};
inline constexpr std::array<Field, 6> kFields44{{
    {"type", "33"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"nonce", "0"},
    {"open_calls", "0"},
}};
inline constexpr std::array<Field, 6> kFields45{{
    {"type", "33"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"nonce", "0"},
    {"open_calls", "0"},
}};
inline constexpr std::array<Field, 6> kFields46{{
    {"type", "33"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"nonce", "4294967295"},
    {"open_calls", "4294967295"},
}};
inline constexpr std::array<Field, 6> kFields47{{
    {"type", "33"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"nonce", "67305985"},
    {"open_calls", "134678021"},
}};
inline constexpr std::array<Field, 5> kFields48{{
    {"type", "40"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"timeout_us", "0"},
}};
inline constexpr std::array<Field, 5> kFields49{{
    {"type", "40"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"timeout_us", "4294967295"},
}};
inline constexpr std::array<Field, 5> kFields50{{
    {"type", "40"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"timeout_us", "67305985"},
}};
inline constexpr std::array<Field, 5> kFields51{{
    {"type", "41"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"capacity", "0"},
}};
inline constexpr std::array<Field, 5> kFields52{{
    {"type", "41"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"capacity", "4294967295"},
}};
inline constexpr std::array<Field, 5> kFields53{{
    {"type", "41"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"capacity", "67305985"},
}};
inline constexpr std::array<Field, 4> kFields54{{
    {"type", "48"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields55{{
    {"type", "48"},
    {"flags", "1"},
    {"body_length", "960"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields56{{
    {"type", "48"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 5> kFields57{{
    {"type", "49"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 5> kFields58{{
    {"type", "49"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 5> kFields59{{
    {"type", "49"},
    {"flags", "1"},
    {"body_length", "960"},
    {"call_id", "0"},
    {"status", "16"},
}};
inline constexpr std::array<Field, 5> kFields60{{
    {"type", "49"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "0"},
    {"status", "5"},
}};
inline constexpr std::array<Field, 4> kFields61{{
    {"type", "56"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields62{{
    {"type", "56"},
    {"flags", "0"},
    {"body_length", "960"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields63{{
    {"type", "56"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 6> kFields64{{
    {"type", "57"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"pid", "0"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 6> kFields65{{
    {"type", "57"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"pid", "4294967295"},
    {"status", "16"},
}};
inline constexpr std::array<Field, 6> kFields66{{
    {"type", "57"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"pid", "67305985"},
    {"status", "5"},
}};
inline constexpr std::array<Field, 6> kFields67{{
    {"type", "58"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"pid", "0"},
    {"exit_code", "0"},
}};
inline constexpr std::array<Field, 6> kFields68{{
    {"type", "58"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"pid", "4294967295"},
    {"exit_code", "4294967295"},
}};
inline constexpr std::array<Field, 6> kFields69{{
    {"type", "58"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"pid", "67305985"},
    {"exit_code", "134678021"},
}};
inline constexpr std::array<Field, 4> kFields70{{
    {"type", "64"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields71{{
    {"type", "64"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields72{{
    {"type", "64"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields73{{
    {"type", "64"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields74{{
    {"type", "65"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields75{{
    {"type", "65"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields76{{
    {"type", "65"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields77{{
    {"type", "65"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields78{{
    {"type", "128"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields79{{
    {"type", "128"},
    {"flags", "1"},
    {"body_length", "960"},
    {"call_id", "4294967294"},
}};
inline constexpr std::array<Field, 4> kFields80{{
    {"type", "128"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "67305984"},
}};
inline constexpr std::array<Field, 4> kFields81{{
    {"type", "64"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields82{{
    {"type", "24"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "1"},
}};
inline constexpr std::array<Field, 4> kFields83{{
    {"type", "24"},
    {"flags", "0"},
    {"body_length", "1"},
    {"call_id", "1"},
}};
inline constexpr std::array<Field, 4> kFields84{{
    {"type", "24"},
    {"flags", "0"},
    {"body_length", "959"},
    {"call_id", "1"},
}};
inline constexpr std::array<Field, 4> kFields85{{
    {"type", "24"},
    {"flags", "0"},
    {"body_length", "960"},
    {"call_id", "1"},
}};
inline constexpr std::array<Field, 4> kFields86{{
    {"type", "128"},
    {"flags", "1"},
    {"body_length", "960"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 16> kFields87{{
    {"type", "16"},
    {"flags", "1"},
    {"body_length", "960"},
    {"call_id", "1"},
    {"function_id", "1"},
    {"payload_length", "4294967295"},
    {"timeout_us", "0"},
    {"parent_call_id", "0"},
    {"queue_us", "0"},
    {"attempt", "1"},
    {"trace_id", "00000000000000000000000000000000"},
    {"span_id", "0000000000000000"},
    {"trace_flags", "0"},
    {"priority", "0"},
    {"depth", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 4> kFields88{{
    {"type", "24"},
    {"flags", "0"},
    {"body_length", "4"},
    {"call_id", "1"},
}};
inline constexpr std::array<Field, 4> kFields89{{
    {"type", "1"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields90{{
    {"type", "1"},
    {"flags", "1"},
    {"body_length", "16"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields91{{
    {"type", "2"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields92{{
    {"type", "2"},
    {"flags", "1"},
    {"body_length", "16"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 5> kFields93{{
    {"type", "3"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "0"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 4> kFields94{{
    {"type", "8"},
    {"flags", "0"},
    {"body_length", "1"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 6> kFields95{{
    {"type", "9"},
    {"flags", "0"},
    {"body_length", "1"},
    {"call_id", "0"},
    {"function_id", "1"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 16> kFields96{{
    {"type", "16"},
    {"flags", "0"},
    {"body_length", "4"},
    {"call_id", "1"},
    {"function_id", "1"},
    {"payload_length", "4"},
    {"timeout_us", "0"},
    {"parent_call_id", "0"},
    {"queue_us", "0"},
    {"attempt", "1"},
    {"trace_id", "00000000000000000000000000000000"},
    {"span_id", "0000000000000000"},
    {"trace_flags", "0"},
    {"priority", "0"},
    {"depth", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 16> kFields97{{
    {"type", "16"},
    {"flags", "1"},
    {"body_length", "4"},
    {"call_id", "1"},
    {"function_id", "1"},
    {"payload_length", "4"},
    {"timeout_us", "0"},
    {"parent_call_id", "0"},
    {"queue_us", "0"},
    {"attempt", "1"},
    {"trace_id", "00000000000000000000000000000000"},
    {"span_id", "0000000000000000"},
    {"trace_flags", "0"},
    {"priority", "0"},
    {"depth", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 16> kFields98{{
    {"type", "16"},
    {"flags", "2"},
    {"body_length", "4"},
    {"call_id", "1"},
    {"function_id", "1"},
    {"payload_length", "4"},
    {"timeout_us", "0"},
    {"parent_call_id", "0"},
    {"queue_us", "0"},
    {"attempt", "1"},
    {"trace_id", "00000000000000000000000000000000"},
    {"span_id", "0000000000000000"},
    {"trace_flags", "0"},
    {"priority", "0"},
    {"depth", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 16> kFields99{{
    {"type", "16"},
    {"flags", "4"},
    {"body_length", "4"},
    {"call_id", "1"},
    {"function_id", "1"},
    {"payload_length", "4"},
    {"timeout_us", "0"},
    {"parent_call_id", "0"},
    {"queue_us", "0"},
    {"attempt", "1"},
    {"trace_id", "00000000000000000000000000000000"},
    {"span_id", "0000000000000000"},
    {"trace_flags", "0"},
    {"priority", "0"},
    {"depth", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 10> kFields100{{
    {"type", "17"},
    {"flags", "0"},
    {"body_length", "4"},
    {"call_id", "2"},
    {"payload_length", "4"},
    {"run_us", "0"},
    {"status", "0"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 10> kFields101{{
    {"type", "17"},
    {"flags", "1"},
    {"body_length", "4"},
    {"call_id", "2"},
    {"payload_length", "4"},
    {"run_us", "0"},
    {"status", "0"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 10> kFields102{{
    {"type", "17"},
    {"flags", "2"},
    {"body_length", "4"},
    {"call_id", "2"},
    {"payload_length", "4"},
    {"run_us", "0"},
    {"status", "0"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 10> kFields103{{
    {"type", "17"},
    {"flags", "4"},
    {"body_length", "4"},
    {"call_id", "2"},
    {"payload_length", "4"},
    {"run_us", "0"},
    {"status", "0"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 8> kFields104{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"run_us", "0"},
    {"status", "2"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields105{{
    {"type", "18"},
    {"flags", "1"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"run_us", "0"},
    {"status", "2"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 4> kFields106{{
    {"type", "19"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "1"},
}};
inline constexpr std::array<Field, 4> kFields107{{
    {"type", "24"},
    {"flags", "0"},
    {"body_length", "4"},
    {"call_id", "1"},
}};
inline constexpr std::array<Field, 4> kFields108{{
    {"type", "24"},
    {"flags", "1"},
    {"body_length", "4"},
    {"call_id", "1"},
}};
inline constexpr std::array<Field, 5> kFields109{{
    {"type", "25"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "1"},
    {"credit", "1"},
}};
inline constexpr std::array<Field, 5> kFields110{{
    {"type", "32"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"nonce", "0"},
}};
inline constexpr std::array<Field, 6> kFields111{{
    {"type", "33"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"nonce", "0"},
    {"open_calls", "0"},
}};
inline constexpr std::array<Field, 5> kFields112{{
    {"type", "40"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"timeout_us", "0"},
}};
inline constexpr std::array<Field, 5> kFields113{{
    {"type", "41"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"capacity", "0"},
}};
inline constexpr std::array<Field, 4> kFields114{{
    {"type", "48"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields115{{
    {"type", "48"},
    {"flags", "1"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 5> kFields116{{
    {"type", "49"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 5> kFields117{{
    {"type", "49"},
    {"flags", "1"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 4> kFields118{{
    {"type", "56"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 6> kFields119{{
    {"type", "57"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"pid", "0"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 6> kFields120{{
    {"type", "58"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"pid", "0"},
    {"exit_code", "0"},
}};
inline constexpr std::array<Field, 4> kFields121{{
    {"type", "64"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields122{{
    {"type", "65"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields123{{
    {"type", "128"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields124{{
    {"type", "128"},
    {"flags", "1"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields125{{
    {"type", "1"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields126{{
    {"type", "2"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 5> kFields127{{
    {"type", "3"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "0"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 4> kFields128{{
    {"type", "8"},
    {"flags", "0"},
    {"body_length", "1"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 6> kFields129{{
    {"type", "9"},
    {"flags", "0"},
    {"body_length", "1"},
    {"call_id", "0"},
    {"function_id", "1"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 16> kFields130{{
    {"type", "16"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "1"},
    {"function_id", "1"},
    {"payload_length", "0"},
    {"timeout_us", "0"},
    {"parent_call_id", "0"},
    {"queue_us", "0"},
    {"attempt", "1"},
    {"trace_id", "00000000000000000000000000000000"},
    {"span_id", "0000000000000000"},
    {"trace_flags", "0"},
    {"priority", "0"},
    {"depth", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 10> kFields131{{
    {"type", "17"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"payload_length", "0"},
    {"run_us", "0"},
    {"status", "0"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 8> kFields132{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"run_us", "0"},
    {"status", "2"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 4> kFields133{{
    {"type", "19"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "1"},
}};
inline constexpr std::array<Field, 4> kFields134{{
    {"type", "24"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "1"},
}};
inline constexpr std::array<Field, 5> kFields135{{
    {"type", "25"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "1"},
    {"credit", "1"},
}};
inline constexpr std::array<Field, 5> kFields136{{
    {"type", "32"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"nonce", "0"},
}};
inline constexpr std::array<Field, 6> kFields137{{
    {"type", "33"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"nonce", "0"},
    {"open_calls", "0"},
}};
inline constexpr std::array<Field, 5> kFields138{{
    {"type", "40"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"timeout_us", "0"},
}};
inline constexpr std::array<Field, 5> kFields139{{
    {"type", "41"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"capacity", "0"},
}};
inline constexpr std::array<Field, 4> kFields140{{
    {"type", "48"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 5> kFields141{{
    {"type", "49"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 4> kFields142{{
    {"type", "56"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 6> kFields143{{
    {"type", "57"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"pid", "0"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 6> kFields144{{
    {"type", "58"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"pid", "0"},
    {"exit_code", "0"},
}};
inline constexpr std::array<Field, 4> kFields145{{
    {"type", "64"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields146{{
    {"type", "65"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields147{{
    {"type", "128"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields148{{
    {"type", "1"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields149{{
    {"type", "2"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields150{{
    {"type", "8"},
    {"flags", "0"},
    {"body_length", "1"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 6> kFields151{{
    {"type", "9"},
    {"flags", "0"},
    {"body_length", "1"},
    {"call_id", "0"},
    {"function_id", "1"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 5> kFields152{{
    {"type", "40"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"timeout_us", "0"},
}};
inline constexpr std::array<Field, 5> kFields153{{
    {"type", "41"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"capacity", "0"},
}};
inline constexpr std::array<Field, 4> kFields154{{
    {"type", "48"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields155{{
    {"type", "56"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 6> kFields156{{
    {"type", "57"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"pid", "0"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 6> kFields157{{
    {"type", "58"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"pid", "0"},
    {"exit_code", "0"},
}};
inline constexpr std::array<Field, 4> kFields158{{
    {"type", "128"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields159{{
    {"type", "1"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields160{{
    {"type", "2"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 5> kFields161{{
    {"type", "3"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "0"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 4> kFields162{{
    {"type", "8"},
    {"flags", "0"},
    {"body_length", "1"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 6> kFields163{{
    {"type", "9"},
    {"flags", "0"},
    {"body_length", "1"},
    {"call_id", "0"},
    {"function_id", "1"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 10> kFields164{{
    {"type", "17"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "4294967294"},
    {"payload_length", "0"},
    {"run_us", "0"},
    {"status", "0"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 8> kFields165{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "4294967294"},
    {"run_us", "0"},
    {"status", "2"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 4> kFields166{{
    {"type", "19"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "4294967295"},
}};
inline constexpr std::array<Field, 4> kFields167{{
    {"type", "24"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "4294967295"},
}};
inline constexpr std::array<Field, 5> kFields168{{
    {"type", "25"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "4294967295"},
    {"credit", "1"},
}};
inline constexpr std::array<Field, 5> kFields169{{
    {"type", "32"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"nonce", "0"},
}};
inline constexpr std::array<Field, 6> kFields170{{
    {"type", "33"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"nonce", "0"},
    {"open_calls", "0"},
}};
inline constexpr std::array<Field, 5> kFields171{{
    {"type", "40"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"timeout_us", "0"},
}};
inline constexpr std::array<Field, 5> kFields172{{
    {"type", "41"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"capacity", "0"},
}};
inline constexpr std::array<Field, 4> kFields173{{
    {"type", "48"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 5> kFields174{{
    {"type", "49"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 4> kFields175{{
    {"type", "56"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 6> kFields176{{
    {"type", "57"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"pid", "0"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 6> kFields177{{
    {"type", "58"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"pid", "0"},
    {"exit_code", "0"},
}};
inline constexpr std::array<Field, 4> kFields178{{
    {"type", "64"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields179{{
    {"type", "65"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields180{{
    {"type", "128"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields181{{
    {"type", "128"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
}};
inline constexpr std::array<Field, 4> kFields182{{
    {"type", "19"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "1"},
}};
inline constexpr std::array<Field, 5> kFields183{{
    {"type", "25"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "1"},
    {"credit", "1"},
}};
inline constexpr std::array<Field, 5> kFields184{{
    {"type", "32"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"nonce", "0"},
}};
inline constexpr std::array<Field, 6> kFields185{{
    {"type", "33"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"nonce", "0"},
    {"open_calls", "0"},
}};
inline constexpr std::array<Field, 5> kFields186{{
    {"type", "40"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"timeout_us", "0"},
}};
inline constexpr std::array<Field, 5> kFields187{{
    {"type", "41"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"capacity", "0"},
}};
inline constexpr std::array<Field, 6> kFields188{{
    {"type", "57"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"pid", "0"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 6> kFields189{{
    {"type", "58"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"pid", "0"},
    {"exit_code", "0"},
}};
inline constexpr std::array<Field, 4> kFields190{{
    {"type", "64"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields191{{
    {"type", "65"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields192{{
    {"type", "8"},
    {"flags", "0"},
    {"body_length", "128"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields193{{
    {"type", "8"},
    {"flags", "0"},
    {"body_length", "9"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 6> kFields194{{
    {"type", "9"},
    {"flags", "0"},
    {"body_length", "128"},
    {"call_id", "0"},
    {"function_id", "1"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 6> kFields195{{
    {"type", "9"},
    {"flags", "0"},
    {"body_length", "9"},
    {"call_id", "0"},
    {"function_id", "1"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 16> kFields196{{
    {"type", "16"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "1"},
    {"function_id", "1"},
    {"payload_length", "0"},
    {"timeout_us", "0"},
    {"parent_call_id", "0"},
    {"queue_us", "0"},
    {"attempt", "1"},
    {"trace_id", "00000000000000000000000000000000"},
    {"span_id", "0000000000000000"},
    {"trace_flags", "0"},
    {"priority", "0"},
    {"depth", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 16> kFields197{{
    {"type", "16"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"function_id", "1"},
    {"payload_length", "0"},
    {"timeout_us", "0"},
    {"parent_call_id", "0"},
    {"queue_us", "0"},
    {"attempt", "1"},
    {"trace_id", "00000000000000000000000000000000"},
    {"span_id", "0000000000000000"},
    {"trace_flags", "0"},
    {"priority", "0"},
    {"depth", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 16> kFields198{{
    {"type", "16"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "4294967295"},
    {"function_id", "1"},
    {"payload_length", "0"},
    {"timeout_us", "0"},
    {"parent_call_id", "0"},
    {"queue_us", "0"},
    {"attempt", "1"},
    {"trace_id", "00000000000000000000000000000000"},
    {"span_id", "0000000000000000"},
    {"trace_flags", "0"},
    {"priority", "0"},
    {"depth", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 16> kFields199{{
    {"type", "16"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "4294967294"},
    {"function_id", "1"},
    {"payload_length", "0"},
    {"timeout_us", "0"},
    {"parent_call_id", "0"},
    {"queue_us", "0"},
    {"attempt", "1"},
    {"trace_id", "00000000000000000000000000000000"},
    {"span_id", "0000000000000000"},
    {"trace_flags", "0"},
    {"priority", "0"},
    {"depth", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 16> kFields200{{
    {"type", "16"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"function_id", "1"},
    {"payload_length", "0"},
    {"timeout_us", "0"},
    {"parent_call_id", "0"},
    {"queue_us", "0"},
    {"attempt", "1"},
    {"trace_id", "00000000000000000000000000000000"},
    {"span_id", "0000000000000000"},
    {"trace_flags", "255"},
    {"priority", "7"},
    {"depth", "255"},
    {"content", "255"},
}};
inline constexpr std::array<Field, 16> kFields201{{
    {"type", "16"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"function_id", "4294967295"},
    {"payload_length", "0"},
    {"timeout_us", "4294967295"},
    {"parent_call_id", "0"},
    {"queue_us", "4294967295"},
    {"attempt", "4294967295"},
    {"trace_id", "00000000000000000000000000000000"},
    {"span_id", "0000000000000000"},
    {"trace_flags", "255"},
    {"priority", "7"},
    {"depth", "255"},
    {"content", "255"},
}};
inline constexpr std::array<Field, 16> kFields202{{
    {"type", "16"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "1"},
    {"function_id", "1"},
    {"payload_length", "0"},
    {"timeout_us", "0"},
    {"parent_call_id", "2"},
    {"queue_us", "0"},
    {"attempt", "1"},
    {"trace_id", "00000000000000000000000000000000"},
    {"span_id", "0000000000000000"},
    {"trace_flags", "0"},
    {"priority", "0"},
    {"depth", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 16> kFields203{{
    {"type", "16"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"function_id", "1"},
    {"payload_length", "0"},
    {"timeout_us", "0"},
    {"parent_call_id", "0"},
    {"queue_us", "0"},
    {"attempt", "1"},
    {"trace_id", "00000000000000000000000000000000"},
    {"span_id", "0000000000000000"},
    {"trace_flags", "0"},
    {"priority", "0"},
    {"depth", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 16> kFields204{{
    {"type", "16"},
    {"flags", "0"},
    {"body_length", "1"},
    {"call_id", "2"},
    {"function_id", "1"},
    {"payload_length", "1"},
    {"timeout_us", "0"},
    {"parent_call_id", "0"},
    {"queue_us", "0"},
    {"attempt", "1"},
    {"trace_id", "00000000000000000000000000000000"},
    {"span_id", "0000000000000000"},
    {"trace_flags", "0"},
    {"priority", "0"},
    {"depth", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 16> kFields205{{
    {"type", "16"},
    {"flags", "0"},
    {"body_length", "959"},
    {"call_id", "2"},
    {"function_id", "1"},
    {"payload_length", "959"},
    {"timeout_us", "0"},
    {"parent_call_id", "0"},
    {"queue_us", "0"},
    {"attempt", "1"},
    {"trace_id", "00000000000000000000000000000000"},
    {"span_id", "0000000000000000"},
    {"trace_flags", "0"},
    {"priority", "0"},
    {"depth", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 16> kFields206{{
    {"type", "16"},
    {"flags", "0"},
    {"body_length", "960"},
    {"call_id", "2"},
    {"function_id", "1"},
    {"payload_length", "960"},
    {"timeout_us", "0"},
    {"parent_call_id", "0"},
    {"queue_us", "0"},
    {"attempt", "1"},
    {"trace_id", "00000000000000000000000000000000"},
    {"span_id", "0000000000000000"},
    {"trace_flags", "0"},
    {"priority", "0"},
    {"depth", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 16> kFields207{{
    {"type", "16"},
    {"flags", "1"},
    {"body_length", "960"},
    {"call_id", "2"},
    {"function_id", "1"},
    {"payload_length", "961"},
    {"timeout_us", "0"},
    {"parent_call_id", "0"},
    {"queue_us", "0"},
    {"attempt", "1"},
    {"trace_id", "00000000000000000000000000000000"},
    {"span_id", "0000000000000000"},
    {"trace_flags", "0"},
    {"priority", "0"},
    {"depth", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 16> kFields208{{
    {"type", "16"},
    {"flags", "1"},
    {"body_length", "960"},
    {"call_id", "2"},
    {"function_id", "1"},
    {"payload_length", "4294967295"},
    {"timeout_us", "0"},
    {"parent_call_id", "0"},
    {"queue_us", "0"},
    {"attempt", "1"},
    {"trace_id", "00000000000000000000000000000000"},
    {"span_id", "0000000000000000"},
    {"trace_flags", "0"},
    {"priority", "0"},
    {"depth", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 16> kFields209{{
    {"type", "16"},
    {"flags", "1"},
    {"body_length", "960"},
    {"call_id", "2"},
    {"function_id", "1"},
    {"payload_length", "4294967294"},
    {"timeout_us", "0"},
    {"parent_call_id", "0"},
    {"queue_us", "0"},
    {"attempt", "1"},
    {"trace_id", "00000000000000000000000000000000"},
    {"span_id", "0000000000000000"},
    {"trace_flags", "0"},
    {"priority", "0"},
    {"depth", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 16> kFields210{{
    {"type", "16"},
    {"flags", "1"},
    {"body_length", "960"},
    {"call_id", "2"},
    {"function_id", "1"},
    {"payload_length", "960"},
    {"timeout_us", "0"},
    {"parent_call_id", "0"},
    {"queue_us", "0"},
    {"attempt", "1"},
    {"trace_id", "00000000000000000000000000000000"},
    {"span_id", "0000000000000000"},
    {"trace_flags", "0"},
    {"priority", "0"},
    {"depth", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 16> kFields211{{
    {"type", "16"},
    {"flags", "2"},
    {"body_length", "16"},
    {"call_id", "1"},
    {"function_id", "1"},
    {"payload_length", "3"},
    {"timeout_us", "0"},
    {"parent_call_id", "0"},
    {"queue_us", "0"},
    {"attempt", "1"},
    {"trace_id", "00000000000000000000000000000000"},
    {"span_id", "0000000000000000"},
    {"trace_flags", "0"},
    {"priority", "0"},
    {"depth", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 10> kFields212{{
    {"type", "17"},
    {"flags", "2"},
    {"body_length", "16"},
    {"call_id", "2"},
    {"payload_length", "3"},
    {"run_us", "0"},
    {"status", "0"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 10> kFields213{{
    {"type", "17"},
    {"flags", "0"},
    {"body_length", "4"},
    {"call_id", "2"},
    {"payload_length", "4"},
    {"run_us", "12"},
    {"status", "0"},
    {"queue_us", "3"},
    {"cpu_us", "11"},
    {"content", "1"},
}};
inline constexpr std::array<Field, 10> kFields214{{
    {"type", "17"},
    {"flags", "1"},
    {"body_length", "4"},
    {"call_id", "2"},
    {"payload_length", "4"},
    {"run_us", "0"},
    {"status", "0"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 10> kFields215{{
    {"type", "17"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"payload_length", "1048576"},
    {"run_us", "12"},
    {"status", "0"},
    {"queue_us", "3"},
    {"cpu_us", "11"},
    {"content", "1"},
}};
inline constexpr std::array<Field, 10> kFields216{{
    {"type", "17"},
    {"flags", "1"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"payload_length", "4294967295"},
    {"run_us", "0"},
    {"status", "0"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 8> kFields217{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"run_us", "0"},
    {"status", "2"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields218{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"run_us", "0"},
    {"status", "1"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields219{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"run_us", "0"},
    {"status", "2"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields220{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"run_us", "0"},
    {"status", "3"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields221{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"run_us", "0"},
    {"status", "4"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields222{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"run_us", "0"},
    {"status", "5"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields223{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"run_us", "0"},
    {"status", "6"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields224{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"run_us", "0"},
    {"status", "7"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields225{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"run_us", "0"},
    {"status", "8"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields226{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"run_us", "0"},
    {"status", "9"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields227{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"run_us", "0"},
    {"status", "10"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields228{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"run_us", "0"},
    {"status", "11"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields229{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"run_us", "0"},
    {"status", "12"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields230{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"run_us", "0"},
    {"status", "13"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields231{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"run_us", "0"},
    {"status", "14"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields232{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"run_us", "0"},
    {"status", "15"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields233{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"run_us", "0"},
    {"status", "16"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 10> kFields234{{
    {"type", "17"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"payload_length", "0"},
    {"run_us", "0"},
    {"status", "0"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 8> kFields235{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"run_us", "0"},
    {"status", "2"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 4> kFields236{{
    {"type", "19"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "1"},
}};
inline constexpr std::array<Field, 4> kFields237{{
    {"type", "24"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "1"},
}};
inline constexpr std::array<Field, 10> kFields238{{
    {"type", "17"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "1"},
    {"payload_length", "0"},
    {"run_us", "0"},
    {"status", "0"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
    {"content", "0"},
}};
inline constexpr std::array<Field, 8> kFields239{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "1"},
    {"run_us", "0"},
    {"status", "2"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 4> kFields240{{
    {"type", "19"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
}};
inline constexpr std::array<Field, 4> kFields241{{
    {"type", "24"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
}};
inline constexpr std::array<Field, 5> kFields242{{
    {"type", "3"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "0"},
    {"status", "16"},
}};
inline constexpr std::array<Field, 6> kFields243{{
    {"type", "9"},
    {"flags", "0"},
    {"body_length", "1"},
    {"call_id", "0"},
    {"function_id", "0"},
    {"status", "16"},
}};
inline constexpr std::array<Field, 5> kFields244{{
    {"type", "49"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"status", "16"},
}};
inline constexpr std::array<Field, 6> kFields245{{
    {"type", "57"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "0"},
    {"pid", "0"},
    {"status", "16"},
}};
inline constexpr std::array<Field, 4> kFields246{{
    {"type", "24"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "1"},
}};
inline constexpr std::array<Field, 4> kFields247{{
    {"type", "24"},
    {"flags", "1"},
    {"body_length", "1"},
    {"call_id", "1"},
}};
inline constexpr std::array<Field, 5> kFields248{{
    {"type", "25"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "1"},
    {"credit", "32"},
}};
inline constexpr std::array<Field, 6> kFields249{{
    {"type", "9"},
    {"flags", "0"},
    {"body_length", "1"},
    {"call_id", "0"},
    {"function_id", "1"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 6> kFields250{{
    {"type", "9"},
    {"flags", "0"},
    {"body_length", "1"},
    {"call_id", "0"},
    {"function_id", "0"},
    {"status", "5"},
}};
inline constexpr std::array<Field, 4> kFields251{{
    {"type", "1"},
    {"flags", "0"},
    {"body_length", "143"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields252{{
    {"type", "1"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields253{{
    {"type", "1"},
    {"flags", "0"},
    {"body_length", "154"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields254{{
    {"type", "1"},
    {"flags", "0"},
    {"body_length", "143"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 4> kFields255{{
    {"type", "2"},
    {"flags", "0"},
    {"body_length", "120"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 5> kFields256{{
    {"type", "3"},
    {"flags", "0"},
    {"body_length", "85"},
    {"call_id", "0"},
    {"status", "13"},
}};
inline constexpr std::array<Field, 5> kFields257{{
    {"type", "3"},
    {"flags", "0"},
    {"body_length", "16"},
    {"call_id", "0"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 5> kFields258{{
    {"type", "3"},
    {"flags", "0"},
    {"body_length", "18"},
    {"call_id", "0"},
    {"status", "9"},
}};
inline constexpr std::array<Field, 5> kFields259{{
    {"type", "3"},
    {"flags", "0"},
    {"body_length", "18"},
    {"call_id", "0"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 4> kFields260{{
    {"type", "1"},
    {"flags", "0"},
    {"body_length", "150"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 8> kFields261{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "86"},
    {"call_id", "2"},
    {"run_us", "0"},
    {"status", "2"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields262{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "0"},
    {"call_id", "2"},
    {"run_us", "0"},
    {"status", "2"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields263{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "2"},
    {"call_id", "1"},
    {"run_us", "0"},
    {"status", "2"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields264{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "2"},
    {"call_id", "1"},
    {"run_us", "0"},
    {"status", "3"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields265{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "2"},
    {"call_id", "1"},
    {"run_us", "0"},
    {"status", "5"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields266{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "2"},
    {"call_id", "1"},
    {"run_us", "0"},
    {"status", "1"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields267{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "2"},
    {"call_id", "1"},
    {"run_us", "0"},
    {"status", "4"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields268{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "2"},
    {"call_id", "1"},
    {"run_us", "0"},
    {"status", "8"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields269{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "2"},
    {"call_id", "1"},
    {"run_us", "0"},
    {"status", "8"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields270{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "2"},
    {"call_id", "1"},
    {"run_us", "0"},
    {"status", "9"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields271{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "2"},
    {"call_id", "1"},
    {"run_us", "0"},
    {"status", "14"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields272{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "2"},
    {"call_id", "1"},
    {"run_us", "0"},
    {"status", "14"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields273{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "2"},
    {"call_id", "1"},
    {"run_us", "0"},
    {"status", "14"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields274{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "2"},
    {"call_id", "1"},
    {"run_us", "0"},
    {"status", "13"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields275{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "2"},
    {"call_id", "1"},
    {"run_us", "0"},
    {"status", "12"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields276{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "2"},
    {"call_id", "1"},
    {"run_us", "0"},
    {"status", "13"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields277{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "2"},
    {"call_id", "1"},
    {"run_us", "0"},
    {"status", "16"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields278{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "2"},
    {"call_id", "1"},
    {"run_us", "0"},
    {"status", "9"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields279{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "2"},
    {"call_id", "1"},
    {"run_us", "0"},
    {"status", "9"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields280{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "2"},
    {"call_id", "1"},
    {"run_us", "0"},
    {"status", "8"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields281{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "2"},
    {"call_id", "2"},
    {"run_us", "0"},
    {"status", "8"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 8> kFields282{{
    {"type", "18"},
    {"flags", "0"},
    {"body_length", "10"},
    {"call_id", "2"},
    {"run_us", "0"},
    {"status", "2"},
    {"queue_us", "0"},
    {"cpu_us", "0"},
}};
inline constexpr std::array<Field, 4> kFields283{{
    {"type", "128"},
    {"flags", "0"},
    {"body_length", "25"},
    {"call_id", "2"},
}};
inline constexpr std::array<Field, 4> kFields284{{
    {"type", "48"},
    {"flags", "0"},
    {"body_length", "38"},
    {"call_id", "0"},
}};
inline constexpr std::array<Field, 5> kFields285{{
    {"type", "49"},
    {"flags", "0"},
    {"body_length", "14"},
    {"call_id", "0"},
    {"status", "0"},
}};
inline constexpr std::array<Field, 5> kFields286{{
    {"type", "49"},
    {"flags", "0"},
    {"body_length", "27"},
    {"call_id", "0"},
    {"status", "9"},
}};
inline constexpr std::array<Field, 4> kFields287{{
    {"type", "56"},
    {"flags", "0"},
    {"body_length", "35"},
    {"call_id", "0"},
}};

inline constexpr std::array<Vector, 288> kVectors{{
    {"hello-least", "HELLO", "010010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c52414345010001",
     kFields0},
    {"hello-most", "HELLO", "0101c0030000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c524143450100010000000000f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928",
     kFields1},
    {"hello-distinct", "HELLO", "010010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c52414345010001",
     kFields2},
    {"welcome-least", "WELCOME", "020010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c52414345010001",
     kFields3},
    {"welcome-most", "WELCOME", "0201c0030000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c524143450100010000000000f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928",
     kFields4},
    {"welcome-distinct", "WELCOME", "020010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c52414345010001",
     kFields5},
    {"goodbye-least", "GOODBYE", "030010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c52414345010001",
     kFields6},
    {"goodbye-engine", "GOODBYE", "030010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c52414345010001",
     kFields7},
    {"goodbye-most", "GOODBYE", "0300c0030000000000000000000000000000000010000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c524143450100010000000000f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928",
     kFields8},
    {"goodbye-distinct", "GOODBYE", "030010000000000000000000000000000000000005000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c52414345010001",
     kFields9},
    {"resolve-least", "RESOLVE", "0800010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000066",
     kFields10},
    {"resolve-most", "RESOLVE", "080080000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000006666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666",
     kFields11},
    {"resolve-distinct", "RESOLVE", "0800100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000066666666666666666666666666666666",
     kFields12},
    {"resolved-least", "RESOLVED", "0900010000000000010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000066",
     kFields13},
    {"resolved-most", "RESOLVED", "0900800000000000ffffffff000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000006666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666",
     kFields14},
    {"resolved-distinct", "RESOLVED", "0900100000000000010203040000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000066666666666666666666666666666666",
     kFields15},
    {"invoke-least", "INVOKE", "1000000001000000010000000000000000000000000000000000000001",
     kFields16},
    {"invoke-engine", "INVOKE", "1000000002000000010000000000000000000000000000000000000001",
     kFields17},
    {"invoke-most", "INVOKE", "1005c003fffffffffffffffffffffffffffffffffeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff07ffff000000000726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928",
     kFields18},
    {"invoke-distinct", "INVOKE", "100010000102030405060708100000000d0e0f101012131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435053637000000000726456483a2c1e0ff1e3d5c7b9ab9d8",
     kFields19},
    {"result-least", "RESULT", "1100000002",
     kFields20},
    {"result-engine", "RESULT", "1100000001",
     kFields21},
    {"result-most", "RESULT", "1105c003feffffff00000000ffffffffffffffff00000000ffffffffffffffff000000000000000000000000000000000000000000000000000000ff000000000726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928",
     kFields22},
    {"result-distinct", "RESULT", "11001000000203040000000010000000090a0b0c000000000d0e0f101112131400000000000000000000000000000000000000000000000000000015000000000726456483a2c1e0ff1e3d5c7b9ab9d8",
     kFields23},
    {"error-least", "ERROR", "120000000200000000000000000000000000000002",
     kFields24},
    {"error-engine", "ERROR", "120000000100000000000000000000000000000002",
     kFields25},
    {"error-most", "ERROR", "1201c003feffffff0000000000000000ffffffff10000000ffffffffffffffff00000000000000000000000000000000000000000000000000000000000000000726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928",
     kFields26},
    {"error-distinct", "ERROR", "120010000002030400000000000000000506070805000000090a0b0c0d0e0f1000000000000000000000000000000000000000000000000000000000000000000726456483a2c1e0ff1e3d5c7b9ab9d8",
     kFields27},
    {"cancel-least", "CANCEL", "1300000001",
     kFields28},
    {"cancel-engine", "CANCEL", "1300000002",
     kFields29},
    {"cancel-most", "CANCEL", "13000000ffffffff",
     kFields30},
    {"cancel-distinct", "CANCEL", "1300000001020304",
     kFields31},
    {"data-least", "DATA", "1800000001",
     kFields32},
    {"data-engine", "DATA", "1800000002",
     kFields33},
    {"data-most", "DATA", "1801c003ffffffff00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928",
     kFields34},
    {"data-distinct", "DATA", "180010000102030400000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000726456483a2c1e0ff1e3d5c7b9ab9d8",
     kFields35},
    {"window-least", "WINDOW", "1900000001000000000000000000000001",
     kFields36},
    {"window-engine", "WINDOW", "1900000002000000000000000000000001",
     kFields37},
    {"window-most", "WINDOW", "19000000ffffffff000000000000000020",
     kFields38},
    {"window-distinct", "WINDOW", "1900000001020304000000000000000005",
     kFields39},
    {"ping-least", "PING", "20",
     kFields40},
    {"ping-engine", "PING", "20",
     kFields41},
    {"ping-most", "PING", "20000000000000000000000000000000ffffffff",
     kFields42},
    {"ping-distinct", "PING", "2000000000000000000000000000000001020304",
     kFields43},
    {"pong-least", "PONG", "21",
     kFields44},
    {"pong-engine", "PONG", "21",
     kFields45},
    {"pong-most", "PONG", "21000000000000000000000000000000ffffffffffffffff",
     kFields46},
    {"pong-distinct", "PONG", "210000000000000000000000000000000102030405060708",
     kFields47},
    {"drain-least", "DRAIN", "28",
     kFields48},
    {"drain-most", "DRAIN", "28000000000000000000000000000000ffffffff",
     kFields49},
    {"drain-distinct", "DRAIN", "2800000000000000000000000000000001020304",
     kFields50},
    {"capacity-least", "CAPACITY", "29",
     kFields51},
    {"capacity-most", "CAPACITY", "29000000000000000000000000000000ffffffff",
     kFields52},
    {"capacity-distinct", "CAPACITY", "2900000000000000000000000000000001020304",
     kFields53},
    {"load-least", "LOAD", "30",
     kFields54},
    {"load-most", "LOAD", "3001c0030000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928",
     kFields55},
    {"load-distinct", "LOAD", "300010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000726456483a2c1e0ff1e3d5c7b9ab9d8",
     kFields56},
    {"loaded-least", "LOADED", "31",
     kFields57},
    {"loaded-engine", "LOADED", "31",
     kFields58},
    {"loaded-most", "LOADED", "3101c0030000000000000000000000000000000010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928",
     kFields59},
    {"loaded-distinct", "LOADED", "310010000000000000000000000000000000000005000000000000000000000000000000000000000000000000000000000000000000000000000000000000000726456483a2c1e0ff1e3d5c7b9ab9d8",
     kFields60},
    {"fork-least", "FORK", "38",
     kFields61},
    {"fork-most", "FORK", "3800c0030000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928",
     kFields62},
    {"fork-distinct", "FORK", "380010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000726456483a2c1e0ff1e3d5c7b9ab9d8",
     kFields63},
    {"forked-least", "FORKED", "39",
     kFields64},
    {"forked-most", "FORKED", "39000000000000000000000000000000ffffffff10",
     kFields65},
    {"forked-distinct", "FORKED", "390000000000000000000000000000000102030405",
     kFields66},
    {"exited-least", "EXITED", "3a",
     kFields67},
    {"exited-most", "EXITED", "3a000000000000000000000000000000ffffffffffffffff",
     kFields68},
    {"exited-distinct", "EXITED", "3a0000000000000000000000000000000102030405060708",
     kFields69},
    {"attached-least", "ATTACHED", "40",
     kFields70},
    {"attached-engine", "ATTACHED", "40",
     kFields71},
    {"attached-most", "ATTACHED", "40",
     kFields72},
    {"attached-distinct", "ATTACHED", "40",
     kFields73},
    {"wake-least", "WAKE", "41",
     kFields74},
    {"wake-engine", "WAKE", "41",
     kFields75},
    {"wake-most", "WAKE", "41",
     kFields76},
    {"wake-distinct", "WAKE", "41",
     kFields77},
    {"log-least", "LOG", "80",
     kFields78},
    {"log-most", "LOG", "8001c003feffffff00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928",
     kFields79},
    {"log-distinct", "LOG", "800010000002030400000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000726456483a2c1e0ff1e3d5c7b9ab9d8",
     kFields80},
    {"type-known", "ATTACHED", "40",
     kFields81},
    {"data-body-0", "DATA", "1800000001",
     kFields82},
    {"data-body-1", "DATA", "1800010001000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000007",
     kFields83},
    {"data-body-959", "DATA", "1800bf030100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea09",
     kFields84},
    {"data-body-960", "DATA", "1800c0030100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928",
     kFields85},
    {"log-body-960", "LOG", "8001c0030000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928",
     kFields86},
    {"invoke-more-body-960", "INVOKE", "1001c0030100000001000000ffffffff0000000000000000000000000100000000000000000000000000000000000000000000000000000000000000000000000726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928",
     kFields87},
    {"data-stale-tail", "DATA", "180004000100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8",
     kFields88},
    {"hello-flags-none", "HELLO", "010010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c52414345010001",
     kFields89},
    {"hello-flag-more", "HELLO", "010110000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c52414345010001",
     kFields90},
    {"welcome-flags-none", "WELCOME", "020010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c52414345010001",
     kFields91},
    {"welcome-flag-more", "WELCOME", "020110000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c52414345010001",
     kFields92},
    {"goodbye-flags-none", "GOODBYE", "030010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c52414345010001",
     kFields93},
    {"resolve-flags-none", "RESOLVE", "0800010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000066",
     kFields94},
    {"resolved-flags-none", "RESOLVED", "0900010000000000010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000066",
     kFields95},
    {"invoke-flags-none", "INVOKE", "1000040001000000010000000400000000000000000000000000000001000000000000000000000000000000000000000000000000000000000000000000000066696c65",
     kFields96},
    {"invoke-flag-more", "INVOKE", "1001040001000000010000000400000000000000000000000000000001000000000000000000000000000000000000000000000000000000000000000000000066696c65",
     kFields97},
    {"invoke-flag-payload-file", "INVOKE", "1002040001000000010000000400000000000000000000000000000001000000000000000000000000000000000000000000000000000000000000000000000066696c65",
     kFields98},
    {"invoke-flag-head", "INVOKE", "1004040001000000010000000400000000000000000000000000000001000000000000000000000000000000000000000000000000000000000000000000000066696c65",
     kFields99},
    {"result-flags-none", "RESULT", "1100040002000000000000000400000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000066696c65",
     kFields100},
    {"result-flag-more", "RESULT", "1101040002000000000000000400000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000066696c65",
     kFields101},
    {"result-flag-payload-file", "RESULT", "1102040002000000000000000400000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000066696c65",
     kFields102},
    {"result-flag-head", "RESULT", "1104040002000000000000000400000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000066696c65",
     kFields103},
    {"error-flags-none", "ERROR", "120000000200000000000000000000000000000002",
     kFields104},
    {"error-flag-more", "ERROR", "120100000200000000000000000000000000000002",
     kFields105},
    {"cancel-flags-none", "CANCEL", "1300000001",
     kFields106},
    {"data-flags-none", "DATA", "1800040001000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000066696c65",
     kFields107},
    {"data-flag-more", "DATA", "1801040001000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000066696c65",
     kFields108},
    {"window-flags-none", "WINDOW", "1900000001000000000000000000000001",
     kFields109},
    {"ping-flags-none", "PING", "20",
     kFields110},
    {"pong-flags-none", "PONG", "21",
     kFields111},
    {"drain-flags-none", "DRAIN", "28",
     kFields112},
    {"capacity-flags-none", "CAPACITY", "29",
     kFields113},
    {"load-flags-none", "LOAD", "30",
     kFields114},
    {"load-flag-more", "LOAD", "3001",
     kFields115},
    {"loaded-flags-none", "LOADED", "31",
     kFields116},
    {"loaded-flag-more", "LOADED", "3101",
     kFields117},
    {"fork-flags-none", "FORK", "38",
     kFields118},
    {"forked-flags-none", "FORKED", "39",
     kFields119},
    {"exited-flags-none", "EXITED", "3a",
     kFields120},
    {"attached-flags-none", "ATTACHED", "40",
     kFields121},
    {"wake-flags-none", "WAKE", "41",
     kFields122},
    {"log-flags-none", "LOG", "80",
     kFields123},
    {"log-flag-more", "LOG", "8001",
     kFields124},
    {"hello-reserved-zero", "HELLO", "010010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c52414345010001",
     kFields125},
    {"welcome-reserved-zero", "WELCOME", "020010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c52414345010001",
     kFields126},
    {"goodbye-reserved-zero", "GOODBYE", "030010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c52414345010001",
     kFields127},
    {"resolve-reserved-zero", "RESOLVE", "0800010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000066",
     kFields128},
    {"resolved-reserved-zero", "RESOLVED", "0900010000000000010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000066",
     kFields129},
    {"invoke-reserved-zero", "INVOKE", "1000000001000000010000000000000000000000000000000000000001",
     kFields130},
    {"result-reserved-zero", "RESULT", "1100000002",
     kFields131},
    {"error-reserved-zero", "ERROR", "120000000200000000000000000000000000000002",
     kFields132},
    {"cancel-reserved-zero", "CANCEL", "1300000001",
     kFields133},
    {"data-reserved-zero", "DATA", "1800000001",
     kFields134},
    {"window-reserved-zero", "WINDOW", "1900000001000000000000000000000001",
     kFields135},
    {"ping-reserved-zero", "PING", "20",
     kFields136},
    {"pong-reserved-zero", "PONG", "21",
     kFields137},
    {"drain-reserved-zero", "DRAIN", "28",
     kFields138},
    {"capacity-reserved-zero", "CAPACITY", "29",
     kFields139},
    {"load-reserved-zero", "LOAD", "30",
     kFields140},
    {"loaded-reserved-zero", "LOADED", "31",
     kFields141},
    {"fork-reserved-zero", "FORK", "38",
     kFields142},
    {"forked-reserved-zero", "FORKED", "39",
     kFields143},
    {"exited-reserved-zero", "EXITED", "3a",
     kFields144},
    {"attached-reserved-zero", "ATTACHED", "40",
     kFields145},
    {"wake-reserved-zero", "WAKE", "41",
     kFields146},
    {"log-reserved-zero", "LOG", "80",
     kFields147},
    {"hello-direction", "HELLO", "010010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c52414345010001",
     kFields148},
    {"welcome-direction", "WELCOME", "020010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c52414345010001",
     kFields149},
    {"resolve-direction", "RESOLVE", "0800010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000066",
     kFields150},
    {"resolved-direction", "RESOLVED", "0900010000000000010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000066",
     kFields151},
    {"drain-direction", "DRAIN", "28",
     kFields152},
    {"capacity-direction", "CAPACITY", "29",
     kFields153},
    {"load-direction", "LOAD", "30",
     kFields154},
    {"fork-direction", "FORK", "38",
     kFields155},
    {"forked-direction", "FORKED", "39",
     kFields156},
    {"exited-direction", "EXITED", "3a",
     kFields157},
    {"log-direction", "LOG", "80",
     kFields158},
    {"hello-call-id-0", "HELLO", "010010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c52414345010001",
     kFields159},
    {"welcome-call-id-0", "WELCOME", "020010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c52414345010001",
     kFields160},
    {"goodbye-call-id-0", "GOODBYE", "030010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c52414345010001",
     kFields161},
    {"resolve-call-id-0", "RESOLVE", "0800010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000066",
     kFields162},
    {"resolved-call-id-0", "RESOLVED", "0900010000000000010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000066",
     kFields163},
    {"result-call-id-highest", "RESULT", "11000000feffffff",
     kFields164},
    {"error-call-id-highest", "ERROR", "12000000feffffff00000000000000000000000002",
     kFields165},
    {"cancel-call-id-highest", "CANCEL", "13000000ffffffff",
     kFields166},
    {"data-call-id-highest", "DATA", "18000000ffffffff",
     kFields167},
    {"window-call-id-highest", "WINDOW", "19000000ffffffff000000000000000001",
     kFields168},
    {"ping-call-id-0", "PING", "20",
     kFields169},
    {"pong-call-id-0", "PONG", "21",
     kFields170},
    {"drain-call-id-0", "DRAIN", "28",
     kFields171},
    {"capacity-call-id-0", "CAPACITY", "29",
     kFields172},
    {"load-call-id-0", "LOAD", "30",
     kFields173},
    {"loaded-call-id-0", "LOADED", "31",
     kFields174},
    {"fork-call-id-0", "FORK", "38",
     kFields175},
    {"forked-call-id-0", "FORKED", "39",
     kFields176},
    {"exited-call-id-0", "EXITED", "3a",
     kFields177},
    {"attached-call-id-0", "ATTACHED", "40",
     kFields178},
    {"wake-call-id-0", "WAKE", "41",
     kFields179},
    {"log-call-id-0", "LOG", "80",
     kFields180},
    {"log-call-id-2", "LOG", "8000000002",
     kFields181},
    {"cancel-body-none", "CANCEL", "1300000001",
     kFields182},
    {"window-body-none", "WINDOW", "1900000001000000000000000000000001",
     kFields183},
    {"ping-body-none", "PING", "20",
     kFields184},
    {"pong-body-none", "PONG", "21",
     kFields185},
    {"drain-body-none", "DRAIN", "28",
     kFields186},
    {"capacity-body-none", "CAPACITY", "29",
     kFields187},
    {"forked-body-none", "FORKED", "39",
     kFields188},
    {"exited-body-none", "EXITED", "3a",
     kFields189},
    {"attached-body-none", "ATTACHED", "40",
     kFields190},
    {"wake-body-none", "WAKE", "41",
     kFields191},
    {"resolve-name-128", "RESOLVE", "080080000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000006e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e",
     kFields192},
    {"resolve-name-marks", "RESOLVE", "0800090000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000039615a2e622d635f64",
     kFields193},
    {"resolved-name-128", "RESOLVED", "090080000000000001000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000006e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e",
     kFields194},
    {"resolved-name-marks", "RESOLVED", "0900090000000000010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000039615a2e622d635f64",
     kFields195},
    {"invoke-first-worker", "INVOKE", "1000000001000000010000000000000000000000000000000000000001",
     kFields196},
    {"invoke-first-engine", "INVOKE", "1000000002000000010000000000000000000000000000000000000001",
     kFields197},
    {"invoke-worker-highest", "INVOKE", "10000000ffffffff010000000000000000000000000000000000000001",
     kFields198},
    {"invoke-engine-highest", "INVOKE", "10000000feffffff010000000000000000000000000000000000000001",
     kFields199},
    {"invoke-fields", "INVOKE", "1000000002000000010000000000000000000000000000000000000001000000000000000000000000000000000000000000000000000000ff07ffff",
     kFields200},
    {"invoke-highest-ids", "INVOKE", "1000000002000000ffffffff00000000ffffffff00000000ffffffffffffffff000000000000000000000000000000000000000000000000ff07ffff",
     kFields201},
    {"invoke-parent", "INVOKE", "1000000001000000010000000000000000000000020000000000000001",
     kFields202},
    {"invoke-payload-0", "INVOKE", "1000000002000000010000000000000000000000000000000000000001",
     kFields203},
    {"invoke-payload-1", "INVOKE", "1000010002000000010000000100000000000000000000000000000001000000000000000000000000000000000000000000000000000000000000000000000007",
     kFields204},
    {"invoke-payload-959", "INVOKE", "1000bf030200000001000000bf0300000000000000000000000000000100000000000000000000000000000000000000000000000000000000000000000000000726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea09",
     kFields205},
    {"invoke-payload-960", "INVOKE", "1000c0030200000001000000c00300000000000000000000000000000100000000000000000000000000000000000000000000000000000000000000000000000726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928",
     kFields206},
    {"invoke-payload-961", "INVOKE", "1001c0030200000001000000c10300000000000000000000000000000100000000000000000000000000000000000000000000000000000000000000000000000726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928",
     kFields207},
    {"invoke-payload-unknown", "INVOKE", "1001c0030200000001000000ffffffff0000000000000000000000000100000000000000000000000000000000000000000000000000000000000000000000000726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928",
     kFields208},
    {"invoke-payload-longest", "INVOKE", "1001c0030200000001000000feffffff0000000000000000000000000100000000000000000000000000000000000000000000000000000000000000000000000726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928",
     kFields209},
    {"invoke-payload-all-here", "INVOKE", "1001c0030200000001000000c00300000000000000000000000000000100000000000000000000000000000000000000000000000000000000000000000000000726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928476685a4c3e201203f5e7d9cbbdaf91837567594b3d2f1102f4e6d8cabcae90827466584a3c2e1001f3e5d7c9bbad9f81736557493b2d1f00f2e4d6c8baac9e80726456483a2c1e0ff1e3d5c7b9ab9d8f71635547392b1d0ef0e2d4c6b8aa9c8e70625446382a1c0dffe1d3c5b7a99b8d7f61534537291b0cfee0d2c4b6a89a8c7e60524436281a0bfdefd1c3b5a7998b7d6f51433527190afceed0c2b4a6988a7c6e504234261809fbeddfc1b3a597897b6d5f4133251708faecdec0b2a496887a6c5e4032241607f9ebddcfb1a39587796b5d4f31231506f8eadcceb0a29486786a5c4e30221405f7e9dbcdbfa1938577695b4d3f211304f6e8daccbea0928",
     kFields210},
    {"invoke-file", "INVOKE", "100210000100000001000000030000000000000000000000000000000100000000000000000000000000000000000000000000000000000000000000000000007061796c6f61642d303030312e62696e",
     kFields211},
    {"result-file", "RESULT", "110210000200000000000000030000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000007061796c6f61642d303030312e62696e",
     kFields212},
    {"result-final", "RESULT", "110004000200000000000000040000000c00000000000000030000000b000000000000000000000000000000000000000000000000000000000000010000000074727565",
     kFields213},
    {"result-more", "RESULT", "1101040002000000000000000400000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000007264564",
     kFields214},
    {"result-total", "RESULT", "110000000200000000000000000010000c00000000000000030000000b00000000000000000000000000000000000000000000000000000000000001",
     kFields215},
    {"result-more-empty", "RESULT", "110100000200000000000000ffffffff",
     kFields216},
    {"error-final", "ERROR", "120000000200000000000000000000000000000002",
     kFields217},
    {"error-status-1", "ERROR", "120000000200000000000000000000000000000001",
     kFields218},
    {"error-status-2", "ERROR", "120000000200000000000000000000000000000002",
     kFields219},
    {"error-status-3", "ERROR", "120000000200000000000000000000000000000003",
     kFields220},
    {"error-status-4", "ERROR", "120000000200000000000000000000000000000004",
     kFields221},
    {"error-status-5", "ERROR", "120000000200000000000000000000000000000005",
     kFields222},
    {"error-status-6", "ERROR", "120000000200000000000000000000000000000006",
     kFields223},
    {"error-status-7", "ERROR", "120000000200000000000000000000000000000007",
     kFields224},
    {"error-status-8", "ERROR", "120000000200000000000000000000000000000008",
     kFields225},
    {"error-status-9", "ERROR", "120000000200000000000000000000000000000009",
     kFields226},
    {"error-status-10", "ERROR", "12000000020000000000000000000000000000000a",
     kFields227},
    {"error-status-11", "ERROR", "12000000020000000000000000000000000000000b",
     kFields228},
    {"error-status-12", "ERROR", "12000000020000000000000000000000000000000c",
     kFields229},
    {"error-status-13", "ERROR", "12000000020000000000000000000000000000000d",
     kFields230},
    {"error-status-14", "ERROR", "12000000020000000000000000000000000000000e",
     kFields231},
    {"error-status-15", "ERROR", "12000000020000000000000000000000000000000f",
     kFields232},
    {"error-status-16", "ERROR", "120000000200000000000000000000000000000010",
     kFields233},
    {"result-of-worker", "RESULT", "1100000002",
     kFields234},
    {"error-of-worker", "ERROR", "120000000200000000000000000000000000000002",
     kFields235},
    {"cancel-of-worker", "CANCEL", "1300000001",
     kFields236},
    {"data-of-worker", "DATA", "1800000001",
     kFields237},
    {"result-of-engine", "RESULT", "1100000001",
     kFields238},
    {"error-of-engine", "ERROR", "120000000100000000000000000000000000000002",
     kFields239},
    {"cancel-of-engine", "CANCEL", "1300000002",
     kFields240},
    {"data-of-engine", "DATA", "1800000002",
     kFields241},
    {"goodbye-status-16", "GOODBYE", "030010000000000000000000000000000000000010000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c52414345010001",
     kFields242},
    {"resolved-status-16", "RESOLVED", "0900010000000000000000000000000000000000100000000000000000000000000000000000000000000000000000000000000000000000000000000000000066",
     kFields243},
    {"loaded-status-16", "LOADED", "310000000000000000000000000000000000000010",
     kFields244},
    {"forked-status-16", "FORKED", "390000000000000000000000000000000000000010",
     kFields245},
    {"data-last-empty", "DATA", "1800000001",
     kFields246},
    {"data-more-1", "DATA", "1801010001000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000007",
     kFields247},
    {"window-credit-32", "WINDOW", "1900000001000000000000000000000020",
     kFields248},
    {"resolved-known", "RESOLVED", "0900010000000000010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000066",
     kFields249},
    {"resolved-unknown", "RESOLVED", "0900010000000000000000000000000000000000050000000000000000000000000000000000000000000000000000000000000000000000000000000000000066",
     kFields250},
    {"hello-whole", "HELLO", "01008f000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c5241434501000100000000000a16746f6b656e2d3031323334353637383961626364656612060a046563686f12100a0a776f72642e636f756e741090a10f1a0e696e7465726e616c2d63616c6c731a0973747265616d696e671a036c6f6720082a290a086d696c6c726163651205302e312e301a06707974686f6e220e63707974686f6e20332e31312e37",
     kFields251},
    {"hello-proto-empty", "HELLO", "010010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c52414345010001",
     kFields252},
    {"hello-fields-unknown", "HELLO", "01009a000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c5241434501000100000000000a16746f6b656e2d3031323334353637383961626364656612060a046563686f12100a0a776f72642e636f756e741090a10f1a0e696e7465726e616c2d63616c6c731a0973747265616d696e671a036c6f6720082a290a086d696c6c726163651205302e312e301a06707974686f6e220e63707974686f6e20332e31312e379a06056c61746572c03e07",
     kFields253},
    {"hello-versions-1-65535", "HELLO", "01008f000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c524143450100ffff000000000a16746f6b656e2d3031323334353637383961626364656612060a046563686f12100a0a776f72642e636f756e741090a10f1a0e696e7465726e616c2d63616c6c731a0973747265616d696e671a036c6f6720082a290a086d696c6c726163651205302e312e301a06707974686f6e220e63707974686f6e20332e31312e37",
     kFields254},
    {"welcome-whole", "WELCOME", "020078000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c5241434501000100000000000a080a046563686f10010a0e0a0a776f72642e636f756e741002120e696e7465726e616c2d63616c6c73120973747265616d696e6712036c6f671a0f08081040181020042880808004302022190a10406d696c6c726163652f656e67696e651205302e312e302807",
     kFields255},
    {"goodbye-whole", "GOODBYE", "03005500000000000000000000000000000000000d000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c524143450100010000000000080c122c666c61677320307838206861732061206269742074686174204441544120646f6573206e6f7420616c6c6f771a136d6573736167652d666c6167732d6b6e6f776e",
     kFields256},
    {"goodbye-well", "GOODBYE", "030010000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c52414345010001",
     kFields257},
    {"goodbye-versions", "GOODBYE", "030012000000000000000000000000000000000009000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c5241434503000900000000000810",
     kFields258},
    {"goodbye-reason-unknown", "GOODBYE", "030012000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c5241434501000100000000000863",
     kFields259},
    {"hello-name-128", "HELLO", "010096000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004d494c4c5241434501000100000000001283010a80016e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e",
     kFields260},
    {"error-whole", "ERROR", "1200560002000000000000000000000000000000020000000000000000000000000000000000000000000000000000000000000000000000000000000000000008011207455f454d5054591a176e6f20776f72647320696e20e2809c696e707574e2809d220a56616c75654572726f722a16617420636f756e742028776f7264732e70793a31322930023a0a776f72642e636f756e74",
     kFields261},
    {"error-body-empty", "ERROR", "120000000200000000000000000000000000000002",
     kFields262},
    {"error-reason-handler-error", "ERROR", "120002000100000000000000000000000000000002000000000000000000000000000000000000000000000000000000000000000000000000000000000000000801",
     kFields263},
    {"error-reason-bad-input", "ERROR", "120002000100000000000000000000000000000003000000000000000000000000000000000000000000000000000000000000000000000000000000000000000802",
     kFields264},
    {"error-reason-not-found", "ERROR", "120002000100000000000000000000000000000005000000000000000000000000000000000000000000000000000000000000000000000000000000000000000803",
     kFields265},
    {"error-reason-cancelled", "ERROR", "120002000100000000000000000000000000000001000000000000000000000000000000000000000000000000000000000000000000000000000000000000000804",
     kFields266},
    {"error-reason-deadline-exceeded", "ERROR", "120002000100000000000000000000000000000004000000000000000000000000000000000000000000000000000000000000000000000000000000000000000805",
     kFields267},
    {"error-reason-payload-too-large", "ERROR", "120002000100000000000000000000000000000008000000000000000000000000000000000000000000000000000000000000000000000000000000000000000806",
     kFields268},
    {"error-reason-queue-full", "ERROR", "120002000100000000000000000000000000000008000000000000000000000000000000000000000000000000000000000000000000000000000000000000000807",
     kFields269},
    {"error-reason-depth-exceeded", "ERROR", "120002000100000000000000000000000000000009000000000000000000000000000000000000000000000000000000000000000000000000000000000000000808",
     kFields270},
    {"error-reason-worker-crashed", "ERROR", "12000200010000000000000000000000000000000e000000000000000000000000000000000000000000000000000000000000000000000000000000000000000809",
     kFields271},
    {"error-reason-worker-unavailable", "ERROR", "12000200010000000000000000000000000000000e00000000000000000000000000000000000000000000000000000000000000000000000000000000000000080a",
     kFields272},
    {"error-reason-draining", "ERROR", "12000200010000000000000000000000000000000e00000000000000000000000000000000000000000000000000000000000000000000000000000000000000080b",
     kFields273},
    {"error-reason-protocol-error", "ERROR", "12000200010000000000000000000000000000000d00000000000000000000000000000000000000000000000000000000000000000000000000000000000000080c",
     kFields274},
    {"error-reason-unsupported", "ERROR", "12000200010000000000000000000000000000000c00000000000000000000000000000000000000000000000000000000000000000000000000000000000000080d",
     kFields275},
    {"error-reason-internal", "ERROR", "12000200010000000000000000000000000000000d00000000000000000000000000000000000000000000000000000000000000000000000000000000000000080e",
     kFields276},
    {"error-reason-unauthenticated", "ERROR", "12000200010000000000000000000000000000001000000000000000000000000000000000000000000000000000000000000000000000000000000000000000080f",
     kFields277},
    {"error-reason-version-unsupported", "ERROR", "120002000100000000000000000000000000000009000000000000000000000000000000000000000000000000000000000000000000000000000000000000000810",
     kFields278},
    {"error-reason-load-failed", "ERROR", "120002000100000000000000000000000000000009000000000000000000000000000000000000000000000000000000000000000000000000000000000000000811",
     kFields279},
    {"error-reason-overloaded", "ERROR", "120002000100000000000000000000000000000008000000000000000000000000000000000000000000000000000000000000000000000000000000000000000812",
     kFields280},
    {"error-status-own", "ERROR", "120002000200000000000000000000000000000008000000000000000000000000000000000000000000000000000000000000000000000000000000000000000801",
     kFields281},
    {"error-reason-unknown", "ERROR", "12000a000200000000000000000000000000000002000000000000000000000000000000000000000000000000000000000000000000000000000000000000000863ea04056c61746572",
     kFields282},
    {"log-whole", "LOG", "8000190002000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000008031209736c6f7720706167651a0a7b2270616765223a377d",
     kFields283},
    {"load-whole", "LOAD", "300026000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000a112f7372762f6170702f776f7264732e70791205636f756e741a0a776f72642e636f756e74",
     kFields284},
    {"loaded-offers", "LOADED", "31000e000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000a0c0a0a776f72642e636f756e74",
     kFields285},
    {"loaded-failure", "LOADED", "31001b000000000000000000000000000000000009000000000000000000000000000000000000000000000000000000000000000000000000000000000000001a1908111a156e6f206d6f64756c65206e616d656420776f726473",
     kFields286},
    {"fork-whole", "FORK", "380023000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000a0b2f72756e2f6d2f372f696e120c2f72756e2f6d2f372f6f75741a06736563726574",
     kFields287},
}};

}  // namespace millrace::wire::vectors
