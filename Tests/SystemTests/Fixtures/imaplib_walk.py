#!/usr/bin/env python3
"""An agent's day in Python's imaplib. usage: imaplib_walk.py IMAP_PORT IMAPS_PORT LOGIN PASSWORD"""
import imaplib
import ssl
import sys

plain_port, tls_port, login, password = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE


def ok(answer):
    assert answer[0] == "OK", answer
    return answer[1]


with imaplib.IMAP4("127.0.0.1", plain_port) as client:
    ok(client.starttls(context))
    ok(client.authenticate("PLAIN", lambda challenge: f"\0{login}\0{password}".encode()))
    ok(client.noop())

with imaplib.IMAP4_SSL("127.0.0.1", tls_port, ssl_context=context) as client:
    ok(client.login(login, password))
    assert "IMAP4REV1" in client.capabilities, client.capabilities
    ok(client.namespace())
    names = [line.decode().split(' "/" ')[1].strip('"') for line in ok(client.list())]
    for name in ("INBOX", "Next", "New", "Waiting", "Done", "Closed", "Spam", "Drafts", "Sent", "Trash", "Private", "Team",
                 "Groups", "Pools", "Pools/Help"):
        assert name in names, (name, names)
    ok(client.lsub())
    for name in names:
        ok(client.status(f'"{name}"', "(MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN)"))
        ok(client.select(f'"{name}"', readonly=True))

    assert ok(client.select("New"))[0] == b"3"
    assert ok(client.search(None, "ALL"))[0].split() == [b"1", b"2", b"3"]
    assert ok(client.search("UTF-8", "SUBJECT", '"Number 2"'))[0].split() == [b"2"]
    assert ok(client.uid("SEARCH", None, "UNSEEN FROM jan NOT SUBJECT 3"))[0].split() == [b"1", b"2"]
    assert ok(client.search(None, "BODY", '"parcel"'))[0].split() == [b"1", b"2", b"3"]
    fetched = ok(client.fetch("1:*", "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)"))
    assert len(fetched) == 3, fetched
    for number in (b"1", b"2", b"3"):
        whole = ok(client.fetch(number, "(BODY.PEEK[])"))[0][1]
        size = ok(client.fetch(number, "(RFC822.SIZE)"))[0]
        assert int(size.split()[-1].rstrip(b")")) == len(whole), (size, len(whole))
        header = ok(client.fetch(number, "(BODY.PEEK[HEADER])"))[0][1]
        text = ok(client.fetch(number, "(BODY.PEEK[TEXT])"))[0][1]
        assert header + text == whole
        assert ok(client.fetch(number, "(BODY.PEEK[]<10.20>)"))[0][1] == whole[10:30]
    ok(client.store("1", "+FLAGS", "(\\Seen refund)"))
    flags = ok(client.fetch("1", "(FLAGS)"))[0]
    assert b"\\Seen" in flags and b"refund" in flags, flags

    # Take by COPY, STORE and EXPUNGE, as clients without MOVE do.
    uid = ok(client.uid("SEARCH", None, "SUBJECT", '"Number 1"'))[0].split()[0]
    ok(client.uid("COPY", uid, "INBOX"))
    ok(client.uid("STORE", uid, "+FLAGS.SILENT", "(\\Deleted)"))
    ok(client.expunge())
    assert ok(client.select("INBOX"))[0] == b"1"
    flags = ok(client.fetch("1", "(FLAGS)"))[0]
    assert b"\\Seen" in flags and b"refund" in flags and b"\\Deleted" not in flags, flags
    assert ok(client.select("New"))[0] == b"2"

    # Own mailboxes are ordinary ones.
    ok(client.create("Private/2026"))
    ok(client.append("Private/2026", "\\Seen", None, b"Subject: mine\r\n\r\nnote\r\n"))
    ok(client.rename("Private/2026", "Private/old"))
    assert ok(client.select("Private/old"))[0] == b"1"
    assert ok(client.fetch("1", "(BODY.PEEK[])"))[0][1] == b"Subject: mine\r\n\r\nnote\r\n"
    ok(client.close())
    ok(client.delete("Private/old"))
    assert client.select("Private/old")[0] == "NO"
