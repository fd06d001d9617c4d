"""The program that runs a user's file as a worker: `python -m millrace <entry> [--handler NAME] [--name NAME]
[--zygote]`.

Imports the file, finds its functions and serves them, unless the file has called `serve` itself. What can't be loaded
is one clear error on standard error and exit code 78.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import NoReturn

from millrace._load import LoadError, load_module, select_functions
from millrace._worker import EXIT_CONFIG
from millrace.errors import UsageError, user_stack
from millrace.hooks import PROCESS
from millrace.serve import leave, serve


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        leave(EXIT_CONFIG, f"{message}; {self.format_usage().strip()}")


def main() -> NoReturn:
    """Never returns: the worker ends the process."""
    parser = _Parser(prog="python -m millrace", description="Serves the functions of a file to a Millrace engine.")
    parser.add_argument("entry", help="the file")
    parser.add_argument("--handler", help="serve only what has this name in the file")
    parser.add_argument("--name", help="serve it under this name")
    parser.add_argument("--zygote", action="store_true", help="load the file once and fork the workers that serve it")
    options = parser.parse_args()
    PROCESS.zygote = options.zygote
    path = os.path.abspath(options.entry)
    try:
        module = load_module(path)
        functions = select_functions(module, os.path.basename(path), options.handler, options.name)
        serve(*functions)
    except LoadError as error:
        leave(EXIT_CONFIG, str(error))
    except UsageError as error:
        leave(EXIT_CONFIG, error.message)
    except Exception as error:
        first = f"{type(error).__name__}: {error}".splitlines()[0]
        leave(EXIT_CONFIG, f"{path} can't be loaded: {first}\n{_trace(error)}")


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
