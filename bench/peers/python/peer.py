"""Python's peer: a gRPC client and server in two processes over a Unix socket, no engine between.

    python peer.py client grpc SOCKET COUNT WARM_UP BYTES   starts its own server, prints one JSON object
    python peer.py server grpc SOCKET                       ends when its standard input does

Both sides are the synchronous API. Payloads are bytes as they are: protobuf would only add to what gRPC takes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter_ns

import grpc

SERVICE = "bench.Echo"
SERVER_THREADS = 4
READY_SECONDS_MAX = 30


def serve(socket: str) -> None:
    server = grpc.server(ThreadPoolExecutor(SERVER_THREADS))
    echo = grpc.unary_unary_rpc_method_handler(lambda payload, context: payload)
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE, {"Call": echo})])
    server.add_insecure_port(f"unix:{socket}")
    server.start()
    print("ready", flush=True)
    sys.stdin.read()
    server.stop(None)


def measure(socket: str, count: int, warm_up: int, size: int) -> dict[str, object]:
    payload = bytes(size)
    with grpc.insecure_channel(f"unix:{socket}") as channel:
        grpc.channel_ready_future(channel).result(READY_SECONDS_MAX)
        call = channel.unary_unary(f"/{SERVICE}/Call")
        for _ in range(warm_up):
            call(payload)
        samples = []
        begun = perf_counter_ns()
        for _ in range(count):
            at = perf_counter_ns()
            output = call(payload)
            samples.append(perf_counter_ns() - at)
            if len(output) != size:
                raise ValueError(f"{len(output)} bytes came back instead of {size}")
        return {"elapsedNs": perf_counter_ns() - begun, "samplesNs": samples}


def main(role: str, kind: str, socket: str, *numbers: str) -> None:
    if kind != "grpc":
        sys.exit(f"{kind} is no kind of peer: grpc")
    if role == "server":
        serve(socket)
        return
    count, warm_up, size = map(int, numbers)
    command = [sys.executable, __file__, "server", kind, socket]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin is not None and server.stdout is not None
        if server.stdout.readline() != b"ready\n":
            sys.exit("the server did not start")
        print(json.dumps(measure(socket, count, warm_up, size)))
        server.stdin.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
