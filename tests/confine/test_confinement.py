"""What a process can no longer do once it is shut off. Each test is a process that tries."""

import json
import subprocess
import sys

import pytest

from edge.confine.confinement import FILES, MEMORY, SYSTEM

SCRIPT = """
import ctypes, json, os, resource, signal, socket, sys, threading
from pathlib import Path
from edge.confine.confinement import confine
folder, secret = Path(sys.argv[1]), Path(sys.argv[2])
opened = open(secret, "ab", buffering=0)
started = threading.Event()
asked = threading.Event()
other = {}
def in_another_thread():
    started.set(); asked.wait()
    other["socket in a thread"] = tried(socket.socket)
def tried(act):
    try:
        act()
    except (OSError, MemoryError) as error:
        return type(error).__name__
    return "done"
libc = ctypes.CDLL(None, use_errno=True)
def queue_signal():
    if libc.sigqueue(os.getppid(), 0, None) != 0:
        raise OSError(ctypes.get_errno(), "sigqueue")
thread = threading.Thread(target=in_another_thread); thread.start(); started.wait()
shut = confine((folder,))
found = {
    "read the picture": tried(lambda: (folder / "code.png").read_bytes()),
    "list the folder": tried(lambda: list(folder.iterdir())),
    "read a key": tried(lambda: secret.read_bytes()),
    "write beside the picture": tried(lambda: (folder / "frame.png").write_bytes(b"x")),
    "make an empty file": tried(lambda: (folder / "empty").touch()),
    "overwrite the picture": tried(lambda: (folder / "code.png").write_bytes(b"x")),
    "remove the picture": tried(lambda: (folder / "code.png").unlink()),
    "change its rights": tried(lambda: os.chmod(secret, 0o777)),
    "write to an open file": tried(lambda: opened.write(b"x")),
    "a folder": tried(lambda: (folder / "more").mkdir()),
    "a socket": tried(socket.socket),
    "a local socket": tried(lambda: socket.socket(socket.AF_UNIX)),
    "a program": tried(lambda: os.execv("/bin/true", ["true"])),
    "a signal to its parent": tried(lambda: os.kill(os.getppid(), 0)),
    "a queued signal to its parent": tried(queue_signal),
    "its parent's priority": tried(lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 1)),
    "its parent's processors": tried(lambda: os.sched_setaffinity(os.getppid(), {0})),
    "a key's moment": tried(lambda: os.utime(secret)),
    "a key's attributes": tried(lambda: os.setxattr(secret, "user.a", b"x")),
    "its parent's limits": tried(lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CORE)),
    "two gibibytes": tried(lambda: bytearray(2 << 30)),
}
asked.set(); thread.join()
print(json.dumps({"shut": shut, "found": found | other, "dumpable": libc.prctl(3, 0, 0, 0, 0)}))
"""
ALLOWED = {"read the picture", "list the folder"}
BY_FILES = {
    "read a key",
    "write beside the picture",
    "make an empty file",
    "overwrite the picture",
    "remove the picture",
    "a folder",
}
BY_MEMORY = {"write to an open file", "two gibibytes"}


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "code.png").write_bytes(b"picture")
    secret = tmp_path_factory.mktemp("keys") / "keys.db"
    secret.write_bytes(b"key")
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, folder, secret], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["code.png"]
    assert secret.read_bytes() == b"key"
    found: dict[str, object] = json.loads(ran.stdout)
    return found


def needs(result: dict[str, object], what: str) -> dict[str, str]:
    shut, found = result["shut"], result["found"]
    assert isinstance(shut, list)
    assert isinstance(found, dict)
    if what not in shut:
        pytest.skip(f"this kernel does not shut a process off from: {what}")
    return found


def test_the_stand_in_pictures_folder_can_still_be_read(result: dict[str, object]) -> None:
    found = needs(result, MEMORY)

    assert {name for name in ALLOWED if found[name] == "done"} == ALLOWED


def test_no_key_can_be_read_and_no_file_be_made_changed_or_removed(
    result: dict[str, object],
) -> None:
    found = needs(result, FILES)

    assert {name: found[name] for name in BY_FILES} == dict.fromkeys(BY_FILES, "PermissionError")


def test_no_socket_program_signal_or_right_can_be_had(result: dict[str, object]) -> None:
    found = needs(result, SYSTEM)
    rest = set(found) - BY_FILES - BY_MEMORY - ALLOWED

    assert {name: found[name] for name in rest} == dict.fromkeys(rest, "PermissionError")
    assert "socket in a thread" in rest


def test_what_is_open_cannot_be_written_memory_is_bounded_and_never_dumped(
    result: dict[str, object],
) -> None:
    found = needs(result, MEMORY)

    assert found["write to an open file"] == "OSError"
    assert found["two gibibytes"] == "MemoryError"
    assert result["dumpable"] == 0
