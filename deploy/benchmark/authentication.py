"""What it costs to know where a mail comes from: CPU time of a delivery with SPF, DKIM and DMARC, and of one signature."""

import base64
import concurrent.futures
import hashlib
import os
import re
import subprocess
import time

from appliance import Appliance
from load import customer, mail
from report import median
from wire import SMTPClient

DOMAIN = "customer.example"
SESSIONS = 8
SIGNED = ["from", "to", "subject", "date", "mime-version", "content-type"]


class CheckingAppliance(Appliance):
    """One that asks a name server of ours where mail comes from, or one that does not ask."""

    def __init__(self, binary, root, ports, names=None):
        more = "authentication: { check: false }\n"
        if names:
            more = (
                f'resolver: {{ forwarders: [ "127.0.0.1:{names.port}" ], trustAnchor: none }}\n'
                "authentication: { check: true }\n")
        super().__init__(binary, root, ports, machine=more)


class NameServer:
    """nsd with what one domain publishes."""

    def __init__(self, root, port, key):
        self.root, self.port, self.key, self.process = root, port, key, None
        os.makedirs(root, exist_ok=True)

    def start(self):
        record = f"v=DKIM1; k=rsa; p={self.key.published}"
        strings = " ".join(f'"{record[start:start + 200]}"' for start in range(0, len(record), 200))
        with open(f"{self.root}/example", "w") as zone:
            zone.write(
                "$ORIGIN example.\n$TTL 3600\n@ SOA ns.example. hostmaster.example. 1 3600 900 604800 3600\n"
                "@ NS ns.example.\nns A 127.0.0.1\n"
                'customer TXT "v=spf1 include:_spf.customer.example -all"\n'
                '_spf.customer TXT "v=spf1 ip4:192.0.2.0/24 ip4:127.0.0.0/8 -all"\n'
                '_dmarc.customer TXT "v=DMARC1; p=reject"\n'
                f"s1._domainkey.customer TXT {strings}\n")
        with open(f"{self.root}/nsd.conf", "w") as file:
            file.write(
                f'server:\n ip-address: 127.0.0.1@{self.port}\n username: ""\n chroot: ""\n zonesdir: "{self.root}"\n'
                f' database: ""\n pidfile: "{self.root}/pid"\n xfrdfile: "{self.root}/xfrd"\n'
                f' zonelistfile: "{self.root}/list"\n server-count: 1\nremote-control:\n control-enable: no\n'
                f'zone:\n name: "example."\n zonefile: "example"\n')
        self.process = subprocess.Popen(
            ["/usr/sbin/nsd", "-d", "-c", f"{self.root}/nsd.conf"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(1)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


class SigningKey:
    """An RSA key of openssl."""

    def __init__(self, root):
        os.makedirs(root, exist_ok=True)
        self.file = f"{root}/key.pem"
        self.run("genrsa", "-out", self.file, "2048")
        self.published = base64.b64encode(
            self.run("rsa", "-in", self.file, "-pubout", "-outform", "DER")).decode()

    @staticmethod
    def run(*arguments, input=None):
        return subprocess.run(["openssl", *arguments], input=input, capture_output=True, check=True).stdout

    def sign(self, content):
        """The content with a signature on top, relaxed in header and body (RFC 6376 §3.4)."""
        head, _, body = content.partition(b"\r\n\r\n")
        lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.rstrip(b"\r\n").split(b"\r\n")]
        digest = base64.b64encode(hashlib.sha256(b"\r\n".join(lines) + b"\r\n").digest()).decode()
        field = (
            f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={DOMAIN}; s=s1; t=1780000000;\r\n h={':'.join(SIGNED)};\r\n"
            f" bh={digest};\r\n b=")
        fields = dict(
            (name.lower(), value) for name, _, value in (line.partition(b":") for line in head.split(b"\r\n")))
        hashed = b"".join(
            name.encode() + b":" + re.sub(rb"\s+", b" ", fields[name.encode()]).strip() + b"\r\n" for name in SIGNED)
        hashed += b"dkim-signature:" + re.sub(rb"\s+", b" ", field.encode()).strip()
        signature = base64.b64encode(self.run("dgst", "-sha256", "-sign", self.file, input=hashed)).decode()
        wrapped = "\r\n ".join(signature[start:start + 70] for start in range(0, len(signature), 70))
        return b"DKIM-Signature: " + field.encode() + wrapped.encode() + b"\r\n" + content


def mails(key, count):
    """Signed mails of 4 KiB; what tells them apart is not signed, so a few signatures are enough for all."""
    signed = []
    for number in range(20):
        head, _, body = mail(number).partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith((b"message-id:", b"in-reply-to:", b"references:"))]
        filling = b"I still wait for an answer and would be glad to hear from you soon, kindly.\r\n"
        signed.append(key.sign(b"\r\n".join(lines) + b"\r\n\r\n" + body + filling * ((3000 - len(body)) // len(filling))))
    for number in range(count):
        yield b"Message-ID: <%x.%x@mail.customer.example>\r\n" % (time.monotonic_ns(), number) + signed[number % 20]


def deliver(appliance, contents):
    """Delivers all, a connection for each, several at a time."""
    def one(item):
        number, content = item
        client = SMTPClient(appliance.port)
        client.deliver(customer(number), "help@bench.example", content)
        client.close()

    with concurrent.futures.ThreadPoolExecutor(SESSIONS) as pool:
        list(pool.map(one, enumerate(contents)))


def cost(appliance, contents):
    """Milliseconds of CPU time for each mail."""
    before = appliance.cpu_seconds()
    deliver(appliance, contents)
    # What the server does behind its replies belongs to the mail, too.
    time.sleep(1)
    return (appliance.cpu_seconds() - before) / len(contents) * 1000


def of_delivery(bench, report, options):
    key = SigningKey(f"{bench.root}/authentication")
    names = bench.run(NameServer(f"{bench.root}/authentication-names", bench.free_port(), key))

    def start(name, names):
        ports = [bench.free_port() for _ in range(3)]
        return bench.run(CheckingAppliance(bench.binary, bench.directory(name), ports, names))

    plain, checking = start("unchecked", None), start("checking", names)
    count = 2000 if options.quick else 4000
    for appliance in (plain, checking):
        deliver(appliance, list(mails(key, 200)))
    first = checking.connect()
    first.command(f"SELECT {checking.mailbox}")
    header = bytes(first.command("FETCH 1 (BODY.PEEK[HEADER.FIELDS (AUTHENTICATION-RESULTS)])"))
    for result in (b"spf=pass", b"dkim=pass", b"dmarc=pass"):
        if result not in header:
            raise RuntimeError(f"{result!r} is not in {header!r}")
    costs = {plain: [], checking: []}
    for run in range(max(3, options.runs)):
        contents = list(mails(key, count))
        for appliance in ((plain, checking) if run % 2 == 0 else (checking, plain)):
            costs[appliance].append(cost(appliance, contents))
    without, with_ = median(costs[plain]), median(costs[checking])
    report.heading(f"SPF, DKIM and DMARC of signed mails of 4 KiB, warm cache, a connection for each; {count} mails a run")
    report.say(f"CPU ms a mail: {without:.3f} unchecked, {with_:.3f} checked")
    report.fact("CPU ms a mail with and without SPF, DKIM and DMARC", {"with": costs[checking], "without": costs[plain]})
    report.target("CPU time that SPF, DKIM and DMARC add to a delivery of 4 KiB", (with_ / without - 1) * 100, most=40, unit=" %")


def of_signature(bench, report, options):
    """Our verification against libcrypto's hash and signature alone, both in one process."""
    build = ["swift", "build", "-c", "release", "--scratch-path", ".build/benchmark"]
    subprocess.run(
        [*build, "--product", "benchmark-authentication"], env=dict(os.environ, STEMPEL_BENCHMARK="1"), check=True,
        stdout=subprocess.DEVNULL)
    report.heading("A DKIM verification, and libcrypto alone for the same hash and signature; CPU time")
    said = subprocess.run([".build/benchmark/release/benchmark-authentication"], capture_output=True, text=True, check=True)
    for line in said.stdout.splitlines():
        name, ours, theirs = line.split()
        ratio = int(ours) / int(theirs)
        kind, size = name.split("-")
        report.say(f"{kind:>8}, {int(size) // 1024:>5} KiB: {int(ours) / 1000:9.1f} µs, {int(theirs) / 1000:9.1f} µs, {ratio:.2f}")
        report.fact(f"DKIM verification, {name}", {"ours": int(ours), "libcrypto": int(theirs)})
        report.target(f"DKIM verification, {kind}, {int(size) // 1024} KiB, of libcrypto alone", ratio, most=1.5, unit="×")
