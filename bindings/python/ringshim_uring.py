# SPDX-License-Identifier: MIT
"""Reads and writes through io_uring, with many operations on their way at a time.

The module loads libringshim-uring and calls its functions by name. It needs no build step.

    import os
    from ringshim_uring import Ring

    fd = os.open("data", os.O_RDONLY)
    with Ring() as ring:
        parts = [bytearray(4096) for _ in range(8)]
        for i, part in enumerate(parts):
            ring.read(fd, part, offset=4096 * i, tag=i)
        for done in ring.drain():
            print(done.tag, done.result)

A ring is for one thread at a time, and for the process that made it: a child of fork must not use it.
"""

import ctypes
import os
from collections import namedtuple

__all__ = ["CURRENT_POSITION", "Completion", "Ring"]

CURRENT_POSITION = 2**64 - 1
"""As an offset: read or write where the descriptor stands, as read(2) and write(2) do."""

Completion = namedtuple("Completion", "tag result")
Completion.__doc__ = """What became of an operation: its tag, and its result, as a system call's:
a count of bytes, or a negative errno. check() raises for the latter."""


def _check(completion):
    if completion.result < 0:
        raise OSError(-completion.result, os.strerror(-completion.result))
    return completion.result


Completion.check = _check


class _Entry(ctypes.Structure):
    """A completion as the kernel writes it."""

    _fields_ = [
        ("user_data", ctypes.c_uint64),
        ("result", ctypes.c_int32),
        ("flags", ctypes.c_uint32),
    ]


class _Time(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_int64), ("nanoseconds", ctypes.c_int64)]


_pointer = ctypes.c_void_p
_unsigned = ctypes.c_uint
_user_data = ctypes.c_uint64

# Name, result, arguments. The headers say what each function does.
_functions = (
    ("uring_struct_size", ctypes.c_size_t, ()),
    ("uring_init", ctypes.c_int, (_pointer, _pointer, _unsigned)),
    ("uring_dontfork", ctypes.c_int, (_pointer,)),
    ("uring_destroy", None, (_pointer,)),
    ("uring_why_failed", ctypes.c_int, (ctypes.c_int,)),
    ("uring_why_text", ctypes.c_char_p, (ctypes.c_int,)),
    ("uring_nop", _pointer, (_pointer, _user_data)),
    (
        "uring_read",
        _pointer,
        (_pointer, _user_data, ctypes.c_int, _pointer, ctypes.c_size_t, ctypes.c_uint64),
    ),
    (
        "uring_write",
        _pointer,
        (_pointer, _user_data, ctypes.c_int, _pointer, ctypes.c_size_t, ctypes.c_uint64),
    ),
    (
        "uring_fsync",
        _pointer,
        (_pointer, _user_data, ctypes.c_int, ctypes.c_uint32, ctypes.c_uint64, ctypes.c_uint32),
    ),
    ("uring_async_cancel", _pointer, (_pointer, _user_data, ctypes.c_uint64, ctypes.c_uint32)),
    ("uring_submit", ctypes.c_int, (_pointer, _unsigned, _pointer)),
    ("uring_copy_cqes", ctypes.c_int, (_pointer, _pointer, _unsigned, _unsigned, _pointer)),
)

_EINTR, _ETIME = 4, 62


def _load(library):
    loaded = ctypes.CDLL(library)
    for name, result, arguments in _functions:
        function = getattr(loaded, name)
        function.restype = result
        function.argtypes = arguments
    return loaded


def _address_of(buffer, writable):
    """Returns the address and length of a buffer, and what keeps both valid."""
    if isinstance(buffer, bytes) and not writable:
        return ctypes.cast(ctypes.c_char_p(buffer), _pointer), len(buffer), buffer
    view = memoryview(buffer)
    if view.readonly:
        if writable:
            raise TypeError("the buffer of a read must be writable")
        return _address_of(bytes(view), False)
    held = (ctypes.c_char * view.nbytes).from_buffer(buffer)
    return ctypes.addressof(held), view.nbytes, held


class Ring:
    """A ring with room for `entries` operations that are not submitted yet."""

    def __init__(self, entries=64, library="libringshim-uring.so.0"):
        """entries is a power of two up to 4096. Raises OSError if no ring can be made."""
        self._held = {}  # key: (tag, what keeps the buffer alive)
        self._next_key = 1
        self._memory = None
        self._library = _load(library)
        memory = ctypes.create_string_buffer(self._library.uring_struct_size() + 16)
        error = self._library.uring_init(memory, None, entries)
        if error:
            why = self._library.uring_why_text(self._library.uring_why_failed(error))
            raise OSError(-error, why.decode())
        self._memory = memory
        self._library.uring_dontfork(memory)
        self._room = (_Entry * entries)()

    def _queue(self, tag, keep, function, *arguments):
        if self._memory is None:
            raise ValueError("the ring is closed")
        key = self._next_key
        if not function(self._memory, key, *arguments):
            # The queue is full.
            self.submit()
            if not function(self._memory, key, *arguments):
                raise BlockingIOError("the submission queue is full")
        self._next_key += 1
        self._held[key] = tag, keep

    def read(self, fd, buffer, offset=CURRENT_POSITION, tag=None):
        """Queues a read into a writable buffer. Do not change its size before it completes."""
        address, size, keep = _address_of(buffer, True)
        self._queue(tag, keep, self._library.uring_read, fd, address, size, offset)

    def write(self, fd, buffer, offset=CURRENT_POSITION, tag=None):
        """Queues a write. Do not change the buffer before it completes."""
        address, size, keep = _address_of(buffer, False)
        self._queue(tag, keep, self._library.uring_write, fd, address, size, offset)

    def fsync(self, fd, tag=None):
        """Queues an fsync. It does not wait for writes that are in flight."""
        self._queue(tag, None, self._library.uring_fsync, fd, 0, 0, 0)

    def nop(self, tag=None):
        """Queues an operation that does nothing."""
        self._queue(tag, None, self._library.uring_nop)

    @property
    def in_flight(self):
        """The number of operations that have no completion yet, queued ones included."""
        return len(self._held)

    def submit(self):
        """Submits what is queued. Returns how many operations the kernel took."""
        while True:
            count = self._library.uring_submit(self._memory, 0, None)
            if count != -_EINTR:
                break
        if count < 0:
            raise OSError(-count, os.strerror(-count))
        return count

    def wait(self, count=1, timeout=None):
        """Submits, then waits until `count` operations have completed, or `timeout` seconds.

        Returns a list of completions. It is shorter than `count`, or empty, after the timeout.
        """
        done = []
        count = min(count, len(self._held))
        if count:
            self.submit()
        limit = None
        if timeout is not None:
            limit = _Time(int(timeout), int(timeout % 1 * 1000000000))
        while len(done) < count:
            ret = self._library.uring_copy_cqes(
                self._memory, self._room, len(self._room), 1, ctypes.byref(limit) if limit else None
            )
            if ret == -_ETIME:
                break
            if ret < 0 and ret != -_EINTR:
                raise OSError(-ret, os.strerror(-ret))
            done += [self._take(self._room[i]) for i in range(max(ret, 0))]
        return done

    def _take(self, entry):
        tag, _ = self._held.pop(entry.user_data)
        return Completion(tag, entry.result)

    def drain(self):
        """Yields the completion of each operation, as they come, until none is in flight."""
        while self._held:
            yield from self.wait()

    def close(self):
        """Cancels what is in flight, waits for it, and ends the ring.

        The kernel writes into buffers until an operation has completed, so this waits.
        """
        if self._memory is None:
            return
        for key in list(self._held):
            self._queue(None, None, self._library.uring_async_cancel, key, 0)
        for _ in self.drain():
            pass
        self._library.uring_destroy(self._memory)
        self._memory = None

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def __del__(self):
        if getattr(self, "_memory", None) is not None:
            self.close()
