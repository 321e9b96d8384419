"""Makes the seeds of a fuzz target: seeds.py TARGET FOLDER.

Mails come from the tests' fixtures and, where it stands beside the repository, from the corpus; dialogues from the string
literals of the tests that speak the protocol. What the fuzzer needs beyond that it finds by itself.
"""

import hashlib
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
ESCAPES = {"n": b"\n", "r": b"\r", "t": b"\t", "0": b"\0", '"': b'"', "\\": b"\\", "'": b"'"}


def unescaped(text):
    """The octets that a Swift string literal stands for; what is interpolated becomes a 1."""
    text = re.sub(r"\\\([^)]*\)", "1", text)
    out = b""
    for match in re.finditer(r"\\u\{([0-9a-fA-F]+)\}|\\(.)|([^\\]+)", text, re.S):
        scalar, escape, plain = match.groups()
        if scalar:
            out += chr(int(scalar, 16)).encode("utf-8", "replace")
        elif escape:
            out += ESCAPES.get(escape, escape.encode())
        else:
            out += plain.encode()
    return out


def literals(*folders):
    """Every string literal of the tests in these folders."""
    for folder in folders:
        for path in sorted((ROOT / "Tests" / folder).rglob("*.swift")):
            for match in LITERAL.finditer(path.read_text()):
                if match.group(1):
                    yield unescaped(match.group(1))


def client_lines(*folders):
    """What clients say in the dialogues of the tests, one seed per file and one per line."""
    for folder in folders:
        for path in sorted((ROOT / "Tests" / folder).rglob("*")):
            if path.suffix not in (".swift", ".txt", ".dialogue"):
                continue
            lines = re.findall(r"^ *C[a-z0-9 ]*[:|] (.*)$", path.read_text(errors="replace"), re.M)
            lines = [line.encode() for line in lines]
            yield from lines
            for start in range(0, len(lines), 8):
                yield b"".join(b"a%d %s\r\n" % (n, line) for n, line in enumerate(lines[start : start + 8]))


def mails(longest):
    for folder in (ROOT / "Tests", CORPUS):
        for path in sorted(folder.rglob("*.eml")) if folder.is_dir() else []:
            octets = path.read_bytes()
            if b"\r\n" not in octets:
                octets = octets.replace(b"\n", b"\r\n")
            if len(octets) <= longest:
                yield octets


def fields():
    """The bodies of the header fields of all mails."""
    for mail in mails(1 << 20):
        header = re.sub(rb"\r\n[ \t]", b" ", mail.split(b"\r\n\r\n")[0])
        for line in header.split(b"\r\n"):
            name, _, body = line.partition(b":")
            if name.lower() in WANTED_FIELDS:
                yield body.strip()


WANTED_FIELDS = {
    b"from", b"to", b"cc", b"sender", b"reply-to", b"subject", b"date", b"message-id", b"references", b"content-type",
    b"content-disposition", b"in-reply-to",
}


def commands():
    for literal in list(literals("IMAPProtocolTests", "MailboxesTests")) + list(client_lines("MailboxesTests", "SystemTests")):
        yield literal if literal.endswith(b"\r\n") else literal + b"\r\n"


def dialogues():
    batch = []
    for line in commands():
        batch.append(b"a " + line)
        if len(batch) == 6:
            yield b"".join(batch)
            batch = []
    yield b"a LOGIN joe hunter2\r\nb SELECT INBOX\r\nc IDLE\r\nDONE\r\nd APPEND INBOX {3+}\r\nabc\r\n"
    yield b"a AUTHENTICATE PLAIN\r\nAGpvZQBodW50ZXIy\r\nb STARTTLS\r\nc LOGOUT\r\n"


def smtp_server():
    start = b"EHLO c.example\r\n"
    login = start + b"AUTH PLAIN AGEAc2VjcmV0\r\n"
    mail = b"MAIL FROM:<a@a.example> SIZE=9\r\nRCPT TO:<help@acme.example>\r\n"
    for opening in (start, login):
        yield opening + mail + b"DATA\r\nSubject: x\r\n\r\n..x\r\n.\r\nQUIT\r\n"
        yield opening + mail + b"BDAT 3\r\nx\r\nBDAT 2 LAST\r\n\r\nNOOP\r\n"
    yield start + b"STARTTLS\r\n" + start + mail
    yield start + b"AUTH LOGIN\r\nYQ==\r\nc2VjcmV0\r\n" + mail
    for literal in literals("SMTPProtocolTests"):
        yield literal
        yield login + literal
        yield start + mail + literal


def smtp_client():
    greeting = b"220 mx\r\n250-mx\r\n250-PIPELINING\r\n250-SIZE 9000\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-AUTH PLAIN LOGIN\r\n"
    yield greeting + b"250 STARTTLS\r\n220 go\r\n" + greeting + b"250 ok\r\n235 ok\r\n"
    yield greeting + b"250 ok\r\n250 ok\r\n250 ok\r\n550 5.1.1 no\r\n354 go\r\n250 2.0.0 taken\r\n421 bye\r\n"
    yield b"220 mx\r\n500 no\r\n250 mx\r\n250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n"
    for literal in literals("SMTPProtocolTests"):
        yield literal
        yield greeting + b"250 ok\r\n" + literal


def sessions():
    logged_in = b"a LOGIN anna@acme.example secret\r\n"
    for dialogue in dialogues():
        yield dialogue
        yield logged_in + b"b SELECT New\r\n" + dialogue


def submitted():
    """Texts of the tests as mails, plain and HTML, and real mails."""
    for text in literals("MailFormatTests", "DeskTests"):
        text = text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        kind = b"text/html" if b"<" in text else b"text/plain; format=flowed"
        yield b"Content-Type: " + kind + b"; charset=utf-8\r\n\r\n" + text
    yield from mails(8192)


def authenticated():
    """Records and fields of the tests on top of a mail, and real mails."""
    mail = b"From: Jan <jan@example.org>\r\nSubject: x\r\n\r\nbody\r\n"
    policies = b"X-TXT: v=spf1 mx a:a.example -all\r\nX-TXT: v=DMARC1; p=reject\r\nX-TXT: v=DKIM1; k=rsa; p=AAAA\r\n"
    for text in literals("MailAuthTests"):
        text = text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n ")
        for name in (b"X-TXT: ", b"Authentication-Results: ", b"DKIM-Signature: ", b""):
            yield name + text + b"\r\n" + mail
    suite = (ROOT / "Tests" / "MailAuthTests" / "Fixtures" / "rfc7208-tests.yml").read_text()
    for record in re.findall(r"v=spf1[^\n'\"]*", suite):
        yield b"X-TXT: " + record.encode() + b"\r\n" + mail
    for real in mails(3500):
        yield policies + real


def milter():
    """A filter that goes on with everything, with replies of each kind put in."""

    def packet(command, data=b""):
        return (len(data) + 1).to_bytes(4, "big") + command + data

    def options(bits):
        return packet(b"O", (6).to_bytes(4, "big") + (0x31).to_bytes(4, "big") + bits.to_bytes(4, "big"))

    replies = [
        packet(b"c"), packet(b"a"), packet(b"r"), packet(b"t"), packet(b"d"), packet(b"s"), packet(b"p"), packet(b"q", b"bad\0"),
        packet(b"y", b"550 5.7.1 No\0"), packet(b"h", b"X-Spam\0Yes\n of 15\0"),
        packet(b"m", (1).to_bytes(4, "big") + b"X-Do\0\0"), packet(b"i", (1).to_bytes(4, "big") + b"X-A\0b\0"),
    ]
    for bits in (0, 0x1FF7FF, 0x10, 0x80000, 0x100000):
        for place in range(0, 16, 2):
            for reply in replies:
                yield options(bits) + packet(b"c") * place + reply + packet(b"c") * 20


def reports():
    """The reports of the tests, and those of other systems as text of a mail."""
    start = b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x\r\n"
    status = start + b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; a.example\r\n\r\n"
    for text in literals("MailFormatTests"):
        text = text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        yield text
        yield b"From: MAILER-DAEMON@a.example\r\nSubject: failure notice\r\n\r\n" + text
    for address in (b"jan@customer.example", b"jan+x@customer.example", "żółw@customer.example".encode()):
        for action in (b"failed", b"delayed", b"delivered", b"relayed", b"expanded"):
            yield (
                status + b"Original-Recipient: rfc822; old@customer.example\r\nFinal-Recipient: rfc822; " + address
                + b"\r\nAction: " + action + b"\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such\r\n\r\n--x--\r\n")
    yield from mails(8192)


SEEDS = {
    "milter": milter,
    "reports": reports,
    "content": lambda: list(literals("SMTPProtocolTests")) + list(mails(4096)),
    "smtp-server": smtp_server,
    "smtp-client": smtp_client,
    "imap-command": commands,
    "imap-dialogue": dialogues,
    "imap-session": sessions,
    "mime": lambda: list(mails(16384)) + [m for m in literals("MailFormatTests") if b"\n" in m],
    "header": lambda: [m.split(b"\r\n\r\n")[0][:4090] + b"\r\n\r\n" for m in mails(1 << 20)],
    "encoded-words": lambda: list(literals("MailFormatTests")) + list(fields()),
    "fields": lambda: list(literals("MailFormatTests")) + list(fields()),
    "composing": submitted,
    "authentication": authenticated,
    "names": lambda: list(literals("MailTypesTests", "DeskTests", "IMAPProtocolTests", "MailFormatTests")),
}


def main():
    target, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for octets in SEEDS[target]():
        (folder / hashlib.sha1(octets).hexdigest()).write_bytes(octets)


if __name__ == "__main__":
    main()
