# SPDX-License-Identifier: GPL-2.0
"""Runs a command on a terminal of its own, to its end."""
import fcntl
import os
import pty
import struct
import termios


def on_terminal(argv, environment, rows=24, columns=80):
    """What it sends to the terminal, and its exit status."""
    pid, fd = pty.fork()
    if not pid:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.execve(argv[0], argv, environment)
    seen = b""
    while True:
        try:
            more = os.read(fd, 65536)
        except OSError:
            break
        if not more:
            break
        seen += more
    os.close(fd)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return seen.decode().replace("\r\n", "\n"), status
