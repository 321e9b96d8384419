#!/usr/bin/env python3
"""Signs a mail with a new key: reads it from standard input, prints the key's record, then the signed mail.

usage: dkim_sign.py SELECTOR DOMAIN
"""
import base64
import subprocess
import sys

import dkim

key = subprocess.run(["openssl", "genrsa", "2048"], check=True, capture_output=True).stdout
public = subprocess.run(
    ["openssl", "rsa", "-pubout", "-outform", "DER"], input=key, check=True, capture_output=True).stdout
mail = sys.stdin.buffer.read()
signature = dkim.sign(mail, sys.argv[1].encode(), sys.argv[2].encode(), key)
record = "v=DKIM1; k=rsa; p=" + base64.b64encode(public).decode()
print(" ".join(f'"{record[at:at + 200]}"' for at in range(0, len(record), 200)), flush=True)
sys.stdout.buffer.write(signature + mail)
