"""Whether a file and its log are still what SQLite believes them to be, looked at before and after each commit.

SQLite trusts that nobody but SQLite touches its files. A person or a program may move them, cut them off or copy over
them while a server runs; SQLite would go on and report success. One look takes some microseconds. Only a log that was
written at another time than we wrote it is looked at frame by frame, as every log is once votes pause.

SQLite's locks are POSIX's: a process loses them when it opens and closes the file once more, as Jupyter does when a
person looks at it there. Another program would then take itself for the only one, and delete the log as it closes. So
the watch keeps locks of its own where the system has a kind that stays (``F_OFD_SETLK``).

Layouts are those of https://sqlite.org/walformat.html. Used in the threads of the store, never on the loop.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

from .journal import CommittedLost, ForeignWrite, JournalError
from .log_frames import FRAME_HEADER, HEADER, BadFrame, sound_frames

try:
    import fcntl
except ImportError:  # Windows, where locks stay
    fcntl = None  # type: ignore[assignment]

MEANWHILE: Final = "Until then no vote is stored or counted; phones send theirs again by themselves."

_SHARED: Final = (0x40000002, 510)
"""Offset and length of what SQLite locks in a database file that it has open."""

_IN_USE: Final = (128, 1)
"""The same in ``-shm``."""

_INDEX: Final = struct.Struct("=IIIBBHIIII8sII")
"""What ``-shm`` says of the log: see ``_LogEnd``."""

_BIGGEST_PAGE: Final = 65536

BETWEEN_FRAMES: Final = 0.0001
"""Seconds between two frames that are looked at once votes pause: the loop then waits for none of them but one."""


class _LogEnd(NamedTuple):
    """The last frame that SQLite has committed: how many there are, its salt and checksum; and the count of commits."""

    frames: int
    page_size: int
    salt: bytes
    checksum: bytes
    changes: int

    @property
    def offset(self) -> int:
        """Where the last frame begins."""
        return HEADER + (self.frames - 1) * (FRAME_HEADER + self.page_size)

    @property
    def size(self) -> int:
        """Bytes that the log has at least."""
        return self.offset + FRAME_HEADER + self.page_size if self.frames else 0


class FileWatch:
    """Watches ``path``, which a connection of this process has open, and its log.

    Call :meth:`let_go` before that connection is closed for good, and :meth:`close` after it.
    """

    def __init__(self, path: Path, *, is_shared: bool) -> None:
        self.path = path
        self._is_shared = is_shared
        self._log, self._index = beside(path, "-wal"), beside(path, "-shm")
        self._files = _identity_of(_status(path)), _identity_of(_status(self._log))
        self._index_identity = _identity_of(_status(self._index))
        self._descriptors = {each: _descriptor(each) for each in (path, self._log, self._index)}
        self._end: _LogEnd | None = None
        self._changes: int | None = None
        self._log_size = 0
        self._lock = Lock()
        self._writing_back = 0
        self._database = _time_and_size(_status(path))
        self._log_written = _time_and_size(_status(self._log))
        self._is_suspect = False
        self._keep_locks(is_kept=True)

    # ------------------------------------------------------------ looking

    def before_commit(self) -> None:
        """Raise :exc:`JournalError` if the files are gone, and as :meth:`after_commit` does."""
        database, log = _status(self.path), _status(self._log)
        if (_identity_of(database), _identity_of(log)) != self._files:
            raise self._gone()
        if self._is_shared and _identity_of(_status(self._index)) != self._index_identity:
            raise self._lost("its -shm file was removed or replaced")
        end = self._log_end()
        self._check_log(end, log.st_size if log else 0)
        self._check_changes(end, 0)
        self._check_database(database)
        self._check_frames(end, log)
        self._end = end

    def after_commit(self) -> None:
        """Once a commit has been reported, and before anything is acknowledged.

        Raises :exc:`CommittedLost` if what was committed may be gone, and :exc:`ForeignWrite` if somebody else has
        committed. It makes one call that may wait for the interpreter's lock: for the time of the log.
        """
        before, self._end = self._end, None
        end = self._log_end()
        self._log_written = _time_and_size(_status(self._log))
        if end is None:
            self._log_size = self._size_of_log()
            return
        if before and before.frames and before.salt == end.salt:
            self._check_frame(before)
        self._check_log(end, end.size)
        is_ours = before is None or (end.changes - before.changes) % 2**32 <= 1
        self._changes = end.changes
        if not is_ours:
            raise self._foreign()

    def forget(self) -> None:
        """A commit has failed, and may be in the log or not."""
        self._changes = None

    def _check_changes(self, end: _LogEnd | None, expected: int) -> None:
        before, self._changes = self._changes, end.changes if end else None
        if end and before is not None and (end.changes - before) % 2**32 != expected:
            raise self._foreign()

    def _foreign(self) -> ForeignWrite:
        return ForeignWrite(
            f"{self.path} was written by another program.",
            f"Another program has written into {self.path}, so its rooms were read again. Stop that program: only the "
            f"server may write there while it runs. {MEANWHILE}",
        )

    @property
    def frames(self) -> int:
        """Pages in the log, as of the last commit."""
        end = self._log_end()
        return end.frames if end else 0

    @contextlib.contextmanager
    def writing_back(self) -> Iterator[None]:
        """While the log is written back to the database by this process, the database may change."""
        self.before_write_back()
        with self._lock:
            self._writing_back += 1
        try:
            yield
        finally:
            with self._lock:
                self._database = _time_and_size(_status(self.path))
                self._writing_back -= 1

    def before_write_back(self) -> None:
        """Raise :exc:`JournalError` rather than have what is not ours written into the database."""
        log = _status(self._log)
        if (_identity_of(_status(self.path)), _identity_of(log)) != self._files:
            raise self._gone()
        self._check_log(self._log_end(), log.st_size if log else 0)

    def look_through_log(self, is_wanted: Callable[[], bool]) -> None:
        """Look at every frame, once votes pause; no further if one comes, or it is not wanted any more.

        Raises :exc:`CommittedLost`, as the next :meth:`before_commit` then does too, if it finds the same.
        """
        end = self._log_end()
        try:
            for _ in self._frames(end):
                time.sleep(BETWEEN_FRAMES)
                if not is_wanted() or self._log_end() != end:
                    return
        except BadFrame:
            if self._log_end() != end:
                return  # a commit has begun the log anew meanwhile
            self._is_suspect = True
            raise self._overwritten() from None

    def is_sound(self) -> bool:
        """Whether the files are still what they should be, so that SQLite may write the log back as it closes."""
        try:
            self.before_write_back()
        except JournalError:
            return False
        return True

    def _gone(self) -> JournalError:
        return JournalError(
            f"{self.path} or its log is no longer the file that was opened.",
            f"{self.path} was moved, removed or put out of reach while the server was using it: put it back with "
            f"its -wal file. If you cannot, save the answers and start the server again. {MEANWHILE}",
        )

    def _check_log(self, end: _LogEnd | None, size: int) -> None:
        if end is None:
            if size < self._log_size:
                raise self._lost("its log was cut off")
            return
        if not end.frames:
            return
        if size < end.size:
            raise self._lost("its log was cut off")
        if self._read(self._log, HEADER, 0)[16:24] != end.salt:
            raise self._lost("its log was replaced")
        self._check_frame(end)

    def _check_frame(self, end: _LogEnd) -> None:
        frame = self._read(self._log, FRAME_HEADER, end.offset)
        if frame[8:16] != end.salt or frame[16:24] != end.checksum:
            raise self._overwritten()

    def _check_frames(self, end: _LogEnd | None, found: os.stat_result | None) -> None:
        """Look at every frame if somebody else has written to the log, or may have.

        A time alone proves nothing: a program that touches the file does no harm.
        """
        written = _time_and_size(found)
        if end is None or (written == self._log_written and not self._is_suspect):
            return
        try:
            for _ in self._frames(end):
                pass
        except BadFrame:
            raise self._overwritten() from None
        self._log_written, self._is_suspect = written, False

    def _overwritten(self) -> CommittedLost:
        return self._lost("its log was overwritten")

    def _check_database(self, found: os.stat_result | None) -> None:
        if not self._is_shared or _time_and_size(found) == self._database:
            return
        with self._lock:
            # Written back by our other thread meanwhile?
            is_ours = self._writing_back or _time_and_size(_status(self.path)) == self._database
        if not is_ours:
            raise self._lost("it was written to")

    def _lost(self, what: str) -> CommittedLost:
        return CommittedLost(
            f"{self.path}: {what} by another program while the server was using it.",
            f"Another program has changed {self.path}: {what}. The server writes there again what it has in memory. "
            f"Never copy over the files of a running server; `jupyter livepoll backup` copies them. {MEANWHILE}",
        )

    # ------------------------------------------------------------ the files

    def _log_end(self) -> _LogEnd | None:
        """What SQLite believes of the log; None where that is not in a file."""
        if not self._is_shared or _pread is None:
            return None
        text = self._read(self._index, _INDEX.size, 0)
        if len(text) < _INDEX.size:
            raise self._lost("its -shm file was cut off")
        _, _, changes, is_made, _, page_size, frames, _, first, second, salt, _, _ = _INDEX.unpack(text)
        if not is_made:
            raise self._lost("its -shm file was overwritten")
        size = _BIGGEST_PAGE if page_size == 1 else page_size
        return _LogEnd(frames, size, salt, struct.pack(">II", first, second), changes)

    def _frames(self, end: _LogEnd | None) -> Iterator[int]:
        """Look at one frame after the other; raises :exc:`BadFrame`."""
        if end is None or not end.frames:
            return iter(())
        return sound_frames(self._read_log, end.salt, end.frames, end.page_size)

    def _read_log(self, length: int, offset: int) -> bytes:
        return self._read(self._log, length, offset)

    def _size_of_log(self) -> int:
        try:
            return self._log.stat().st_size
        except OSError:
            return 0

    def _read(self, path: Path, length: int, offset: int) -> bytes:
        """From a file that was open from the beginning; nothing where it could not be opened."""
        descriptor = self._descriptors[path]
        return b"" if descriptor is None or _pread is None else _pread(descriptor, length, offset)

    # ------------------------------------------------------------ locks

    def let_go(self) -> None:
        """Give up the locks, so that the connection may write everything back and delete the log as it closes."""
        self._keep_locks(is_kept=False)

    def close(self) -> None:
        """Close what was opened to look; only after every connection, whose locks would go with it."""
        for path, descriptor in self._descriptors.items():
            if descriptor is not None:
                os.close(descriptor)
                self._descriptors[path] = None

    def _keep_locks(self, *, is_kept: bool) -> None:
        if not self._is_shared or not hasattr(fcntl, "F_OFD_SETLK"):
            return
        kind = fcntl.F_RDLCK if is_kept else fcntl.F_UNLCK
        for path, (start, length) in ((self.path, _SHARED), (self._index, _IN_USE)):
            descriptor = self._descriptors[path]
            if descriptor is not None:
                wanted = struct.pack("hhqqi4x", kind, os.SEEK_SET, start, length, 0)
                with contextlib.suppress(OSError):  # a file system without locks of this kind
                    fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, wanted)


def beside(path: Path, ending: str) -> Path:
    """The log or the shared memory of a database."""
    return path.with_name(path.name + ending)


def _descriptor(path: Path) -> int | None:
    try:
        return os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0))
    except OSError:
        return None


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _identity_of(found: os.stat_result | None) -> tuple[int, int] | None:
    """Device and number of a file, None for one out of reach."""
    return (found.st_dev, found.st_ino) if found else None


def _time_and_size(found: os.stat_result | None) -> tuple[int, int] | None:
    return (found.st_mtime_ns, found.st_size) if found else None


def _reader() -> Callable[[int, int, int], bytes] | None:
    """``os.pread`` without letting go of the interpreter's lock, which a busy loop would give back 5 ms later.

    What is read was written a moment ago, so it comes from memory. None where the system has no such call.
    """
    if not hasattr(os, "pread"):
        return None
    try:
        call = ctypes.PyDLL(None, use_errno=True).pread64
    except (AttributeError, OSError):
        return os.pread
    call.restype, call.argtypes = ctypes.c_ssize_t, [ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int64]

    def read(descriptor: int, length: int, offset: int) -> bytes:
        buffer = ctypes.create_string_buffer(length)
        count = call(descriptor, buffer, length, offset)
        return buffer.raw[: max(0, count)]

    return read


_pread = _reader()
