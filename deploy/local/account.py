"""Who the servers run as. Elasticsearch refuses to run as root, so root starts both as `nobody`, who exists on every Linux.

`nobody` owns what a server writes (data, logs, settings), reads the programs, and must be able to pass the folders above them;
the record of the process and its output stay root's. So root keeps programs and data under /var, not in its closed home.
"""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from deploy.local.faults import ServerFailed

UNPRIVILEGED: Final = "nobody"


@dataclass(frozen=True, slots=True)
class Account:
    """The user of the servers; `uid` None = whoever runs this."""

    uid: int | None
    gid: int | None

    @property
    def popen(self) -> dict[str, Any]:
        """Arguments of subprocess.Popen that change to this user, who gets no other group."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def take(self, folder: Path) -> None:
        """Makes the folder and all in it this user's. Raises ServerFailed when the user cannot get there."""
        if self.uid is None or self.gid is None:
            return
        os.chown(folder, self.uid, self.gid)
        for parent, folders, files in os.walk(folder):
            for name in (*folders, *files):
                os.chown(Path(parent) / name, self.uid, self.gid, follow_symlinks=False)
        if not self.can("-w", folder):
            raise ServerFailed(
                f"用户 {UNPRIVILEGED} 进不了文件夹 {folder}(上级文件夹不让其他用户经过);请用 --folder 换到例如 /var/lib 下"
            )

    def can(self, test: str, path: Path) -> bool:
        """test: as of the program `test`: -r, -w, -x. Asked as that user, since folders on the way count too."""
        return subprocess.run(["/usr/bin/test", test, str(path)], check=False, **self.popen).returncode == 0


def account() -> Account:
    """`nobody` for root, else the user himself."""
    if os.geteuid() != 0:
        return Account(None, None)
    entry = pwd.getpwnam(UNPRIVILEGED)
    return Account(entry.pw_uid, entry.pw_gid)


def cache_folder() -> Path:
    """Where the programs are kept: $XDG_CACHE_HOME/wentichi/servers, else ~/.cache/…, for root /var/cache/…."""
    return _folder("XDG_CACHE_HOME", ".cache", "/var/cache")


def data_folder() -> Path:
    """Where the data are kept unless another folder is named: $XDG_STATE_HOME/…, ~/.local/state/…, for root /var/lib/…."""
    return _folder("XDG_STATE_HOME", ".local/state", "/var/lib")


def _folder(variable: str, in_home: str, of_root: str) -> Path:
    named = os.environ.get(variable, "")
    if named:
        base = Path(named)
    elif os.geteuid() == 0:
        base = Path(of_root)
    else:
        base = Path.home() / in_home
    return base / "wentichi" / "servers"
