"""All divisors of four numbers, a thread each: the interpreter runs one of them at a time."""
# SPDX-License-Identifier: Apache-2.0
import threading


def divisors(number):
    return [candidate for candidate in range(1, number + 1) if number % candidate == 0]


class Divide(threading.Thread):
    def __init__(self, number):
        super().__init__()
        self.number = number

    def run(self):
        self.found = divisors(self.number)


threads = [Divide(number) for number in (2139079, 1214759, 1516637, 1852285)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
    print(thread.found)
