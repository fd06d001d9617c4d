"""Log records: as LOG messages, tied to their calls, or without the feature `log` as lines on standard error."""

from __future__ import annotations

import json
import logging
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from millrace._gen.layout import TYPE_LOG
from millrace._limits import LOG_ATTRIBUTES_CHARS_MAX, LOG_MESSAGE_CHARS_MAX
from millrace._shapes import to_plain
from millrace._wire.cold import LOG_DEBUG, LOG_ERROR, LOG_INFO, LOG_WARN, Log, encode_log
from millrace._wire.headers import span_messages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from millrace._channel import Channel
    from millrace._runtime import Runtime
    from millrace._served_call import ServedCall

# The call whose handler runs, in workers with an event loop; one without has a stack instead.
CURRENT_CALL: ContextVar[ServedCall | None] = ContextVar("millrace_call", default=None)

_LEVEL_NAMES = {LOG_DEBUG: "debug", LOG_INFO: "info", LOG_WARN: "warn", LOG_ERROR: "error"}


class WorkerLog:
    """Sends records. Never waits. Belongs to the channel's thread."""

    def __init__(self, channel: Channel, accepted: bool, say: Callable[[str], None]) -> None:
        self._channel = channel
        self._accepted = accepted
        self._say = say
        # Records dropped because the channel was backed up, and not yet told.
        self.dropped = 0

    def write(self, level: int, message: str, attributes: Mapping[str, Any], call: ServedCall | None) -> None:
        """`call`: the call that it belongs to; None or ended: none (rules `log-call-id`, `log-never-delays`)."""
        if not self._accepted:
            rest = f" {attributes_json(attributes)}" if attributes else ""
            name = "" if call is None else f" {call.fn.name}"
            self._say(f"{_LEVEL_NAMES[level]}{name} {message}{rest}")
            return
        self.dropped += self._channel.posts_dropped
        self._channel.posts_dropped = 0
        if self._channel.high:
            self.dropped += 1
            return
        if self.dropped > 0:
            dropped, self.dropped = self.dropped, 0
            self._send(LOG_WARN, "log records were dropped: the channel was backed up", {"dropped": dropped}, 0)
        self._send(level, message, attributes, 0 if call is None or call.ended else call.id)

    def _send(self, level: int, message: str, attributes: Mapping[str, Any], call_id: int) -> None:
        record = Log(level, message[:LOG_MESSAGE_CHARS_MAX], attributes_json(attributes) if attributes else "")
        self._channel.send_all(span_messages(TYPE_LOG, encode_log(record), call_id))


class CallLog:
    """The log of one call: see `context.Logger`. On any thread."""

    def __init__(self, log: WorkerLog, call: ServedCall) -> None:
        self._log = log
        self._call = call

    def debug(self, message: str, **attributes: Any) -> None:
        """See `context.Logger`."""
        self._write(LOG_DEBUG, message, attributes)

    def info(self, message: str, **attributes: Any) -> None:
        """See `context.Logger`."""
        self._write(LOG_INFO, message, attributes)

    def warning(self, message: str, **attributes: Any) -> None:
        """See `context.Logger`."""
        self._write(LOG_WARN, message, attributes)

    def error(self, message: str, **attributes: Any) -> None:
        """See `context.Logger`."""
        self._write(LOG_ERROR, message, attributes)

    def _write(self, level: int, message: str, attributes: Mapping[str, Any]) -> None:
        call = self._call
        call.calls.runtime.soon(lambda: self._log.write(level, str(message), attributes, call))


class LogHandler(logging.Handler):
    """Takes the records of the standard `logging` to the engine's log, tied to the calls that wrote them. What was
    given as `extra` become attributes.
    """

    def __init__(self, runtime: Runtime, log_of: Callable[[], WorkerLog | None]) -> None:
        super().__init__()
        self._runtime = runtime
        self._log_of = log_of

    def emit(self, record: logging.LogRecord) -> None:
        """Never raises: `logging` tells about an error its own way."""
        try:
            message = self.format(record)
            attributes = {key: value for key, value in record.__dict__.items() if key not in _STANDARD_FIELDS}
            if record.name != "root":
                attributes["logger"] = record.name
            call = self._runtime.current()
            level = _level_of(record.levelno)
            self._runtime.soon(lambda: self._write(level, message, attributes, call))
        except Exception:
            self.handleError(record)

    def _write(self, level: int, message: str, attributes: Mapping[str, Any], call: ServedCall | None) -> None:
        log = self._log_of()
        if log is not None:
            log.write(level, message, attributes, call)


class CallFields(logging.Filter):
    """Gives every record the fields `call_id`, `function` and `trace_id`, for formatters of the user's own. Outside of
    a call they are 0 and empty.
    """

    def __init__(self, runtime: Runtime) -> None:
        super().__init__()
        self._runtime = runtime

    def filter(self, record: logging.LogRecord) -> bool:
        """Lets every record pass."""
        call = self._runtime.current()
        record.call_id = 0 if call is None else call.id
        record.function = "" if call is None else call.fn.name
        record.trace_id = "" if call is None else call.header[10][:16].hex()
        return True


def install_logging(runtime: Runtime, log_of: Callable[[], WorkerLog | None]) -> None:
    """Gives every record the fields of its call, and sends what reaches the root logger to the engine. A root logger
    that nobody has set up gets the level INFO.
    """
    fields = CallFields(runtime)
    make = logging.getLogRecordFactory()

    def make_with_fields(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        fields.filter(record)
        return record

    logging.setLogRecordFactory(make_with_fields)
    root = logging.getLogger()
    if not root.handlers and root.level == logging.WARNING:
        root.setLevel(logging.INFO)
    root.addHandler(LogHandler(runtime, log_of))


def attributes_json(attributes: Mapping[str, Any]) -> str:
    """The attributes as a JSON object, or a note in their place: a log call never raises."""
    try:
        text = json.dumps(dict(attributes), default=_plain_or_text, ensure_ascii=False, separators=(",", ":"))
    except Exception as error:
        return json.dumps({"attributes_dropped": f"{type(error).__qualname__}: {error}"})
    if len(text) <= LOG_ATTRIBUTES_CHARS_MAX:
        return text
    return json.dumps({"attributes_dropped": f"{len(text)} characters"})


def _plain_or_text(value: Any) -> Any:
    try:
        return to_plain(value)
    except TypeError:
        return repr(value) if isinstance(value, BaseException) else str(value)


def _level_of(number: int) -> int:
    if number >= logging.ERROR:
        return LOG_ERROR
    if number >= logging.WARNING:
        return LOG_WARN
    return LOG_INFO if number >= logging.INFO else LOG_DEBUG


_STANDARD_FIELDS = frozenset(logging.makeLogRecord({}).__dict__) | {
    "message",
    "asctime",
    "taskName",
    "call_id",
    "function",
    "trace_id",
}
