# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""What a process uses, as the kernel tells it: for tests of the daemon under
load and abuse; no test by itself.

Memory is not judged in programs with sanitizers, which keep what is freed.
Everybody may read these files, also those of a process that may not be
dumped; the list of descriptors only root may, and then it is left out.
"""

import os
import time
from typing import Optional

# configure --enable-sanitizers says so to tests that compile something.
SANITIZED = "-fsanitize" in os.environ.get("PDP_EXTRA_CFLAGS", "")
TICKS = os.sysconf("SC_CLK_TCK")
CALM_SEC = 1.0
CALM_SHARE = 0.10  # of one processor
# Wakes in a second: 5 of the thread that accepts, 20 while it has to wait.
CALM_WAKES = 200


def _status(path: str) -> dict[str, int]:
    """The numbers of a status file; sizes in KiB."""
    out = {}
    with open(path, encoding="ascii", errors="replace") as lines:
        for line in lines:
            name, _, rest = line.partition(":")
            words = rest.split()
            if words and words[0].isdigit():
                out[name] = int(words[0])
    return out


def rss_kib(pid: int) -> int:
    return _status(f"/proc/{pid}/status")["VmRSS"]


def peak_kib(pid: int) -> int:
    return _status(f"/proc/{pid}/status")["VmHWM"]


def threads(pid: int) -> int:
    return _status(f"/proc/{pid}/status")["Threads"]


def descriptors(pid: int) -> Optional[int]:
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except PermissionError:
        return None


def cpu_sec(pid: int) -> float:
    with open(f"/proc/{pid}/stat", encoding="ascii") as text:
        fields = text.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def wakes(pid: int) -> int:
    """How often its threads went to sleep of their own accord."""
    return sum(_status(f"/proc/{pid}/task/{task}/status")
               ["voluntary_ctxt_switches"]
               for task in os.listdir(f"/proc/{pid}/task"))


def calm(pid: int, when: str) -> None:
    """Nothing is asked of it, so it does next to nothing.  A machine under
    load makes the numbers smaller, never larger."""
    begin, cpu, woken = time.monotonic(), cpu_sec(pid), wakes(pid)
    time.sleep(CALM_SEC)
    took = time.monotonic() - begin
    cpu = (cpu_sec(pid) - cpu) / took
    woken = int((wakes(pid) - woken) / took)
    if cpu > CALM_SHARE or woken > CALM_WAKES:
        raise AssertionError(f"{when}: it spins: {cpu:.0%} of a processor, "
                             f"{woken} wakes a second")


class Memory:
    """A bound for what a process may take more than it has now."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.begin = rss_kib(pid)

    def grew_kib(self) -> int:
        return peak_kib(self.pid) - self.begin

    def within(self, kib: int, when: str) -> None:
        grew = self.grew_kib()
        print(f"# {when}: {grew} KiB more, of {kib} allowed")
        if not SANITIZED and grew > kib:
            raise AssertionError(f"{when}: it took {grew} KiB more, "
                                 f"not {kib} at most")
