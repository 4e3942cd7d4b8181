#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes photos/china_orientation_N.jpg: the photo china.jpg, smaller and stored in each of the turned and mirrored ways
that EXIF knows (2 to 8), as cameras write it. A program that obeys the tag shows all of them like the original.

usage: make_variants.py            (needs python3-pil)
"""
import pathlib

from PIL import Image

PHOTOS = pathlib.Path(__file__).resolve().parent / "photos"
ORIENTATION = 0x0112

# What a camera did to the upright picture before it stored it: the inverse of what a viewer does.
STORED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def main() -> None:
    upright = Image.open(PHOTOS / "china.jpg").convert("RGB").resize((480, 320), Image.Resampling.LANCZOS)
    for orientation, transposition in STORED.items():
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        path = PHOTOS / f"china_orientation_{orientation}.jpg"
        upright.transpose(transposition).save(path, quality=80, exif=exif)
        print(path.relative_to(PHOTOS.parent))


if __name__ == "__main__":
    main()
