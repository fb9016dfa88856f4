# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The libpdp authors
"""Processes of the soak test: started again when they are killed, as a
service manager would, and what each life of them used."""

import os
import signal
import statistics
import subprocess
import sys
import time
from typing import Callable, NamedTuple, Optional

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "integration"))

import pdpd_watch  # noqa: E402

LIMIT_SEC = 60.0
WARM_UP_SEC = 10.0
# Of a life after its warm-up: the last third against the one before.
SLOPE_KIB = 1024


def until(what: str, condition: Callable[[], object]) -> float:
    """Waits; for how many seconds it did."""
    begin = time.monotonic()
    while not condition():
        if time.monotonic() - begin > LIMIT_SEC:
            raise AssertionError(f"waited {LIMIT_SEC} s for {what}")
        time.sleep(0.01)
    return time.monotonic() - begin


class Sample(NamedTuple):
    at: float  # seconds since the start of this life
    rss_kib: int
    threads: int


class Life:
    def __init__(self) -> None:
        self.begin = time.monotonic()
        self.samples: list[Sample] = []

    def sizes(self) -> list[int]:
        return [one.rss_kib for one in self.samples]

    def faults(self) -> list[str]:
        """What grew, in a life that was long enough to tell."""
        warm = [one.rss_kib for one in self.samples if one.at > WARM_UP_SEC]
        out = []
        counts = {one.threads for one in self.samples if one.at > 1.0}
        if len(counts) > 1:
            out.append(f"the number of threads varied: {sorted(counts)}")
        third = len(warm) // 3
        if third >= 5 and not pdpd_watch.SANITIZED:
            before = statistics.median(warm[third:2 * third])
            after = statistics.median(warm[2 * third:])
            if after > before + SLOPE_KIB:
                out.append(f"it grew from {before} to {after} KiB")
        return out


class Supervised:
    """One program, of which one process runs at a time."""

    def __init__(self, name: str, command: list[str], log: str) -> None:
        self.name = name
        self.command = command
        self.log = log
        self.process: Optional[subprocess.Popen[bytes]] = None
        self.lives: list[Life] = []
        self.kills = 0

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log)
        self.lives.append(Life())

    def check(self) -> None:
        """It must not end but by our hand."""
        if self.process is not None and self.process.poll() is not None:
            status = self.process.returncode
            raise AssertionError(f"{self.name} ended by itself: {status}")

    def sample(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        life = self.lives[-1]
        life.samples.append(Sample(time.monotonic() - life.begin,
                                   pdpd_watch.rss_kib(self.pid),
                                   pdpd_watch.threads(self.pid)))

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.process = None
        self.kills += 1

    def stop(self) -> None:
        """As asked, and with success."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(LIMIT_SEC)
        self.process = None
        if status != 0:
            raise AssertionError(f"{self.name} ended with {status}")

    def end(self) -> None:
        """At any rate."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def sizes(self) -> list[int]:
        return [size for life in self.lives for size in life.sizes()]

    def faults(self) -> list[str]:
        return [f"{self.name}, life {i + 1}: {fault}"
                for i, life in enumerate(self.lives)
                for fault in life.faults()]
