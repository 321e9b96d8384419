"""Mail read: login, SELECT and FETCH over many messages against Dovecot, and how fast an idling client hears."""

import re
import select
import time

import load
from dovecot import Dovecot
from report import median
from throughput import in_turn
from wire import IMAPClient, SMTPClient, literals

ENVELOPES = "FETCH 1:* (UID FLAGS RFC822.SIZE INTERNALDATE ENVELOPE)"
FLAGS = "UID FETCH 1:* (FLAGS)"


def deliver(appliance, numbers):
    """Mails of every kind by one connection after the other."""
    client, count = None, 0
    for number in numbers:
        if count % load.PER_KEPT_SESSION == 0:
            if client:
                client.close()
            client = SMTPClient(appliance.port)
        client.deliver(load.customer(number), "help@bench.example", load.mail(number))
        count += 1
    if client:
        client.close()


def copy(appliance, dovecot):
    """Dovecot gets what our clients see, octet by octet."""
    client = appliance.connect()
    client.command(f"EXAMINE {appliance.mailbox}")
    count, at = appliance.visible(), 1
    received = int(time.time()) - count
    while at <= count:
        answer = client.command(f"FETCH {at}:{min(at + 499, count)} (BODY.PEEK[])")
        contents = list(literals(answer))
        for content in contents:
            dovecot.write(content, received + dovecot.count)
        if not contents:
            raise RuntimeError(f"no bodies in the answer to a FETCH from {at}")
        at += len(contents)
    client.close()


def filled(bench, options, mails=None):
    """An appliance with many mails in New, kept for later sections."""
    mails = mails or options.mails
    appliance = bench.appliance("imap" if mails == options.mails else f"imap {mails}")
    missing = mails - appliance.visible()
    if missing > 0:
        deliver(appliance, range(mails - missing, mails))
        if appliance.visible() != mails:
            raise RuntimeError(f"{mails} mails accepted, {appliance.visible()} visible")
    return appliance


def envelopes(port, peer):
    """Login, SELECT and the list of a whole mailbox: seconds and octets."""
    begun = time.perf_counter()
    client = IMAPClient(port, peer.login, peer.password)
    client.command(f"SELECT {peer.mailbox}")
    size = len(client.command(ENVELOPES))
    seconds = time.perf_counter() - begun
    client.close()
    return seconds, size


def against_dovecot(bench, report, options):
    ours = filled(bench, options)
    dovecot = bench.run(Dovecot(bench.directory("dovecot"), bench.free_port()))
    copy(ours, dovecot)
    ports = {ours: ours.imap_port, dovecot: dovecot.port}
    peers = [dovecot, ours]
    clients = {}
    for peer in peers:
        answer = IMAPClient(ports[peer], peer.login, peer.password).command(f"SELECT {peer.mailbox}")
        found = re.search(rb"\* (\d+) EXISTS", answer)
        if not found or int(found[1]) != options.mails:
            raise RuntimeError(f"{peer.title} has {found and int(found[1])} of {options.mails} messages")
        envelopes(ports[peer], peer)
        clients[peer] = IMAPClient(ports[peer], peer.login, peer.password)
        clients[peer].command(f"SELECT {peer.mailbox}")
        clients[peer].command(FLAGS)
    listing, flags, sizes = {peer: [] for peer in peers}, {peer: [] for peer in peers}, {}
    for peer in in_turn(peers, 7):
        seconds, sizes[peer] = envelopes(ports[peer], peer)
        listing[peer].append(seconds)
    for peer in in_turn(peers, 7):
        begun = time.perf_counter()
        clients[peer].command(FLAGS)
        flags[peer].append(time.perf_counter() - begun)
    report.heading(f"Mail read: {options.mails} messages, warm, medians of 7")
    for name, results, most in (
        (f"login, SELECT, {ENVELOPES}", listing, 1), (FLAGS, flags, 2),
    ):
        times = {peer: median(results[peer]) for peer in peers}
        ratio = times[ours] / times[dovecot]
        report.say(
            f"{name}: Dovecot {times[dovecot] * 1000:.1f} ms, Stempel {times[ours] * 1000:.1f} ms, ratio {ratio:.2f}")
        report.fact(name, {"ratio": ratio, "runs": {peer.title: results[peer] for peer in peers}})
        report.target(f"{name}: time", ratio, most=most, unit="×")
    report.fact("octets of the list", {peer.title: sizes[peer] for peer in peers})
    report.say(f"octets of the list: Dovecot {sizes[dovecot]}, Stempel {sizes[ours]}")
    notice(bench, report, options, ours, dovecot)


def wait_for_exists(client, replying=None):
    """When an idling client was told of a new message, and when the sender got its 250."""
    heard, replied, data = None, None, b""
    waiting = [client.socket] + ([replying.socket] if replying else [])
    while waiting:
        ready = select.select(waiting, [], [], 30)[0]
        if not ready:
            raise RuntimeError("an idling client was not told of a delivery")
        now = time.perf_counter()
        if client.socket in ready:
            data += client.socket.recv(4096)
            if b"EXISTS\r\n" in data:
                heard = now
                waiting.remove(client.socket)
        if replying and replying.socket in ready:
            replying.expect(250)
            replied = now
            waiting.remove(replying.socket)
    return heard, replied


def idling(client, mailbox):
    client.command(f"SELECT {mailbox}")
    client.idle()
    return client


def deliveries(ours, first, pause):
    """50 deliveries: seconds from the end of content to EXISTS, and to the 250."""
    idler, sender = idling(ours.connect(1), ours.mailbox), SMTPClient(ours.port)
    heard, replied = [], []
    for number in range(first, first + 50):
        time.sleep(pause)
        # What else was said about the last delivery is none of this one's.
        while select.select([idler.socket], [], [], 0)[0]:
            idler.socket.recv(4096)
        sender.begin(load.customer(number), "help@bench.example")
        content = load.mail(number) + b".\r\n"
        sent = time.perf_counter()
        sender.socket.sendall(content)
        times = wait_for_exists(idler, sender)
        heard.append(times[0] - sent)
        replied.append(times[1] - sent)
    idler.close()
    sender.close()
    return heard, replied


def notice(bench, report, options, ours, dovecot):
    """From the end of content (or a file's move into the Maildir) to EXISTS on another connection."""
    idler = idling(IMAPClient(dovecot.port, dovecot.login, dovecot.password), dovecot.mailbox)
    others = []
    for number in range(5):
        moved = dovecot.write(load.mail(options.mails + number), is_new=True)
        others.append(wait_for_exists(idler)[0] - moved)
    idler.close()
    report.fact("seconds to EXISTS, Dovecot", others)
    report.say(f"a file's arrival to EXISTS on an idling connection, Dovecot, median of 5: {median(others) * 1000:.0f} ms")
    first = options.mails
    for name, pause in (("now and then", 0.15), ("each after the last EXISTS", 0)):
        heard, replied = deliveries(ours, first, pause)
        first += 50
        ms = median(heard) * 1000
        report.say(
            f"end of content to EXISTS on an idling connection, {name}, median of 50: {ms:.1f} ms "
            f"(worst {max(heard) * 1000:.1f}); to the sender's 250: {median(replied) * 1000:.1f} ms")
        report.fact(f"seconds to EXISTS, {name}", {"EXISTS": heard, "250": replied})
        report.target(f"delivery to EXISTS on an idling connection, {name}", ms, most=10, unit=" ms")
