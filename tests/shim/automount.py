#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Mounts an automount point (autofs, direct) on DIRECTORY, and refuses each request to mount
something there. Prints "mounted", and a line for each request. Ends when its input does."""

import ctypes
import fcntl
import os
import select
import struct
import sys

AUTOFS_IOC_FAIL = 0x9361
# struct autofs_v5_packet: version, type, token, device, inode, uid, gid, pid, tgid, length, name
PACKET = struct.Struct("=iiIIQIIIII256s")


def main(directory):
    libc = ctypes.CDLL(None, use_errno=True)
    requests, kernel = os.pipe()
    os.set_inheritable(kernel, True)
    os.setsid()  # the kernel asks nothing for processes of this group
    options = f"fd={kernel},pgrp={os.getpgrp()},minproto=5,maxproto=5,direct"
    if libc.mount(b"automount", directory.encode(), b"autofs", 0, options.encode()):
        sys.exit(f"autofs: {os.strerror(ctypes.get_errno())}")
    os.close(kernel)
    point = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    print("mounted", flush=True)
    while True:
        ready, _, _ = select.select([requests, 0], [], [])
        if 0 in ready and not os.read(0, 1):
            break
        if requests in ready:
            packet = PACKET.unpack(os.read(requests, 4096)[: PACKET.size])
            print("request", flush=True)
            fcntl.ioctl(point, AUTOFS_IOC_FAIL, packet[2])
    os.close(point)
    libc.umount2(directory.encode(), 2)


main(sys.argv[1])
