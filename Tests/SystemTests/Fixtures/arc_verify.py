#!/usr/bin/env python3
"""What dkimpy says of the ARC chain of a mail on standard input: its result and who sealed.

usage: arc_verify.py NAME=RECORD...
"""
import sys

import dkim

records = dict(argument.split("=", 1) for argument in sys.argv[1:])


def lookup(name, timeout=5):
    return records.get(name.decode().rstrip("."), "").encode() or None


result, sets, reason = dkim.arc_verify(sys.stdin.buffer.read(), dnsfunc=lookup)
print((result or b"none").decode(), *(found["as-domain"].decode() for found in sets), reason)
