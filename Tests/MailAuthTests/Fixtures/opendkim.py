"""Has a real OpenDKIM sign a mail, over the milter protocol.

usage: opendkim.py KEY-FILE DOMAIN SELECTOR CANONICALIZATION    the mail on standard input, the signed mail on standard output
"""
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time

key, domain, selector, form = sys.argv[1:5]
mail = sys.stdin.buffer.read()
folder = tempfile.mkdtemp()
path = f"{folder}/socket"
with open(f"{folder}/opendkim.conf", "w") as file:
    file.write(
        f"Mode s\nDomain {domain}\nSelector {selector}\nKeyFile {key}\nCanonicalization {form}\nUMask 000\nSyslog no\n"
        f"RequireSafeKeys no\nInternalHosts 192.0.2.1\n")
server = subprocess.Popen(["opendkim", "-f", "-p", f"local:{path}", "-x", f"{folder}/opendkim.conf"])
deadline = time.monotonic() + 60
while not os.path.exists(path):
    if time.monotonic() > deadline or server.poll() is not None:
        sys.exit("opendkim does not start")
    time.sleep(0.02)
connection = socket.socket(socket.AF_UNIX)
while connection.connect_ex(path) != 0:
    time.sleep(0.02)
stream = connection.makefile("rb")


def say(command, data=b""):
    connection.sendall(struct.pack(">I", len(data) + 1) + command + data)


def hear():
    packet = stream.read(struct.unpack(">I", stream.read(4))[0])
    return packet[:1], packet[1:]


def ask(command, data=b""):
    say(command, data)
    return hear()


# Every step is said and answered; values keep their leading space.
ask(b"O", struct.pack(">III", 6, 0x1FF, 0x100000))
say(b"D", b"Cj\0mx.example\0")
ask(b"C", b"client\0" + b"4\0\0" + b"192.0.2.1\0")
ask(b"H", b"client\0")
say(b"D", b"Mi\0q1\0")
ask(b"M", b"<jan@%s>\0" % domain.encode())
ask(b"R", b"<help@acme.example>\0")
ask(b"T")
head, _, body = mail.partition(b"\r\n\r\n")
for field in head.replace(b"\r\n ", b"\n ").replace(b"\r\n\t", b"\n\t").split(b"\r\n"):
    name, _, value = field.partition(b":")
    ask(b"L", name + b"\0" + value + b"\0")
ask(b"N")
ask(b"B", body)
say(b"E")
signature = b""
while True:
    command, data = hear()
    if command == b"i":
        name, value = data[4:].split(b"\0")[:2]
        signature = name + b":" + value.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"\r\n"
    if command in b"act":
        break
server.terminate()
server.wait()
sys.stdout.buffer.write(signature + mail)
