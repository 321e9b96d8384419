"""A private Dovecot over a Maildir, with the package's defaults wherever a private one can have them."""

import os
import pwd
import subprocess
import time

import proc
from wire import IMAPClient

CONFIGURATION = """\
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{root}/mail/%u
mail_max_userip_connections = 0
first_valid_uid = {uid}
last_valid_uid = {uid}
namespace inbox {{
  inbox = yes
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/mail/%u
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service imap {{
  process_limit = 2000
}}
"""


class Dovecot:
    """Started by `start`; `write` puts a message into the only mailbox that matters, the INBOX of `login`."""

    title = "Dovecot"
    mailbox = "INBOX"
    login = "agent"
    password = "bench"

    def __init__(self, root, port):
        self.root, self.port = root, port
        self.owner = pwd.getpwnam("nobody")
        self.process = None
        self.count = 0

    def start(self):
        for directory in ("run", "state", "mail"):
            os.makedirs(f"{self.root}/{directory}")
        self._make(f"{self.root}/mail")
        for part in ("", "/cur", "/new", "/tmp"):
            self._make(self._maildir + part)
        with open(f"{self.root}/dovecot.conf", "w") as file:
            file.write(CONFIGURATION.format(
                root=self.root, port=self.port, password=self.password, uid=self.owner.pw_uid, gid=self.owner.pw_gid))
        with open(f"{self.root}/dovecot.err", "wb") as errors:
            self.process = subprocess.Popen(
                ["/usr/sbin/dovecot", "-F", "-c", f"{self.root}/dovecot.conf"], stdin=subprocess.DEVNULL, stdout=errors,
                stderr=errors)
        deadline = time.monotonic() + 30
        while True:
            try:
                return IMAPClient(self.port, self.login, self.password).close()
            except ConnectionError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"Dovecot did not start; see {self.root}") from None
                time.sleep(0.05)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(20)
            self.process = None

    @property
    def _maildir(self):
        return f"{self.root}/mail/{self.login}"

    def _make(self, directory):
        os.makedirs(directory, exist_ok=True)
        os.chown(directory, self.owner.pw_uid, self.owner.pw_gid)

    def write(self, content, received=None, is_new=False):
        """Adds a message as a delivery agent does: written beside, then moved into its place."""
        self.count += 1
        name = f"1790000000.M{self.count:06}P1.bench,S={len(content)}"
        temporary = f"{self._maildir}/tmp/{name}"
        with open(temporary, "wb") as file:
            file.write(content)
        os.chown(temporary, self.owner.pw_uid, self.owner.pw_gid)
        if received:
            os.utime(temporary, (received, received))
        moved = time.perf_counter()
        os.rename(temporary, f"{self._maildir}/new/{name}" if is_new else f"{self._maildir}/cur/{name}:2,")
        return moved

    def pss_kib(self):
        return proc.pss_kib(self.process.pid)
