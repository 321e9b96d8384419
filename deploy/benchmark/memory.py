"""What idling connections and large mails cost in resident memory."""

import re
import time

import proc
import load
from dovecot import Dovecot
from reading import filled
from wire import IMAPClient, SMTPClient


def idle(connect, mailbox, count):
    clients = []
    for number in range(count):
        client = connect(number)
        client.command(f"SELECT {mailbox}")
        client.idle()
        clients.append(client)
    return clients


def each(process, connect, mailbox, count):
    """KiB of proportional set size that each of `count` idling connections adds."""
    # What the first connections need once is no cost of each.
    for client in idle(connect, mailbox, 20):
        client.close()
    time.sleep(1)
    base = proc.pss_kib(process)
    clients = idle(connect, mailbox, count)
    time.sleep(1)
    grown = proc.pss_kib(process)
    for client in clients:
        client.close()
    time.sleep(1)
    return (grown - base) / count


def of_idling(bench, report, options):
    ours = filled(bench, options)
    report.heading(f"Memory: {options.idlers} idling connections, mailbox selected")
    for mailbox in ("INBOX", ours.mailbox):
        ours.restart()
        kib = each(ours.pid, ours.connect, mailbox, options.idlers)
        messages = ours.connect().messages(mailbox)
        report.say(f"Stempel, {mailbox} with {messages} messages: {kib:.1f} KiB of PSS each")
        report.fact(f"PSS of an idling connection, {mailbox}", kib)
        report.target(f"PSS of each of {options.idlers} idling connections, {messages} messages", kib, most=100,
                      unit=" KiB")
    dovecot = bench.peer(Dovecot)
    if dovecot:
        count = min(200, options.idlers)

        def connect(_):
            return IMAPClient(dovecot.port, dovecot.login, dovecot.password)

        kib = each(dovecot.process.pid, connect, dovecot.mailbox, count)
        report.say(f"Dovecot, {count} connections: {kib:.0f} KiB of PSS each")
        report.fact("PSS of an idling connection, Dovecot", kib)


LARGE = 35_900_000


def large_mail(number):
    """A mail of about 36 MB: base64 lines as an attachment has them."""
    head = load.mail(number).partition(b"\r\n\r\n")[0].replace(b"text/plain; charset=UTF-8; format=flowed",
                                                                 b"application/octet-stream").replace(b"8bit", b"base64")
    line = b"QmVuY2htYXJrcyBhcmUgbm90IHRpbWVkIHRlc3RzLCBhbmQgdGhpcyBpcyBubyBhdHRhY2htZW50" + b"\r\n"
    return head + b"\r\n\r\n" + line * ((LARGE - len(head)) // len(line))


def of_large_mail(bench, report, options):
    ours = bench.appliance("large mail")
    sender, reader = SMTPClient(ours.port), ours.connect()
    sender.deliver("first@customer.example", "help@bench.example", load.mail(1))
    reader.command(f"SELECT {ours.mailbox}")
    reader.size_of_answer("UID FETCH 1:* (BODY.PEEK[])")
    report.heading("Memory: a mail of 36 MB, received and fetched by a client that reads late")
    time.sleep(1)
    base, base_of_files, peaks = proc.resident_kib(ours.pid), proc.file_kib(ours.pid), []

    def growth():
        """Megabytes of the peak above what was resident before the first of these mails."""
        return (proc.peak_kib(ours.pid) - base) * 1.024 / 1000

    for number in range(3):
        content = large_mail(number + 2)
        proc.reset_peak(ours.pid)
        begun = time.perf_counter()
        sender.deliver("large@customer.example", "help@bench.example", content)
        received, receiving = time.perf_counter() - begun, growth()
        reader.command("NOOP")
        uid = max(int(found) for found in re.findall(rb"UID (\d+)", reader.command("UID FETCH 1:* (UID)")))
        proc.reset_peak(ours.pid)
        begun = time.perf_counter()
        size = reader.size_of_answer(f"UID FETCH {uid} (BODY.PEEK[])", pause=lambda: time.sleep(1))
        fetched, fetching = time.perf_counter() - begun - 1, growth()
        if size < len(content):
            raise RuntimeError(f"{len(content)} octets sent, {size} fetched")
        peaks += [receiving, fetching]
        report.say(
            f"receiving: {received:.2f} s, peak +{receiving:.1f} MB; fetching: {fetched:.2f} s, peak +{fetching:.1f} MB; "
            f"of files since the first: +{(proc.file_kib(ours.pid) - base_of_files) * 1.024 / 1000:.1f} MB")
    report.fact("growth by mails of 36 MB, received and fetched in turn", peaks)
    report.target("growth of resident memory by mails of 36 MB, worst of 3", max(peaks), most=8, unit=" MB")
