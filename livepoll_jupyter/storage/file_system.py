"""Which kind of file system a file lies on. SQLite's shared memory does not reach over a network."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

MOUNTS: Final = Path("/proc/self/mounts")
"""Linux's list of what is mounted where; other systems have none, and nothing is known there."""

_NETWORK: Final = frozenset(
    {
        "9p", "afs", "beegfs", "ceph", "cifs", "davfs", "fuse.davfs2", "fuse.glusterfs", "fuse.s3fs", "fuse.sshfs",
        "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "prl_fs", "smb3", "smbfs", "vboxsf",
    }
)  # fmt: skip


def network_file_system(path: Path, mounts: Path = MOUNTS) -> str | None:
    """The type of the network file system that ``path`` lies on; None for a disk of this machine, or if unknown."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    where = os.path.realpath(path)
    found = ("", "")
    for line in lines:
        _, point, kind, *_ = [*line.split(" "), "", "", ""]
        folder = point.encode().decode("unicode_escape", errors="replace")
        # A later mount hides an earlier one at the same folder.
        if (where == folder or where.startswith(folder.rstrip("/") + "/")) and len(folder) >= len(found[0]):
            found = folder, kind
    return found[1] if found[1] in _NETWORK else None
