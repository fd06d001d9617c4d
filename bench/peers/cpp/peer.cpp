// C++'s peer: a gRPC client and server in two processes over a Unix socket, no engine between.
//
//   peer client grpc SOCKET COUNT WARM_UP BYTES   starts its own server, prints one JSON object
//
// Payloads are bytes as they are: protobuf would only add to what gRPC takes. Both sides wait on a completion queue with
// one thread, which is the quickest way for one call at a time.
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

using steady = std::chrono::steady_clock;

constexpr const char *method = "/bench.Echo/Call";

[[noreturn]] void fail(const std::string &what) {
  std::fprintf(stderr, "peer: %s\n", what.c_str());
  std::exit(1);
}

// One call of the server: asked for, read, answered, finished.
class ServedCall {
public:
  ServedCall(grpc::AsyncGenericService &service, grpc::ServerCompletionQueue &queue) : service_(service), queue_(queue) {
    service_.RequestCall(&context_, &stream_, &queue_, &queue_, this);
  }

  void go_on(bool good) {
    if (step_ == Step::ended || !good) {
      delete this;
    } else if (step_ == Step::asked) {
      new ServedCall(service_, queue_); // The next one; each deletes itself when it has ended.
      step_ = Step::read;
      stream_.Read(&payload_, this);
    } else {
      step_ = Step::ended;
      stream_.WriteAndFinish(payload_, grpc::WriteOptions{}, grpc::Status::OK, this);
    }
  }

private:
  enum class Step { asked, read, ended };

  grpc::AsyncGenericService &service_;
  grpc::ServerCompletionQueue &queue_;
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter stream_{&context_};
  grpc::ByteBuffer payload_;
  Step step_ = Step::asked;
};

[[noreturn]] void serve(const std::string &address) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  grpc::AsyncGenericService service;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials());
  builder.RegisterAsyncGenericService(&service);
  const auto queue = builder.AddCompletionQueue();
  const auto server = builder.BuildAndStart();
  if (server == nullptr) fail("no server at " + address);
  new ServedCall(service, *queue);
  void *tag = nullptr;
  for (bool good = false; queue->Next(&tag, &good);) static_cast<ServedCall *>(tag)->go_on(good);
  std::exit(0);
}

class Client {
public:
  explicit Client(const std::string &address)
      : stub_(grpc::CreateChannel(address, grpc::InsecureChannelCredentials())) {}

  // One call; the number of bytes that came back.
  std::size_t call(const grpc::ByteBuffer &input) {
    grpc::ClientContext context;
    context.set_wait_for_ready(true); // The first one comes before the server listens.
    const auto reader = stub_.PrepareUnaryCall(&context, method, input, &queue_);
    grpc::ByteBuffer output;
    grpc::Status status;
    reader->StartCall();
    reader->Finish(&output, &status, this);
    void *tag = nullptr;
    bool good = false;
    if (!queue_.Next(&tag, &good) || !good || !status.ok()) fail("a call failed: " + status.error_message());
    return output.Length();
  }

private:
  grpc::GenericStub stub_;
  grpc::CompletionQueue queue_;
};

} // namespace

int main(int count_of_words, char **words) {
  const std::vector<std::string> given(words + 1, words + count_of_words);
  if (given.size() != 6 || given[0] != "client" || given[1] != "grpc") fail("usage: peer client grpc SOCKET COUNT WARM_UP BYTES");
  const std::string address = "unix:" + given[2];
  const std::size_t count = std::stoul(given[3]);
  const std::size_t warm_up = std::stoul(given[4]);
  const std::size_t bytes = std::stoul(given[5]);
  // Before gRPC has made a thread: a fork takes only the one that calls it.
  const pid_t server = fork();
  if (server < 0) fail("fork");
  if (server == 0) serve(address);

  Client client(address);
  const grpc::Slice slice(std::string(bytes, 'm'));
  const grpc::ByteBuffer input(&slice, 1);
  std::vector<std::int64_t> samples;
  samples.reserve(count);
  auto begun = steady::now();
  for (std::size_t k = 0; k < warm_up + count; ++k) {
    const auto at = steady::now();
    if (k == warm_up) begun = at;
    if (client.call(input) != bytes) fail("other bytes came back");
    if (k >= warm_up) samples.push_back((steady::now() - at) / std::chrono::nanoseconds{1});
  }
  const auto elapsed = (steady::now() - begun) / std::chrono::nanoseconds{1};
  kill(server, SIGKILL);
  waitpid(server, nullptr, 0);
  std::printf("{\"elapsedNs\":%lld,\"samplesNs\":[", static_cast<long long>(elapsed));
  for (std::size_t k = 0; k < samples.size(); ++k) std::printf(k == 0 ? "%lld" : ",%lld", static_cast<long long>(samples[k]));
  std::printf("]}\n");
  return 0;
}
