#!/usr/bin/env python3
"""Runs a program on a terminal of its own that nobody types at, and passes on what it writes and its status.
usage: terminal.py COMMAND [ARGUMENT...]"""
import fcntl
import os
import pty
import struct
import sys
import termios

child, terminal = pty.fork()
if child == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 160, 0, 0))
while True:
    try:
        output = os.read(terminal, 65536)
    except OSError:  # The other end is closed.
        break
    if not output:
        break
    sys.stdout.buffer.write(output)
    sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)
