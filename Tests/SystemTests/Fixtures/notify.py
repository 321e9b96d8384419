#!/usr/bin/env python3
"""Prints what a service tells its manager (sd_notify(3)). usage: notify.py SOCKET"""
import socket
import sys

listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
print("listening", flush=True)
while True:
    print(listener.recv(4096).decode(), flush=True)
