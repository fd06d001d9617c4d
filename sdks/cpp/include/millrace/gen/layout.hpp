// Generated from spec/layout.yaml by tools/generate. Do not edit: run `make generate`.
//
// The wire layout: constants, header field accessors and what each message type allows.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace millrace::wire {

// The protocol version that this layout describes.
inline constexpr std::uint16_t kProtocolVersion = 1;
// Bytes of every message.
inline constexpr std::size_t kMessageBytes = 1024;
// Bytes of the header; the body begins here.
inline constexpr std::size_t kHeaderBytes = 64;
// Bytes of the body, and of the largest inline payload.
inline constexpr std::size_t kBodyBytes = 960;
// Bytes of the version prefix of HELLO, WELCOME and GOODBYE bodies.
inline constexpr std::size_t kVersionPrefixBytes = 16;
inline constexpr std::string_view kMagic = "MILLRACE";

// Offsets of the header fields, in bytes from the start of the message.
inline constexpr std::size_t kTypeOffset = 0;
inline constexpr std::size_t kFlagsOffset = 1;
inline constexpr std::size_t kBodyLengthOffset = 2;
inline constexpr std::size_t kCallIdOffset = 4;
inline constexpr std::size_t kFunctionIdOffset = 8;
inline constexpr std::size_t kPayloadLengthOffset = 12;
inline constexpr std::size_t kTimeoutUsOffset = 16;
inline constexpr std::size_t kRunUsOffset = 16;
inline constexpr std::size_t kCreditOffset = 16;
inline constexpr std::size_t kCapacityOffset = 16;
inline constexpr std::size_t kNonceOffset = 16;
inline constexpr std::size_t kPidOffset = 16;
inline constexpr std::size_t kParentCallIdOffset = 20;
inline constexpr std::size_t kStatusOffset = 20;
inline constexpr std::size_t kOpenCallsOffset = 20;
inline constexpr std::size_t kExitCodeOffset = 20;
inline constexpr std::size_t kQueueUsOffset = 24;
inline constexpr std::size_t kAttemptOffset = 28;
inline constexpr std::size_t kCpuUsOffset = 28;
inline constexpr std::size_t kTraceIdOffset = 32;
inline constexpr std::size_t kSpanIdOffset = 48;
inline constexpr std::size_t kTraceFlagsOffset = 56;
inline constexpr std::size_t kPriorityOffset = 57;
inline constexpr std::size_t kDepthOffset = 58;
inline constexpr std::size_t kContentOffset = 59;
inline constexpr std::size_t kReservedOffset = 60;

// Offsets within the version prefix.
inline constexpr std::size_t kMagicPrefixOffset = 0;
inline constexpr std::size_t kVersionMinPrefixOffset = 8;
inline constexpr std::size_t kVersionMaxPrefixOffset = 10;
inline constexpr std::size_t kPrefixReservedPrefixOffset = 12;

// Message types.
enum class MessageType : std::uint8_t {
  // The worker's first message: version range, token, functions, features.
  kHello = 1,
  // The engine's answer: version, ids of the functions, features, limits.
  kWelcome = 2,
  // The last message on a channel, and why it ends.
  kGoodbye = 3,
  // Asks for the id of a function by its name.
  kResolve = 8,
  // Answers RESOLVE: the name again and its id, or a status.
  kResolved = 9,
  // Starts a call. Engine to worker: run this. Worker to engine: an internal call (feature
  // internal-calls).
  kInvoke = 16,
  // Output. Without MORE it is the final message and the outcome is ok.
  kResult = 17,
  // The final message of a call that failed.
  kError = 18,
  // Asks the other side to end a call early; the final message still comes.
  kCancel = 19,
  // The next bytes of a payload; needs credit.
  kData = 24,
  // Grants credit for DATA.
  kWindow = 25,
  // Asks for a PONG.
  kPing = 32,
  // Answers PING with its nonce.
  kPong = 33,
  // Finish what is open, refuse the rest, say GOODBYE, exit 0.
  kDrain = 40,
  // The worker changes how many calls it takes at once.
  kCapacity = 41,
  // Gives a prewarmed worker its code.
  kLoad = 48,
  // Worker: the functions that the code serves, or why it failed. Engine: their ids.
  kLoaded = 49,
  // Asks a zygote to fork a worker with its own channel.
  kFork = 56,
  // Answers FORK.
  kForked = 57,
  // A forked worker ended.
  kExited = 58,
  // The sender's last message on the pipe but WAKE: from here on it uses its ring.
  kAttached = 64,
  // On the pipe, after ATTACHED: look at both rings.
  kWake = 65,
  // A log record; call_id names the call it belongs to, 0 for none.
  kLog = 128,
};

// Bits of the flags field.
// More of this payload or cold message follows in later messages.
inline constexpr std::uint8_t kMore = 1;
// The payload lies in a file; the body names it.
inline constexpr std::uint8_t kPayloadFile = 2;
// The payload begins with a length-prefixed head.
inline constexpr std::uint8_t kHead = 4;

// gRPC status numbers; 0 is ok.
enum class Status : std::uint32_t {
  kOk = 0,
  kCancelled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
};

// What a payload is.
enum class Content : std::uint8_t {
  // Bytes without a known meaning.
  kBytes = 0,
  // One JSON text in UTF-8.
  kJson = 1,
  // UTF-8 text.
  kText = 2,
  // One protobuf message.
  kProtobuf = 3,
  // One CBOR item.
  kCbor = 4,
  // Server-sent events.
  kEventStream = 5,
  // JSON texts, one a line.
  kNdjson = 6,
};

// Why a call failed or a channel ended: the closed list.
enum class Reason : std::uint32_t {
  // The handler failed.
  kHandlerError = 1,
  // The payload cannot be read as what the function takes.
  kBadInput = 2,
  // No such function.
  kNotFound = 3,
  // The caller, or a call above it, gave the call up.
  kCancelled = 4,
  // The time left ran out.
  kDeadlineExceeded = 5,
  // The payload is over a limit, or the callee takes inline payloads only.
  kPayloadTooLarge = 6,
  // Too many calls wait for the function already.
  kQueueFull = 7,
  // Too many internal calls above this one; most likely a recursion without an end.
  kDepthExceeded = 8,
  // The worker's process or channel ended during the call.
  kWorkerCrashed = 9,
  // No worker of the function could be started.
  kWorkerUnavailable = 10,
  // The worker or engine is finishing and never started the call.
  kDraining = 11,
  // A side broke a rule of this protocol; the channel ended.
  kProtocolError = 12,
  // The call needs a feature that the callee did not offer.
  kUnsupported = 13,
  // The engine failed.
  kInternal = 14,
  // The token in HELLO is not the one given at launch.
  kUnauthenticated = 15,
  // The two sides have no version in common.
  kVersionUnsupported = 16,
  // The worker could not load its code.
  kLoadFailed = 17,
  // The worker got more calls than it takes at once and refused this one.
  kOverloaded = 18,
};

// Limits.
// All bodies of one cold message together. Unit: bytes.
inline constexpr std::uint32_t kColdMessageBytesMax = 65536;
// A function's name: letters, digits, dot, dash and underscore, beginning with a letter or digit.
// Unit: bytes.
inline constexpr std::uint32_t kNameBytesMax = 128;
// Functions in one HELLO or LOADED. Unit: functions.
inline constexpr std::uint32_t kFunctionsPerWorkerMax = 1024;
// DATA messages that may be sent for a call, in each direction, before the first WINDOW; no grant
// may raise the credit above it. Unit: messages.
inline constexpr std::uint32_t kCreditMax = 32;
// Payload files that a worker keeps to use them again. Unit: files.
inline constexpr std::uint32_t kFilesKeptMax = 16;
// What the depth field can hold; an engine may allow less. Unit: calls.
inline constexpr std::uint32_t kDepthMax = 255;
// The priority of a call when nobody said. Unit: urgency.
inline constexpr std::uint32_t kPriorityDefault = 3;
// payload_length of a stream whose end is not known. Unit: bytes.
inline constexpr std::uint32_t kPayloadLengthUnknown = 4294967295;
// MILLRACE_TOKEN. Unit: bytes.
inline constexpr std::uint32_t kTokenBytesMax = 256;
// Cells of one ring: a power of two from here. Unit: messages.
inline constexpr std::uint32_t kRingCellsMin = 16;
// Cells of one ring: a power of two up to here. Unit: messages.
inline constexpr std::uint32_t kRingCellsMax = 1024;
// For how long a side polls an empty ring, or one that is full, before it sleeps. Unit:
// microseconds.
inline constexpr std::uint32_t kRingPollUsMax = 1000;

// The segment of shared memory that holds two rings.
inline constexpr std::string_view kSegmentMagic = "MILLRING";
inline constexpr std::uint32_t kSegmentLayout = 1;
inline constexpr std::size_t kSegmentCellsAt = 4096;
// The eight ASCII bytes MILLRING.
inline constexpr std::size_t kMagicSegmentOffset = 0;
// Number of this layout: 1.
inline constexpr std::size_t kLayoutSegmentOffset = 8;
// Cells of each ring: a power of two within the limits.
inline constexpr std::size_t kCellsSegmentOffset = 12;
// For how long the worker should poll before it sleeps, in microseconds. The engine may change it
// at any time. 0: not at all.
inline constexpr std::size_t kPollUsSegmentOffset = 16;
// Messages that the engine has published in the ring IN, in all, modulo 2^32.
inline constexpr std::size_t kInTailSegmentOffset = 128;
// Messages that the worker has taken from the ring IN, in all, modulo 2^32.
inline constexpr std::size_t kInHeadSegmentOffset = 256;
// 1: the worker sleeps, or is about to, until WAKE. Set by the worker, cleared by either side.
inline constexpr std::size_t kInConsumerSleepingSegmentOffset = 384;
// 1: the engine waits for room in the ring IN. Set by the engine, cleared by either side.
inline constexpr std::size_t kInProducerWaitingSegmentOffset = 512;
// Messages that the worker has published in the ring OUT, in all, modulo 2^32.
inline constexpr std::size_t kOutTailSegmentOffset = 640;
// Messages that the engine has taken from the ring OUT, in all, modulo 2^32.
inline constexpr std::size_t kOutHeadSegmentOffset = 768;
// 1: the engine sleeps, or is about to, until WAKE. Set by the engine, cleared by either side.
inline constexpr std::size_t kOutConsumerSleepingSegmentOffset = 896;
// 1: the worker waits for room in the ring OUT. Set by the worker, cleared by either side.
inline constexpr std::size_t kOutProducerWaitingSegmentOffset = 1024;

// A header word that must read as zero under its mask.
struct ReservedWord {
  std::size_t offset;
  std::uint32_t mask;
};

enum class Direction : std::uint8_t { kWorker, kEngine, kBoth };

// What call_id may be: 0, a fresh id, one that is or was open, or any of these.
enum class CallRule : std::uint8_t { kNone, kNew, kOpen, kAny };

// What the layout says of one message type.
struct TypeInfo {
  std::string_view name;
  MessageType value;
  Direction direction;
  CallRule call;
  // Flag bits that it allows.
  std::uint8_t flags;
  // none, payload, name, or the protobuf message that the body is.
  std::string_view body;
  // The body begins with the version prefix.
  bool prefix;
  // It may go on, with MORE, in the next messages of its type.
  bool spans;
  // The feature that it needs; empty: core.
  std::string_view feature;
  std::span<const ReservedWord> reserved;
};

inline constexpr std::array<ReservedWord, 14> kHelloReserved{{
    {8, 0xffffffffU}, {12, 0xffffffffU}, {16, 0xffffffffU}, {20, 0xffffffffU}, {24, 0xffffffffU},
    {28, 0xffffffffU}, {32, 0xffffffffU}, {36, 0xffffffffU}, {40, 0xffffffffU}, {44, 0xffffffffU},
    {48, 0xffffffffU}, {52, 0xffffffffU}, {56, 0xffffffffU}, {60, 0xffffffffU},
}};
inline constexpr std::array<ReservedWord, 14> kWelcomeReserved{{
    {8, 0xffffffffU}, {12, 0xffffffffU}, {16, 0xffffffffU}, {20, 0xffffffffU}, {24, 0xffffffffU},
    {28, 0xffffffffU}, {32, 0xffffffffU}, {36, 0xffffffffU}, {40, 0xffffffffU}, {44, 0xffffffffU},
    {48, 0xffffffffU}, {52, 0xffffffffU}, {56, 0xffffffffU}, {60, 0xffffffffU},
}};
inline constexpr std::array<ReservedWord, 13> kGoodbyeReserved{{
    {8, 0xffffffffU}, {12, 0xffffffffU}, {16, 0xffffffffU}, {24, 0xffffffffU}, {28, 0xffffffffU},
    {32, 0xffffffffU}, {36, 0xffffffffU}, {40, 0xffffffffU}, {44, 0xffffffffU}, {48, 0xffffffffU},
    {52, 0xffffffffU}, {56, 0xffffffffU}, {60, 0xffffffffU},
}};
inline constexpr std::array<ReservedWord, 14> kResolveReserved{{
    {8, 0xffffffffU}, {12, 0xffffffffU}, {16, 0xffffffffU}, {20, 0xffffffffU}, {24, 0xffffffffU},
    {28, 0xffffffffU}, {32, 0xffffffffU}, {36, 0xffffffffU}, {40, 0xffffffffU}, {44, 0xffffffffU},
    {48, 0xffffffffU}, {52, 0xffffffffU}, {56, 0xffffffffU}, {60, 0xffffffffU},
}};
inline constexpr std::array<ReservedWord, 12> kResolvedReserved{{
    {12, 0xffffffffU}, {16, 0xffffffffU}, {24, 0xffffffffU}, {28, 0xffffffffU}, {32, 0xffffffffU},
    {36, 0xffffffffU}, {40, 0xffffffffU}, {44, 0xffffffffU}, {48, 0xffffffffU}, {52, 0xffffffffU},
    {56, 0xffffffffU}, {60, 0xffffffffU},
}};
inline constexpr std::array<ReservedWord, 1> kInvokeReserved{{
    {60, 0xffffffffU},
}};
inline constexpr std::array<ReservedWord, 9> kResultReserved{{
    {8, 0xffffffffU}, {32, 0xffffffffU}, {36, 0xffffffffU}, {40, 0xffffffffU}, {44, 0xffffffffU},
    {48, 0xffffffffU}, {52, 0xffffffffU}, {56, 0xffffffU}, {60, 0xffffffffU},
}};
inline constexpr std::array<ReservedWord, 10> kErrorReserved{{
    {8, 0xffffffffU}, {12, 0xffffffffU}, {32, 0xffffffffU}, {36, 0xffffffffU}, {40, 0xffffffffU},
    {44, 0xffffffffU}, {48, 0xffffffffU}, {52, 0xffffffffU}, {56, 0xffffffffU}, {60, 0xffffffffU},
}};
inline constexpr std::array<ReservedWord, 14> kCancelReserved{{
    {8, 0xffffffffU}, {12, 0xffffffffU}, {16, 0xffffffffU}, {20, 0xffffffffU}, {24, 0xffffffffU},
    {28, 0xffffffffU}, {32, 0xffffffffU}, {36, 0xffffffffU}, {40, 0xffffffffU}, {44, 0xffffffffU},
    {48, 0xffffffffU}, {52, 0xffffffffU}, {56, 0xffffffffU}, {60, 0xffffffffU},
}};
inline constexpr std::array<ReservedWord, 14> kDataReserved{{
    {8, 0xffffffffU}, {12, 0xffffffffU}, {16, 0xffffffffU}, {20, 0xffffffffU}, {24, 0xffffffffU},
    {28, 0xffffffffU}, {32, 0xffffffffU}, {36, 0xffffffffU}, {40, 0xffffffffU}, {44, 0xffffffffU},
    {48, 0xffffffffU}, {52, 0xffffffffU}, {56, 0xffffffffU}, {60, 0xffffffffU},
}};
inline constexpr std::array<ReservedWord, 13> kWindowReserved{{
    {8, 0xffffffffU}, {12, 0xffffffffU}, {20, 0xffffffffU}, {24, 0xffffffffU}, {28, 0xffffffffU},
    {32, 0xffffffffU}, {36, 0xffffffffU}, {40, 0xffffffffU}, {44, 0xffffffffU}, {48, 0xffffffffU},
    {52, 0xffffffffU}, {56, 0xffffffffU}, {60, 0xffffffffU},
}};
inline constexpr std::array<ReservedWord, 13> kPingReserved{{
    {8, 0xffffffffU}, {12, 0xffffffffU}, {20, 0xffffffffU}, {24, 0xffffffffU}, {28, 0xffffffffU},
    {32, 0xffffffffU}, {36, 0xffffffffU}, {40, 0xffffffffU}, {44, 0xffffffffU}, {48, 0xffffffffU},
    {52, 0xffffffffU}, {56, 0xffffffffU}, {60, 0xffffffffU},
}};
inline constexpr std::array<ReservedWord, 12> kPongReserved{{
    {8, 0xffffffffU}, {12, 0xffffffffU}, {24, 0xffffffffU}, {28, 0xffffffffU}, {32, 0xffffffffU},
    {36, 0xffffffffU}, {40, 0xffffffffU}, {44, 0xffffffffU}, {48, 0xffffffffU}, {52, 0xffffffffU},
    {56, 0xffffffffU}, {60, 0xffffffffU},
}};
inline constexpr std::array<ReservedWord, 13> kDrainReserved{{
    {8, 0xffffffffU}, {12, 0xffffffffU}, {20, 0xffffffffU}, {24, 0xffffffffU}, {28, 0xffffffffU},
    {32, 0xffffffffU}, {36, 0xffffffffU}, {40, 0xffffffffU}, {44, 0xffffffffU}, {48, 0xffffffffU},
    {52, 0xffffffffU}, {56, 0xffffffffU}, {60, 0xffffffffU},
}};
inline constexpr std::array<ReservedWord, 13> kCapacityReserved{{
    {8, 0xffffffffU}, {12, 0xffffffffU}, {20, 0xffffffffU}, {24, 0xffffffffU}, {28, 0xffffffffU},
    {32, 0xffffffffU}, {36, 0xffffffffU}, {40, 0xffffffffU}, {44, 0xffffffffU}, {48, 0xffffffffU},
    {52, 0xffffffffU}, {56, 0xffffffffU}, {60, 0xffffffffU},
}};
inline constexpr std::array<ReservedWord, 14> kLoadReserved{{
    {8, 0xffffffffU}, {12, 0xffffffffU}, {16, 0xffffffffU}, {20, 0xffffffffU}, {24, 0xffffffffU},
    {28, 0xffffffffU}, {32, 0xffffffffU}, {36, 0xffffffffU}, {40, 0xffffffffU}, {44, 0xffffffffU},
    {48, 0xffffffffU}, {52, 0xffffffffU}, {56, 0xffffffffU}, {60, 0xffffffffU},
}};
inline constexpr std::array<ReservedWord, 13> kLoadedReserved{{
    {8, 0xffffffffU}, {12, 0xffffffffU}, {16, 0xffffffffU}, {24, 0xffffffffU}, {28, 0xffffffffU},
    {32, 0xffffffffU}, {36, 0xffffffffU}, {40, 0xffffffffU}, {44, 0xffffffffU}, {48, 0xffffffffU},
    {52, 0xffffffffU}, {56, 0xffffffffU}, {60, 0xffffffffU},
}};
inline constexpr std::array<ReservedWord, 14> kForkReserved{{
    {8, 0xffffffffU}, {12, 0xffffffffU}, {16, 0xffffffffU}, {20, 0xffffffffU}, {24, 0xffffffffU},
    {28, 0xffffffffU}, {32, 0xffffffffU}, {36, 0xffffffffU}, {40, 0xffffffffU}, {44, 0xffffffffU},
    {48, 0xffffffffU}, {52, 0xffffffffU}, {56, 0xffffffffU}, {60, 0xffffffffU},
}};
inline constexpr std::array<ReservedWord, 12> kForkedReserved{{
    {8, 0xffffffffU}, {12, 0xffffffffU}, {24, 0xffffffffU}, {28, 0xffffffffU}, {32, 0xffffffffU},
    {36, 0xffffffffU}, {40, 0xffffffffU}, {44, 0xffffffffU}, {48, 0xffffffffU}, {52, 0xffffffffU},
    {56, 0xffffffffU}, {60, 0xffffffffU},
}};
inline constexpr std::array<ReservedWord, 12> kExitedReserved{{
    {8, 0xffffffffU}, {12, 0xffffffffU}, {24, 0xffffffffU}, {28, 0xffffffffU}, {32, 0xffffffffU},
    {36, 0xffffffffU}, {40, 0xffffffffU}, {44, 0xffffffffU}, {48, 0xffffffffU}, {52, 0xffffffffU},
    {56, 0xffffffffU}, {60, 0xffffffffU},
}};
inline constexpr std::array<ReservedWord, 14> kAttachedReserved{{
    {8, 0xffffffffU}, {12, 0xffffffffU}, {16, 0xffffffffU}, {20, 0xffffffffU}, {24, 0xffffffffU},
    {28, 0xffffffffU}, {32, 0xffffffffU}, {36, 0xffffffffU}, {40, 0xffffffffU}, {44, 0xffffffffU},
    {48, 0xffffffffU}, {52, 0xffffffffU}, {56, 0xffffffffU}, {60, 0xffffffffU},
}};
inline constexpr std::array<ReservedWord, 14> kWakeReserved{{
    {8, 0xffffffffU}, {12, 0xffffffffU}, {16, 0xffffffffU}, {20, 0xffffffffU}, {24, 0xffffffffU},
    {28, 0xffffffffU}, {32, 0xffffffffU}, {36, 0xffffffffU}, {40, 0xffffffffU}, {44, 0xffffffffU},
    {48, 0xffffffffU}, {52, 0xffffffffU}, {56, 0xffffffffU}, {60, 0xffffffffU},
}};
inline constexpr std::array<ReservedWord, 14> kLogReserved{{
    {8, 0xffffffffU}, {12, 0xffffffffU}, {16, 0xffffffffU}, {20, 0xffffffffU}, {24, 0xffffffffU},
    {28, 0xffffffffU}, {32, 0xffffffffU}, {36, 0xffffffffU}, {40, 0xffffffffU}, {44, 0xffffffffU},
    {48, 0xffffffffU}, {52, 0xffffffffU}, {56, 0xffffffffU}, {60, 0xffffffffU},
}};

// Every type, by rising number.
inline constexpr std::array<TypeInfo, 23> kTypes{{
    {"HELLO", MessageType::kHello, Direction::kWorker, CallRule::kNone, 1, "Hello", true, true, "",
    kHelloReserved},
    {"WELCOME", MessageType::kWelcome, Direction::kEngine, CallRule::kNone, 1, "Welcome", true,
    true, "", kWelcomeReserved},
    {"GOODBYE", MessageType::kGoodbye, Direction::kBoth, CallRule::kNone, 0, "Goodbye", true, false,
    "", kGoodbyeReserved},
    {"RESOLVE", MessageType::kResolve, Direction::kWorker, CallRule::kNone, 0, "name", false, false,
    "internal-calls", kResolveReserved},
    {"RESOLVED", MessageType::kResolved, Direction::kEngine, CallRule::kNone, 0, "name", false,
    false, "internal-calls", kResolvedReserved},
    {"INVOKE", MessageType::kInvoke, Direction::kBoth, CallRule::kNew, 7, "payload", false, false,
    "", kInvokeReserved},
    {"RESULT", MessageType::kResult, Direction::kBoth, CallRule::kOpen, 7, "payload", false, false,
    "", kResultReserved},
    {"ERROR", MessageType::kError, Direction::kBoth, CallRule::kOpen, 1, "Failure", false, true, "",
    kErrorReserved},
    {"CANCEL", MessageType::kCancel, Direction::kBoth, CallRule::kOpen, 0, "none", false, false, "",
    kCancelReserved},
    {"DATA", MessageType::kData, Direction::kBoth, CallRule::kOpen, 1, "payload", false, false,
    "streaming", kDataReserved},
    {"WINDOW", MessageType::kWindow, Direction::kBoth, CallRule::kOpen, 0, "none", false, false,
    "streaming", kWindowReserved},
    {"PING", MessageType::kPing, Direction::kBoth, CallRule::kNone, 0, "none", false, false, "",
    kPingReserved},
    {"PONG", MessageType::kPong, Direction::kBoth, CallRule::kNone, 0, "none", false, false, "",
    kPongReserved},
    {"DRAIN", MessageType::kDrain, Direction::kEngine, CallRule::kNone, 0, "none", false, false, "",
    kDrainReserved},
    {"CAPACITY", MessageType::kCapacity, Direction::kWorker, CallRule::kNone, 0, "none", false,
    false, "capacity", kCapacityReserved},
    {"LOAD", MessageType::kLoad, Direction::kEngine, CallRule::kNone, 1, "Load", false, true,
    "load", kLoadReserved},
    {"LOADED", MessageType::kLoaded, Direction::kBoth, CallRule::kNone, 1, "Loaded", false, true,
    "load", kLoadedReserved},
    {"FORK", MessageType::kFork, Direction::kEngine, CallRule::kNone, 0, "Fork", false, false,
    "fork", kForkReserved},
    {"FORKED", MessageType::kForked, Direction::kWorker, CallRule::kNone, 0, "none", false, false,
    "fork", kForkedReserved},
    {"EXITED", MessageType::kExited, Direction::kWorker, CallRule::kNone, 0, "none", false, false,
    "fork", kExitedReserved},
    {"ATTACHED", MessageType::kAttached, Direction::kBoth, CallRule::kNone, 0, "none", false, false,
    "shm-ring", kAttachedReserved},
    {"WAKE", MessageType::kWake, Direction::kBoth, CallRule::kNone, 0, "none", false, false,
    "shm-ring", kWakeReserved},
    {"LOG", MessageType::kLog, Direction::kWorker, CallRule::kAny, 1, "Log", false, true, "log",
    kLogReserved},
}};

// The type with this number, or nullptr when it is not of this version.
constexpr const TypeInfo* find_type(std::uint8_t number) noexcept {
  for (const TypeInfo& info : kTypes) {
    if (static_cast<std::uint8_t>(info.value) == number) return &info;
  }
  return nullptr;
}

// What is known of a reason, whatever the call.
struct ReasonInfo {
  std::string_view name;
  Reason value;
  Status status;
  std::string_view component;
  std::string_view started;
  std::string_view retry;
  int http;
  std::string_view doc;
  std::string_view caller;
};

// Every reason.
inline constexpr std::array<ReasonInfo, 18> kReasons{{
    {"handler_error", Reason::kHandlerError, Status::kUnknown, "function", "yes", "no", 500,
     "The handler failed.",
     "Read the message; mend the function or the input."},
    {"bad_input", Reason::kBadInput, Status::kInvalidArgument, "caller", "no", "no", 400,
     "The payload cannot be read as what the function takes.",
     "Mend the payload or its content."},
    {"not_found", Reason::kNotFound, Status::kNotFound, "caller", "no", "no", 404,
     "No such function.",
     "Check the name; with a cached id, RESOLVE once more."},
    {"cancelled", Reason::kCancelled, Status::kCancelled, "caller", "maybe", "no", 499,
     "The caller, or a call above it, gave the call up.",
     "Nothing."},
    {"deadline_exceeded", Reason::kDeadlineExceeded, Status::kDeadlineExceeded, "function", "maybe", "maybe", 504,
     "The time left ran out.",
     "Retry only if the function is idempotent; allow more time."},
    {"payload_too_large", Reason::kPayloadTooLarge, Status::kResourceExhausted, "caller", "maybe", "no", 413,
     "The payload is over a limit, or the callee takes inline payloads only.",
     "Send less, or raise the limit."},
    {"queue_full", Reason::kQueueFull, Status::kResourceExhausted, "engine", "no", "yes", 503,
     "Too many calls wait for the function already.",
     "Back off and retry."},
    {"depth_exceeded", Reason::kDepthExceeded, Status::kFailedPrecondition, "caller", "no", "no", 508,
     "Too many internal calls above this one; most likely a recursion without an end.",
     "Bound the recursion."},
    {"worker_crashed", Reason::kWorkerCrashed, Status::kUnavailable, "worker", "maybe", "maybe", 502,
     "The worker's process or channel ended during the call.",
     "Retry only if the function is idempotent."},
    {"worker_unavailable", Reason::kWorkerUnavailable, Status::kUnavailable, "worker", "no", "yes", 503,
     "No worker of the function could be started.",
     "Read the worker's output; retry later."},
    {"draining", Reason::kDraining, Status::kUnavailable, "engine", "no", "yes", 503,
     "The worker or engine is finishing and never started the call.",
     "Retry; the engine itself tries another worker first."},
    {"protocol_error", Reason::kProtocolError, Status::kInternal, "worker", "maybe", "no", 502,
     "A side broke a rule of this protocol; the channel ended.",
     "Mend the SDK; the message names the rule."},
    {"unsupported", Reason::kUnsupported, Status::kUnimplemented, "worker", "no", "no", 501,
     "The call needs a feature that the callee did not offer.",
     "Choose a callee or a form that has it."},
    {"internal", Reason::kInternal, Status::kInternal, "engine", "maybe", "maybe", 500,
     "The engine failed.",
     "Report it."},
    {"unauthenticated", Reason::kUnauthenticated, Status::kUnauthenticated, "worker", "no", "no", 401,
     "The token in HELLO is not the one given at launch.",
     "Return MILLRACE_TOKEN unchanged."},
    {"version_unsupported", Reason::kVersionUnsupported, Status::kFailedPrecondition, "worker", "no", "no", 502,
     "The two sides have no version in common.",
     "Upgrade the older side."},
    {"load_failed", Reason::kLoadFailed, Status::kFailedPrecondition, "worker", "no", "no", 502,
     "The worker could not load its code.",
     "Read the message; mend the code."},
    {"overloaded", Reason::kOverloaded, Status::kResourceExhausted, "worker", "no", "yes", 503,
     "The worker got more calls than it takes at once and refused this one.",
     "Back off and retry."},
}};

// Features that HELLO may offer and WELCOME accept.
inline constexpr std::array<std::string_view, 9> kFeatures{{
    "internal-calls", "streaming", "payload-file", "log", "capacity", "load", "fork", "shm-ring",
    "http",
}};

static_assert(kHeaderBytes + kBodyBytes == kMessageBytes);
static_assert(kMagic.size() == kMagicPrefixOffset + 8);
static_assert(std::endian::native == std::endian::little, "every accessor would have to swap");
static_assert(kTypeOffset + 1 <= kHeaderBytes);
static_assert(kFlagsOffset + 1 <= kHeaderBytes);
static_assert(kBodyLengthOffset + 2 <= kHeaderBytes);
static_assert(kCallIdOffset + 4 <= kHeaderBytes);
static_assert(kFunctionIdOffset + 4 <= kHeaderBytes);
static_assert(kPayloadLengthOffset + 4 <= kHeaderBytes);
static_assert(kTimeoutUsOffset + 4 <= kHeaderBytes);
static_assert(kRunUsOffset + 4 <= kHeaderBytes);
static_assert(kCreditOffset + 4 <= kHeaderBytes);
static_assert(kCapacityOffset + 4 <= kHeaderBytes);
static_assert(kNonceOffset + 4 <= kHeaderBytes);
static_assert(kPidOffset + 4 <= kHeaderBytes);
static_assert(kParentCallIdOffset + 4 <= kHeaderBytes);
static_assert(kStatusOffset + 4 <= kHeaderBytes);
static_assert(kOpenCallsOffset + 4 <= kHeaderBytes);
static_assert(kExitCodeOffset + 4 <= kHeaderBytes);
static_assert(kQueueUsOffset + 4 <= kHeaderBytes);
static_assert(kAttemptOffset + 4 <= kHeaderBytes);
static_assert(kCpuUsOffset + 4 <= kHeaderBytes);
static_assert(kTraceIdOffset + 16 <= kHeaderBytes);
static_assert(kSpanIdOffset + 8 <= kHeaderBytes);
static_assert(kTraceFlagsOffset + 1 <= kHeaderBytes);
static_assert(kPriorityOffset + 1 <= kHeaderBytes);
static_assert(kDepthOffset + 1 <= kHeaderBytes);
static_assert(kContentOffset + 1 <= kHeaderBytes);
static_assert(kBodyLengthOffset % 2 == 0);
static_assert(kCallIdOffset % 4 == 0);
static_assert(kFunctionIdOffset % 4 == 0);
static_assert(kPayloadLengthOffset % 4 == 0);
static_assert(kTimeoutUsOffset % 4 == 0);
static_assert(kRunUsOffset % 4 == 0);
static_assert(kCreditOffset % 4 == 0);
static_assert(kCapacityOffset % 4 == 0);
static_assert(kNonceOffset % 4 == 0);
static_assert(kPidOffset % 4 == 0);
static_assert(kParentCallIdOffset % 4 == 0);
static_assert(kStatusOffset % 4 == 0);
static_assert(kOpenCallsOffset % 4 == 0);
static_assert(kExitCodeOffset % 4 == 0);
static_assert(kQueueUsOffset % 4 == 0);
static_assert(kAttemptOffset % 4 == 0);
static_assert(kCpuUsOffset % 4 == 0);
static_assert(kTypes.size() == 23 && find_type(0) == nullptr);

// Reads an integer that lies at any address.
template <typename Integer>
inline Integer load(const std::byte* from) noexcept {
  Integer value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

// Writes an integer to any address.
template <typename Integer>
inline void store(std::byte* to, Integer value) noexcept {
  std::memcpy(to, &value, sizeof value);
}

// Accessors. `message` points to kMessageBytes bytes and needs no alignment.

// u8 at 0. What the message is. 0 is never legal, so zeroed memory is never a message.
inline std::uint8_t type(const std::byte* message) noexcept {
  return load<std::uint8_t>(message + kTypeOffset);
}
inline void set_type(std::byte* message, std::uint8_t value) noexcept {
  store<std::uint8_t>(message + kTypeOffset, value);
}

// u8 at 1. Bits of the flags table; each type allows some of them.
inline std::uint8_t flags(const std::byte* message) noexcept {
  return load<std::uint8_t>(message + kFlagsOffset);
}
inline void set_flags(std::byte* message, std::uint8_t value) noexcept {
  store<std::uint8_t>(message + kFlagsOffset, value);
}

// u16 at 2. Bytes of the body that mean something, 0 to 960. The rest of the body is sent as zero
// and never read.
inline std::uint16_t body_length(const std::byte* message) noexcept {
  return load<std::uint16_t>(message + kBodyLengthOffset);
}
inline void set_body_length(std::byte* message, std::uint16_t value) noexcept {
  store<std::uint16_t>(message + kBodyLengthOffset, value);
}

// u32 at 4. The call this message is about. Even: the engine started the call; odd: the worker did;
// 0: not about a call.
inline std::uint32_t call_id(const std::byte* message) noexcept {
  return load<std::uint32_t>(message + kCallIdOffset);
}
inline void set_call_id(std::byte* message, std::uint32_t value) noexcept {
  store<std::uint32_t>(message + kCallIdOffset, value);
}

// u32 at 8. The function, as numbered by the engine in WELCOME, LOADED or RESOLVED. Never 0 and
// never reused in an engine's life.
inline std::uint32_t function_id(const std::byte* message) noexcept {
  return load<std::uint32_t>(message + kFunctionIdOffset);
}
inline void set_function_id(std::byte* message, std::uint32_t value) noexcept {
  store<std::uint32_t>(message + kFunctionIdOffset, value);
}

// u32 at 12. Bytes of the whole payload. 0xFFFFFFFF: not known yet.
inline std::uint32_t payload_length(const std::byte* message) noexcept {
  return load<std::uint32_t>(message + kPayloadLengthOffset);
}
inline void set_payload_length(std::byte* message, std::uint32_t value) noexcept {
  store<std::uint32_t>(message + kPayloadLengthOffset, value);
}

// u32 at 16. Time left, in microseconds, counted from the receipt of the message. 0: no limit.
inline std::uint32_t timeout_us(const std::byte* message) noexcept {
  return load<std::uint32_t>(message + kTimeoutUsOffset);
}
inline void set_timeout_us(std::byte* message, std::uint32_t value) noexcept {
  store<std::uint32_t>(message + kTimeoutUsOffset, value);
}

// u32 at 16. Time the handler took, in microseconds, measured by the worker. Stops at 0xFFFFFFFF.
inline std::uint32_t run_us(const std::byte* message) noexcept {
  return load<std::uint32_t>(message + kRunUsOffset);
}
inline void set_run_us(std::byte* message, std::uint32_t value) noexcept {
  store<std::uint32_t>(message + kRunUsOffset, value);
}

// u32 at 16. How many more DATA messages the other side may send for this call, 1 or more.
inline std::uint32_t credit(const std::byte* message) noexcept {
  return load<std::uint32_t>(message + kCreditOffset);
}
inline void set_credit(std::byte* message, std::uint32_t value) noexcept {
  store<std::uint32_t>(message + kCreditOffset, value);
}

// u32 at 16. How many calls the worker takes at once from now on. 0: none for the time being.
inline std::uint32_t capacity(const std::byte* message) noexcept {
  return load<std::uint32_t>(message + kCapacityOffset);
}
inline void set_capacity(std::byte* message, std::uint32_t value) noexcept {
  store<std::uint32_t>(message + kCapacityOffset, value);
}

// u32 at 16. Any number; PONG returns the one of its PING.
inline std::uint32_t nonce(const std::byte* message) noexcept {
  return load<std::uint32_t>(message + kNonceOffset);
}
inline void set_nonce(std::byte* message, std::uint32_t value) noexcept {
  store<std::uint32_t>(message + kNonceOffset, value);
}

// u32 at 16. Process id of a forked worker.
inline std::uint32_t pid(const std::byte* message) noexcept {
  return load<std::uint32_t>(message + kPidOffset);
}
inline void set_pid(std::byte* message, std::uint32_t value) noexcept {
  store<std::uint32_t>(message + kPidOffset, value);
}

// u32 at 20. The open call, on the same channel, that makes this internal call. 0: none.
inline std::uint32_t parent_call_id(const std::byte* message) noexcept {
  return load<std::uint32_t>(message + kParentCallIdOffset);
}
inline void set_parent_call_id(std::byte* message, std::uint32_t value) noexcept {
  store<std::uint32_t>(message + kParentCallIdOffset, value);
}

// u32 at 20. A status of the statuses table. 0 is ok.
inline std::uint32_t status(const std::byte* message) noexcept {
  return load<std::uint32_t>(message + kStatusOffset);
}
inline void set_status(std::byte* message, std::uint32_t value) noexcept {
  store<std::uint32_t>(message + kStatusOffset, value);
}

// u32 at 20. How many calls the worker is running as it answers.
inline std::uint32_t open_calls(const std::byte* message) noexcept {
  return load<std::uint32_t>(message + kOpenCallsOffset);
}
inline void set_open_calls(std::byte* message, std::uint32_t value) noexcept {
  store<std::uint32_t>(message + kOpenCallsOffset, value);
}

// u32 at 20. Exit code of a forked worker; 128 + N when signal N ended it.
inline std::uint32_t exit_code(const std::byte* message) noexcept {
  return load<std::uint32_t>(message + kExitCodeOffset);
}
inline void set_exit_code(std::byte* message, std::uint32_t value) noexcept {
  store<std::uint32_t>(message + kExitCodeOffset, value);
}

// u32 at 24. Time the call waited in the engine before a worker got it, in microseconds. Stops at
// 0xFFFFFFFF.
inline std::uint32_t queue_us(const std::byte* message) noexcept {
  return load<std::uint32_t>(message + kQueueUsOffset);
}
inline void set_queue_us(std::byte* message, std::uint32_t value) noexcept {
  store<std::uint32_t>(message + kQueueUsOffset, value);
}

// u32 at 28. Which try this is, from 1. Above 1 only when the engine knows that an earlier one
// never started.
inline std::uint32_t attempt(const std::byte* message) noexcept {
  return load<std::uint32_t>(message + kAttemptOffset);
}
inline void set_attempt(std::byte* message, std::uint32_t value) noexcept {
  store<std::uint32_t>(message + kAttemptOffset, value);
}

// u32 at 28. CPU time of the call, in microseconds, when the worker can tell; otherwise 0.
inline std::uint32_t cpu_us(const std::byte* message) noexcept {
  return load<std::uint32_t>(message + kCpuUsOffset);
}
inline void set_cpu_us(std::byte* message, std::uint32_t value) noexcept {
  store<std::uint32_t>(message + kCpuUsOffset, value);
}

// u8[16] at 32. W3C Trace Context trace-id. All zero: no trace.
inline std::span<const std::byte, 16> trace_id(const std::byte* message) noexcept {
  return std::span<const std::byte, 16>{message + kTraceIdOffset, 16};
}
inline void set_trace_id(std::byte* message, std::span<const std::byte, 16> value) noexcept {
  std::memcpy(message + kTraceIdOffset, value.data(), value.size());
}

// u8[8] at 48. W3C parent-id: the sender's span.
inline std::span<const std::byte, 8> span_id(const std::byte* message) noexcept {
  return std::span<const std::byte, 8>{message + kSpanIdOffset, 8};
}
inline void set_span_id(std::byte* message, std::span<const std::byte, 8> value) noexcept {
  std::memcpy(message + kSpanIdOffset, value.data(), value.size());
}

// u8 at 56. W3C trace-flags; bit 0 is sampled.
inline std::uint8_t trace_flags(const std::byte* message) noexcept {
  return load<std::uint8_t>(message + kTraceFlagsOffset);
}
inline void set_trace_flags(std::byte* message, std::uint8_t value) noexcept {
  store<std::uint8_t>(message + kTraceFlagsOffset, value);
}

// u8 at 57. RFC 9218 urgency: 0 is the most urgent, 7 the least; 3 when nobody said.
inline std::uint8_t priority(const std::byte* message) noexcept {
  return load<std::uint8_t>(message + kPriorityOffset);
}
inline void set_priority(std::byte* message, std::uint8_t value) noexcept {
  store<std::uint8_t>(message + kPriorityOffset, value);
}

// u8 at 58. How many internal calls are above this one. 0 for an external call.
inline std::uint8_t depth(const std::byte* message) noexcept {
  return load<std::uint8_t>(message + kDepthOffset);
}
inline void set_depth(std::byte* message, std::uint8_t value) noexcept {
  store<std::uint8_t>(message + kDepthOffset, value);
}

// u8 at 59. What the payload is: a number of the content table.
inline std::uint8_t content(const std::byte* message) noexcept {
  return load<std::uint8_t>(message + kContentOffset);
}
inline void set_content(std::byte* message, std::uint8_t value) noexcept {
  store<std::uint8_t>(message + kContentOffset, value);
}

}  // namespace millrace::wire
