"""A filter that speaks the milter protocol. What it does with a mail, the field X-Do of the mail says. Prints the port it
listens on, and a line of JSON for every mail."""

import json
import socketserver
import struct
import sys


class Session(socketserver.StreamRequestHandler):
    def say(self, command, data=b""):
        self.wfile.write(struct.pack(">I", len(data) + 1) + command + data)
        self.wfile.flush()

    def handle(self):
        mail = {"steps": "", "recipients": [], "header": [], "body": 0}
        do = ""
        while True:
            head = self.rfile.read(4)
            if len(head) < 4:
                return
            packet = self.rfile.read(struct.unpack(">I", head)[0])
            command, data = packet[:1], packet[1:]
            mail["steps"] += command.decode()
            if command == b"O":
                self.say(b"O", struct.pack(">III", 6, 0x31, 0))
            elif command == b"D":
                pass
            elif command in b"Q":
                return
            elif command == b"A":
                pass
            else:
                if command == b"C":
                    mail["client"] = data.split(b"\0")[0].decode()
                elif command == b"M":
                    mail["sender"] = data.split(b"\0")[0].decode()
                elif command == b"R":
                    mail["recipients"].append(data.split(b"\0")[0].decode())
                elif command == b"L":
                    name, value = data.split(b"\0")[:2]
                    mail["header"].append(name.decode("latin-1"))
                    if name.lower() == b"x-do":
                        do = value.decode("latin-1")
                elif command == b"B":
                    mail["body"] += len(data)
                elif command == b"E":
                    print(json.dumps(mail), flush=True)
                    self.end(do)
                    continue
                if do == "hang-up":
                    return
                if do == "wait":
                    self.rfile.read(1)
                    return
                self.say(b"c")

    def end(self, do):
        if do == "reject":
            self.say(b"y", b"554 5.7.1 We do not want this\0")
        elif do == "later":
            self.say(b"t")
        elif do == "discard":
            self.say(b"d")
        elif do == "quarantine":
            self.say(b"q", b"looks bad\0")
            self.say(b"a")
        elif do == "change":
            self.say(b"h", b"X-Spam\0Yes, score=8\n of 15\0")
            self.say(b"i", struct.pack(">I", 1) + b"X-Stempel-Case\0" + b"99\0")
            self.say(b"m", struct.pack(">I", 1) + b"X-Do\0\0")
            self.say(b"p")
            self.say(b"a")
        else:
            self.say(b"a")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


with Server(("127.0.0.1", 0), Session) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
