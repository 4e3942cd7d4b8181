#!/usr/bin/env python3
"""Runs docs/examples/coming_from/downloads.py against a server on a loopback port: busy once, missing, or fine.

usage: run_downloads.py PROGRAM
"""
# SPDX-License-Identifier: Apache-2.0
import http.server
import os
import pathlib
import subprocess
import sys
import tempfile
import threading

asked = []


class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(self.path)
        is_busy = self.path == "/busy" and asked.count("/busy") == 1
        self.send_response(503 if is_busy else 404 if self.path == "/gone" else 200)
        self.end_headers()
        self.wfile.write(self.path.encode())

    def log_message(self, *_):
        pass


def main(program):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    direct = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    with tempfile.TemporaryDirectory() as folder:
        urls = pathlib.Path(folder, "urls.txt")
        urls.write_text(f"{url}/busy\n{url}/gone\n{url}/fine\n")
        out = pathlib.Path(folder, "out")
        out.mkdir()
        result = subprocess.run([sys.executable, program, urls, out], env=direct, capture_output=True, text=True, timeout=60)
        bodies = sorted(file.read_text() for file in out.iterdir())
    server.shutdown()
    print(bodies, sorted(asked), result.stderr)
    is_right = bodies == ["/busy", "/fine"] and sorted(asked) == ["/busy", "/busy", "/fine", "/gone"]
    return 0 if is_right and result.returncode == 0 and f"{url}/gone" in result.stderr else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
