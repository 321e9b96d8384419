"""IMAP commands over 10,000 and 100,000 messages against Dovecot, and those that must not feel a mailbox grow."""

import random
import re
import time

import load
from dovecot import Dovecot
from reading import ENVELOPES, FLAGS, copy, filled
from report import median
from throughput import in_turn
from wire import IMAPClient

OWN = "Private/Bench"
RUNS = 5


class Side:
    """One of the two servers, with a session that has the mailbox selected and one for moves."""

    def __init__(self, server, port, home):
        self.server, self.port, self.home = server, port, home
        self.client = self.connect()
        answer = self.client.command(f"SELECT {server.mailbox}")
        self.uids = [int(uid) for uid in re.findall(rb"UID (\d+)", self.client.command("FETCH 1:* (UID)"))]
        self.validity = int(re.search(rb"UIDVALIDITY (\d+)", answer)[1])

    @property
    def title(self):
        return self.server.title

    def connect(self):
        return IMAPClient(self.port, self.server.login, self.server.password)

    def timed(self, *commands):
        begun = time.perf_counter()
        for command in commands:
            self.client.command(command)
        return time.perf_counter() - begun


def at_once(side):
    begun = time.perf_counter()
    client = side.connect()
    client.command(f"SELECT {side.server.mailbox}")
    seconds = time.perf_counter() - begun
    client.close()
    return seconds


def bodies(side, run):
    chosen = random.Random(run).sample(range(len(side.uids)), 100)
    return [side.uids[place] for place in sorted(chosen)]


def moving(side, run):
    """Moves 1,000 scattered messages out of the own mailbox and back; the mean of the two ways."""
    client = side.connect()
    client.command(f'SELECT "{side.home}"')
    uids = [int(uid) for uid in re.findall(rb"UID (\d+)", client.command("FETCH 1:* (UID)"))]
    chosen = sorted(random.Random(run).sample(uids, min(1000, len(uids))))
    begun = time.perf_counter()
    client.command(f'UID MOVE {",".join(map(str, chosen))} "{side.home}2"')
    seconds = time.perf_counter() - begun
    client.command(f'SELECT "{side.home}2"')
    begun = time.perf_counter()
    client.command(f'UID MOVE 1:* "{side.home}"')
    seconds += time.perf_counter() - begun
    client.close()
    return seconds / 2


def storing(side, run):
    chosen = ",".join(map(str, sorted(random.Random(run // 2).sample(side.uids, 1000))))
    sign = "+" if run % 2 == 0 else "-"
    return side.timed(f"UID STORE {chosen} {sign}FLAGS.SILENT (\\Flagged)")


CASES = [
    ("login, SELECT", lambda side, run: at_once(side), 1),
    (ENVELOPES, lambda side, run: side.timed(ENVELOPES), 1),
    ("BODY.PEEK[] of 100 random messages one by one",
     lambda side, run: side.timed(*[f"UID FETCH {uid} (BODY.PEEK[])" for uid in bodies(side, run)]), 1),
    ("BODY.PEEK[] of 100 random messages in one command",
     lambda side, run: side.timed(f'UID FETCH {",".join(map(str, bodies(side, run)))} (BODY.PEEK[])'), 1),
    ("MOVE of 1,000 scattered messages", moving, 1),
    ("SEARCH SUBJECT", lambda side, run: side.timed(f'SEARCH SUBJECT "offer no. {run}"'), 1),
    ("THREAD REFERENCES", lambda side, run: side.timed("THREAD REFERENCES UTF-8 ALL"), 1),
    (FLAGS + ", warm", lambda side, run: side.timed(FLAGS), 1.5),
    ("STORE of 1,000 scattered UIDs, ours durable", storing, 2),
    ("SEARCH TEXT for a rare word", lambda side, run: side.timed(f"SEARCH TEXT {load.RARE}"), 1 / 50),
]


def over(bench, report, options, count):
    report.heading(f"IMAP commands over {count} messages, medians of {RUNS}")
    ours = filled(bench, options, count)
    dovecot = bench.run(Dovecot(bench.directory(f"dovecot {count}"), bench.free_port()))
    copy(ours, dovecot)
    sides = [Side(dovecot, dovecot.port, "Bench"), Side(ours, ours.imap_port, OWN)]
    for side in sides:
        for name in (side.home, side.home + "2"):
            side.client.command(f'CREATE "{name}"')
        for first in range(1, count + 1, 5000):
            side.client.command(f'COPY {first}:{min(first + 4999, count)} "{side.home}"')
    wait_for_index(sides[1], report)
    for name, case, most in CASES:
        try:
            compare(sides, report, f"{count}: {name}", case, most)
        except (OSError, RuntimeError) as error:
            report.failed(f"{count}: {name}", error)
    resynchronizing(sides[1], report, count)
    for side in sides:
        side.client.close()


def compare(sides, report, name, case, most):
    dovecot, ours = sides
    results = {side: [] for side in sides}
    for turn, side in enumerate(in_turn(sides, RUNS + 1)):
        results[side].append(case(side, turn // 2))
    # The first turn warms what there is to warm.
    theirs, own = (median(results[side][1:]) for side in (dovecot, ours))
    report.say(f"{name}: Dovecot {theirs * 1000:.1f} ms, Stempel {own * 1000:.1f} ms, ratio {own / theirs:.3f}")
    report.fact(name, {"ratio": own / theirs, "runs": {side.title: results[side] for side in sides}})
    report.target(name, own / theirs, most=most, unit="×")


def wait_for_index(side, report):
    """The index follows behind the commit: while it does the server is at work though nobody asks it for anything."""
    begun, idle = time.perf_counter(), 0
    while time.perf_counter() - begun < 600 and idle < 3:
        before = side.server.cpu_seconds()
        time.sleep(0.7)
        idle = idle + 1 if side.server.cpu_seconds() - before < 0.02 else 0
    report.say(f"the index was there {time.perf_counter() - begun:.0f} s after the last mail was copied")


def resynchronizing(side, report, count):
    """A client that comes back after 10 changes, with QRESYNC and with the flags of everything."""
    client = side.connect()
    client.command("ENABLE QRESYNC")
    full, quick, octets = [], [], []
    for run in range(RUNS):
        answer = client.command(f"SELECT {side.server.mailbox}")
        known = int(re.search(rb"HIGHESTMODSEQ (\d+)", answer)[1])
        client.command("UNSELECT")
        chosen = ",".join(map(str, random.Random(run // 2).sample(side.uids, 10)))
        sign = "+" if run % 2 == 0 else "-"
        side.client.command(f"UID STORE {chosen} {sign}FLAGS.SILENT (\\Answered)")
        begun = time.perf_counter()
        answer = client.command(f"SELECT {side.server.mailbox} (QRESYNC ({side.validity} {known}))")
        quick.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        whole = client.command(FLAGS)
        full.append(time.perf_counter() - begun)
        octets.append(len(answer) / len(whole))
        if answer.count(b" FETCH (") < 1:
            raise RuntimeError("QRESYNC told of no change")
        client.command("UNSELECT")
    client.close()
    report.say(f"QRESYNC after 10 changes: {median(quick) * 1000:.2f} ms, all flags {median(full) * 1000:.1f} ms")
    report.target(f"{count}: QRESYNC, octets of those of all flags", median(octets) * 100, most=1, unit=" %")
    report.target(f"{count}: QRESYNC, time of that of all flags", median(quick) / median(full) * 100, most=5, unit=" %")


def against_dovecot(bench, report, options):
    for count in options.commands:
        over(bench, report, options, count)


def growing(bench, report, options):
    """SELECT, FETCH of the newest, MOVE and APPEND of one message in a small and in a huge mailbox of the same database."""
    ours = filled(bench, options)
    client = ours.connect()
    client.command(f"SELECT {ours.mailbox}")
    names = {options.small: "Private/Small", options.huge: "Private/Huge"}
    report.heading(f"What must not feel a mailbox grow: {options.small} and {options.huge} messages, medians of 21")
    for count, name in names.items():
        client.command(f'CREATE "{name}"')
        left = count
        while left > 0:
            piece = min(left, 5000, options.mails)
            client.command(f'COPY 1:{piece} "{name}"')
            left -= piece
    client.command('CREATE "Private/Away"')
    client.close()
    measured = {}
    for count, name in names.items():
        measured[count] = {"SELECT": [], "FETCH of the newest": [], "MOVE of one": [], "APPEND of one": []}
    clients = {count: ours.connect() for count in names}
    for run in range(22):
        for count, name in names.items():
            begun = time.perf_counter()
            clients[count].command(f'SELECT "{name}"')
            measured[count]["SELECT"].append(time.perf_counter() - begun)
            begun = time.perf_counter()
            answer = clients[count].command("FETCH * (UID FLAGS ENVELOPE)")
            measured[count]["FETCH of the newest"].append(time.perf_counter() - begun)
            newest = int(re.search(rb"\* (\d+) FETCH", answer)[1])
            begun = time.perf_counter()
            clients[count].command(f'MOVE {newest // 2} "Private/Away"')
            measured[count]["MOVE of one"].append(time.perf_counter() - begun)
            clients[count].command("UNSELECT")
            mail = f"Subject: Note {run}\r\nMessage-ID: <note{run}@bench.example>\r\n\r\nText\r\n"
            begun = time.perf_counter()
            clients[count].command(f'APPEND "{name}" {{{len(mail)}+}}\r\n{mail}')
            measured[count]["APPEND of one"].append(time.perf_counter() - begun)
    for name in measured[options.small]:
        small, huge = (median(measured[count][name][1:]) for count in (options.small, options.huge))
        report.say(f"{name}: {small * 1000:.2f} ms and {huge * 1000:.2f} ms, ratio {huge / small:.2f}")
        report.fact(name, {"ratio": huge / small, "runs": {count: measured[count][name] for count in names}})
        report.target(f"{name}, {options.huge} messages against {options.small}", huge / small, most=1.25, unit="×")
