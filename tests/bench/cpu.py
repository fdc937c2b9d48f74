"""Measure CPU time with the variants interleaved, so that a noisy neighbour hits all alike.

Wall-clock tails on a shared machine measure the neighbours; CPU time measures the code.
"""

import os
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Final

ROUNDS: Final = 15


def interleaved_us(
    variants: Mapping[str, Callable[[], object]], *, calls: int, rounds: int = ROUNDS
) -> dict[str, float]:
    """Return the median CPU time per call in microseconds of each variant.

    Each round calls every variant ``calls`` times, one variant after the other.
    """
    for run in variants.values():
        run()
    took: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(rounds):
        for name, run in variants.items():
            began = time.thread_time_ns()
            for _ in range(calls):
                run()
            took[name].append((time.thread_time_ns() - began) / calls / 1000)
    return {name: statistics.median(each) for name, each in took.items()}


def process_cpu_s(pid: int) -> float:
    """Return the CPU time that process ``pid`` has used with all its threads, to the nanosecond.

    Linux names another process's CPU clock by the complement of its id (clock_gettime(2)).
    """
    return time.clock_gettime((~pid << 3) | 2)


def machine() -> str:
    """Return what was measured on, as a person would say it."""
    model = "an unknown processor"
    with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123 - not a path of ours
        names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    if names:
        model = names[0]
    return f"{os.cpu_count()} cores of {model}"


def noise_ms(rounds: int = 300) -> tuple[float, float]:
    """Return the p50 and p99 of the wall time of a fixed piece of work, in milliseconds.

    Alone on a core both are equal; the further they are apart, the more others were running.
    """
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        sum(range(20_000))
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    return took[len(took) // 2], took[int(len(took) * 0.99)]
