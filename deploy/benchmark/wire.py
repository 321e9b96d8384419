"""Two clients of the least kind: they wait for the end of an answer and parse nothing on the way."""

import re
import socket

PIECE = 1 << 18


class IMAPClient:
    """An IMAP connection; commands are sent as they stand and read up to their tagged line."""

    def __init__(self, port, login=None, password=None):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.piece = memoryview(bytearray(PIECE))
        self.count = 0
        greeting = self.line()
        if not greeting.startswith(b"* OK"):
            raise RuntimeError(f"IMAP greeting: {greeting!r}")
        if login:
            self.command(f'LOGIN "{login}" "{password}"')

    def send(self, text):
        self.count += 1
        tag = b"bench%d" % self.count
        self.socket.sendall(tag + b" " + text.encode() + b"\r\n")
        return tag

    def line(self):
        """One line, octet by octet: for lines after which nothing follows unasked."""
        line = bytearray()
        while not line.endswith(b"\r\n"):
            octet = self.socket.recv(1)
            if not octet:
                raise RuntimeError(f"the IMAP server closed after {bytes(line)!r}")
            line += octet
        return bytes(line)

    def command(self, text):
        """The whole answer to a command; anything but OK is an error."""
        return self.answer(self.send(text), text)

    def answer(self, tag, text):
        data = bytearray()
        while True:
            count = self.socket.recv_into(self.piece)
            if count == 0:
                raise RuntimeError(f"the IMAP server closed during {text[:40]}")
            data += self.piece[:count]
            if data.endswith(b"\r\n"):
                start = data.rfind(b"\n", 0, len(data) - 2) + 1
                if data.startswith(tag + b" ", start):
                    if not data.startswith(tag + b" OK", start):
                        raise RuntimeError(f"{text[:60]}: {bytes(data[start:])!r}")
                    return data

    def size_of_answer(self, text, pause=None):
        """The number of octets of an answer that is not kept. `pause` runs between command and reading."""
        tag = self.send(text)
        if pause:
            pause()
        size, tail = 0, b""
        while True:
            count = self.socket.recv_into(self.piece)
            if count == 0:
                raise RuntimeError(f"the IMAP server closed during {text[:40]}")
            size += count
            tail = (tail + bytes(self.piece[max(0, count - 512):count]))[-512:]
            if tail.endswith(b"\r\n"):
                last = tail[:-2].rpartition(b"\r\n")[2]
                if last.startswith(tag + b" "):
                    if not last.startswith(tag + b" OK"):
                        raise RuntimeError(f"{text[:60]}: {last!r}")
                    return size

    def messages(self, mailbox):
        """How many messages STATUS counts."""
        found = re.search(rb"MESSAGES (\d+)", self.command(f"STATUS {mailbox} (MESSAGES)"))
        if not found:
            raise RuntimeError(f"STATUS {mailbox} counts no messages")
        return int(found[1])

    def idle(self):
        self.send("IDLE")
        line = self.line()
        while line.startswith(b"* "):
            line = self.line()
        if not line.startswith(b"+"):
            raise RuntimeError(f"IDLE: {line!r}")

    def close(self):
        self.socket.close()


def literals(answer):
    """The literals of an answer, in order."""
    at = 0
    while found := re.compile(rb"\{(\d+)\}\r\n").search(answer, at):
        end = found.end() + int(found[1])
        yield bytes(answer[found.end():end])
        at = end


class SMTPClient:
    """An SMTP connection that is kept; mails must bring CRLF lines of which none begins with a dot."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = self.socket.makefile("rb")
        self.expect(220)
        self.order("EHLO client.example", 250)

    def expect(self, code):
        while True:
            line = self.reader.readline()
            if not line.startswith(b"%d" % code):
                raise RuntimeError(f"SMTP reply {line!r} instead of {code}")
            if line[3:4] != b"-":
                return

    def order(self, text, code):
        self.socket.sendall(text.encode() + b"\r\n")
        self.expect(code)

    def begin(self, sender, recipient):
        """Up to the reply that asks for the content."""
        self.order(f"MAIL FROM:<{sender}>\r\nRCPT TO:<{recipient}>\r\nDATA", 250)
        self.expect(250)
        self.expect(354)

    def deliver(self, sender, recipient, content):
        self.begin(sender, recipient)
        self.socket.sendall(content + b".\r\n")
        self.expect(250)

    def close(self):
        self.order("QUIT", 221)
        self.reader.close()
        self.socket.close()
