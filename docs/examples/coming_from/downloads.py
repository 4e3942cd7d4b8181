"""Downloads every URL of a list: concurrent.futures. Quoted by docs/coming-from.md.

usage: downloads.py LIST FOLDER
"""
import concurrent.futures
import hashlib
import pathlib
import sys
import threading
import time
import urllib.error
import urllib.request

FOLDER = pathlib.Path(sys.argv[2])
in_flight = threading.BoundedSemaphore(256)  # Without it the whole list is queued at once.


def fetch(url):
    for attempt in range(4):
        try:
            with urllib.request.urlopen(url, timeout=15) as answer:
                (FOLDER / hashlib.sha256(url.encode()).hexdigest()[:32]).write_bytes(answer.read())
                return
        except OSError as error:
            is_final = isinstance(error, urllib.error.HTTPError) and error.code not in (408, 425, 429, 500, 502, 503, 504)
            if is_final or attempt == 3:
                raise
            time.sleep(2**attempt)


def report(url, done):
    in_flight.release()
    if done.exception():
        print(url, done.exception(), file=sys.stderr)


with concurrent.futures.ThreadPoolExecutor(max_workers=64) as pool, open(sys.argv[1]) as urls:
    for url in map(str.strip, urls):
        in_flight.acquire()
        pool.submit(fetch, url).add_done_callback(lambda done, url=url: report(url, done))
