// Launch, handshake, broken rules and the end of a channel: a scripted engine against the fixture
// as a process, and against apps on a thread.
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <latch>
#include <map>

#include "support/fixture.hpp"

namespace {

using namespace support;
using millrace::app;
using millrace::context;
using millrace::error;
using millrace::reason;
using millrace::result;

TEST(Launch, SaysHelloWithTheTokenItsFunctionsAndFourFeatures) {
  fixture_worker worker;
  const auto hello = worker.expect_hello();
  EXPECT_EQ(hello.token, "token-of-the-test");
  ASSERT_EQ(hello.functions.size(), 2U);
  EXPECT_EQ(hello.functions[0].name, "echo");
  EXPECT_EQ(hello.features,
            (std::vector<std::string>{"internal-calls", "streaming", "log", "capacity"}));
  EXPECT_EQ(hello.max_calls, 64U);
  EXPECT_EQ(hello.about.language, "c++");
}

TEST(Launch, ExitsWith78WithoutTheVariablesAndWith69WithoutAnEngine) {
  const auto run = [](bool with_paths) {
    const pid_t child = ::fork();
    if (child == 0) {
      const std::string folder = "/tmp/millrace-gone-" + std::to_string(::getpid());
      if (with_paths) {
        ::mkfifo((folder + "-in").c_str(), 0600);
        ::mkfifo((folder + "-out").c_str(), 0600);
        ::setenv("MILLRACE_CHANNEL_IN", (folder + "-in").c_str(), 1);
        ::setenv("MILLRACE_CHANNEL_OUT", (folder + "-out").c_str(), 1);
        ::setenv("MILLRACE_TOKEN", "t", 1);
      }
      ::execl(MILLRACE_FIXTURE, MILLRACE_FIXTURE, nullptr);
      ::_exit(127);
    }
    int state = 0;
    ::waitpid(child, &state, 0);
    const std::string folder = "/tmp/millrace-gone-" + std::to_string(child);
    ::unlink((folder + "-in").c_str());
    ::unlink((folder + "-out").c_str());
    return WEXITSTATUS(state);
  };
  EXPECT_EQ(run(false), 78);
  EXPECT_EQ(run(true), 69);
}

TEST(Launch, OfAChildGivesItNeitherTheVariablesNorTheChannel) {
  const auto serve = [] {
    app app;
    app.handle("variables", [](context&, bytes_view) {
      int left = 0;
      for (char** one = environ; *one != nullptr; one += 1)
        left += std::string_view{*one}.starts_with("MILLRACE_") ? 1 : 0;
      return std::to_string(left);
    });
    app.handle("child", [](context&, bytes_view) {
      // Lives on after the worker, with whatever descriptors it was given.
      const pid_t child = ::fork();
      if (child == 0) {
        ::execlp("sleep", "sleep", "30", nullptr);
        ::_exit(127);
      }
      return std::to_string(child);
    });
    return app.run();
  };
  launched_worker worker{serve, true};
  worker.shake_hands();
  worker.send(invoke(2, 1, ""));
  EXPECT_EQ(worker.expect(MessageType::kResult).body().text(), "0");
  worker.send(invoke(4, 2, ""));
  const pid_t child =
      std::stoi(std::string{worker.expect(MessageType::kResult).body().text()});
  worker.send(message{MessageType::kDrain});
  worker.expect(MessageType::kGoodbye);
  // Comes with the worker's end and not with the child's.
  worker.expect_end();
  EXPECT_EQ(worker.exit_code(), 0);
  EXPECT_EQ(::kill(child, SIGKILL), 0);
}

TEST(Rules, ThatTheEngineBreaksEndTheChannelWithTheirIdAndExitCode76) {
  struct breach_case {
    std::string rule;
    std::vector<message> messages;
  };
  message reserved = ping(1);
  reserved.raw[28] = std::byte{1};
  message data{MessageType::kData};
  data.with_id(2).with_body("x");
  message window{MessageType::kWindow};
  window.with_id(2);
  wire::set_credit(window.data(), 1);
  message parent = invoke(2, 1, "");
  wire::set_parent_call_id(parent.data(), 4);
  message unknown;
  wire::set_type(unknown.data(), 0x5f);
  message file = invoke(2, 1, "name");
  wire::set_flags(file.data(), wire::kPayloadFile);
  std::vector<message> too_much{invoke(2, kInterp, "")};
  wire::set_flags(too_much[0].data(), wire::kMore);
  wire::set_payload_length(too_much[0].data(), 1);
  message two{MessageType::kData};
  two.with_id(2).with_body("xx");
  too_much.push_back(two);
  std::vector<breach_case> cases{
      {"message-reserved-zero", {reserved}},
      {"message-type-known", {unknown}},
      {"handshake-hello-once", {message{MessageType::kWelcome}}},
      {"message-direction", {message{MessageType::kHello}}},
      {"call-id-known", {result_of(1001, "")}},
      {"call-callee-answers", {result_of(2, "")}},
      {"call-caller-cancels", {message{MessageType::kCancel}.with_id(1)}},
      {"call-id-known", {message{MessageType::kCancel}.with_id(8)}},
      {"call-id-rising", {invoke(8, kInterp, program{}.sleep(60'000)), invoke(6, kEcho, "")}},
      {"call-parent-zero", {parent}},
      {"data-after-end", {invoke(2, kInterp, program{}.sleep(60'000)), data}},
      {"credit-max", {invoke(2, kInterp, program{}.sleep(60'000)), window}},
      {"payload-length-exact", too_much},
      {"feature-accepted", {file}},
      {"feature-accepted", {message{MessageType::kAttached}}},
      {"pong-open", {message{MessageType::kPong}}},
      {"resolved-open", {resolved("nobody", 9)}},
  };
  for (const breach_case& one : cases) {
    fixture_worker worker;
    worker.shake_hands(with_calls(64));
    worker.send_together(one.messages);
    const message goodbye = worker.expect(MessageType::kGoodbye);
    EXPECT_EQ(rule_of(goodbye), one.rule);
    EXPECT_EQ(goodbye.status(), 13U);
    worker.expect_end();
    EXPECT_EQ(worker.exit_code(), 76) << one.rule;
  }
}

TEST(Rules, OfTheHandshakeAreHeldByTheEngineToo) {
  {
    fixture_worker worker;
    worker.expect_hello();
    worker.send(ping(1));
    EXPECT_EQ(rule_of(worker.expect(MessageType::kGoodbye)), "handshake-engine-waits");
    EXPECT_EQ(worker.exit_code(), 76);
  }
  {
    fixture_worker worker;
    terms how = with_calls(64);
    how.features.push_back("time-travel");
    worker.shake_hands(how);
    EXPECT_EQ(rule_of(worker.expect(MessageType::kGoodbye)), "feature-offered");
    EXPECT_EQ(worker.exit_code(), 76);
  }
  {
    fixture_worker worker;
    worker.shake_hands(with_calls(65));
    EXPECT_EQ(rule_of(worker.expect(MessageType::kGoodbye)), "welcome-max-calls");
    EXPECT_EQ(worker.exit_code(), 76);
  }
}

TEST(Rules, LetIgnorableTypesAndLateMessagesPass) {
  fixture_worker worker;
  worker.shake_hands(with_calls(64));
  message ignorable;
  wire::set_type(ignorable.data(), 0x9f);
  ignorable.raw[60] = std::byte{1};
  worker.send(ignorable);
  worker.send(invoke(2, kEcho, "a"));
  worker.expect(MessageType::kResult);
  message window{MessageType::kWindow};
  window.with_id(2);
  wire::set_credit(window.data(), 1);
  worker.send_together({message{MessageType::kCancel}.with_id(2), window, ping(9)});
  EXPECT_EQ(wire::nonce(worker.expect(MessageType::kPong).data()), 9U);
}

TEST(Ends, GiveTheExitCodesOfTheSpec) {
  struct ending {
    const char* name;
    std::function<void(scripted_engine&)> act;
    int code;
  };
  const std::vector<ending> endings{
      {"IN ends, idle", [](scripted_engine& e) { e.close_in(); }, 0},
      {"IN ends, with a call open",
       [](scripted_engine& e) {
         e.send_together({invoke(2, kInterp, program{}.sleep(60'000)), ping(1)});
         e.expect(MessageType::kPong);
         e.close_in();
       },
       69},
      {"IN ends within a message",
       [](scripted_engine& e) {
         e.send_bytes(bytes(500));
         e.close_in();
       },
       69},
      {"GOODBYE without a reason", [](scripted_engine& e) { e.send(goodbye(0, 0)); }, 0},
      {"GOODBYE with a reason", [](scripted_engine& e) { e.send(goodbye(12, 13)); }, 76},
      {"nobody reads OUT",
       [](scripted_engine& e) {
         e.close_out();
         e.send(ping(1));
       },
       69},
  };
  for (const ending& one : endings) {
    fixture_worker worker;
    worker.shake_hands(with_calls(64));
    one.act(worker);
    EXPECT_EQ(worker.exit_code(), one.code) << one.name;
  }
}

TEST(Ends, BeforeWelcomeAre69AndARefusalIs76) {
  {
    fixture_worker worker;
    worker.expect_hello();
    worker.close_in();
    EXPECT_EQ(worker.exit_code(), 69);
  }
  fixture_worker worker;
  worker.expect_hello();
  worker.send(goodbye(15, 16));
  worker.expect_end();
  EXPECT_EQ(worker.exit_code(), 76);
}

TEST(Ends, WaitForNoHandlerThatIgnoresThem) {
  fixture_worker worker;
  worker.shake_hands(with_calls(64));
  worker.send_together({invoke(2, kInterp, program{}.u8(0x14).u32(3'600'000)), ping(1)});
  worker.expect(MessageType::kPong);
  worker.close_in();
  EXPECT_EQ(worker.exit_code(), 69);
}

TEST(Drain, FinishesWhatIsOpenRefusesTheRestAndSaysGoodbye) {
  app app;
  std::latch release{1};
  std::atomic<bool> stopped = false;
  app.handle("wait", [&](context&, bytes_view) {
    release.wait();
    return bytes{"finished"};
  });
  app.on_stop([&] { stopped = true; });
  threaded_worker worker{app};
  worker.shake_hands();
  message drain{MessageType::kDrain};
  worker.send_together({invoke(2, 1, ""), drain, drain, invoke(4, 1, ""), ping(5)});
  const message refused = worker.expect(MessageType::kError);
  EXPECT_EQ(refused.id(), 4U);
  EXPECT_EQ(failure_of(refused).reason, static_cast<std::uint32_t>(reason::kDraining));
  EXPECT_EQ(refused.status(), 14U);
  EXPECT_EQ(wire::open_calls(worker.expect(MessageType::kPong).data()), 1U);
  release.count_down();
  EXPECT_EQ(worker.expect(MessageType::kResult).body().text(), "finished");
  EXPECT_EQ(worker.expect(MessageType::kGoodbye).status(), 0U);
  worker.expect_end();
  EXPECT_EQ(worker.exit_code(), 0);
  EXPECT_TRUE(stopped);
}

TEST(Drain, EndsAWorkerOfSeveralThreadsWhoeverReads) {
  app app;
  app.concurrency(4);
  std::barrier meet{3};
  app.handle("meet", [&](context&, bytes_view) {
    meet.arrive_and_wait();
    return bytes{};
  });
  threaded_worker worker{app};
  worker.shake_hands(with_calls(4));
  worker.send_together({invoke(2, 1, ""), invoke(4, 1, ""), message{MessageType::kDrain}});
  meet.arrive_and_wait();
  worker.expect(MessageType::kResult);
  worker.expect(MessageType::kResult);
  worker.expect(MessageType::kGoodbye);
  worker.expect_end();
  EXPECT_EQ(worker.exit_code(), 0);
}

}  // namespace
