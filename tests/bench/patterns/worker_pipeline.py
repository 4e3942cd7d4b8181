"""A thousand items through three workers that wait 1 ms each, with queues made by hand that are asked again and again."""
# SPDX-License-Identifier: Apache-2.0
import collections
import threading
import time


class Queue:
    def __init__(self):
        self.items = collections.deque()
        self.lock = threading.Lock()

    def put(self, item):
        with self.lock:
            self.items.append(item)

    def get(self):
        with self.lock:
            return self.items.popleft()


class Worker(threading.Thread):
    def __init__(self, function, in_queue, out_queue):
        super().__init__(daemon=True)
        self.function = function
        self.in_queue = in_queue
        self.out_queue = out_queue
        self.polls = 0

    def run(self):
        while True:
            self.polls += 1
            try:
                item = self.in_queue.get()
            except IndexError:
                time.sleep(0.01)
            else:
                self.out_queue.put(self.function(item))


def wait(item):
    time.sleep(0.001)
    return item


queues = [Queue() for _ in range(4)]
workers = [Worker(wait, queues[i], queues[i + 1]) for i in range(3)]
for worker in workers:
    worker.start()
for number in range(1000):
    queues[0].put(number)
while len(queues[3].items) < 1000:
    time.sleep(0.001)
print(len(queues[3].items), "items after", sum(worker.polls for worker in workers), "polls")
