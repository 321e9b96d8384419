"""Mail in: the rate and CPU time at which we file and Postfix queues; our rate over a full database."""

import os
import time

from load import PER_KEPT_SESSION, Load
from postfix import Postfix
from report import median


def in_turn(peers, runs):
    """Every peer `runs` times, the one that begins changing."""
    for run in range(runs):
        yield from (peers if run % 2 == 0 else reversed(peers))


def measure(peer, load):
    """One run: messages a second, and CPU time of the server for a message in milliseconds."""
    os.sync()
    time.sleep(0.1)
    before = peer.cpu_seconds()
    seconds = peer.send(load)
    # What the server does behind its replies belongs to the message, too.
    time.sleep(0.2)
    result = load.messages / seconds, (peer.cpu_seconds() - before) / load.messages * 1000
    peer.settle()
    return result


def cases(options):
    for size in (4096, 65536):
        for keeps in (False, True):
            for sessions in (1, 8, 32):
                messages = options.messages if size == 4096 else options.messages // 2
                if sessions == 1:
                    messages = min(messages // 3, PER_KEPT_SESSION)
                yield size, sessions, keeps, max(sessions, messages)


def against_postfix(bench, report, options):
    ours = bench.appliance("smtp")
    postfix = bench.run(Postfix(bench.directory("postfix"), bench.free_port()))
    peers = [postfix, ours]
    for peer in peers:
        measure(peer, Load(4096, 32, False, min(500, options.messages)))
    report.heading(
        f"Mail in: Postfix queues (on hold), Stempel files and shows in {ours.mailbox}; medians of {options.runs} runs")
    report.say("  size  sessions  connection   Postfix/s  Stempel/s  ratio   CPU ms/mail: Postfix  Stempel  ratio")
    for size, sessions, keeps, messages in cases(options):
        load = Load(size, sessions, keeps, messages)
        results = {peer: [] for peer in peers}
        for peer in in_turn(peers, options.runs):
            results[peer].append(measure(peer, load))
        rates = {peer: median(rate for rate, _ in results[peer]) for peer in peers}
        costs = {peer: median(cost for _, cost in results[peer]) for peer in peers}
        ratio, cost = rates[ours] / rates[postfix], costs[ours] / costs[postfix]
        name, way = f"{size // 1024} KiB", "kept" if keeps else "per message"
        report.say(
            f"{name:>6}  {sessions:>8}  {way:<11} {rates[postfix]:>10.0f} {rates[ours]:>10.0f} {ratio:>6.2f}"
            f" {costs[postfix]:>21.3f} {costs[ours]:>8.3f} {cost:>6.2f}")
        report.fact(f"mail in, {name}, {sessions} sessions, {way}", {
            "messages": messages, "rateRatio": ratio, "cpuRatio": cost,
            "runs": {peer.title: results[peer] for peer in peers}})
        if sessions == 32 and not keeps:
            report.target(f"{name}, 32 sessions, connection per message: rate", ratio, least=2 if size == 4096 else 1,
                          unit="×")
            if size == 4096:
                report.target(f"{name}, 32 sessions, connection per message: CPU a message", cost, most=0.4, unit="×")
    report.fact("share of Postfix's log writer in its CPU time", postfix.log_cpu_seconds() / postfix.cpu_seconds())


def fill(appliance, messages):
    """Files messages of 4 KiB as fast as may be."""
    sessions = 32
    while (missing := messages - appliance.visible()) > 0:
        appliance.send(Load(4096, min(sessions, missing), True, min(missing, sessions * PER_KEPT_SESSION)))


def over_full_database(bench, report, options):
    small, large = bench.appliance("small"), bench.appliance("large")
    report.heading("Rate by messages in the database (4 KiB, 32 sessions, connection per message)")
    fill(small, options.small)
    begun = time.perf_counter()
    fill(large, options.large)
    report.say(f"{options.large} messages filed in {time.perf_counter() - begun:.0f} s")
    load = Load(4096, 32, False, options.messages // 2)
    results = {small: [], large: []}
    for peer in in_turn([small, large], options.runs + 2):
        results[peer].append(measure(peer, load))
    rates = [median(rate for rate, _ in results[peer]) for peer in (small, large)]
    costs = [median(cost for _, cost in results[peer]) for peer in (small, large)]
    report.say(f"from {options.small}: {rates[0]:.0f}/s, {costs[0]:.3f} ms CPU a message")
    report.say(f"from {options.large}: {rates[1]:.0f}/s, {costs[1]:.3f} ms CPU a message")
    report.fact("rate by messages in the database", {
        "ratio": rates[1] / rates[0], "small": results[small], "large": results[large]})
    report.target(f"rate at {options.large} messages, of the rate at {options.small}", rates[1] / rates[0] * 100,
                  least=90, unit=" %")
