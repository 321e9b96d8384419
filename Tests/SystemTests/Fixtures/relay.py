#!/usr/bin/env python3
"""An SMTP server that stands for the relay: takes mail as its modes say, and prints each mail as a line of JSON.

usage: relay.py PORT MODE[,MODE...] [ADDRESS [CERTIFICATE KEY]]    the first line printed is the port; 0: the kernel's choice

Each connection uses up one mode, the last one stays: accept; refuse (550 at RCPT); defer (451 at RCPT); drop (hangs up
when the content has come, without an answer); close (hangs up at once); mute (says nothing); slow (answers a byte at a time); 7bit (accepts,
without 8BITMIME); some (550 at RCPT for addresses that begin with nobody); unaware (offers CHUNKING and does not know BDAT);
dsn (offers DSN). With a certificate it offers STARTTLS, and over TLS DSN and REQUIRETLS.
"""
import json
import socket
import ssl
import sys
import threading
import time

modes = sys.argv[2].split(",")
lock = threading.Lock()
context = None
if len(sys.argv) > 5:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[4], sys.argv[5])


def next_mode():
    with lock:
        return modes.pop(0) if len(modes) > 1 else modes[0]


def say(line):
    with lock:
        print(line, flush=True)


def serve(connection):
    mode = next_mode()
    stream = connection.makefile("rb")

    def answer(text):
        octets = (text + "\r\n").encode()
        if mode == "slow":
            for octet in octets:
                connection.sendall(bytes([octet]))
                time.sleep(0.005)
        else:
            connection.sendall(octets)

    say(json.dumps({"event": "connected", "mode": mode}))
    if mode == "close":
        return
    if mode == "mute":
        stream.read()
        return
    answer("220 relay.example ESMTP")
    sender, recipients, parameters, wishes, is_secured = None, [], "", [], False
    while True:
        line = stream.readline()
        if not line:
            return
        command = line.decode("utf-8", "replace").rstrip("\r\n")
        verb = command.split(" ")[0].upper()
        if verb == "EHLO":
            eight_bit = "" if mode == "7bit" else "250-8BITMIME\r\n"
            offers = {"unaware": "250-CHUNKING\r\n", "dsn": "250-DSN\r\n"}.get(mode, "") if not context else "250-DSN\r\n250-REQUIRETLS\r\n" if is_secured else "250-STARTTLS\r\n"
            answer(f"250-relay.example\r\n{offers}250-PIPELINING\r\n{eight_bit}250-SIZE 100000000\r\n250 ENHANCEDSTATUSCODES")
        elif verb == "STARTTLS" and context and not is_secured:
            answer("220 2.0.0 Go on")
            try:
                connection = context.wrap_socket(connection, server_side=True)
            except ssl.SSLError:
                say(json.dumps({"event": "no TLS"}))
                return
            stream, is_secured = connection.makefile("rb"), True
        elif verb == "HELO":
            answer("250 relay.example")
        elif verb == "MAIL":
            sender, recipients, wishes = command[command.index("<") + 1:command.index(">")], [], []
            parameters = command[command.index(">") + 1:]
            answer("250 2.1.0 OK")
        elif verb == "RCPT":
            say(json.dumps({"event": "asked", "recipient": command}))
            if mode == "refuse" or mode == "some" and "<nobody" in command:
                answer("550 5.1.1 No such user here")
            elif mode == "defer":
                answer("451 4.3.0 Try again later")
            else:
                recipients.append(command[command.index("<") + 1:command.index(">")])
                wishes.append(command[command.index(">") + 1:].strip())
                answer("250 2.1.5 OK")
        elif verb == "DATA":
            if not recipients:
                answer("554 5.5.1 No valid recipients")
                continue
            answer("354 Go on")
            content = bytearray()
            while True:
                line = stream.readline()
                if not line:
                    return
                if line == b".\r\n":
                    break
                content += line[1:] if line.startswith(b".") else line
            if mode == "drop":
                say(json.dumps({"event": "dropped"}))
                return
            say(json.dumps({"event": "mail", "sender": sender, "recipients": recipients, "parameters": parameters, "wishes": wishes, "tls": is_secured,
                            "content": content.decode("latin-1")}))
            answer("250 2.0.0 Queued")
        elif verb in ("RSET", "NOOP"):
            answer("250 2.0.0 OK")
        elif verb == "QUIT":
            say(json.dumps({"event": "quit"}))
            answer("221 2.0.0 Bye")
            return
        else:
            if verb == "BDAT":
                say(json.dumps({"event": "chunk"}))
            answer("502 5.5.1 What?")


def guarded(connection):
    with connection:
        try:
            serve(connection)
        except OSError:
            pass


listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind((sys.argv[3] if len(sys.argv) > 3 else "127.0.0.1", int(sys.argv[1])))
listener.listen(50)
say(str(listener.getsockname()[1]))
while True:
    threading.Thread(target=guarded, args=(listener.accept()[0],), daemon=True).start()
