// A Millrace worker of the core level in C++20, with the standard library and POSIX only: g++ -std=c++20 worker.cpp
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>

using std::string, std::uint32_t, std::uint64_t;
enum Type : unsigned { HELLO = 1, WELCOME, GOODBYE, INVOKE = 16, RESULT, ERROR, CANCEL, PING = 32, PONG, DRAIN = 40 };

using Handler = std::function<string(const string &)>;
const std::map<string, Handler> functions{
    {"echo", [](const string &input) { return input; }},
    {"fail", [](const string &input) -> string { throw std::runtime_error(input); }}};
const string prefix("MILLRACE\1\0\1\0\0\0\0\0", 16); // magic, versions 1 to 1, zero
std::map<uint64_t, Handler> handlers;                // by the engine's ids
string span;                                         // the parts of WELCOME so far
bool welcomed = false;
uint32_t last_id = 0;
int in = -1, out = -1;

[[noreturn]] void leave(int code, const string &why = "") { std::cerr << why; std::exit(code); }

// Messages: 64 bytes of header, 960 of body. Integers are little-endian on any machine.
uint32_t get(const char *at, int size = 4) { return size ? uint8_t(*at) | get(at + 1, size - 1) << 8 : 0; }
void put(char *at, uint32_t value) { for (int i = 0; i < 4; ++i) at[i] = static_cast<char>(value >> (8 * i)); }

void send(unsigned type, uint32_t call_id, const string &body, std::map<int, uint32_t> fields = {}) {
  string message(1024, '\0');
  put(&message[0], type | static_cast<uint32_t>(body.size()) << 16);
  put(&message[4], call_id);
  for (auto [at, value] : fields) put(&message[at], value);
  body.copy(&message[64], 960);
  for (ssize_t at = 0, count; at < 1024; at += count)
    if ((count = write(out, &message[at], 1024 - at)) < 0) leave(69, "worker.cpp: the engine is gone\n");
}

string receive() {
  string message(1024, '\0');
  for (ssize_t at = 0, count; at < 1024; at += count)
    if ((count = read(in, &message[at], 1024 - at)) <= 0) leave(count == 0 && at == 0 && welcomed ? 0 : 69);
  return message;
}

// Protobuf, as much as the cold messages need.
string varint(uint64_t n) { return n < 128 ? string(1, char(n)) : char((n & 127) | 128) + varint(n >> 7); }
string number(int field, uint64_t value) { return varint(field << 3) + varint(value); }
string bytes(int field, const string &value) { return varint(field << 3 | 2) + varint(value.size()) + value; }

// Ends the channel at the first rule that is broken.
void check(std::initializer_list<std::pair<const char *, bool>> rules) {
  for (auto [rule, broken] : rules) {
    if (!broken) continue;
    send(GOODBYE, 0, prefix + number(1, 12) + bytes(3, rule), {{20, 13}});
    leave(76, string("worker.cpp: the engine broke the rule ") + rule + "\n");
  }
}

using Found = std::function<void(uint64_t field, uint64_t value, const string &bytes)>;

void fields(string rest, const Found &found) {
  auto take = [&rest] {
    uint64_t n = 0;
    for (int shift = 0, byte = 128; byte & 128; shift += 7, rest.erase(0, 1)) {
      check({{"handshake-body", rest.empty() || shift > 63}});
      n |= uint64_t((byte = static_cast<unsigned char>(rest[0])) & 127) << shift;
    }
    return n;
  };
  while (!rest.empty()) {
    uint64_t key = take(), value = key % 8 == 1 ? 8 : key % 8 == 5 ? 4 : take(), length = key % 8 ? value : 0;
    check({{"handshake-body", length > rest.size()}});
    found(key >> 3, value, rest.substr(0, length));
    rest.erase(0, length);
  }
}

bool is_after(uint32_t id, uint32_t last) { return id != last && id - last < 1u << 31; }

// What the engine may send: its flags, and from where to where the header is used behind byte 8.
struct Use { int flags, begin, end; };
const std::map<unsigned, Use> known{{WELCOME, {1, 8, 8}}, {GOODBYE, {0, 20, 24}}, {INVOKE, {7, 8, 60}},
                                    {CANCEL, {0, 8, 8}},  {PING, {0, 16, 20}},    {DRAIN, {0, 16, 20}}};

void judge(const string &m, unsigned type, uint32_t id, uint32_t length) {
  check({{"message-type-known", !known.contains(type)}, {"message-body-length", length > 960}});
  auto [flags, begin, end] = known.at(type);
  check({{"message-flags-known", m[1] & ~flags},
         {"message-reserved-zero", (m.substr(8, begin - 8) + m.substr(end, 64 - end)).find_first_not_of('\0') < 56},
         {"cold-span-consecutive", !span.empty() && type != WELCOME},
         {"handshake-engine-waits", !welcomed && type != WELCOME && type != GOODBYE},
         {"handshake-hello-once", welcomed && type == WELCOME},
         {"message-call-id", type == CANCEL ? id == 0 : type != INVOKE && id != 0},
         {"message-status-range", type == GOODBYE && get(&m[20]) > 16},
         {"message-body-none", length > 0 && (type == CANCEL || type == PING || type == DRAIN)},
         {"call-caller-cancels", type == CANCEL && id % 2 == 1},
         {"call-id-known", type == CANCEL && is_after(id, last_id)}});
  if (type == INVOKE)
    check({{"invoke-call-id-parity", id == 0 || id % 2 == 1}, {"invoke-function-id", get(&m[8]) == 0},
           {"feature-accepted", m[1] != 0}, {"invoke-payload-length", get(&m[12]) != length},
           {"invoke-priority-range", get(&m[57], 1) > 7}, {"invoke-attempt-positive", get(&m[28]) == 0},
           {"call-parent-zero", get(&m[20]) != 0}, {"call-id-rising", !is_after(id, last_id)}});
}

void take_welcome(bool more, const string &body) {
  check({{"cold-span-bytes", (span += body).size() > 65'536}});
  if (more) return;
  check({{"handshake-prefix", span.size() < 16}, {"handshake-version", span.compare(0, 16, prefix) != 0}});
  fields(span.substr(16), [](uint64_t field, uint64_t, const string &part) {
    string name;
    if (field == 1) fields(part, [&name](uint64_t, uint64_t id, const string &bytes) {
      check({{"welcome-functions", !functions.contains(name += bytes)}});
      handlers[id] = functions.at(name);
    });
  });
  welcomed = true;
  span.clear();
}

void take_invoke(uint32_t call_id, uint32_t function_id, const string &input, uint32_t content) {
  last_id = call_id;
  auto began = std::chrono::steady_clock::now();
  auto run_us = [began] { return uint32_t((std::chrono::steady_clock::now() - began) / std::chrono::microseconds(1)); };
  auto fail = [&](unsigned reason, uint32_t status, const string &message) {
    send(ERROR, call_id, number(1, reason) + bytes(3, message.substr(0, 200)), {{16, run_us()}, {20, status}});
  };
  if (!handlers.contains(function_id)) return fail(3, 5, "no function has this id here");
  try {
    string output = handlers[function_id](input);
    if (output.size() > 960) return fail(6, 8, "the output is over 960 bytes");
    send(RESULT, call_id, output, {{12, uint32_t(output.size())}, {16, run_us()}, {56, content << 24}});
  } catch (const std::exception &error) {
    fail(1, 2, error.what());
  }
}

int main() {
  string launch[3], names[] = {"MILLRACE_CHANNEL_IN", "MILLRACE_CHANNEL_OUT", "MILLRACE_TOKEN"};
  for (int i = 0; i < 3; ++i) {
    const char *value = std::getenv(names[i].c_str());
    if (value == nullptr) leave(78, "worker.cpp: no " + names[i] + ": an engine has to start this program\n");
    launch[i] = value;
    unsetenv(names[i].c_str());
  }
  in = open(launch[0].c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  out = open(launch[1].c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  if (in < 0 || out < 0 || fcntl(in, F_SETFL, 0) < 0 || fcntl(out, F_SETFL, 0) < 0) leave(69, "the engine is gone\n");
  std::signal(SIGPIPE, SIG_IGN);
  string said = prefix + bytes(1, launch[2]) + number(4, 1) + bytes(5, bytes(1, "minimal-worker") + bytes(3, "c++"));
  for (auto &[name, handler] : functions) said += bytes(2, bytes(1, name));
  send(HELLO, 0, said);
  for (unsigned type = 0; type != DRAIN;) {
    string m = receive();
    type = get(&m[0], 1);
    if (type >= 0x80 && span.empty()) continue;
    uint32_t length = get(&m[2], 2), id = get(&m[4]);
    judge(m, type, id, length);
    string body = m.substr(64, length);
    if (type == WELCOME) take_welcome(m[1] == 1, body);
    if (type == INVOKE) take_invoke(id, get(&m[8]), body, get(&m[59], 1));
    if (type == PING) send(PONG, 0, "", {{16, get(&m[16])}});
    if (type == GOODBYE) leave(get(&m[20]) == 0 ? 0 : 76); // A status is that of a reason.
  }
  send(GOODBYE, 0, prefix);
}
