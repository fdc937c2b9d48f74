"""Shuts a process off from the machine, for good, by the kernel.

A decoder reads what strangers hold before a camera; a model on trial comes from far away. If one
of them finds a fault in the library that reads it, there is nothing to take and nowhere to go: no
file but in the named folders may be read, none be written or made, no socket opened, no program
started, no other process touched, and its memory goes into no crash dump. On a kernel without
Landlock or seccomp the process still runs, and says so (what ``confine`` returns).

Source: landlock(7), seccomp(2), prctl(2), getrlimit(2).
"""

import ctypes
import os
import platform
import resource
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MEMORY: Final = "memory"
FILES: Final = "files"
SYSTEM: Final = "system"
ALL: Final = (MEMORY, FILES, SYSTEM)

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_PR_SET_NO_NEW_PRIVS: Final = 38

_LANDLOCK_CREATE_RULESET: Final = 444
_LANDLOCK_ADD_RULE: Final = 445
_LANDLOCK_RESTRICT_SELF: Final = 446
_LANDLOCK_CREATE_RULESET_VERSION: Final = 1
_LANDLOCK_RULE_PATH_BENEATH: Final = 1
_READ_FILE: Final = 1 << 2
_READ_DIR: Final = 1 << 3
_RIGHTS_OF: Final = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1}
"""Every right over files that a version of Landlock knows; later ones add nothing needed here."""

_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050001  # SECCOMP_RET_ERRNO with EPERM
_LOAD: Final = 0x20
_IF_EQUAL: Final = 0x15
_IF_AT_LEAST: Final = 0x35
_RETURN: Final = 0x06

_EVERYWHERE: Final = (424, 425, 426, 427, 434, 438, 452)
"""pidfd_send_signal, io_uring (three), pidfd_open, pidfd_getfd, fchmodat2."""

_X86_64: Final = (
    *(41, 42),  # socket, connect
    *(57, 58, 59, 322),  # fork, vfork, execve, execveat
    *(62, 200, 234, 101, 310, 311, 302),  # kill, tkill, tgkill, ptrace, process_vm_*, prlimit64
    *(90, 91, 268, 92, 93, 94, 260),  # chmod, fchmod, fchmodat, chown, fchown, lchown, fchownat
    *(129, 297),  # rt_sigqueueinfo, rt_tgsigqueueinfo: kill by another name
    *(141, 142, 144, 203, 314, 251),  # setpriority, sched_set*, ioprio_set: of others, too
    *(132, 235, 261, 280),  # utime, utimes, futimesat, utimensat
    *(188, 189, 190, 197, 198, 199),  # setxattr, lsetxattr, fsetxattr, remove the same
    *(29, 64, 68),  # shmget, semget, msgget: they outlive the process
    *(248, 249, 250, 272, 308, 321, 298, 323),  # keys, unshare, setns, bpf, perf, userfaultfd
)
_AARCH64: Final = (
    *(198, 203),
    *(221, 281),
    *(129, 130, 131, 117, 270, 271, 261),
    *(52, 53, 54, 55),
    *(138, 240),
    *(140, 118, 119, 122, 274, 30),
    *(88,),
    *(5, 6, 7, 14, 15, 16),
    *(194, 190, 186),
    *(217, 218, 219, 97, 268, 280, 241, 282),
)
_REFUSED: Final = {
    "x86_64": (0xC000003E, 317, _X86_64),
    "aarch64": (0xC00000B7, 277, _AARCH64),
}
"""By machine: its audit number, the number of seccomp(2), and the calls that are refused."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of the machine the process may use; the kernel refuses memory and ends it by CPU."""

    memory_bytes: int = 1 << 30
    """Of addresses (``RLIMIT_AS``): what libraries map counts, used or not."""
    cpu_s: int | None = None


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_ushort),
        ("if_true", ctypes.c_ubyte),
        ("if_false", ctypes.c_ubyte),
        ("value", ctypes.c_uint),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("first", ctypes.POINTER(_Instruction)))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def confine(readable: Sequence[Path], limits: Limits = Limits()) -> tuple[str, ...]:
    """Shut this process off from all but ``readable`` folders; return from what it now is.

    What is already open stays open. There is no way back.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # never outlives the service
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    for what, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    if limits.cpu_s is not None:
        # One more second for the hard one: at that the kernel kills, at this it says why.
        resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_s, limits.cpu_s + 1))
    done = [MEMORY]
    if _without_files(libc, readable):
        done.append(FILES)
    if _without_system(libc):
        done.append(SYSTEM)
    return tuple(done)


def _without_files(libc: ctypes.CDLL, readable: Sequence[Path]) -> bool:
    version = libc.syscall(_LANDLOCK_CREATE_RULESET, None, 0, _LANDLOCK_CREATE_RULESET_VERSION)
    if version < 1:
        return False
    rights = ctypes.c_uint64(_RIGHTS_OF[min(version, max(_RIGHTS_OF))])
    rules = libc.syscall(_LANDLOCK_CREATE_RULESET, ctypes.byref(rights), ctypes.sizeof(rights), 0)
    if rules < 0:
        return False
    for folder in readable:
        opened = os.open(folder, os.O_PATH | os.O_CLOEXEC)
        rule = _PathBeneath(_READ_FILE | _READ_DIR, opened)
        kind = _LANDLOCK_RULE_PATH_BENEATH
        libc.syscall(_LANDLOCK_ADD_RULE, rules, kind, ctypes.byref(rule), 0)
        os.close(opened)
    is_done = bool(libc.syscall(_LANDLOCK_RESTRICT_SELF, rules, 0) == 0)
    os.close(rules)
    return is_done


def _without_system(libc: ctypes.CDLL) -> bool:
    known = _REFUSED.get(platform.machine())
    if known is None:
        return False
    audit, seccomp, own = known
    steps = _filter(audit, (*own, *_EVERYWHERE))
    program = _Program(len(steps), (_Instruction * len(steps))(*steps))
    set_filter, all_threads = 1, 1
    return bool(libc.syscall(seccomp, set_filter, all_threads, ctypes.byref(program)) == 0)


def _filter(audit: int, refused: Sequence[int]) -> list[_Instruction]:
    """Return the program: another machine's calls and the refused ones fail, the rest pass."""
    last = len(refused) + 5

    def refuse_from(at: int) -> int:
        return last - at - 1  # jumps count from the next step

    return [
        _Instruction(_LOAD, 0, 0, 4),  # which machine's calls these are
        _Instruction(_IF_EQUAL, 0, refuse_from(1), audit),
        _Instruction(_LOAD, 0, 0, 0),  # which call it is
        _Instruction(_IF_AT_LEAST, refuse_from(3), 0, 0x40000000),  # x32's names for the same
        *(
            _Instruction(_IF_EQUAL, refuse_from(at), 0, number)
            for at, number in enumerate(refused, start=4)
        ),
        _Instruction(_RETURN, 0, 0, _ALLOW),
        _Instruction(_RETURN, 0, 0, _REFUSE),
    ]
