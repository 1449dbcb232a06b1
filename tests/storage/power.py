"""A disk in memory that forgets at a power cut what was not synced, as SQLite sees one: a VFS, and a connection to it.

The model is the harsh end of what file systems allow: until its file is synced each write may be kept, lost or torn at
the borders of sectors, in any order, each truncation may be lost, and where a file has grown around a lost write
anything may stand. A file that was made or removed may be so or not until the folder is synced, which SQLite does with
the first sync of a new log or journal.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, cast

import apsw

from livepoll_jupyter.storage import sqlite_file

SECTOR = 512
_LOGS = apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_MAIN_JOURNAL
_names = itertools.count()


class Write(NamedTuple):
    """Bytes put at an offset."""

    offset: int
    data: bytes

    def carry_out(self, content: bytearray, filler: bytes = b"\0") -> None:
        """Put them into ``content``; a gap before them is filled."""
        content.extend(filler * (self.offset - len(content)))
        content[self.offset : self.offset + len(self.data)] = self.data

    def survivors(self, chance: Random) -> Iterator[Write | Truncation]:
        """What a cut leaves of it: all, nothing, or some of its sectors."""
        fate = chance.choice(("kept", "lost", "torn"))
        if fate == "kept":
            yield self
        elif fate == "torn":
            starts = [0, *range(SECTOR - self.offset % SECTOR, len(self.data), SECTOR), len(self.data)]
            for start, end in itertools.pairwise(starts):
                if chance.random() < 0.5:
                    yield Write(self.offset + start, self.data[start:end])


class Truncation(NamedTuple):
    """A new, smaller size."""

    size: int

    def carry_out(self, content: bytearray, _: bytes = b"\0") -> None:
        """Cut ``content`` off."""
        del content[self.size :]

    def survivors(self, chance: Random) -> Iterator[Write | Truncation]:
        """What a cut leaves of it: all or nothing."""
        if chance.random() < 0.5:
            yield self


class File:
    """One file: ``content`` is what programs read, ``synced`` is what is safe, ``unsynced`` lies between them."""

    def __init__(self, content: bytes = b"") -> None:
        self.content = bytearray(content)
        self.synced = bytes(content)
        self.unsynced: list[Write | Truncation] = []

    def change(self, change: Write | Truncation) -> None:
        """Write or truncate."""
        change.carry_out(self.content)
        self.unsynced.append(change)

    def sync(self) -> None:
        """Make all of it safe."""
        self.synced = bytes(self.content)
        self.unsynced.clear()

    def after_cut(self, chance: Random) -> bytes:
        """What may be found when the power is back."""
        found = bytearray(self.synced)
        filler = chance.choice((b"\0", chance.randbytes(1)))
        for change in self.unsynced:
            for left in change.survivors(chance):
                left.carry_out(found, filler)
        return bytes(found)


class Disk:
    """The files by path. The power fails within the operation that ``cut_at`` counts from 1; None leaves it on.

    A program that writes after the cut is not there any more: it is left to go on, and nothing of it counts.
    """

    def __init__(self, files: dict[str, bytes], chance: Random, cut_at: int | None = None) -> None:
        self._files = {path: File(content) for path, content in files.items()}
        self._safe = dict(self._files)
        self._unsynced: list[tuple[str, File | None]] = []
        self._chance = chance
        self._cut_at = cut_at
        self._found: dict[str, bytes] | None = None
        self.operations = 0

    @property
    def is_cut(self) -> bool:
        """Whether the power has failed."""
        return self._found is not None

    def after_cut(self) -> dict[str, bytes]:
        """The files as they are found when the power is back; it fails now at the latest."""
        if self._found is None:
            self._found = self._survivors()
        return self._found

    def _survivors(self) -> dict[str, bytes]:
        found = dict(self._safe)
        for path, file in self._unsynced:
            if self._chance.random() < 0.5:
                found.pop(path, None)
                found.update({path: file} if file else {})
        return {path: file.after_cut(self._chance) for path, file in found.items()}

    def _count(self) -> None:
        self.operations += 1
        if self.operations == self._cut_at:
            self.after_cut()

    # ------------------------------------------------------------ what SQLite does

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""
        return path in self._files

    def file(self, path: str) -> File:
        """The file, made if it is not there."""
        if path not in self._files:
            self._files[path] = File()
            self._unsynced.append((path, self._files[path]))
            self._count()
        return self._files[path]

    def remove(self, path: str, *, is_synced: bool) -> None:
        """Take the file out of its folder."""
        self._files.pop(path, None)
        self._unsynced.append((path, None))
        self._count()
        if is_synced:
            self.sync_folder()

    def change(self, file: File, change: Write | Truncation) -> None:
        """Write or truncate."""
        file.change(change)
        self._count()

    def sync(self, file: File) -> None:
        """Make the file safe; a cut comes before that is done."""
        self._count()
        file.sync()

    def sync_folder(self) -> None:
        """Make it safe which files there are; a cut comes before that is done."""
        self._count()
        self._safe = dict(self._files)
        self._unsynced.clear()

    # ------------------------------------------------------------ being used

    @contextmanager
    def mounted(self, *pragmas: str) -> Iterator[Connect]:
        """Gives what opens a file on this disk as the server does, with ``pragmas`` executed after it."""
        vfs = _Vfs(self)
        try:
            yield Connect(vfs.name, pragmas)
        finally:
            vfs.unregister()


class Connect:
    """Opens a database as :func:`~livepoll_jupyter.storage.sqlite_file.connect` does, but on a disk of ours."""

    def __init__(self, vfs: str, pragmas: Sequence[str]) -> None:
        self.vfs = vfs
        self._pragmas = pragmas

    def __call__(self, path: Path) -> sqlite3.Connection:
        """The database, with its tables."""
        connection = cast(sqlite3.Connection, _Connection(str(path), vfs=self.vfs))
        try:
            sqlite_file.prepare(connection, path)
            for pragma in self._pragmas:
                connection.execute(pragma)
        except BaseException:
            connection.close()
            raise
        return connection


@contextmanager
def _errors_of_sqlite3() -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        shown = sqlite3.DatabaseError(str(error))
        shown.sqlite_errorcode = error.extendedresult  # type: ignore[attr-defined]
        raise shown from error


class _Connection(apsw.Connection):
    """As much of sqlite3's connection as the store uses."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.cursor_factory = _Cursor

    def setlimit(self, category: int, limit: int) -> int:
        """The limits have the same numbers in both modules."""
        return self.limit(category, limit)

    def execute(self, *arguments: Any, **named: Any) -> apsw.Cursor:
        """Execute, up to the first row."""
        with _errors_of_sqlite3():
            return super().execute(*arguments, **named)


class _Cursor(apsw.Cursor):
    """The rows of a query, read one by one."""

    def __next__(self) -> Any:
        with _errors_of_sqlite3():
            return super().__next__()


class _Vfs(apsw.VFS):
    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self.name = f"power-{next(_names)}"
        super().__init__(self.name, base="")

    def xAccess(self, pathname: str, flags: int) -> bool:  # noqa: ARG002, N802 - as apsw has it
        return self._disk.exists(pathname)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: FBT001, N802
        self._disk.remove(filename, is_synced=syncdir)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> Any:  # noqa: N802
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        file = File() if path is None else self._disk.file(path)
        flags[1] = flags[0]
        return _VfsFile(self._disk, file, makes_folder_safe=bool(flags[0] & _LOGS))


class _VfsFile:
    """An open file; nobody else has it open, so its locks are always to be had."""

    def __init__(self, disk: Disk, file: File, *, makes_folder_safe: bool) -> None:
        self._disk = disk
        self._file = file
        self._makes_folder_safe = makes_folder_safe

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802 - as apsw has it
        return bytes(self._file.content[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._disk.change(self._file, Write(offset, bytes(data)))

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self._disk.change(self._file, Truncation(size))

    def xSync(self, flags: int) -> None:  # noqa: ARG002, N802
        self._disk.sync(self._file)
        if self._makes_folder_safe:
            self._disk.sync_folder()
            self._makes_folder_safe = False

    def xFileSize(self) -> int:  # noqa: N802
        return len(self._file.content)

    def xSectorSize(self) -> int:  # noqa: N802
        return SECTOR

    def xDeviceCharacteristics(self) -> int:  # noqa: N802
        """As SQLite takes every disk to be on Unix: a torn write leaves the bytes beside it alone."""
        return apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE

    def xFileControl(self, operation: int, pointer: int) -> bool:  # noqa: ARG002, N802
        return False

    def xCheckReservedLock(self) -> bool:  # noqa: N802
        return False

    def xLock(self, level: int) -> None:  # noqa: N802
        pass

    def xUnlock(self, level: int) -> None:  # noqa: N802
        pass

    def xClose(self) -> None:  # noqa: N802
        pass
