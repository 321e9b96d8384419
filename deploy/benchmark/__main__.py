"""Measures the appliance against Debian's Postfix and Dovecot; `deploy/bench --help` says how."""

import argparse
import os
import platform
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

import authentication
import commands
import desk
import memory
import reading
import sending
import throughput
import together
from appliance import Appliance
from report import Report

SECTIONS = {
    "smtp": [throughput.against_postfix],
    "authentication": [authentication.of_signature, authentication.of_delivery],
    "sending": [sending.against_postfix],
    "imap": [reading.against_dovecot],
    "commands": [commands.against_dovecot, commands.growing],
    "desk": [desk.taking, desk.ruling, desk.opening],
    "together": [together.reporting, together.reminding],
    "memory": [memory.of_idling, memory.of_large_mail],
    "scale": [throughput.over_full_database],
}


class Bench:
    """The directory of a run and the servers started in it."""

    def __init__(self, binary, root):
        self.binary, self.root = binary, root
        self.running, self.appliances, self.reserved = [], {}, []

    def directory(self, name):
        path = f"{self.root}/{name.replace(' ', '-')}"
        os.makedirs(path)
        return path

    def free_port(self):
        """A port of loopback that nobody listens on; each is given once."""
        while True:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            if port not in self.reserved:
                self.reserved.append(port)
                return port

    def run(self, server):
        self.running.append(server)
        server.start()
        return server

    def peer(self, kind):
        return next((server for server in self.running if isinstance(server, kind)), None)

    def appliance(self, name, **options):
        """A running appliance with data of its own; the same name, the same appliance."""
        if name not in self.appliances:
            ports = [self.free_port() for _ in range(3)]
            self.appliances[name] = self.run(Appliance(self.binary, self.directory(f"stempel {name}"), ports, **options))
        return self.appliances[name]

    def stop(self):
        for server in reversed(self.running):
            try:
                server.stop()
            except Exception as error:
                print(f"note: {server.title} did not stop: {error}", file=sys.stderr)


def parse_options():
    parser = argparse.ArgumentParser(
        prog="deploy/bench", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measures the appliance against Debian's Postfix and Dovecot, all private and on loopback, and\n"
        "prints medians and ratios. What counts are the ratios: absolute numbers are the machine's.\n"
        "STEMPEL_BINARY names another binary than .build/release/stempel.")
    parser.add_argument("--quick", action="store_true", help="fewer messages, fewer runs, and not the section scale")
    parser.add_argument("--only", action="append", choices=SECTIONS, help="this section; may be repeated")
    parser.add_argument("--json", metavar="FILE", help="write everything measured there, too")
    parser.add_argument("--runs", type=int, help="runs of each load of smtp-source (default 3, quick 1)")
    parser.add_argument("--messages", type=int, help="messages of a run (default 3000, quick 600)")
    parser.add_argument(
        "--large", type=int, default=100_000, metavar="N", help="messages of the full database (default 100000)")
    parser.add_argument(
        "--huge", type=int, default=1_000_000, metavar="N", help="messages of the huge mailbox (default 1000000)")
    parser.add_argument(
        "--closed", type=int, default=1_000_000, metavar="N", help="closed cases under an agent's folders (default 1000000)")
    parser.add_argument("--directory", default="/var/tmp", help="where the servers work; a real disk (default /var/tmp)")
    parser.add_argument("--keep", action="store_true", help="leave directory, data and logs behind")
    options = parser.parse_args()
    options.runs = options.runs or (1 if options.quick else 3)
    options.messages = options.messages or (600 if options.quick else 3000)
    options.mails = 2000 if options.quick else 10_000
    options.idlers = 200 if options.quick else 1000
    options.small = 1000
    options.agents, options.cases = (50, 7) if options.quick else (200, 21)
    options.year, options.consultations = (2_000, 100) if options.quick else (200_000, 1000)
    options.commands = [options.mails] if options.quick else [options.mails, 100_000]
    if options.quick:
        options.huge = min(options.huge, 50_000)
        options.closed = min(options.closed, 10_000)
    return options


def describe(report, binary, directory):
    filesystem = subprocess.run(
        ["stat", "-f", "-c", "%T", directory], capture_output=True, text=True, check=True).stdout.strip()
    load = os.getloadavg()[0]
    report.fact("machine", {
        "processors": os.cpu_count(), "kernel": platform.release(), "filesystem": filesystem, "load": load})
    print(f"{os.cpu_count()} processors, Linux {platform.release()}, {filesystem} at {directory}, load {load:.2f}")
    print(f"binary {binary}; its log: info, to a file")
    if filesystem in ("tmpfs", "ramfs"):
        report.note(f"{directory} is no disk: durable means nothing there; choose another with --directory")
    if load > 0.5:
        report.note(f"the machine is not calm (load {load:.2f}): the ratios say little")
    if "/debug/" in binary:
        report.note("a debug build is measured: the ratios say nothing")


def end(signum, _):
    sys.exit(128 + signum)


def main():
    options = parse_options()
    if os.geteuid() != 0:
        sys.exit("deploy/bench: Postfix starts as root only; run this as root")
    for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(signum, end)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    wanted = 65536 if hard == resource.RLIM_INFINITY else min(65536, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    binary, report = os.environ["STEMPEL_BINARY"], Report()
    root = tempfile.mkdtemp(prefix="stempel-bench-", dir=options.directory)
    # Dovecot reads mail as another user than root.
    os.chmod(root, 0o755)
    bench = Bench(binary, root)
    try:
        describe(report, binary, root)
        names = options.only or [name for name in SECTIONS if name != "scale" or not options.quick]
        for name in SECTIONS:
            for section in SECTIONS[name] if name in names else []:
                try:
                    section(bench, report, options)
                except Exception as error:
                    report.failed(f"{name} ({section.__name__})", f"{type(error).__name__}: {error}")
        report.summary()
        if options.json:
            report.write(options.json)
    finally:
        bench.stop()
        if options.keep:
            print(f"kept: {root}")
        else:
            shutil.rmtree(root, ignore_errors=True)
    sys.exit(1 if report.failures else 0)


main()
