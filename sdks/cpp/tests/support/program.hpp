// Programs for the fixture's `interp`: see conformance/FIXTURE.md.
#pragma once

#include <cstdint>
#include <string_view>

#include "millrace/bytes.hpp"
#include "millrace/gen/layout.hpp"

namespace support {

class program {
 public:
  program& u8(unsigned value) {
    code_.push_back(static_cast<std::byte>(value));
    return *this;
  }
  program& u16(std::uint16_t value) { return number(value); }
  program& u32(std::uint32_t value) { return number(value); }
  program& raw(millrace::bytes_view bytes) {
    code_.append(bytes);
    return *this;
  }

  program& echo(std::string_view text) {
    return u8(0x01).u32(static_cast<std::uint32_t>(text.size())).raw(text);
  }
  program& fail(unsigned reason, unsigned retry, std::string_view code, std::string_view text) {
    u8(0x02).u8(reason).u8(retry).u8(static_cast<unsigned>(code.size())).raw(code);
    return u16(static_cast<std::uint16_t>(text.size())).raw(text);
  }
  program& raise(std::string_view text) {
    return u8(0x03).u16(static_cast<std::uint16_t>(text.size())).raw(text);
  }
  program& sleep(std::uint32_t ms) { return u8(0x04).u32(ms); }
  program& pattern(std::uint32_t count, std::uint32_t seed) {
    return u8(0x05).u32(count).u32(seed);
  }
  program& call(unsigned flags, std::string_view name, std::string_view input,
                std::uint32_t timeout_ms = 0) {
    u8(0x07).u8(flags).u8(static_cast<unsigned>(name.size())).raw(name).u32(timeout_ms);
    return u32(static_cast<std::uint32_t>(input.size())).raw(input);
  }
  program& join() { return u8(0x08); }
  program& print(std::uint32_t count) { return u8(0x09).u32(count); }
  program& exit(unsigned code) { return u8(0x0b).u8(code); }
  program& spawn(std::uint32_t ms) { return u8(0x0d).u32(ms); }
  program& cancelled() { return u8(0x0e); }
  program& context() { return u8(0x0f); }
  program& log(unsigned level, std::string_view text) {
    return u8(0x10).u8(level).u16(static_cast<std::uint16_t>(text.size())).raw(text);
  }
  program& stream(std::uint32_t count, std::uint32_t size, std::uint32_t seed) {
    return u8(0x11).u32(count).u32(size).u32(seed);
  }
  program& capacity(std::uint32_t calls) { return u8(0x12).u32(calls); }

  operator millrace::bytes_view() const { return code_; }

 private:
  template <class N>
  program& number(N value) {
    const std::size_t at = code_.size();
    code_.resize(at + sizeof(N));
    millrace::wire::store(code_.data() + at, value);
    return *this;
  }
  millrace::bytes code_;
};

}  // namespace support
