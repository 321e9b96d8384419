"""Working together: a report over a year, and a thousand reminders of departments in one minute, while mail comes in."""

import glob
import os
import random
import re
import sqlite3
import subprocess
import threading
import time

from appliance import Appliance
from load import Load
from report import median
from wire import SMTPClient

YEAR = 366 * 86400
# 2026-01-01 00:00 in Warsaw; in microseconds below.
BEGINNING = 1767222000
EVENTS_OF_CASE = 10

# Kinds of events, statuses.
OPENED, RECEIVED, STATUS, ASSIGNED, ANSWERED, DELIVERED, CONSULTED, CONSULTATION_ANSWERED, FIRST, SOLVED = 1, 2, 3, 4, 6, 7, 44, 45, 60, 61


def year(path, count):
    """Cases with ten events each, such as a year leaves, put into a database that is not open."""
    chance = random.Random(1)
    database = sqlite3.connect(path)
    pool, mailbox = database.execute("SELECT pool_id, mailbox_id FROM ticket LIMIT 1").fetchone()
    agents = [row[0] for row in database.execute("SELECT id FROM agent")]
    first = database.execute("SELECT max(id) FROM ticket").fetchone()[0] + 1
    columns = {row[1]: row for row in database.execute("PRAGMA table_info(ticket)")}
    given = ["id", "pool_id", "status", "assignee_id", "mailbox_id", "supervised_address", "root_token", "subject", "opened_at",
             "status_since", "customer_wrote_at"]
    # Columns that later migrations brought and that may not be empty have defaults.
    assert all(columns[name] for name in given)
    tickets, events = [], []
    for number in range(count):
        ticket, agent = first + number, chance.choice(agents)
        at = BEGINNING + int(YEAR * number / count)
        late, consulted, replied = chance.random() < 0.1, chance.random() < 0.2, chance.random() < 0.15
        tickets.append((ticket, pool, 8, agent, mailbox, "help@bench.example", f"year{ticket}", "A question", at * 1000000,
                        at * 1000000, at * 1000000))
        answered, solved = chance.randrange(600, 86400), chance.randrange(86400, 400000)
        story = [
            (0, OPENED, None, None), (0, RECEIVED, None, None), (300, ASSIGNED, None, str(agent)), (300, STATUS, "new", "assigned"),
            (answered, ANSWERED, None, None), (answered, DELIVERED, None, None),
            (answered, FIRST, str(answered), "late" if late else None), (solved, STATUS, "assigned", "done"),
            (solved, SOLVED, str(solved), "late" if late else None),
        ]
        story.append((solved + 86400, RECEIVED, None, None) if replied else (solved + 2592000, STATUS, "done", "closed"))
        if consulted:
            story[4] = (400, CONSULTED, None, "1")
            story[5] = (answered - 100, CONSULTATION_ANSWERED, None, "1")
        events += [((at + after) * 1000000, ticket, kind, old, new) for after, kind, old, new in story]
    # They are written as they happen.
    events.sort()
    with database:
        database.executemany(
            f"INSERT INTO ticket ({', '.join(given)}) VALUES ({', '.join('?' * len(given))})", tickets)
        database.executemany(
            "INSERT INTO event (at, ticket_id, kind, from_value, to_value) VALUES (?, ?, ?, ?, ?)", events)
        database.execute("UPDATE counter SET value = ? WHERE name = 'ticket_number'", (first + count,))
    database.close()
    return len(events)


def reporting(bench, report, options):
    """`stempel report` over a year, alone and while mail comes in."""
    ours = bench.appliance("year", more="departments:\n  - { name: Legal, addresses: [ legal@dept.example ] }\n")
    load = Load(4096, 32, False, options.messages)
    ours.send(Load(4096, 8, False, 50))
    ours.stop()
    count = year(glob.glob(f"{ours.root}/data/*.sqlite")[0], options.year)
    ours._serve()
    command = [ours.binary, "report", f"{ours.root}/stempel.yaml", "--from", "2026-01-01", "--to", "2026-12-31"]

    def ask(*more):
        begun = time.perf_counter()
        done = subprocess.run(command + list(more), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            raise RuntimeError(f"stempel report: {done.stderr}")
        return time.perf_counter() - begun, done.stdout

    _, text = ask("--csv")
    if not re.search(rf"\b{options.year}\b|\b\d{{{len(str(options.year))},}}\b", text):
        raise RuntimeError(f"the report does not count the year:\n{text[:500]}")
    report.heading(f"A report over a year: {options.year} cases, {count} events")
    times = {}
    for by in (None, "agent", "pool", "address", "department"):
        times[by] = median(ask(*(["--by", by] if by else []))[0] for _ in range(5))
        report.say(f"{'by ' + by if by else 'in all'}: {times[by]:.2f} s")
        report.fact(f"report, {by or 'all'}", {"seconds": times[by]})
    report.target("a report over a year, the slowest", max(times.values()), most=2, unit=" s")

    alone, beside = [], []
    for _ in range(options.runs + 2):
        alone.append(load.messages / ours.send(load))
        done = threading.Event()

        def report_all_the_time():
            while not done.is_set():
                ask("--by", "agent")

        reporter = threading.Thread(target=report_all_the_time)
        reporter.start()
        beside.append(load.messages / ours.send(load))
        done.set()
        reporter.join()
    # A report takes one of two processors; what it may not do is to make the writer wait.
    report.say(f"mails filed: {median(alone):.0f}/s alone, {median(beside):.0f}/s while report follows report")
    report.fact("filing beside reports", {"ratio": median(beside) / median(alone)})


class Relay:
    """smtp-sink that keeps what it takes."""

    title = "smtp-sink"

    def __init__(self, port, directory):
        self.port, self.directory, self.process = port, directory, None

    def start(self):
        os.makedirs(self.directory, exist_ok=True)
        self.process = subprocess.Popen(
            ["/usr/sbin/smtp-sink", "-4", "-u", "root", "-d", f"{self.directory}/m%M.", f"127.0.0.1:{self.port}", "1000"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self):
        self.process.kill()
        self.process.wait()

    def mails(self):
        """Time of arrival and text of every mail."""
        mails = []
        for path in glob.glob(f"{self.directory}/m*"):
            with open(path, errors="replace") as file:
                mails.append((os.stat(path).st_mtime, file.read(16384)))
        return mails


class Flow:
    """Mail that comes in without a break, hundred by hundred."""

    BATCH = 100

    def __init__(self, port):
        self.port, self.ends, self.stopped = port, [], threading.Event()
        self.thread = threading.Thread(target=self._run)

    def _run(self):
        load = Load(4096, 8, False, self.BATCH)
        while not self.stopped.is_set():
            load.send(self.port, "help@bench.example")
            self.ends.append(time.time())

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join()

    def rate(self, begin, end):
        """Mails a second between the batches that lie within."""
        within = [at for at in self.ends if begin <= at <= end]
        return (len(within) - 1) * self.BATCH / (within[-1] - within[0])


def ask_department(server, count):
    """One case of each of so many customers, dropped on the department one after the other."""
    client = SMTPClient(server.port)
    for number in range(count):
        if number and number % 900 == 0:
            client.close()
            client = SMTPClient(server.port)
        text = (f"From: c{number}@customer.example\r\nTo: help@bench.example\r\nMessage-ID: <q{number}@customer.example>\r\n"
                f"Subject: Question {number}\r\n\r\nWhat does the law say?\r\n")
        client.deliver(f"c{number}@customer.example", "help@bench.example", text.encode())
    client.close()
    agent = server.connect()
    agent.command("SELECT New")
    # No more at once but for supervisors.
    for left in range(count, 0, -25):
        agent.command(f"MOVE 1:{min(25, left)} Departments/Legal")
    agent.close()


def reminding(bench, report, options):
    """Consultations that fall due in the same minute while mail comes in."""
    count = options.consultations
    relay = bench.free_port()
    sink = Relay(relay, bench.directory("departments"))
    bench.run(sink)
    more = (
        "undo: 1s\n"
        "calendars: { always: { weekly: { mon-sun: \"00:00-24:00\" } } }\n"
        "templates: { remind: { subject: \"Still waiting\", text: \"NOT-ANSWERED\" } }\n"
        "departments:\n  - { name: Legal, addresses: [ legal@dept.example ], answerWithin: 2m, remind: remind }\n")
    ports = [bench.free_port(), bench.free_port(), relay]
    ours = Appliance(bench.binary, bench.directory("stempel reminding"), ports, more=more)
    bench.run(ours)
    report.heading(f"{count} consultations that fall due in the same minute, while mail comes in")
    ask_department(ours, count)
    asked = time.time()
    # The questions leave, and the machine comes to rest.
    while len(sink.mails()) < count:
        if time.time() > asked + 90:
            raise RuntimeError(f"{len(sink.mails())} of {count} questions have left")
        time.sleep(0.5)
    with Flow(ours.port) as flow:
        deadline = time.time() + 240
        while not (reminders := [mail for mail in sink.mails() if "NOT-ANSWERED" in mail[1]]):
            if time.time() > deadline:
                raise RuntimeError("no reminder came")
            time.sleep(0.5)
        begun = min(at for at, _ in reminders)
        time.sleep(max(0, begun + 62 - time.time()))
    reminders = [(at, text) for at, text in sink.mails() if "NOT-ANSWERED" in text]
    marks = [re.search(r"\[\?(\d+)-\d+\]", text)[1] for _, text in reminders]
    took = max(at for at, _ in reminders) - begun
    if len(set(marks)) != count or len(marks) != count:
        raise RuntimeError(f"{len(marks)} reminders about {len(set(marks))} of {count} consultations")
    first = flow.ends[0]
    before, during = flow.rate(first, begun - 1), flow.rate(begun - 1, begun + 60)
    report.say(f"all reminded once, the last {took:.1f} s after the first")
    report.say(f"mails filed: {before:.0f}/s before, {during:.0f}/s in the minute of the reminders")
    report.fact("reminders", {"seconds": took, "ratio": during / before})
    report.target(f"{count} reminders, the last after the first", took, most=60, unit=" s")
    report.target("filing in the minute of the reminders, of that before", during / before, least=0.9, unit="×")
