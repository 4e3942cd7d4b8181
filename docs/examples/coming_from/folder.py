"""Thumbnails of a folder of photos: threads and queues. Quoted by docs/coming-from.md.

usage: folder.py PHOTOS THUMBNAILS
"""
import os
import pathlib
import queue
import sys
import threading

from PIL import Image, ImageOps

photos, thumbnails = map(pathlib.Path, sys.argv[1:])
names = queue.Queue(maxsize=16)  # Bounded, so that it does not hold the whole folder.
pictures = queue.Queue(maxsize=16)
END = None


def shrink():
    while (name := names.get()) is not END:
        try:
            picture = ImageOps.exif_transpose(Image.open(photos / name)).convert("RGB")
            picture.thumbnail((256, 256))
            pictures.put((name, picture))
        except Exception as error:  # A thread that dies here would leave the others waiting for ever.
            print(name, error, file=sys.stderr)


def save():
    while (item := pictures.get()) is not END:
        name, picture = item
        try:
            (thumbnails / name).parent.mkdir(parents=True, exist_ok=True)
            picture.save(thumbnails / name, "JPEG", quality=80)
        except Exception as error:
            print(name, error, file=sys.stderr)


shrinkers = [threading.Thread(target=shrink) for _ in range(os.cpu_count())]
saver = threading.Thread(target=save)
for thread in [*shrinkers, saver]:
    thread.start()
for path in photos.rglob("*.jpg"):
    names.put(path.relative_to(photos))
for thread in shrinkers:
    names.put(END)
for thread in shrinkers:
    thread.join()
pictures.put(END)
saver.join()
