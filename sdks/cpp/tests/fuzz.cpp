// The wire fuzzer. Its contract: any bytes, cut anywhere, give messages, or a verdict that names a
// rule of the spec; never another error, never a hang.
//
//   millrace_fuzz [seed] [rounds] [canary]
//
// `canary` gives the judge a fault that the fuzzer must find: it then exits with 1 and names the
// seed and round.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>

#include "message_assembler.hpp"
#include "support/golden.hpp"
#include "support/random.hpp"

namespace {

using namespace support;
using millrace::detail::breach;
using millrace::detail::cold_span;
using millrace::detail::judgement;
using millrace::detail::message_assembler;
using millrace::detail::verdict;

struct counts {
  std::size_t messages = 0, accepted = 0, ignored = 0, bodies = 0;
  std::map<std::string, std::size_t, std::less<>> verdicts;
};

class fuzzer {
 public:
  explicit fuzzer(bool canary) : canary_(canary), rules_(rule_ids()) {
    for (const json& vector : golden_list("vectors")) vectors_.push_back(golden(vector));
  }

  void round(seeded_random& chance) {
    const bytes input = make(chance);
    const sender from = chance.below(2) == 0 ? sender::engine : sender::worker;
    cold_span span;
    message_assembler assembler;
    bool over = false;
    for (const bytes_view piece : cuts(chance, input, 1 + chance.below(4000))) {
      assembler.push(piece.data(), piece.size(), [&](const std::byte* message) {
        if (over) throw std::runtime_error("a message came after the end");
        over = !take(message, from, span);
        return !over;
      });
      if (assembler.pending_bytes() >= wire::kMessageBytes)
        throw std::runtime_error("a whole message is pending");
    }
  }

  [[nodiscard]] const counts& seen() const noexcept { return seen_; }

 private:
  /// Vectors in a row, some of them turned into parts that go on, with some bytes changed, perhaps
  /// cut short.
  bytes make(seeded_random& chance) {
    bytes input;
    const std::size_t count = 1 + chance.below(8);
    const bool spanning = chance.below(8) == 0;
    message_bytes message = vectors_[chance.below(vectors_.size())];
    for (std::size_t i = 0; i < (spanning ? 80 : count); i += 1) {
      if (!spanning) message = vectors_[chance.below(vectors_.size())];
      if (spanning && i == 0) {
        wire::set_flags(message.data(), wire::kMore);
        wire::set_body_length(message.data(), wire::kBodyBytes);
      }
      input.append({message.data(), message.size()});
    }
    const std::size_t changes = chance.below(spanning ? 2 : 4);
    for (std::size_t i = 0; i < changes; i += 1) {
      // Mostly in a header: bodies are long and mostly payload.
      const std::size_t base =
          chance.below(input.size() / wire::kMessageBytes) * wire::kMessageBytes;
      const std::size_t at =
          base + chance.below(chance.below(4) == 0 ? wire::kMessageBytes : wire::kHeaderBytes);
      input[at] = static_cast<std::byte>(chance.below(256));
    }
    if (chance.below(4) == 0) input.resize(chance.below(input.size() + 1));
    return input;
  }

  bool take(const std::byte* message, sender from, cold_span& span) {
    seen_.messages += 1;
    verdict why;
    const judgement judged = millrace::detail::judge(message, from, why);
    if (judged == judgement::broken) return note(canary_ ? "canary-sings" : why.rule, why.message);
    if (judged == judgement::ignore) {
      if (wire::type(message) < 0x80) throw std::runtime_error("a critical type was ignored");
      seen_.ignored += 1;
      if (!span.open()) return true;
    }
    const wire::TypeInfo* info = wire::find_type(wire::type(message));
    if (judged == judgement::accept) {
      seen_.accepted += 1;
      if (info == nullptr) throw std::runtime_error("an unknown type was accepted");
      if (wire::body_length(message) > wire::kBodyBytes)
        throw std::runtime_error("a body beyond the message");
    }
    if (!span.open() && !info->spans) {
      return body_of(*info, message, from, millrace::detail::body(message));
    }
    breach broken;
    if (!span.take(message, broken)) return !broken || note(broken->rule, broken->message);
    return body_of(*info, message, from, span.whole());
  }

  bool body_of(const wire::TypeInfo& info, const std::byte* message, sender from, bytes_view body) {
    if (body.size() > wire::kColdMessageBytesMax)
      throw std::runtime_error("a cold body is too long");
    const std::string rule = judge_body(info, from, wire::status(message), body);
    if (rule != "accept") return note(rule, "the body");
    seen_.bodies += 1;
    return true;
  }

  bool note(std::string_view rule, std::string_view message) {
    if (!rules_.contains(rule))
      throw std::runtime_error("the rule " + std::string{rule} + " is not in the spec");
    if (message.empty())
      throw std::runtime_error("the verdict on " + std::string{rule} + " says nothing");
    seen_.verdicts[std::string{rule}] += 1;
    return false;
  }

  const bool canary_;
  const std::set<std::string, std::less<>> rules_;
  std::vector<message_bytes> vectors_;
  counts seen_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t seed = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;
  const std::uint64_t rounds = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 2'000;
  fuzzer wire_fuzzer{argc > 3 && std::string_view{argv[3]} == "canary"};
  for (std::uint64_t round = 0; round < rounds; round += 1) {
    // Each round has its own chance, so that it can be run again alone.
    seeded_random chance{seed * 1'000'003 + round};
    try {
      wire_fuzzer.round(chance);
    } catch (const std::exception& broken) {
      std::fprintf(stderr, "seed %llu, round %llu: %s\n", static_cast<unsigned long long>(seed),
                   static_cast<unsigned long long>(round), broken.what());
      return 1;
    }
  }
  const counts& seen = wire_fuzzer.seen();
  std::printf(
      "seed %llu, %llu rounds: %zu messages, %zu accepted, %zu ignored, %zu bodies, %zu rules "
      "broken\n",
      static_cast<unsigned long long>(seed), static_cast<unsigned long long>(rounds), seen.messages,
      seen.accepted, seen.ignored, seen.bodies, seen.verdicts.size());
  // A fuzzer that reaches nothing proves nothing.
  return seen.accepted > 0 && seen.bodies > 0 && (rounds < 300 || seen.verdicts.size() > 10) ? 0
                                                                                             : 1;
}
