"""A time-stamping authority on loopback, over `openssl ts`: python authority.py FOLDER prints its port.

What it does with a request depends on the path: /stamp, /refuse, /other, /large, /fail, /hang.
"""

import http.server
import pathlib
import subprocess
import sys
import tempfile
import threading

folder = pathlib.Path(sys.argv[1])
stopped = threading.Event()


def reply(query, section):
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        asked, answered = pathlib.Path(scratch, "q"), pathlib.Path(scratch, "r")
        asked.write_bytes(query)
        subprocess.run(
            ["openssl", "ts", "-reply", "-config", "authority.cnf", "-section", section, "-queryfile", asked,
             "-out", answered],
            cwd=folder, check=True, stdout=sys.stderr)
        return answered.read_bytes()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        query = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/hang":
            stopped.wait()
        is_query = self.headers["Content-Type"] == "application/timestamp-query"
        if self.path == "/fail" or not is_query:
            self.send_error(503)
            return
        if self.path == "/large":
            answer = reply(query, "stamping") + bytes(65536)
        elif self.path == "/other":
            answer = reply(folder.joinpath("other.tsq").read_bytes(), "stamping")
        else:
            answer = reply(query, {"/stamp?token=passe-partout": "stamping", "/refuse": "refusing"}[self.path])
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


server = Server(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
