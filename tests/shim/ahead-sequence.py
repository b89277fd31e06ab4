# SPDX-License-Identifier: MIT
"""The programs of ahead-sequence.bats: ahead-sequence.py PART FILE"""

import ctypes
import hashlib
import os
import random
import sys

CACHESTAT = 451
BLOCK = 1 << 15
libc = ctypes.CDLL(None, use_errno=True)


def forget(path):
    """Drops the file from the page cache."""
    fd = os.open(path, os.O_RDWR)
    os.fsync(fd)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(fd)


def cached(path):
    """Prints how many KiB of the file are in the page cache."""
    fd = os.open(path, os.O_RDONLY)
    span = (ctypes.c_uint64 * 2)(0, 0)
    counts = (ctypes.c_uint64 * 5)()
    if libc.syscall(CACHESTAT, fd, span, counts, 0):
        raise OSError(ctypes.get_errno(), "cachestat")
    print(counts[0] * 4)


def pread_on(path):
    """Reads the file from front to back with pread()."""
    fd = os.open(path, os.O_RDONLY)
    digest = hashlib.md5()
    at = 0
    while block := os.pread(fd, BLOCK, at):
        digest.update(block)
        at += len(block)
    print(digest.hexdigest())


def pread_anywhere(path):
    """Reads each block of the file, in no order."""
    fd = os.open(path, os.O_RDONLY)
    blocks = list(range(os.fstat(fd).st_size // BLOCK))
    random.Random(1).shuffle(blocks)
    print(sum(len(os.pread(fd, BLOCK, block * BLOCK)) for block in blocks))


def seek_anywhere(path):
    """Does the same with lseek() and read()."""
    fd = os.open(path, os.O_RDONLY)
    blocks = list(range(os.fstat(fd).st_size // BLOCK))
    random.Random(1).shuffle(blocks)
    total = 0
    for block in blocks:
        os.lseek(fd, block * BLOCK, os.SEEK_SET)
        total += len(os.read(fd, BLOCK))
    print(total)


def read_start(path):
    """Reads the first 2 MiB."""
    fd = os.open(path, os.O_RDONLY)
    print(sum(len(os.read(fd, BLOCK)) for _ in range(2 * 1024 * 1024 // BLOCK)))


def in_turns(*paths):
    """Reads a block of each file in turns."""
    fds = [os.open(path, os.O_RDONLY) for path in paths]
    total = 0
    for _ in range(os.fstat(fds[0]).st_size // BLOCK):
        total += sum(len(os.read(fd, BLOCK)) for fd in fds)
    print(total)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
