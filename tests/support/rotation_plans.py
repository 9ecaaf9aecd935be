"""Random lives of a rotating file, run with the frozen clock and compared with the model.

This is a program, so that each zone has its own process: `python -m tests.support.rotation_plans ZONE FIRST COUNT` runs
the plans numbered FIRST, FIRST + 1, ... A failing plan is printed with its steps, and a COUNT of 1 runs it again alone.
"""

from __future__ import annotations

import datetime as dt
import gzip
import random
import sys
import tempfile
import traceback
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from logly import Logger, testing

from tests.support.rotation_model import DAY, MINUTE, Files, LocalClock, Rule, Schedule, instant, moment, place

if TYPE_CHECKING:
    from collections.abc import Iterable

SECOND = 1000
HOUR = 60 * MINUTE
# From winter to winter, including the boundaries of a new year.
YEAR = (instant("2025-01-05"), instant("2026-01-05"))

# A clock that went back by less than this counts as corrected.
SMALL_STEP = 24 * HOUR

MONDAY, SATURDAY, SUNDAY = 0, 5, 6
SCHEDULES = [
    Schedule("minutely", minutes=1),
    Schedule("15 minutes", minutes=15),
    Schedule("25 min", minutes=25),
    Schedule("hourly", minutes=60),
    Schedule(dt.timedelta(minutes=90), minutes=90),
    Schedule("6 hours", minutes=360),
    Schedule("36 hours", minutes=36 * 60),
    Schedule("daily", minutes=DAY),
    Schedule("3 days", minutes=3 * DAY),
    Schedule("weekly", minutes=7 * DAY),
    Schedule("monthly", months=1),
    Schedule("yearly", months=12),
    Schedule("00:00", time=(0, 0)),
    Schedule("02:30", time=(2, 30)),
    Schedule("2:00 AM", time=(2, 0)),
    Schedule(dt.time(1, 45), time=(1, 45)),
    Schedule(dt.time(18, 30), time=(18, 30)),
    Schedule("monday", time=(0, 0), weekday=MONDAY),
    Schedule("monday at 12:00", time=(12, 0), weekday=MONDAY),
    Schedule("sunday at 02:15", time=(2, 15), weekday=SUNDAY),
    Schedule("w5", time=(0, 0), weekday=SATURDAY),
]
SIZES = [1, 40, 200, 1000]


@dataclass
class Plan:
    """Rotation options, and the events in the life of a file."""

    rule: Rule
    options: dict
    # How far the clock may go back: not at all, by less than a day in total, or without a limit.
    back: str
    start: int
    steps: list[tuple] = field(default_factory=list)
    # The retention limits at the end: count, age and total bytes of archives.
    kept: tuple[int, int, int] = (1, 1, 1)

    def __str__(self) -> str:
        lines = [f"logger.add('app.log', format='{{message}}', **{self.options})", f"freeze {moment(self.start)}"]
        for name, *values in self.steps:
            shown = [moment(values[0])] if name == "move" else values
            lines.append(f"{name} {' '.join(map(str, shown))}")
        return "\n  ".join(lines)


class Planner:
    """Makes a plan from a seed."""

    def __init__(self, seed: str, clock: LocalClock) -> None:
        self.random = random.Random(seed)
        self.clock = clock
        self.jumps = [jump for jump in clock.jumps if YEAR[0] <= jump < YEAR[1]]

    def plan(self) -> Plan:
        rule, options = self._rule()
        self.boundaries = rule.boundaries(self.clock)
        back = self.random.choice(["never", "never", "never", "little", "little", "far"])
        self.now = self.highest = self._start()
        plan = Plan(rule, options, back, self.now)
        for _ in range(self.random.randint(3, 25)):
            plan.steps.extend(self._steps(back))
        days = self.random.choice([1, 7, 60])
        plan.kept = (self.random.randint(1, 9), days * DAY * MINUTE, self.random.randint(1, 1500))
        return plan

    def _rule(self) -> tuple[Rule, dict]:
        schedules = tuple(self.random.sample(SCHEDULES, self.random.choice([0, 1, 1, 1, 2, 3])))
        size = self.random.choice(SIZES) if not schedules or self.random.random() < 0.3 else None
        options: dict = {"async_write": self.random.random() < 0.5}
        if self.random.random() < 0.2:
            options["compression"] = "gzip"
        given: list = [schedule.given for schedule in schedules]
        if size and self.random.random() < 0.5:
            given.append(self.random.choice([size, f"{size} B"]))
        elif size:
            options["size_limit"] = size
        self.random.shuffle(given)
        if given:
            options["rotation"] = given if len(given) > 1 else given[0]
        return Rule(schedules, size), options

    def _start(self) -> int:
        if self.random.random() < 0.5:
            return self.random.choice(self.jumps) - self.random.randint(0, 50 * HOUR)
        return self.random.randint(*YEAR)

    def _steps(self, back: str):
        kind = self.random.random()
        if kind < 0.5:
            yield "log", *(self.random.choice([0, 5, 30, 300]) for _ in range(self.random.choice([1, 1, 2, 3, 8])))
        if kind < 0.85:
            yield "move", self._next(back)
        elif kind < 0.93:
            yield (self.random.choice(["restart", "restart with a new logger"]),)
        else:
            yield (self.random.choice(["complete", "reopen"]),)

    def _next(self, back: str) -> int:
        if back == "far" and self.random.random() < 0.2:
            self.now = self.random.randint(*YEAR)
        elif back != "never" and self.random.random() < 0.4:
            lowest = self.highest - SMALL_STEP + 1
            step = self.random.choice([SECOND, MINUTE, HOUR, SMALL_STEP])
            self.now = max(self.now - self.random.randint(1, step), lowest if back == "little" else YEAR[0])
        else:
            self.now = max(self.now, min(self._forward(), YEAR[1]))
        self.highest = max(self.highest, self.now)
        return self.now

    def _forward(self) -> int:
        where = self.random.random()
        near = self.random.choice([-SECOND, -1, 0, 1, SECOND])
        ahead = [jump for jump in self.jumps if jump > self.now]
        if where < 0.2 and ahead:
            return ahead[0] + self.random.randint(-2 * HOUR, 2 * HOUR) + near
        if where < 0.6 and self.boundaries:
            index = bisect_right(self.boundaries, self.now) + self.random.choice([0, 0, 0, 1, 2])
            return self.boundaries[min(index, len(self.boundaries) - 1)] + near
        unit = self.random.choice([SECOND, SECOND, MINUTE, MINUTE, HOUR, HOUR, DAY * MINUTE, 7 * DAY * MINUTE])
        return self.now + self.random.randint(1, 3 * unit)


class Life:
    """A run of a plan in a folder."""

    def __init__(self, plan: Plan, clock: LocalClock, folder: str) -> None:
        self.plan = plan
        self.path = Path(folder, "app.log")
        self.boundaries = plan.rule.boundaries(clock)
        self.clock = clock
        self.expected = Files(plan.rule, clock, self.boundaries)
        self.logged: list[str] = []
        self.times: list[int] = []
        self.logger = self._logger()
        self.sink = 0

    @staticmethod
    def _logger() -> Logger:
        logger = Logger()
        logger.remove_all()
        return logger

    def run(self) -> None:
        now = self.plan.start
        with testing.freeze(moment(now)) as frozen:
            self._add()
            for name, *values in self.plan.steps:
                if name == "log":
                    self._log(values, now)
                elif name == "move":
                    now = values[0]
                    frozen.move_to(moment(now))
                elif name == "complete":
                    assert self.logger.complete(timeout=30)
                elif name == "reopen":
                    self.logger.reopen()
                else:
                    self._restart(is_new=name != "restart")
            # `complete` returns after archives are compressed.
            assert self.logger.complete(timeout=30)
            self.logger.remove_all()

    def _add(self) -> None:
        self.sink = self.logger.add(self.path, format="{message}", **self.plan.options)

    def _restart(self, *, is_new: bool) -> None:
        self.logger.remove(self.sink)
        if is_new:
            self.logger = self._logger()
        self._add()

    def _log(self, lengths: list[int], now: int) -> None:
        for length in lengths:
            line = f"{len(self.logged)} {'x' * length}"
            self.logger.info(line)
            self.logged.append(line + "\n")
            self.times.append(now)
            self.expected.log(line + "\n", now)

    def check(self) -> None:
        files = self._files()
        active = files.pop(self.path.name)
        names = self._in_order(files)
        held = [files[name] for name in names]
        for text in [*held, active]:
            self._check_size(text)
            assert text in "".join(self.logged), f"no run of records: {text!r}"
        if self.plan.back == "far":
            lines = Counter(line for text in [*held, active] for line in text.splitlines(keepends=True))
            assert lines == Counter(self.logged), "something is lost or doubled"
            return
        assert "".join(held) + active == "".join(self.logged), f"lost, doubled or out of order: {names}"
        if self.plan.back == "never":
            self._check_boundaries(names, held, active)

    def check_retention(self) -> None:
        """Apply the plan's retention at the time of the last record: the file itself is not due for rotation then."""
        count, age, size = self.plan.kept
        names = self._in_order(name for name in self._files() if name != self.path.name)
        left = self._left(names)
        retention = {"count": count, "age": dt.timedelta(milliseconds=age), "size": size}
        with testing.freeze(moment(self.times[-1])):
            self.logger.add(self.path, **self.plan.options, retention=retention)
            assert self.logger.complete(timeout=30)
            self.logger.remove_all()
        found = self._in_order(name for name in self._files() if name != self.path.name)
        assert found == left, f"of {names} with {retention} {left} should be left, not {found}"

    def _left(self, names: list[str]) -> list[str]:
        count, age, size = self.plan.kept
        left: list[str] = []
        for name in reversed(names):
            size -= self._on_disk(name).stat().st_size
            if len(left) < count and size >= 0 and self.times[-1] - self._place(name)[0] <= age:
                left.insert(0, name)
        return left

    def _files(self) -> dict[str, str]:
        """Return the content of each file, by its name before compression."""
        found = {}
        for path in self.path.parent.iterdir():
            is_compressed = path.suffix == ".gz"
            name = path.stem if is_compressed else path.name
            assert name not in found, f"{name} is there twice"
            found[name] = gzip.decompress(path.read_bytes()).decode() if is_compressed else path.read_text()
        return found

    def _on_disk(self, name: str) -> Path:
        path = self.path.with_name(name)
        return path if path.exists() else path.with_name(f"{name}.gz")

    def _place(self, name: str) -> tuple:
        return place(name, self.clock, self.boundaries)

    def _in_order(self, names: Iterable[str]) -> list[str]:
        places = {name: self._place(name) for name in names}
        assert len(set(places.values())) == len(places), f"names are not unique: {sorted(places)}"
        return sorted(places, key=places.__getitem__)

    def _check_size(self, text: str) -> None:
        limit = self.plan.rule.size
        assert not limit or len(text) <= limit or text.count("\n") == 1, f"{len(text)} bytes, {limit} allowed: {text!r}"

    def _check_boundaries(self, names: list[str], held: list[str], active: str) -> None:
        if not active:
            # The writer's clock may rotate a file that is due before the next record does so.
            self.expected.end_period()
        expected = self.expected.archives
        assert held == [text for _, text in expected], f"files end elsewhere: {names}"
        if not self.expected.has_twofold_names:
            assert names == [name for name, _ in expected]


def run_plan(clock: LocalClock, seed: str) -> Counter:
    """Run one plan, and print it if it fails."""
    plan = Planner(seed, clock).plan()
    with tempfile.TemporaryDirectory() as folder:
        life = Life(plan, clock, folder)
        try:
            life.run()
            life.check()
            archives = len(list(Path(folder).iterdir())) - 1
            if life.logged and plan.back != "far":
                life.check_retention()
        except Exception:
            files = {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}
            told = [
                f"FAILED {seed}",
                plan,
                f"expected {life.expected.archives}",
                f"found {files}",
                traceback.format_exc(),
            ]
            sys.stdout.write("\n".join(map(str, told)))
            return Counter(failed=1)
        return Counter(plans=1, records=len(life.logged), archives=archives)


def main(name: str, first: str, count: str) -> int:
    clock = LocalClock(name)
    total: Counter = Counter()
    for number in range(int(first), int(first) + int(count)):
        total += run_plan(clock, f"{name} {number}")
    sys.stdout.write(f"{dict(total)}\n")
    return 1 if total["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
