"""A coroutine that receives 200,000 numbers and yields the smallest so far."""
# SPDX-License-Identifier: Apache-2.0


def minimum():
    least = yield
    while True:
        received = yield least
        least = min(received, least)


receiver = minimum()
next(receiver)
last = None
for number in range(200_000, 0, -1):
    last = receiver.send(number)
print(last)
