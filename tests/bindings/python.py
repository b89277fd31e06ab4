# SPDX-License-Identifier: MIT
"""python.py LIBRARY CASE FILE...: the cases of python.bats, with the binding for Python."""

import errno
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.environ["abs_top_srcdir"], "bindings/python"))
from ringshim_uring import Ring  # noqa: E402

SIZE = 16384


def copy(library, source, target):
    """Copies a file with eight reads in flight, each followed by the write of what it got."""
    from_fd = os.open(source, os.O_RDONLY)
    to_fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    size, asked, most = os.fstat(from_fd).st_size, 0, 0
    with Ring(16, library) as ring:
        while asked < size or ring.in_flight:
            while asked < size and ring.in_flight < 8:
                part = bytearray(min(SIZE, size - asked))
                ring.read(from_fd, part, asked, ("read", asked, part))
                asked += len(part)
            most = max(most, ring.in_flight)
            for done in ring.wait():
                kind, at, part = done.tag
                got = done.check()
                if got != len(part):
                    raise SystemExit(f"{kind} at {at}: {got} bytes of {len(part)}")
                if kind == "read":
                    ring.write(to_fd, part, at, ("write", at, part))
        ring.fsync(to_fd, "sync")
        assert [done.check() for done in ring.drain()] == [0]
    print(f"{most} operations in flight")


def errors(library, source):
    """What cannot work is an OSError, or a result that says why."""
    with Ring(4, library) as ring:
        ring.read(-1, bytearray(4), 0, "bad")
        (done,) = ring.drain()
        assert done.tag == "bad" and done.result == -errno.EBADF
        try:
            done.check()
            raise SystemExit("no OSError")
        except OSError as error:
            assert error.errno == errno.EBADF
        try:
            ring.read(0, b"not writable")
            raise SystemExit("no TypeError")
        except TypeError:
            pass
        assert ring.in_flight == 0
    try:
        ring.nop()
        raise SystemExit("a closed ring")
    except ValueError:
        pass
    try:
        Ring(3, library)
        raise SystemExit("a ring of three entries")
    except OSError as error:
        assert error.errno == errno.EINVAL
    print("errors")


def waits(library, source):
    """A wait ends at its time limit. Closing the ring ends an operation that would wait for ever."""
    ours, theirs = os.pipe()
    ring = Ring(4, library)
    part = bytearray(4)
    ring.read(ours, part, tag="pipe")
    assert ring.wait(timeout=0.05) == [] and ring.in_flight == 1
    os.write(theirs, b"data")
    (done,) = ring.wait()
    assert done.check() == 4 and part == b"data"
    ring.read(ours, part, tag="pipe")
    ring.submit()
    ring.close()
    assert ring.in_flight == 0
    # More operations than the queue has entries.
    with Ring(4, library) as ring:
        for i in range(50):
            ring.nop(i)
        assert sorted(done.tag for done in ring.drain()) == list(range(50))
    print("waits")


cases = {"copy": copy, "errors": errors, "waits": waits}
cases[sys.argv[2]](sys.argv[1], *sys.argv[3:])
