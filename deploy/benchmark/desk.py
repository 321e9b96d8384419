"""The desk: how soon all see a case taken, what rules cost a delivery, and folders over a million closed cases."""

import re
import selectors
import time

from load import PER_KEPT_SESSION, Load
from report import median
from throughput import in_turn, measure
from wire import SMTPClient

MESSAGES_OF_CASE = 20


def rules(count):
    """Rules such as desks have: most look at the sender or the subject, some at other fields, with all kinds of patterns.
    None holds, so that every one is asked."""
    lines = ["rules:"]
    for number in range(count):
        when = (
            f"from: shop{number}@partner.example", f'subject: "return no. {number} of"', f'from: "*@branch{number}.example"',
            f'subject: "/invoice\\\\s+{number}\\\\b/"', f"header: {{ X-Mailer: bulk{number} }}", f"to: office{number}@acme.example",
            f'any: [ {{ subject: "warranty {number}" }}, {{ header: {{ X-Origin: "/^form-{number}$/" }} }} ]',
            f"all: [ {{ size: {{ over: 1MB }} }}, {{ from: list{number}@partner.example }} ]",
        )[number % 8]
        lines.append(f"  - {{ name: rule {number}, when: {{ {when} }}, then: {{ tag: tag{number} }} }}")
    return "\n".join(lines) + "\n"


def conversation(port, number):
    """A customer's case of several messages."""
    client = SMTPClient(port)
    for message in range(MESSAGES_OF_CASE):
        head = [
            f"From: customer{number}@customer.example", "To: help@bench.example", f"Message-ID: <c{number}.{message}@customer.example>",
            f"Subject: Case {number}",
        ]
        if message:
            head.append(f"In-Reply-To: <c{number}.0@customer.example>")
        text = "\r\n".join(head + ["", f"Message {message} of {number}.", ""])
        client.deliver(f"customer{number}@customer.example", "help@bench.example", text.encode())
    client.close()


class Watchers:
    """Agents who idle on New and wait until so many messages have left it."""

    def __init__(self, server, count):
        self.clients = [server.connect(number) for number in range(count)]
        self.selector = selectors.DefaultSelector()
        for client in self.clients:
            client.command("SELECT New")
            client.idle()
            self.selector.register(client.socket, selectors.EVENT_READ, client)

    def wait(self, gone):
        """Until every one was told that so many messages went."""
        left = {client: gone for client in self.clients}
        tails = {client: b"" for client in self.clients}
        deadline = time.monotonic() + 30
        while left:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{len(left)} of {len(self.clients)} agents were not told of all messages")
            for key, _ in self.selector.select(1):
                client = key.data
                data = tails[client] + client.socket.recv(65536)
                whole, _, tails[client] = data.rpartition(b"\n")
                if client in left:
                    left[client] -= len(re.findall(rb"\* \d+ EXPUNGE", whole))
                    if left[client] <= 0:
                        del left[client]

    def drain(self):
        """Takes what came in meanwhile."""
        while ready := self.selector.select(0.2):
            for key, _ in ready:
                key.data.socket.recv(65536)

    def close(self):
        for client in self.clients:
            client.close()


def taking(bench, report, options):
    """A MOVE that takes a case, with everybody idling on New."""
    ours = bench.appliance("taking", agents=options.agents)
    for number in range(options.cases):
        conversation(ours.port, number)
    watchers = Watchers(ours, options.agents)
    mover = ours.connect()
    mover.command("SELECT New")
    times = []
    for _ in range(options.cases):
        watchers.drain()
        # Cards of the case come behind its mail: all that lies there of it goes at once.
        oldest = mover.command("UID SEARCH 1")
        uid = int(re.search(rb"SEARCH (\d+)", oldest)[1])
        before = ours.visible()
        begun = time.perf_counter()
        mover.command(f"UID MOVE {uid} INBOX")
        watchers.wait(MESSAGES_OF_CASE)
        times.append(time.perf_counter() - begun)
        if before - ours.visible() < MESSAGES_OF_CASE:
            raise RuntimeError("the case did not leave New as a whole")
    mover.close()
    watchers.close()
    report.heading(f"Taking a case of {MESSAGES_OF_CASE} messages, {options.agents} agents idling on New, {len(times)} cases")
    report.say(f"committed and told to all: median {median(times) * 1000:.1f} ms, longest {max(times) * 1000:.1f} ms")
    report.fact("taking a case", {"agents": options.agents, "runs": times})
    report.target("a case taken, seen by all", median(times) * 1000, most=50, unit=" ms")


def ruling(bench, report, options):
    """Deliveries with and without rules."""
    plain, ruled = bench.appliance("plain"), bench.appliance("ruled", more=rules(500))
    load = Load(4096, 32, False, options.messages)
    for peer in (plain, ruled):
        measure(peer, Load(4096, 32, False, min(500, options.messages)))
    results = {plain: [], ruled: []}
    for peer in in_turn([plain, ruled], options.runs + 2):
        results[peer].append(measure(peer, load))
    rates = [median(rate for rate, _ in results[peer]) for peer in (plain, ruled)]
    costs = [median(cost for _, cost in results[peer]) for peer in (plain, ruled)]
    report.heading("500 rules, none of which holds (4 KiB, 32 sessions, connection per message)")
    report.say(f"without: {rates[0]:.0f}/s, {costs[0]:.3f} ms CPU a message; with: {rates[1]:.0f}/s, {costs[1]:.3f} ms")
    report.fact("500 rules", {"rateRatio": rates[1] / rates[0], "cpuRatio": costs[1] / costs[0]})
    report.target("500 rules: time of a delivery, of that without", rates[0] / rates[1] * 100, most=110, unit=" %")


FOLDERS = ["INBOX", "New", "Waiting", "Done", "Closed", "Overdue", "Followed", "Drafts", "Sent"]


def opening(bench, report, options):
    """An agent's folders with very many closed cases in the database and with none."""
    closing = 'rules:\n  - { name: over, when: { from: "customer@*" }, then: { agent: agent2@bench.example, status: closed } }\n'
    none, many = bench.appliance("none", more=closing), bench.appliance("many", more=closing)
    begun = time.perf_counter()
    watcher = many.connect(1)
    while (missing := options.closed - watcher.messages("Closed")) > 0:
        Load(4096, min(32, missing), True, min(missing, 32 * PER_KEPT_SESSION)).send(many.port, "help@bench.example")
    report.heading(f"An agent's folders over {options.closed} closed cases and over none, medians of 21")
    report.say(f"cases filed in {time.perf_counter() - begun:.0f} s")
    watcher.close()
    for server in (none, many):
        conversation(server.port, 1)
    times = {server: {name: [] for name in FOLDERS + ["login and all counts"]} for server in (none, many)}
    for server in in_turn([none, many], 22):
        begun = time.perf_counter()
        # The agent whose cases they were.
        client = server.connect(1)
        client.command('LIST (SUBSCRIBED) "" "*" RETURN (SPECIAL-USE STATUS (UIDNEXT MESSAGES UNSEEN RECENT))')
        times[server]["login and all counts"].append(time.perf_counter() - begun)
        for name in FOLDERS:
            begun = time.perf_counter()
            client.command(f"SELECT {name}")
            client.command("FETCH 1:1 (UID FLAGS)" if server.visible() and name == "New" else "NOOP")
            times[server][name].append(time.perf_counter() - begun)
        client.close()
    for name in FOLDERS + ["login and all counts"]:
        small, large = (median(times[server][name][1:]) for server in (none, many))
        report.say(f"{name}: {small * 1000:.2f} ms and {large * 1000:.2f} ms, ratio {large / small:.2f}")
        report.fact(f"opening {name}", {"ratio": large / small})
        report.target(f"{name} over {options.closed} closed cases, of that over none", large / small, most=1.25, unit="×")
