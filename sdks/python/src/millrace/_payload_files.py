"""A worker's payload directory: files that it reads once and files that it writes."""

from __future__ import annotations

import os
import stat
from typing import Final, NamedTuple

from millrace._gen.layout import FILES_KEPT_MAX
from millrace._limits import FILES_KEPT_BYTES_MAX

_LINKLESS: Final = os.O_NOFOLLOW | os.O_CLOEXEC


class RefusedFileError(Exception):
    """A payload file is not what the rules want. Its text names the rule."""

    def __init__(self, name: str, rule: str) -> None:
        super().__init__(f"the payload file {name} was refused (rule {rule})")


class _Kept(NamedTuple):
    owner: str
    name: str
    fd: int
    size: int


class PayloadFiles:
    """A file that was read may be written anew, and then only to go back to where it came from: who wrote it may still
    have it open. `owner` says where that is. Rules `file-regular`, `file-size-exact`, `file-read-once`, `file-removed`.
    """

    def __init__(self, directory: str) -> None:
        self._directory = directory
        # Oldest first.
        self._kept: list[_Kept] = []
        self._number = 0

    def read(self, name: str, size: int, owner: str) -> bytes:
        """Reads a file once and takes it; it is kept for `owner` within bounds, and else removed.

        Raises:
            RefusedFileError: it is not what it should be, and is removed.
        """
        try:
            # Without waiting: a FIFO would hold it up. For writing, too: it may be written anew.
            fd = os.open(self._path(name), os.O_RDWR | os.O_NONBLOCK | _LINKLESS)
        except OSError:
            self.discard(name)
            raise RefusedFileError(name, "file-regular") from None
        try:
            whole = _read_whole(fd, name, size)
        except BaseException:
            self._drop(name, fd)
            raise
        self._kept.append(_Kept(owner, name, fd, size))
        while len(self._kept) > FILES_KEPT_MAX or sum(one.size for one in self._kept) > FILES_KEPT_BYTES_MAX:
            self._forget(self._kept[0])
        return whole

    def write(self, payload: bytes, owner: str) -> str | None:
        """Writes a file, in the room of one kept for `owner` if there is one.

        Returns its name; None: there is no room.
        """
        kept = next((one for one in self._kept if one.owner == owner), None)
        size = 0
        try:
            if kept is None:
                self._number += 1
                name = f"w{self._number}"
                fd = os.open(self._path(name), os.O_RDWR | os.O_CREAT | os.O_EXCL | _LINKLESS, 0o600)
            else:
                self._kept.remove(kept)
                _, name, fd, size = kept
        except OSError:
            return None
        try:
            view = memoryview(payload)
            done = 0
            while done < len(payload):
                done += os.pwrite(fd, view[done:], done)
            if size > len(payload):
                os.ftruncate(fd, len(payload))
        except OSError:
            self._drop(name, fd)
            return None
        os.close(fd)
        return name

    def release(self, owner: str) -> None:
        """Removes what is kept for `owner`."""
        for one in [one for one in self._kept if one.owner == owner]:
            self._forget(one)

    def discard(self, name: str) -> None:
        """Removes a file unread. What can't be removed goes with the directory, which is the engine's to remove."""
        try:
            os.unlink(self._path(name))
        except OSError:
            return

    def _forget(self, kept: _Kept) -> None:
        self._kept.remove(kept)
        self._drop(kept.name, kept.fd)

    def _drop(self, name: str, fd: int) -> None:
        os.close(fd)
        self.discard(name)

    def _path(self, name: str) -> str:
        return f"{self._directory}/{name}"


def _read_whole(fd: int, name: str, size: int) -> bytes:
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        raise RefusedFileError(name, "file-regular")
    if found.st_size != size:
        raise RefusedFileError(name, "file-size-exact")
    whole = os.pread(fd, size, 0)
    while len(whole) < size:  # One read takes at most 2 GiB.
        part = os.pread(fd, size - len(whole), len(whole))
        if not part:
            raise RefusedFileError(name, "file-size-exact")  # It was cut meanwhile.
        whole += part
    return whole
