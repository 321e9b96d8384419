"""A filter that speaks the milter protocol. What it does with a mail, the field X-Do of the mail says; what it does before,
its arguments say, each as `COMMAND TEXT DO`: when the packet, or the sender for DATA, has the text in it. Prints the port it
listens on (an argument `port NUMBER ` asks for one), a line of JSON for every mail, and one with all commands of a connection at its end."""

import json
import socketserver
import struct
import sys
import threading


class Session(socketserver.StreamRequestHandler):
    def say(self, command, data=b""):
        self.wfile.write(struct.pack(">I", len(data) + 1) + command + data)
        self.wfile.flush()

    def handle(self):
        self.steps = ""
        self.talk()
        print(json.dumps({"connection": self.steps}), flush=True)

    def before(self, command, text):
        """What is to be done at this step."""
        for rule in sys.argv[1:]:
            step, part, do = rule.split(" ", 2)
            if step == command.decode() and part in text:
                return do
        return ""

    def talk(self):
        mail, macros, client, port, do = None, {}, "", 0, ""
        while True:
            head = self.rfile.read(4)
            if len(head) < 4:
                return
            packet = self.rfile.read(struct.unpack(">I", head)[0])
            command, data = packet[:1], packet[1:]
            self.steps += command.decode()
            if mail is None or command == b"M":
                mail = {"steps": "", "recipients": [], "header": [], "body": 0, "macros": macros, "client": client, "port": port}
                do = ""
            mail["steps"] += command.decode()
            if command == b"O":
                self.say(b"O", struct.pack(">III", 6, 0x31, 0))
            elif command == b"D":
                words = data[1:].decode().split("\0")
                macros.update({data[:1].decode() + name: value for name, value in zip(words[::2], words[1::2])})
            elif command in b"Q":
                return
            elif command == b"A":
                pass
            else:
                now = self.before(command, data.decode("latin-1") if command != b"T" else mail["sender"])
                if command == b"C":
                    mail["client"] = client = data.split(b"\0")[0].decode()
                    mail["port"] = port = struct.unpack(">H", data[len(client) + 2:len(client) + 4])[0]
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
                if "hang-up" in (do, now):
                    return
                if now == "stall":
                    threading.Event().wait()
                if "wait" in (do, now):
                    self.rfile.read(1)
                    return
                if now.startswith("say "):
                    self.say(b"y", now[4:].encode() + b"\0")
                else:
                    self.say({"reject": b"r", "later": b"t", "accept": b"a", "discard": b"d"}.get(now, b"c"))

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


PORT = next((int(rule.split()[1]) for rule in sys.argv[1:] if rule.startswith("port ")), 0)
with Server(("127.0.0.1", PORT), Session) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
