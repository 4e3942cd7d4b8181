"""Five threads count to 500,000 together, under a lock."""
# SPDX-License-Identifier: Apache-2.0
import threading

lock = threading.Lock()
count = 0


def work():
    global count
    for _ in range(100_000):
        with lock:
            count += 1


threads = [threading.Thread(target=work) for _ in range(5)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(count)
