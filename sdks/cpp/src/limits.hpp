// Every bound of the worker, with its unit. Bounds that the engine states in WELCOME are in
// `handshake.hpp`.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "millrace/gen/layout.hpp"

namespace millrace::detail {

/// One full Linux pipe: one read can empty it. Unit: bytes.
inline constexpr std::size_t kReadBufferBytes = 65'536;

/// Looks at a ring between two looks at the clock, while polling. Unit: looks.
inline constexpr unsigned kRingLooksPerClock = 16;

/// A read of this many messages is worth giving up the processor after it. Unit: messages.
inline constexpr std::size_t kYieldMessagesMin = 8;

/// So often a worker gives up the processor before it sleeps. Unit: times.
inline constexpr unsigned kYieldsBeforeSleep = 4;

/// Away for longer: somebody computes there.
inline constexpr std::chrono::microseconds kYieldAwayMax{200};

/// For so many times as long as it was away a worker does not give up the processor again: it is
/// held for a 17th of the time at most.
inline constexpr unsigned kYieldRest = 16;

/// For so long the number of processors is not asked again.
inline constexpr std::chrono::milliseconds kProcessorsKnownFor{100};

/// WAKEs that are read at once; more than one waits in the pipe only when this worker was busy.
/// Unit: messages.
inline constexpr std::size_t kWakesPerRead = 16;

/// Calls that a worker runs at once when nobody said. Unit: calls.
inline constexpr std::uint32_t kConcurrencyDefault = 1;

/// The most that `app::concurrency` takes; each call at once is a thread. Unit: calls.
inline constexpr std::uint32_t kConcurrencyMax = 4'096;

/// Slots of the outbox at the start, and what is written at once within a turn: one full pipe.
/// Unit: messages.
inline constexpr std::size_t kOutboxMessagesBatch = 64;

/// Above this much unwritten, DATA waits and LOG is dropped; other messages go on. Unit: messages.
inline constexpr std::size_t kOutboxMessagesHigh = 256;

/// An outbox that reaches this belongs to an engine that does not read: the worker gives up. Unit:
/// messages.
inline constexpr std::size_t kOutboxMessagesMax = 16'384;

/// An empty outbox that has grown beyond this is given back. Unit: messages.
inline constexpr std::size_t kOutboxMessagesKept = 1'024;

/// Internal calls that wait because the engine's limit on open INVOKEs is reached. Unit: calls.
inline constexpr std::size_t kCallsWaitingMax = 65'536;

/// Names whose ids are cached; at this many the cache begins anew. Unit: names.
inline constexpr std::size_t kNamesCachedMax = 4'096;

/// Names that wait for a RESOLVED. Unit: names.
inline constexpr std::size_t kNamesWaitingMax = 4'096;

/// A receiver grants credit when it has consumed this many DATA messages: half of what may be under
/// way. Unit: messages.
inline constexpr std::uint32_t kGrantBatch = wire::kCreditMax / 2;

/// Payload files that are kept to be written anew, all together: fresh pages cost three times as
/// much. Unit: bytes.
inline constexpr std::size_t kFilesKeptBytesMax = 67'108'864;

/// Text of one log record. Unit: bytes.
inline constexpr std::size_t kLogMessageBytesMax = 8'192;

/// JSON of one log record's attributes. Unit: bytes.
inline constexpr std::size_t kLogAttributesBytesMax = 8'192;

/// Each text of a failure; four of them fit one cold message. Unit: bytes.
inline constexpr std::size_t kFailureTextBytesMax = 8'192;

/// The user's code of a failure. Unit: bytes.
inline constexpr std::size_t kFailureCodeBytesMax = 256;

/// Text of a GOODBYE, which must fit one message. Unit: bytes.
inline constexpr std::size_t kGoodbyeBytesMax = 400;

/// Time that `on_stop` hooks may take when DRAIN says none.
inline constexpr std::chrono::microseconds kStopHooksMax{5'000'000};

/// Time that handlers have to notice that the channel is gone before the process ends without them.
inline constexpr std::chrono::microseconds kHandlersStopMax{1'000'000};

/// Time to get the last messages into a full pipe before the process ends anyway.
inline constexpr std::chrono::microseconds kLastWriteMax{1'000'000};

/// A CANCEL that comes this near to the deadline, or later, is taken for the deadline's.
inline constexpr std::chrono::microseconds kDeadlineSlack{5'000};

/// The longest time limit that the wire can carry. Unit: microseconds (71 minutes).
inline constexpr std::uint64_t kTimeoutUsMax = 0xffff'ffff;

/// How long the standby lets a handler keep the only thread from reading, with concurrency 1: long
/// enough that short handlers never wake it.
inline constexpr std::chrono::microseconds kStandbyTickSingle{1'000};

/// The same with more threads: how long a call that was read may wait behind another before a
/// thread is woken.
inline constexpr std::chrono::microseconds kStandbyTickPool{100};

/// As long as looks find nobody to help, each pause is twice the one before, up to this many ticks:
/// every look takes the processor from the thread that works. Unit: ticks.
inline constexpr int kStandbyTicksMost = 10;

/// The longest pause while no thread leaves anything to others when it begins a handler. A handler
/// that computes sees a CANCEL up to that and a tick later. Unit: microseconds.
inline constexpr std::chrono::microseconds kStandbyPauseCalm{50'000};

/// Looks in a row without anything to do after which the standby sleeps until it is called.
inline constexpr unsigned kStandbyQuietLooks = 20;

/// A handler that took longer has its RESULT written at once, not together with those of the next
/// handlers.
inline constexpr std::chrono::microseconds kBatchHandlerMax{50};

/// Blocks that `bytes` takes from its thread's pool: one inline payload and more. Unit: bytes.
inline constexpr std::size_t kPooledBlockBytes = 1'024;

/// Free blocks that one thread keeps. Unit: blocks.
inline constexpr std::size_t kPooledBlocksMax = 64;

/// Buffers from this size on are kept to be used anew, by the whole process: fresh pages cost more
/// than what is read into them. Unit: bytes.
inline constexpr std::size_t kLargeBlockBytesMin = 65'536;

/// So much of them is kept, and so many: the input and the output of a call with 16 MiB each. Units:
/// bytes; blocks.
inline constexpr std::size_t kLargeKeptBytesMax = 33'554'432;
inline constexpr std::size_t kLargeKeptMax = 16;

/// A kept buffer is used for no fewer bytes than its size divided by this.
inline constexpr std::size_t kLargeFitDivisor = 2;

/// Free call objects that a worker keeps. Unit: objects.
inline constexpr std::size_t kPooledCallsMax = 256;

/// Bytes with which the collection of a payload of unknown length begins. Unit: bytes.
inline constexpr std::size_t kCollectBytesFirst = 4'096;

static_assert(kReadBufferBytes % wire::kMessageBytes == 0, "one read must hold whole messages");
static_assert(kOutboxMessagesBatch <= kOutboxMessagesHigh);
static_assert(kOutboxMessagesHigh < kOutboxMessagesMax);
static_assert(kOutboxMessagesKept <= kOutboxMessagesMax);
static_assert(kPooledBlockBytes >= wire::kBodyBytes, "an inline payload must fit a pooled block");
static_assert(kGoodbyeBytesMax + 256 < wire::kBodyBytes - wire::kVersionPrefixBytes);
static_assert(4 * kFailureTextBytesMax + kFailureCodeBytesMax + 64 < wire::kColdMessageBytesMax);
static_assert(kLogMessageBytesMax + kLogAttributesBytesMax + 64 < wire::kColdMessageBytesMax);

}  // namespace millrace::detail
