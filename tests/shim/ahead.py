# SPDX-License-Identifier: MIT
"""The programs of ahead.bats: ahead.py PART ARGUMENT..."""

import ctypes
import fcntl
import hashlib
import os
import signal
import struct
import sys
import threading
import time

libc = ctypes.CDLL(None, use_errno=True)

# The numbers of statx(2) and openat(2).
RAW_STATX, RAW_OPENAT = {"x86_64": (332, 257)}.get(os.uname().machine, (291, 56))


def make(directory, count):
    """Makes files whose contents differ."""
    os.makedirs(directory)
    for i in range(int(count)):
        name = f"{directory}/f{i:02}"
        size = 1024 * (1 + i * 7 % 16)
        with open(name, "wb") as file:
            file.write((f"{name[-6:]} needle{i % 9}\n".encode() * size)[:size])


def fill(disk):
    """Makes 300 files in 6 directories, and 40 files in a directory each."""
    for i in range(1, 7):
        make(f"{disk}/tree/d{i}", 50)
    for i in range(1, 41):
        make(f"{disk}/apart/{i}", 1)


def say(*words):
    """Prints at once, because some parts end without a clean-up."""
    os.write(1, (" ".join(str(word) for word in words) + "\n").encode())


def digest(path):
    fd = os.open(path, os.O_RDONLY)
    try:
        return hashlib.md5(os.read(fd, 1 << 20)).hexdigest()
    finally:
        os.close(fd)


def tree_files():
    """Returns the regular files of the working directory, in the order of the directories."""
    return [
        f"{top}/{name}" for top in sorted(os.listdir(".")) for name in os.listdir(top)
    ]


def read_all(paths):
    for path in paths:
        say(path, digest(path))


def helpers():
    """Returns the process ids of our helpers."""
    found = []
    for pid in os.listdir("/proc"):
        if not pid.isdigit():
            continue
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                stat = file.read()
        except OSError:
            continue
        words = stat[stat.rindex(")") + 2 :].split()
        if "(ringshim-ahead)" in stat and int(words[1]) == os.getpid():
            found.append(int(pid))
    return found


def first(count, *paths):
    """Reads the first files of the arguments, or else of the directory d1, and stops."""
    paths = paths or [f"d1/{name}" for name in os.listdir("d1")]
    read_all(paths[: int(count)])


def by_name(directory, count):
    """Reads the first files of a directory without listing it."""
    read_all(f"{directory}/f{i:02}" for i in range(int(count)))


def raw_calls():
    """Asks for and opens all files with syscall(2)."""
    buffer = ctypes.create_string_buffer(1 << 20)
    for path in tree_files():
        name = path.encode()
        if libc.syscall(RAW_STATX, -100, name, 0, 0x7FF, buffer):
            raise OSError(ctypes.get_errno(), path)
        fd = libc.syscall(RAW_OPENAT, -100, name, os.O_RDONLY, 0)
        if fd < 0:
            raise OSError(ctypes.get_errno(), path)
        say(path, hashlib.md5(os.read(fd, 1 << 20)).hexdigest())
        os.close(fd)


def regular(directory, *left_out):
    """Reads the regular files of a directory but some."""
    for name in os.listdir(directory):
        if name.startswith("f") and name not in left_out:
            say(name, digest(f"{directory}/{name}"))


def regular_first(directory, count):
    """Reads the first files of a directory, more slowly than the helper."""
    for name in sorted(os.listdir(directory))[: int(count)]:
        time.sleep(0.01)
        say(name, digest(f"{directory}/{name}"))


def regular_arguments(*paths):
    """Reads the arguments that are regular files by their name."""
    read_all(path for path in paths if os.path.basename(path).startswith("f"))


def count_helpers():
    read_all(tree_files())
    say("helpers", len(helpers()))


def try_waits():
    """Tries each wait for any child."""
    for name, wait in (
        ("wait", os.wait),
        ("waitpid", lambda: os.waitpid(-1, 0)),
        ("waitpid WNOHANG", lambda: os.waitpid(-1, os.WNOHANG)),
        ("waitid", lambda: os.waitid(os.P_ALL, 0, os.WEXITED)),
    ):
        try:
            say(name, wait())
        except ChildProcessError:
            say(name, "no child")


def observe(expected):
    """Says what a process sees of itself, while there is a helper."""
    files = tree_files()
    before = sorted(os.listdir("/proc/self/fd"))
    read_all(files[:150])
    if len(helpers()) != int(expected):
        say("helpers", helpers())
    try_waits()
    say("tasks", len(os.listdir("/proc/self/task")))
    say("new descriptors", sorted(os.listdir("/proc/self/fd")) != before)


def forks():
    pid = os.fork()
    if pid:
        say("child", os.waitpid(pid, 0)[1])


def forks_and_both_walk():
    """The child goes on first."""
    pid = os.fork()
    if pid:
        say("child", os.waitpid(pid, 0)[1])


def sets_user():
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)


def unshares_user():
    say("unshare", libc.unshare(0x10000000))


def unshares_mounts():
    say("unshare", libc.unshare(0x00020000))


def filters():
    """Installs a filter that forbids clone, io_uring and futex nothing: it allows all."""
    program = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0x7FFF0000))
    fprog = ctypes.create_string_buffer(
        struct.pack("HxxxxxxP", 1, ctypes.addressof(program))
    )
    say("no_new_privs", libc.prctl(38, 1, 0, 0, 0))
    say("seccomp", libc.prctl(22, 2, fprog, 0, 0))


def closes():
    libc.closefrom(3)


def executes():
    script = os.path.abspath(sys.argv[0])
    os.execv(sys.executable, [sys.executable, script, "second_half"])


MIDDLES = {
    "fork": forks,
    "exec": executes,
    "setuid": sets_user,
    "user": unshares_user,
    "mounts": unshares_mounts,
    "seccomp": filters,
    "closefrom": closes,
    "both": forks_and_both_walk,
}


def say_left(before):
    """Says which helpers are still there; there can be a new one."""
    say("left", *(pid for pid in helpers() if str(pid) in before.split()))


def second_half():
    say_left(os.environ["HELPERS"])
    read_all(tree_files()[150:])


def halves(what):
    """Reads half of the files, does something else, and reads the rest."""
    files = tree_files()
    read_all(files[:150])
    os.environ["HELPERS"] = " ".join(str(pid) for pid in helpers())
    MIDDLES[what]()
    if what in ("setuid", "user", "mounts"):
        say_left(os.environ["HELPERS"])
    read_all(files[150:])
    if what == "both" and "RINGSHIM_STATS" in os.environ:
        with open(os.environ["RINGSHIM_STATS"] + ".helpers", "a", encoding="ascii") as file:
            file.write(f"{len(helpers())}\n")
    # After a filter there is none again.
    if what == "seccomp":
        say("helpers", len(helpers()))


def killed():
    """Ends by SIGKILL, with a helper."""
    read_all(tree_files()[:150])
    say("helper", *helpers())
    os.kill(os.getpid(), signal.SIGKILL)


def stay(ready):
    """Lives on without doing anything, until it is ended."""
    os.chdir("/")
    with open(ready, "w", encoding="ascii") as file:
        file.write("ready\n")
    time.sleep(600)


def read_and_stay(ready):
    read_all(tree_files()[:150])
    stay(ready)


def thread_and_stay(ready):
    """A thread of its own reads, so that it starts the helper, and ends."""
    files = tree_files()
    # Ends a helper that was started before.
    os.setuid(os.getuid())
    thread = threading.Thread(target=read_all, args=(files[:150],))
    thread.start()
    thread.join()
    stay(ready)


def delete_and_stay(directory, ready):
    """Deletes files that are about to be fetched."""
    files = [f"{directory}/{name}" for name in os.listdir(directory)]
    read_all(files[:10])
    for path in files[12:]:
        os.unlink(path)
    read_all(files[10:12])
    stay(ready)


def handles():
    """Has a handler, which no signal to the helper runs."""
    signal.signal(signal.SIGUSR1, lambda *_: say("handler"))
    files = tree_files()
    # Ends a helper that was started before there was a handler.
    os.setuid(os.getuid())
    read_all(files[:150])
    for pid in helpers():
        os.kill(pid, signal.SIGUSR1)
    time.sleep(0.1)
    read_all(files[150:])


def locks(directory):
    """Holds a lock on a file that is fetched, and asks another process for it."""
    names = sorted(os.listdir(directory))
    fd = os.open(f"{directory}/{names[25]}", os.O_RDWR)
    fcntl.lockf(fd, fcntl.LOCK_EX)
    read_all(f"{directory}/{name}" for name in names if name != names[25])
    if os.fork() == 0:
        other = os.open(f"{directory}/{names[25]}", os.O_RDWR)
        try:
            fcntl.lockf(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
            say("free")
        except OSError as error:
            say("locked", error.errno)
        os._exit(0)
    os.wait()


def runs_programs(directory):
    """Executes each file of a directory that it goes through."""
    for name in sorted(os.listdir(directory)):
        path = f"{directory}/{name}"
        say(name, digest(path), os.spawnv(os.P_WAIT, path, [path]))


def changes_root(directory):
    """Reads below another root directory."""
    files = tree_files()
    os.chroot(".")
    os.chdir("/")
    read_all(f"/{path}" for path in files if path.startswith(directory))


def lease(path, ready, broken):
    """Holds a write lease, and notes when somebody else wants the file."""

    def note(_number, _frame):
        with open(broken, "w", encoding="ascii") as file:
            file.write("broken\n")

    signal.signal(signal.SIGIO, note)
    fd = os.open(path, os.O_RDWR)
    fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)
    with open(ready, "w", encoding="ascii") as file:
        file.write("ready\n")
    while True:
        time.sleep(1)


def watched(directory, result, *command):
    """Runs a command and writes the names that were opened in the directory meanwhile."""
    fd = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    libc.inotify_add_watch(fd, directory.encode(), 0x20)
    status = os.spawnv(os.P_WAIT, command[0], command)
    opened = []
    while True:
        try:
            events = os.read(fd, 1 << 16)
        except BlockingIOError:
            break
        while events:
            length = struct.unpack_from("iIII", events)[3]
            opened.append(events[16 : 16 + length].rstrip(b"\0").decode())
            events = events[16 + length :]
    with open(result, "w", encoding="ascii") as file:
        file.writelines(name + "\n" for name in opened)
    sys.exit(status)


def then_proc():
    """Reads files of the disk, and then three of a directory in /proc."""
    directory = "/proc/sys/kernel/random"
    read_all(tree_files()[:150])
    for name in os.listdir(directory)[:3]:
        say(name, len(digest(f"{directory}/{name}")))
        # The helper has time to be wrong.
        time.sleep(0.01)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
