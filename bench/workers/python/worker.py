"""The functions of the bench in Python. Plain `def`, without a thread or an event loop: the quickest way of this SDK."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from time import perf_counter_ns

from millrace import Context, Function, SyncCall, function, serve

SAMPLE_NS_MAX = 0xFFFF_FFFF
CHAIN = 8


def samples_bytes(elapsed_ns: int, samples_ns: array[int]) -> bytes:
    return elapsed_ns.to_bytes(8, "little") + samples_ns.tobytes()


@function("python.echo")
def echo(payload: bytes) -> bytes:
    return payload


@function("python.calls")
def calls(load: bytes, ctx: Context) -> bytes:
    """Times calls from inside; its input is a load: callee, count, in flight, batch, bytes, first byte."""
    callee, *words = load.decode().split(" ")
    count, in_flight, batch, size, first = map(int, words)
    payload = bytes([first, *bytes(size - 1)]) if size > 0 else b""
    samples = array("I")
    begun = perf_counter_ns()
    if batch > 1:
        in_batches(ctx, callee, payload, count, batch, samples)
    elif in_flight > 1:
        overlapping(ctx, callee, payload, count, in_flight, samples)
    else:
        call = ctx.call_sync
        for _ in range(count):
            at = perf_counter_ns()
            output = call(callee, payload)
            samples.append(min(perf_counter_ns() - at, SAMPLE_NS_MAX))
            if len(output) != size:
                raise ValueError(f"{callee} sent {len(output)} bytes back instead of {size}")
    return samples_bytes(perf_counter_ns() - begun, samples)


def in_batches(ctx: Context, callee: str, payload: bytes, count: int, batch: int, samples: array[int]) -> None:
    for _ in range(count):
        at = perf_counter_ns()
        outputs = ctx.gather_sync(*started(ctx, callee, payload, batch))
        samples.append(min(perf_counter_ns() - at, SAMPLE_NS_MAX))
        check(outputs, len(payload))


def overlapping(ctx: Context, callee: str, payload: bytes, count: int, in_flight: int, samples: array[int]) -> None:
    """A window of calls; the oldest is waited for, as calls of one worker come back in order."""
    begun = [(perf_counter_ns(), call) for call in started(ctx, callee, payload, min(in_flight, count))]
    started_calls = len(begun)
    for turn in range(count):
        at, call = begun[turn % in_flight]
        check([call.result()], len(payload))
        samples.append(min(perf_counter_ns() - at, SAMPLE_NS_MAX))
        if started_calls < count:
            begun[turn % in_flight] = (perf_counter_ns(), ctx.start_sync(callee, payload))
            started_calls += 1


def started(ctx: Context, callee: str, payload: bytes, count: int) -> list[SyncCall[bytes]]:
    return [ctx.start_sync(callee, payload) for _ in range(count)]


def check(outputs: list[bytes], size: int) -> None:
    for output in outputs:
        if len(output) != size:
            raise ValueError(f"the callee sent {len(output)} bytes back instead of {size}")


def hop(following: str, payload: bytes, ctx: Context) -> bytes:
    """Calls `following` with one less in its first byte, until that is 0."""
    if payload[0] == 0:
        return payload
    return ctx.call_sync(following, bytes([payload[0] - 1]) + payload[1:])


def step(number: int) -> Function[..., bytes]:
    """One of a chain of eight functions: each calls the one after it, and the last sends back what it got."""

    @function(f"python.step-{number}")
    def call_next(payload: bytes, ctx: Context) -> bytes:
        return payload if number == CHAIN else ctx.call_sync(f"python.step-{number + 1}", payload)

    return call_next


@function("python.ping")
def ping(payload: bytes, ctx: Context) -> bytes:
    return hop("python.pong", payload, ctx)


@function("python.pong")
def pong(payload: bytes, ctx: Context) -> bytes:
    return hop("python.ping", payload, ctx)


@function("python.recurse")
def recurse(payload: bytes, ctx: Context) -> bytes:
    return hop("python.recurse", payload, ctx)


@function("python.source", content="bytes")
def source(wanted: bytes) -> Iterator[bytes]:
    """Streams parts: its input says how many, and of how many bytes."""
    parts, size = map(int, wanted.split())
    part = bytes(size)
    for _ in range(parts):
        yield part


@function("python.reads")
def reads(wanted: bytes, ctx: Context) -> bytes:
    """Reads streams to their end; its input: the function that streams, streams, parts of each, bytes of each part."""
    callee, *words = wanted.decode().split(" ")
    count, parts, size = map(int, words)
    samples = array("I")
    begun = perf_counter_ns()
    for _ in range(count):
        at = perf_counter_ns()
        read = sum(len(part) for part in ctx.stream_sync(callee, b"%d %d" % (parts, size)))
        if read != parts * size:
            raise ValueError(f"{callee} streamed {read} bytes instead of {parts * size}")
        samples.append(min(perf_counter_ns() - at, SAMPLE_NS_MAX))
    return samples_bytes(perf_counter_ns() - begun, samples)


if __name__ == "__main__":
    serve(echo, calls, *map(step, range(1, CHAIN + 1)), ping, pong, recurse, source, reads)
