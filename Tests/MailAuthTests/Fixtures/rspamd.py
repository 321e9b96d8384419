"""Asks a real rspamd of its own about mails.

usage: rspamd.py NAMESERVER-PORT KEY-FILE SELECTOR    mails as a list of JSON objects on standard input: ip, helo, from, content

Prints a list of lists: the symbols that rspamd found. Mails with `sign` set are signed by it; their list has the field.
"""
import json
import os
import socket
import subprocess
import sys
import tempfile
import time

port, key, selector = sys.argv[1:4]
mails = json.load(sys.stdin)
folder = tempfile.mkdtemp()
os.chmod(folder, 0o777)
path = f"{folder}/worker.sock"
with open(f"{folder}/rspamd.conf", "w") as file:
    file.write(f"""
options {{
  dns {{ nameserver = ["127.0.0.1:{port}"]; timeout = 2s; retransmits = 3; }}
  filters = "dkim"; control_socket = "{folder}/control.sock mode=0600"; temp_dir = "{folder}"; one_shot = true;
}}
logging {{ type = "console"; level = "error"; }}
worker "normal" {{ bind_socket = "{path} mode=0666"; count = 1; }}
modules {{ path = "/usr/share/rspamd/plugins/"; }}
lua = "/usr/share/rspamd/rules/rspamd.lua";
dkim {{ check_local = true; check_authed = true; sign_headers = "from:to:subject:date:message-id"; }}
spf {{ check_local = true; check_authed = true; }}
dmarc {{ }}
dkim_signing {{
  enabled = true; allow_username_mismatch = true; use_domain = "header"; use_esld = false; try_fallback = true;
  path = "{key}"; selector = "{selector}"; sign_authenticated = true; sign_local = false; allow_hdrfrom_mismatch = true;
}}
actions {{ reject = 1000; add_header = 600; }}
""")
log = open(f"{folder}/log", "w")
server = subprocess.Popen(
    ["rspamd", "-f", "-i", "-c", f"{folder}/rspamd.conf"], env=dict(os.environ, TMPDIR=folder), stdout=log, stderr=log)


def connect():
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.poll() is None:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(path)
            return connection
        except OSError:
            connection.close()
            time.sleep(0.05)
    sys.exit("rspamd does not start: " + open(f"{folder}/log").read())


def ask(mail):
    content = mail["content"].encode()
    fields = {"IP": mail["ip"], "Helo": mail["helo"], "From": mail["from"], "Rcpt": "help@acme.example"}
    if mail.get("sign"):
        fields["User"] = "jan"
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    with connect() as connection:
        connection.sendall(
            f"POST /checkv2 HTTP/1.1\r\nConnection: close\r\n{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    answer = json.loads(answer.partition(b"\r\n\r\n")[2])
    if mail.get("sign"):
        field = answer.get("milter", {}).get("add_headers", {}).get("DKIM-Signature", answer.get("dkim-signature"))
        while isinstance(field, list):
            field = field[0]
        return [field["value"] if isinstance(field, dict) else field]
    return sorted(answer["symbols"])


try:
    print(json.dumps([ask(mail) for mail in mails]))
finally:
    server.terminate()
    server.wait()
