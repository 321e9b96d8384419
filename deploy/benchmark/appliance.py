"""The appliance, set up and run as an operator would: own data directory, log of level `info` into a file."""

import os
import signal
import subprocess
import time

import proc
from wire import IMAPClient

AGENTS = 10

MACHINE = """\
hostname: mx.bench.example
data: data
tls:
  certificates:
    - {{ certificate: certs/mx.bench.example.pem, key: certs/mx.bench.example.key }}
listeners:
  smtp: 127.0.0.1:{smtp}
  imap: 127.0.0.1:{imap}
delivery:
  relay: 127.0.0.1:{relay}
limits:
  messageSize: 50MB
  connections: 10000
  connectionsPerAddress: 10000
  imapConnectionsPerAccount: 10000
log: {{ level: info, target: stderr }}
{machine}"""

DESK = """\
domain: bench.example
postmaster: Help
language: en
timeZone: Europe/Warsaw
quota: 100GB
quotaMessages: 10000000
agents:
{agents}
pools:
  - name: Help
    addresses: [ help@bench.example ]
    senderName: "ACME Help"
    members: {{ {members} }}
{more}"""


class Appliance:
    """Started by `start`; what customers write is looked for in the agents' New.

    Its agents see no cards of cases: what is counted and compared are the mails that were sent."""

    title = "Stempel"
    mailbox = "New"
    password = "correct horse battery"

    def __init__(self, binary, root, ports, agents=AGENTS, more="", machine=""):
        self.binary, self.root, self.agents, self.more, self.machine = binary, root, agents, more, machine
        self.port, self.imap_port, self.relay_port = ports
        self.process = None
        self._watcher = None

    def login_of(self, number):
        return f"agent{number % self.agents + 1}@bench.example"

    @property
    def login(self):
        return self.login_of(0)

    @property
    def pid(self):
        return self.process.pid

    def start(self):
        self._run("init", self.root, "--hostname", "mx.bench.example")
        machine = f"{self.root}/stempel.yaml"
        with open(machine, "w") as file:
            file.write(MACHINE.format(
                smtp=self.port, imap=self.imap_port, relay=self.relay_port, machine=self.machine))
        logins = [self.login_of(number) for number in range(self.agents)]
        with open(f"{self.root}/desk.yaml", "w") as file:
            file.write(DESK.format(
                agents="\n".join(
                    f'  - {{ login: {login}, name: {login.split("@")[0]}, role: agent, '
                    f'card: false, initialPassword: "{self.password}" }}' for login in logins),
                members=", ".join(f"{login}: 1" for login in logins), more=self.more))
        self._run("desk", "apply", machine, f"{self.root}/desk.yaml")
        self._serve()

    def restart(self):
        """The same data, and memory that remembers nothing."""
        self.stop()
        self._serve()

    def _serve(self):
        with open(f"{self.root}/log", "ab") as log:
            self.process = subprocess.Popen(
                [self.binary, "serve", f"{self.root}/stempel.yaml"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._wait_until_ready()

    def _run(self, *arguments):
        done = subprocess.run([self.binary, *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
        if done.returncode != 0:
            raise RuntimeError(f"stempel {arguments[0]}: {done.stderr.decode(errors='replace')}")

    def _wait_until_ready(self):
        deadline = time.monotonic() + 60
        while True:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the appliance did not start:\n{self.log()}")
            try:
                self._watcher = IMAPClient(self.imap_port, self.login, self.password)
                return
            except (ConnectionError, TimeoutError):
                time.sleep(0.05)

    def stop(self):
        if not self.process:
            return
        if self._watcher:
            self._watcher.close()
            self._watcher = None
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self.process = None
        if status != 0:
            print(f"note: the appliance ended with {status}:\n{self.log()}", flush=True)

    def log(self):
        with open(f"{self.root}/log", errors="replace") as file:
            return "".join(file.readlines()[-8:])

    def cpu_seconds(self):
        return proc.cpu_seconds(self.pid)

    def connect(self, number=0):
        return IMAPClient(self.imap_port, self.login_of(number), self.password)

    def visible(self):
        return self._watcher.messages(self.mailbox)

    def send(self, load):
        """The seconds until all was accepted and an agent's client counts it."""
        before = self.visible()
        begun = time.perf_counter()
        load.send(self.port, "help@bench.example")
        deadline = time.monotonic() + 30
        while (now := self.visible()) != before + load.messages:
            if now > before + load.messages or time.monotonic() > deadline:
                raise RuntimeError(f"{load.messages} messages accepted, {now - before} visible in {self.mailbox}")
            time.sleep(0.002)
        return time.perf_counter() - begun

    def settle(self):
        """Nothing: what was filed stays."""
