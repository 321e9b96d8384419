"""Mail out: the rate at which we and Postfix empty a queue to many destinations, of which some never answer."""

import json
import os
import re
import shutil
import socket
import subprocess
import time

from appliance import Appliance
from postfix import Postfix
from wire import SMTPClient

DESTINATIONS, DEAD = 100, 20
# How long a run may take until everything that can arrive has arrived.
PATIENCE = 300


def domain(number):
    return f"d{number}.net"


def address_of(number):
    """Each destination has an address of loopback."""
    return f"127.0.{10 + number // 100}.{number % 100 + 1}"


class Destinations:
    """smtp-sink at the address of each destination that is there; the others take connections and say nothing."""

    def __init__(self, port):
        self.port, self.sinks, self.silent = port, [], []

    def start(self):
        for number in range(DESTINATIONS):
            if number < DEAD:
                listener = socket.socket()
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind((address_of(number), self.port))
                listener.listen(1000)
                self.silent.append(listener)
            else:
                self.sinks.append(subprocess.Popen(
                    ["/usr/sbin/smtp-sink", "-4", "-u", "nobody", "-c", f"{address_of(number)}:{self.port}", "1000"],
                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL))
        for sink in self.sinks:
            os.set_blocking(sink.stdout.fileno(), False)
        self.taken = {sink: 0 for sink in self.sinks}

    def stop(self):
        for sink in self.sinks:
            sink.kill()
            sink.wait()
        for listener in self.silent:
            listener.close()

    def messages(self):
        """What all of them have taken, by the counters that they print: sessions, quits, messages."""
        for sink in self.sinks:
            text = (sink.stdout.read() or b"").decode(errors="replace")
            found = re.findall(r"mesg=(\d+)", text)
            if found:
                self.taken[sink] = int(found[-1])
        return sum(self.taken.values())

    def wait(self, count):
        """The seconds until so many more have come."""
        begun, before = time.perf_counter(), self.messages()
        while True:
            taken = self.messages() - before
            seconds = time.perf_counter() - begun
            if taken >= count:
                return seconds
            if seconds > PATIENCE:
                raise RuntimeError(f"{taken} of {count} mails have come after {PATIENCE} s")
            time.sleep(0.02)


class NameServer:
    """nsd with the exchangers of all destinations."""

    def __init__(self, root, port):
        self.root, self.port, self.process = root, port, None

    def start(self):
        os.makedirs(self.root, exist_ok=True)
        soa = "$TTL 3600\n@ SOA ns.net. hostmaster.net. 1 3600 900 604800 3600\n@ NS ns.net.\nns.net. A 127.0.0.1\n"
        with open(f"{self.root}/net", "w") as zone:
            zone.write("$ORIGIN net.\n" + soa)
            for number in range(DESTINATIONS):
                zone.write(f"d{number} MX 10 mx.d{number}\nmx.d{number} A {address_of(number)}\n")
        with open(f"{self.root}/nsd.conf", "w") as file:
            file.write(
                f'server:\n ip-address: 127.0.0.1@{self.port}\n username: ""\n chroot: ""\n zonesdir: "{self.root}"\n'
                f' database: ""\n pidfile: "{self.root}/pid"\n xfrdfile: "{self.root}/xfrd"\n'
                f' zonelistfile: "{self.root}/list"\n server-count: 1\nremote-control:\n control-enable: no\n'
                f'zone:\n name: "net."\n zonefile: "net"\n')
        self.process = subprocess.Popen(
            ["/usr/sbin/nsd", "-d", "-c", f"{self.root}/nsd.conf"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(1)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


class SendingAppliance(Appliance):
    """Answers each customer's mail automatically; the answers wait until `release`."""

    def __init__(self, binary, root, ports, port, names):
        more = (
            "    autoReply: received\n"
            "autoReplyLimits: { sender: { tenMinutes: 1000000, day: 1000000 }, pool: { tenMinutes: 1000000, day: 1000000 },"
            " all: { tenMinutes: 1000000, day: 1000000 } }\n"
            "templates: { received: { subject: Received, text: We have your mail. } }\n")
        super().__init__(binary, root, ports, agents=1, more=more)
        self.exchanger_port, self.names = port, names

    def fill(self, count):
        sent = 0
        while sent < count:
            client = SMTPClient(self.port)
            for number in range(sent, min(count, sent + 900)):
                sender = f"c{number}@{domain(number % DESTINATIONS)}"
                text = f"From: {sender}\r\nTo: help@bench.example\r\nMessage-ID: <{number}@{domain(0)}>\r\nSubject: x\r\n\r\nx\r\n"
                client.deliver(sender, "help@bench.example", text.encode())
            client.close()
            sent += 900

    def waiting(self):
        done = subprocess.run(
            [self.binary, "queue", "list", f"{self.root}/stempel.yaml", "--json", "--limit", "1"], capture_output=True,
            text=True, check=True)
        return sum(json.loads(done.stdout)["waiting"].values())

    def prepare(self):
        """From now on mail goes to its exchangers; what waits, waits until `release`."""
        self.stop()
        path = f"{self.root}/stempel.yaml"
        with open(path) as file:
            text = file.read()
        text = re.sub(r"delivery:\n  relay: .*\n", f"delivery: {{ exchangerPort: {self.exchanger_port} }}\n", text)
        text += (f"resolver: {{ forwarders: [ \"127.0.0.1:{self.names}\" ], trustAnchor: none }}\n"
                 "authentication: { check: false }\n")
        with open(path, "w") as file:
            file.write(text)
        self._serve()

    def release(self):
        self._run("queue", "flush", f"{self.root}/stempel.yaml")


class SendingPostfix(Postfix):
    """Queues for all destinations, deferred until `release`, and sends with Debian's own limits; but for that of processes,
    100, which silent destinations with five deliveries each would take up until their time is out."""

    def __init__(self, root, port, exchanger_port):
        super().__init__(
            root, port,
            {"smtpd_client_restrictions": "", "transport_maps": f"texthash:{root}/config/transport",
             "defer_transports": "smtp"},
            "smtp unix - - n - 500 smtp\npickup unix n - n 60 1 pickup\nflush unix n - n 1000? 0 flush\n")
        self.exchanger_port = exchanger_port

    def start(self):
        os.makedirs(f"{self.root}/config")
        with open(f"{self.root}/config/transport", "w") as file:
            for number in range(DESTINATIONS):
                file.write(f"{domain(number)} smtp:[{address_of(number)}]:{self.exchanger_port}\n")
        super().start()

    def fill(self, count):
        client = SMTPClient(self.port)
        for number in range(count):
            text = f"From: help@bench.example\r\nTo: c{number}@{domain(0)}\r\nSubject: Received\r\n\r\n" + "x" * 70 + "\r\n"
            text += ("y" * 70 + "\r\n") * 20
            client.deliver("", f"c{number}@{domain(number % DESTINATIONS)}", text.encode())
        client.close()

    def waiting(self):
        return sum(len(files) for part in ("incoming", "active", "deferred")
                   for _, _, files in os.walk(f"{self.root}/queue/{part}"))

    def prepare(self):
        self.settings["defer_transports"] = ""
        self._configure()
        self._run("/usr/sbin/postfix", "reload")
        time.sleep(2)

    def release(self):
        self._run("/usr/sbin/postqueue", "-f")


def against_postfix(bench, report, options):
    if not shutil.which("nsd", path="/usr/sbin:/usr/bin"):
        raise RuntimeError("nsd is not installed")
    count = options.mails
    alive = sum(1 for number in range(count) if number % DESTINATIONS >= DEAD)
    port, names = bench.free_port(), bench.free_port()
    destinations = bench.run(Titled(Destinations(port), "smtp-sink"))
    bench.run(Titled(NameServer(bench.directory("nsd"), names), "nsd"))
    ports = [bench.free_port() for _ in range(3)]
    ours = bench.run(SendingAppliance(bench.binary, bench.directory("stempel sending"), ports, port, names))
    postfix = bench.run(SendingPostfix(bench.directory("postfix sending"), bench.free_port(), port))
    report.heading(f"Mail out: {count} mails to {DESTINATIONS} destinations, of which {DEAD} never answer")
    rates = {}
    for peer in (postfix, ours):
        peer.fill(count)
        deadline = time.monotonic() + 60
        while peer.waiting() < count:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{peer.title} queued {peer.waiting()} of {count}")
            time.sleep(0.2)
        peer.prepare()
        os.sync()
        before = peer.cpu_seconds()
        peer.release()
        seconds = destinations.peer.wait(alive)
        rates[peer] = alive / seconds
        cost = (peer.cpu_seconds() - before) / alive * 1000
        report.say(f"{peer.title:<8} {rates[peer]:>8.0f} mails/s {cost:>8.3f} CPU ms a mail")
        report.fact(f"mail out, {peer.title}", {"mails": alive, "seconds": seconds, "cpuMilliseconds": cost})
    report.target("mail out, 20 of 100 destinations silent: rate", rates[ours] / rates[postfix], least=1, unit="×")


class Titled:
    """A helper of a measurement as the bench runs servers."""

    def __init__(self, peer, title):
        self.peer, self.title = peer, title

    def start(self):
        self.peer.start()

    def stop(self):
        self.peer.stop()
