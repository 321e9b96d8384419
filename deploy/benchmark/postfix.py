"""A private Postfix that queues durably and does nothing else: what it accepts goes on hold."""

import os
import shutil
import subprocess
import time

import proc

MAIN = """\
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
maillog_file = {root}/postfix.log
maillog_file_prefixes = {root}
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.bench.example
mydestination = bench.example
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
local_recipient_maps =
smtpd_client_restrictions = check_client_access static:HOLD
smtpd_relay_restrictions = permit_mynetworks, reject
# Without a queue manager's work, nothing gives back what this would take.
in_flow_delay = 0
message_size_limit = 50000000
"""

MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
error unix - - n - - error
retry unix - - n - - error
local unix - n n - - local
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """Started by `start`, on loopback only, with directories of its own."""

    title = "Postfix"

    def __init__(self, root, port, settings=None, services=""):
        """`settings` stand in the place of those of the same name, `services` beside the others."""
        self.root, self.port = root, port
        self.settings, self.services = settings or {}, services
        self.master = None

    def start(self):
        for directory in ("config", "queue", "data"):
            os.makedirs(f"{self.root}/{directory}", exist_ok=True)
        shutil.chown(f"{self.root}/data", "postfix")
        self._configure()
        with open(f"{self.root}/config/master.cf", "w") as file:
            file.write(MASTER.format(port=self.port) + self.services)
        self._run("/usr/sbin/postfix", "start")
        with open(f"{self.root}/queue/pid/master.pid") as file:
            self.master = int(file.read())

    def stop(self):
        if os.path.exists(f"{self.root}/queue/pid/master.pid"):
            self._run("/usr/sbin/postfix", "stop")

    def cpu_seconds(self):
        return proc.cpu_seconds(self.master)

    def log_cpu_seconds(self):
        """The part of it that its log writer has; syslog would do this work elsewhere."""
        return sum(proc.cpu_seconds(pid) for pid in proc.descendants(self.master) if proc.name(pid) == "postlogd")

    def queued(self):
        return sum(len(files) for _, _, files in os.walk(f"{self.root}/queue/hold"))

    def send(self, load):
        """The seconds until all was queued."""
        before = self.queued()
        seconds = load.send(self.port, "help@bench.example")
        if self.queued() - before != load.messages:
            raise RuntimeError(f"Postfix queued {self.queued() - before} of {load.messages} messages")
        return seconds

    def settle(self):
        """Empties the queue, so that every run begins alike."""
        self._run("/usr/sbin/postsuper", "-d", "ALL", "hold")

    def _configure(self):
        """Writes main.cf at once and with every name once: of what is half written or stands twice all processes warn, the log
        writer too, which then waits for itself."""
        lines = [line for line in MAIN.format(root=self.root).splitlines() if line.split(" =")[0] not in self.settings]
        lines += [f"{name} = {value}" for name, value in self.settings.items()]
        path = f"{self.root}/config/main.cf"
        with open(f"{path}.new", "w") as file:
            file.write("\n".join(lines) + "\n")
        os.replace(f"{path}.new", path)

    def _run(self, program, *arguments):
        done = subprocess.run(
            [program, "-c", f"{self.root}/config", *arguments], stdin=subprocess.DEVNULL, capture_output=True,
            timeout=120)
        if done.returncode != 0:
            time.sleep(0.2)
            raise RuntimeError(f"{program} {arguments[0]}: {done.stderr.decode(errors='replace')}{self.log()}")

    def log(self):
        try:
            with open(f"{self.root}/postfix.log", errors="replace") as file:
                return "".join(file.readlines()[-5:])
        except FileNotFoundError:
            return ""
