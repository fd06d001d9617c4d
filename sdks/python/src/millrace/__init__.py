"""Write Millrace functions in Python.

    from millrace import function

    @function
    def greet(name: str) -> str:
        return f"Hello, {name}"

`millrace dev app.py` serves them.
"""

from millrace._version import __version__
from millrace.context import Context, Logger, SyncCall, Trace
from millrace.errors import MillraceError, PeerError, Reason, UsageError
from millrace.function import ContentName, Function, function
from millrace.hooks import on_start, on_stop, set_capacity
from millrace.serve import Servable, serve

__all__ = [
    "ContentName",
    "Context",
    "Function",
    "Logger",
    "MillraceError",
    "PeerError",
    "Reason",
    "Servable",
    "SyncCall",
    "Trace",
    "UsageError",
    "__version__",
    "function",
    "on_start",
    "on_stop",
    "serve",
    "set_capacity",
]
