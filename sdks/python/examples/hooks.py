"""What runs at the start and the end of a worker; `python hooks.py` is then a worker command of its own."""

import logging

from millrace import function, on_start, on_stop, serve, set_capacity

log = logging.getLogger(__name__)
words: dict[str, str] = {}


@on_start
def load() -> None:
    words.update(cat="Katze", dog="Hund")


@on_stop
def unload() -> None:
    words.clear()


@function
def translate(word: str) -> str | None:
    if word not in words:
        log.warning("unknown word %s", word)
    return words.get(word)


@function
def busy(calls: int) -> None:
    set_capacity(calls)


if __name__ == "__main__":
    serve(translate, busy, max_calls=8)
