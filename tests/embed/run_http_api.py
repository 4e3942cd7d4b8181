#!/usr/bin/env python3
"""Runs the example http_api against an API on a loopback port: the length of a word, and a status 404 for "none".

usage: run_http_api.py PROGRAM
"""
# SPDX-License-Identifier: Apache-2.0
import http.server
import json
import os
import subprocess
import sys
import threading


class Api(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        word = self.path.rsplit("/", 1)[-1]
        body = json.dumps({"letters": len(word)}).encode()
        self.send_response(404 if word == "none" else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main(arguments):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/length/"
    direct = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    result = subprocess.run(
        [arguments[0], url, "gate", "turbine", "none"], env=direct, capture_output=True, text=True, timeout=60
    )
    server.shutdown()
    lines = sorted(result.stdout.splitlines())
    print(result.stdout, result.stderr)
    expected = ['gate: {"letters":4}', "none: ask.http_404", 'turbine: {"letters":7}']
    if lines != expected or result.returncode != 1:
        print("expected exit code 1 and", expected, "got", result.returncode, "and", lines)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
