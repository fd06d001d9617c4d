// The callee: answers every message at once with one of the same size.
#include "bytes.hpp"
#include "roles.hpp"

#include <vector>

namespace relay_floor {
void run_callee(int in, int out) {
  std::vector<char> bytes(read_bytes);
  std::size_t held = 0;
  for (;;) {
    const ssize_t length = read_some(in, bytes.data() + held, bytes.size() - held);
    if (length <= 0) return;
    held += static_cast<std::size_t>(length);
    const std::size_t whole = held - held % message_bytes;
    for (std::size_t at = 0; at < whole; at += message_bytes) bytes[at] = answer_type;
    write_all(out, bytes.data(), whole);
    std::memmove(bytes.data(), bytes.data() + whole, held - whole);
    held -= whole;
  }
}

} // namespace relay_floor
