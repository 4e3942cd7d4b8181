"""Five system calls that block for 0.1 s, a thread each."""
# SPDX-License-Identifier: Apache-2.0
import select
import socket
import threading


def call():
    select.select([socket.socket()], [], [], 0.1)


threads = [threading.Thread(target=call) for _ in range(5)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(threads))
