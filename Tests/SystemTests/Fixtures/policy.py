#!/usr/bin/env python3
"""A web server that tells a domain's policy for TLS (RFC 8461), and nothing else.

usage: policy.py ADDRESS CERTIFICATE KEY TEXT    the first line printed is the port, the kernel's choice; then a line a request
"""
import http.server
import ssl
import sys

address, certificate, key, text = sys.argv[1:5]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print(self.headers["Host"], self.path, flush=True)
        body = text.encode() if self.path == "/.well-known/mta-sts.txt" else b""
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer((address, 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
