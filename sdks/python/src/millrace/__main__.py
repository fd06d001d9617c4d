"""The program that runs a user's file as a worker: `python -m millrace <entry> [--handler NAME] [--name NAME]
[--zygote]`, or `python -m millrace --prewarm`, which waits for its file until the engine sends LOAD.

Imports the file, finds its functions and serves them, unless the file has called `serve` itself. What can't be loaded
is one clear error on standard error and exit code 78.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from millrace._load import LoadError, load_module, select_functions
from millrace._worker import EXIT_CONFIG
from millrace.errors import UsageError, user_stack
from millrace.hooks import PROCESS
from millrace.serve import leave, open_channel, serve

if TYPE_CHECKING:
    from millrace._wire.load import Load


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        leave(EXIT_CONFIG, f"{message}; {self.format_usage().strip()}")


def main() -> NoReturn:
    """Never returns: the worker ends the process."""
    parser = _Parser(prog="python -m millrace", description="Serves the functions of a file to a Millrace engine.")
    parser.add_argument("entry", nargs="?", help="the file")
    parser.add_argument("--handler", help="serve only what has this name in the file")
    parser.add_argument("--name", help="serve it under this name")
    parser.add_argument("--zygote", action="store_true", help="load the file once and fork the workers that serve it")
    parser.add_argument("--prewarm", action="store_true", help="wait for the file until the engine sends LOAD")
    options = parser.parse_args()
    if options.prewarm and options.entry is None and not options.zygote:
        from millrace._prewarm import prewarm

        prewarm(open_channel, _load)
    if options.prewarm or options.entry is None:
        parser.error("give the file, or --prewarm alone")
    PROCESS.zygote = options.zygote
    path = os.path.abspath(options.entry)
    try:
        _serve_file(path, options.handler, options.name)
    except LoadError as error:
        leave(EXIT_CONFIG, str(error))


def _load(load: Load) -> NoReturn:
    _serve_file(os.path.abspath(load.entry), load.handler or None, load.function or None)


def _serve_file(path: str, handler: str | None, name: str | None) -> NoReturn:
    """Raises LoadError, with all that is to be said, when it can't."""
    try:
        module = load_module(path)
        serve(*select_functions(module, os.path.basename(path), handler, name))
    except LoadError:
        raise
    except UsageError as error:
        raise LoadError(error.message) from error
    except Exception as error:
        first = f"{type(error).__name__}: {error}".splitlines()[0]
        raise LoadError(f"{path} can't be loaded: {first}\n{_trace(error)}") from error


def _trace(error: Exception) -> str:
    """Where it happened, without the frames of this package and of the import machinery."""
    lines = user_stack(error).rstrip().splitlines()
    kept, skip = [], False
    for line in lines:
        if line.startswith("  File "):
            skip = "<frozen importlib" in line
        elif not line.startswith("    "):
            skip = False
        if not skip:
            kept.append(line)
    return "\n".join(kept)


if __name__ == "__main__":
    # The user's file sees its own name first, as when it is run by itself.
    sys.argv[0] = "millrace"
    main()
