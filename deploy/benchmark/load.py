"""What is sent: smtp-source's load, and mails with the headers of real ones."""

import os
import subprocess
import time

SENDER = "customer@customer.example"


class Load:
    """A run of smtp-source."""

    def __init__(self, size, sessions, keeps, messages):
        self.size, self.sessions, self.keeps, self.messages = size, sessions, keeps, messages

    def send(self, port, recipient):
        """Sends everything; the seconds that took."""
        command = [
            "smtp-source", "-4", "-s", str(self.sessions), "-m", str(self.messages), "-l", str(self.size),
            "-f", SENDER, "-t", recipient, "-M", "client.example", "-S", "A question about my order",
        ]
        if self.keeps:
            command.append("-d")
        begun = time.perf_counter()
        done = subprocess.run(
            command + [f"127.0.0.1:{port}"], stdin=subprocess.DEVNULL, capture_output=True, timeout=900,
            env=dict(os.environ, PATH="/usr/sbin:/usr/bin:/sbin:/bin"))
        seconds = time.perf_counter() - begun
        if done.returncode != 0 or done.stderr:
            raise RuntimeError(f"smtp-source: {done.stderr.decode(errors='replace').strip() or done.returncode}")
        return seconds


# One SMTP session takes 1,000 transactions; smtp-source shares its messages out unevenly.
PER_KEPT_SESSION = 500

NAMES = [
    "Anna Nowak", "Jan Kowalski", "=?UTF-8?Q?Ma=C5=82gorzata_W=C3=B3jcik?=", "Peter Miller", '"Smith, John"', "Eva",
    "=?UTF-8?B?UGF3ZcWCIExld2FuZG93c2tp?=", "ACME Purchasing",
]
SUBJECTS = [
    "Where is my parcel?", "Invoice 2026/11/%d", "=?UTF-8?Q?Reklamacja_zam=C3=B3wienia_%d?=", "Re: your offer no. %d",
    "Change of address", "Order %d arrived damaged, please advise how I can return it at your cost",
]


# Stands in a few mails only.
RARE = "quetzalcoatl"


def message_id(number):
    return f"<{number:08x}.4f1d.9be2@mail.customer.example>"


def mail(number):
    """A mail such as customers write; every number gives another."""
    name, subject = NAMES[number % len(NAMES)], SUBJECTS[number % len(SUBJECTS)]
    if "%d" in subject:
        subject = subject % number
    minute, hour = number % 60, number // 60 % 24
    head = [
        f"Date: Mon, 16 Nov 2026 {hour:02}:{minute:02}:07 +0100",
        f"From: {name} <{customer(number)}>",
        "To: ACME Help <help@bench.example>",
    ]
    if number % 5 == 0:
        head.append("Cc: Office <office@customer.example>, accounting@customer.example")
    # Every fourth customer answers twice to the first mail.
    if number % 4 == 3 and number // 500 % 3:
        head += [f"In-Reply-To: {message_id(number - 500)}", f"References: {message_id(number - 500)}"]
    head += [
        f"Subject: {subject}", f"Message-ID: {message_id(number)}", "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=UTF-8; format=flowed", "Content-Transfer-Encoding: 8bit",
        "User-Agent: Mozilla Thunderbird", "",
    ]
    text = f"Good morning, this is about order {number}. ".ljust(76, "-")
    body = [text] + ["I still wait for an answer and would be glad to hear from you soon, kindly."] * (10 + number % 20)
    if number % 5000 == 77:
        body.append(f"The parcel holds a feather of {RARE.title()}, fragile.")
    return ("\r\n".join(head + body) + "\r\n").encode()


def customer(number):
    return f"customer{number % 500}@customer.example"
