// The golden vectors and streams, whole, byte by byte and in random cuts, through assembler and
// judge.
#include <gtest/gtest.h>

#include <functional>

#include "message_assembler.hpp"
#include "support/golden.hpp"
#include "support/random.hpp"

namespace {

using namespace support;
using millrace::detail::breach;
using millrace::detail::cold_span;
using millrace::detail::judge;
using millrace::detail::judgement;
using millrace::detail::message_assembler;
using millrace::detail::verdict;

using cutter = std::function<std::vector<bytes_view>(bytes_view)>;

struct way {
  std::string name;
  cutter cut;
};

std::vector<way> ways() {
  std::vector<way> all{
      {"whole", [](bytes_view whole) { return std::vector<bytes_view>{whole}; }},
      {"byte by byte", [](bytes_view whole) { return pieces_of(whole, 1); }},
      {"in halves of messages", [](bytes_view whole) { return pieces_of(whole, 512); }},
  };
  for (std::uint64_t seed = 1; seed <= 5; seed += 1) {
    all.push_back({"in cuts of seed " + std::to_string(seed), [seed](bytes_view whole) {
                     seeded_random chance{seed};
                     return cuts(chance, whole, 3000);
                   }});
  }
  return all;
}

/// What became of a message: `accept`, `ignore`, or the rule that it breaks.
std::string outcome(const std::byte* message, const json& vector) {
  verdict why;
  const judgement judged = judge(message, sender_of(vector), why);
  if (judged == judgement::ignore) return "ignore";
  if (judged == judgement::broken) return std::string{why.rule};
  if (vector.at("stage").text() == "message") return "accept";
  return judge_body(*wire::find_type(wire::type(message)), sender_of(vector), wire::status(message),
                    millrace::detail::body(message));
}

TEST(Vectors, AreMoreThanSevenHundredAndHaveRejects) {
  const auto vectors = golden_list("vectors");
  EXPECT_GT(vectors.size(), 700U);
  EXPECT_GT(std::ranges::count_if(vectors,
                                  [](const json& v) { return v.at("result").text() == "reject"; }),
            100);
}

TEST(Vectors, GetTheListedResultWhenTheyComeOneAfterTheOtherHoweverTheyAreCut) {
  const auto vectors = golden_list("vectors");
  const auto rules = rule_ids();
  bytes whole;
  for (const json& vector : vectors) {
    const message_bytes message = golden(vector);
    whole.append({message.data(), message.size()});
  }
  for (const way& how : ways()) {
    std::size_t at = 0;
    message_assembler assembler;
    for (const bytes_view piece : how.cut(whole)) {
      assembler.push(piece.data(), piece.size(), [&](const std::byte* message) {
        const json& vector = vectors[at++];
        const std::string& result = vector.at("result").text();
        const std::string wanted = result == "reject" ? vector.at("rule").text() : result;
        const std::string got = outcome(message, vector);
        EXPECT_EQ(got, wanted) << vector.at("id").text() << ", " << how.name;
        if (result == "reject") {
          EXPECT_TRUE(rules.contains(got)) << got;
        }
        return true;
      });
    }
    EXPECT_EQ(at, vectors.size()) << how.name;
    EXPECT_EQ(assembler.pending_bytes(), 0U) << how.name;
  }
}

TEST(Vectors, MeanWhatTheyList) {
  std::size_t shown = 0;
  for (const json& vector : golden_list("vectors")) {
    const json* proto = vector.find("proto");
    if (proto == nullptr) continue;
    const message_bytes message = golden(vector);
    const bytes_view body = millrace::detail::body(message.data());
    const auto meant = meaning(*wire::find_type(wire::type(message.data())), body);
    ASSERT_TRUE(meant) << vector.at("id").text();
    EXPECT_TRUE(*meant == proto->at("value")) << vector.at("id").text();
    if (const json* prefix = vector.find("prefix")) {
      const auto read = millrace::detail::read_prefix(body);
      ASSERT_TRUE(read) << vector.at("id").text();
      EXPECT_EQ(read->min, prefix->at("version_min").number());
      EXPECT_EQ(read->max, prefix->at("version_max").number());
    }
    shown += 1;
  }
  EXPECT_GT(shown, 10U);
}

TEST(Vectors, AreWrittenBackByteForByteFromWhatTheyMean) {
  std::size_t written = 0;
  for (const json& vector : golden_list("vectors")) {
    if (vector.find("proto") == nullptr) continue;
    const message_bytes message = golden(vector);
    const wire::TypeInfo& info = *wire::find_type(wire::type(message.data()));
    const bytes_view body = millrace::detail::body(message.data());
    const bytes_view rest = info.prefix ? body.sub(wire::kVersionPrefixBytes) : body;
    bytes again;
    const auto write = [&](const auto& decoded) {
      ASSERT_TRUE(decoded) << vector.at("id").text();
      millrace::detail::encode(*decoded, again);
      // Unknown fields are dropped, and numbers are written in their shortest form: such vectors
      // can't come back.
      if (again.size() == rest.size()) {
        EXPECT_TRUE(again == bytes{rest}) << vector.at("id").text();
        written += 1;
      }
    };
    if (info.body == "Hello") write(millrace::detail::decode_hello(rest));
    if (info.body == "Welcome") write(millrace::detail::decode_welcome(rest));
    if (info.body == "Goodbye") write(millrace::detail::decode_goodbye(rest));
    if (info.body == "Failure") write(millrace::detail::decode_failure(rest));
    if (info.body == "Log") write(millrace::detail::decode_log(rest));
  }
  EXPECT_GT(written, 20U);
}

/// One step of a stream's direction: the rule broken, or nothing.
std::string step(const std::byte* message, sender from, cold_span& span) {
  verdict why;
  const judgement judged = judge(message, from, why);
  if (judged == judgement::ignore && !span.open()) return {};
  if (judged == judgement::broken) return std::string{why.rule};
  const wire::TypeInfo* info = wire::find_type(wire::type(message));
  if (!span.open() && (info == nullptr || !info->spans)) return {};
  breach broken;
  if (!span.take(message, broken)) return broken ? std::string{broken->rule} : std::string{};
  const std::string body = judge_body(*info, from, wire::status(message), span.whole());
  return body == "accept" ? std::string{} : body;
}

TEST(Streams, GetTheListedVerdictAtTheListedMessageHoweverTheyAreCut) {
  const auto streams = golden_list("streams");
  EXPECT_GT(streams.size(), 10U);
  for (const way& how : ways()) {
    for (const json& stream : streams) {
      const json::list& messages = stream.at("messages").items();
      cold_span worker_span;
      cold_span engine_span;
      std::string rule;
      std::size_t broken_at = 0;
      for (std::size_t at = 0; at < messages.size() && rule.empty(); at += 1) {
        const message_bytes message = golden(messages[at]);
        const json* missing = at + 1 == messages.size() ? stream.find("missing") : nullptr;
        const std::size_t cut =
            missing == nullptr ? 0 : static_cast<std::size_t>(missing->number());
        const sender from = sender_of(messages[at]);
        cold_span& span = from == sender::engine ? engine_span : worker_span;
        message_assembler assembler;
        for (const bytes_view piece : how.cut(bytes_view{message.data(), message.size() - cut})) {
          assembler.push(piece.data(), piece.size(), [&](const std::byte* one) {
            rule = step(one, from, span);
            return rule.empty();
          });
        }
        if (assembler.pending_bytes() > 0) rule = "channel-truncated";
        broken_at = at;
      }
      const std::string id = stream.at("id").text() + ", " + how.name;
      EXPECT_EQ(rule, stream.text_or("rule", "")) << id;
      if (const json* wanted = stream.find("at")) {
        EXPECT_EQ(static_cast<std::int64_t>(broken_at), wanted->number()) << id;
      }
    }
  }
}

}  // namespace
