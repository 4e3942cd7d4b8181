#!/usr/bin/env python3
"""Where the program's processor time goes on the main job.

usage: profile_main_job.py BUILD_FOLDER

Runs `penstock run` on the job of the benchmark `thumbnails` under `perf record` and says which part of the samples of
user-mode time lies where. A sample belongs to the object (program or library) of its innermost frame, but for the C and
C++ libraries:

- allocation (malloc, free, operator new ...) belongs to whoever called it: the innermost frame outside of the two
  libraries;
- all else in them (copying, locks, clocks) is shown apart, by its caller.

What is asked of Penstock is a bound for its own code, oneTBB and the allocation called from these two, together.
"""
# SPDX-License-Identifier: Apache-2.0
import collections
import pathlib
import re
import subprocess
import sys

PROGRAM = "penstock"
OURS = "Penstock"
TBB = "oneTBB"
RUNTIME = re.compile(r"^(libc\.so|libc-|libstdc\+\+|libgcc_s|libm\.so|ld-linux)")
ALLOCATION = re.compile(
    r"^(malloc|free|cfree|calloc|realloc|reallocarray|posix_memalign|aligned_alloc|memalign|sysmalloc|systrim"
    r"|_int_malloc|_int_free|_int_realloc|_int_memalign|unlink_chunk|tcache_\w+|malloc_\w+|alloc_perturb|free_perturb"
    r"|__libc_(malloc|free|calloc|realloc|memalign)|__libc_mallopt|arena_get\w*|checked_request2size|operator (new|delete)(\[\])?)\b"
)
FRAME = re.compile(r"^\s+[0-9a-f]+ (?P<symbol>.*) \((?P<object>[/\[].*)\)$")
HEAD = re.compile(r"^(?P<command>.*?)\s+(?P<process>\d+)(\s|$)")

Frame = collections.namedtuple("Frame", "symbol object")
Place = collections.namedtuple("Place", "owner kind symbol")  # kind: code, allocation or runtime


def read_samples(lines):
    """Yields (command, process, frames), innermost frame first, from the output of `perf script -F comm,pid,ip,sym,dso`."""
    head = None
    frames = []
    for line in lines:
        if not line.strip():
            if head:
                yield (*head, frames)
            head, frames = None, []
        elif head is None:
            match = HEAD.match(line)
            head = (match["command"].strip(), int(match["process"]))
        else:
            match = FRAME.match(line.rstrip())
            symbol, path = (match["symbol"], match["object"]) if match else ("[unknown]", "[unknown]")
            frames.append(Frame(re.sub(r"\+0x[0-9a-f]+$", "", symbol), pathlib.PurePath(path).name))
    if head:
        yield (*head, frames)


def owner_of(frame):
    if frame.object == PROGRAM:
        return OURS
    if frame.object.startswith("libtbb"):
        return TBB
    return re.sub(r"\.so.*$", "", frame.object)


def classify(frames):
    """The Place that a sample counts for."""
    if not frames:
        return Place("unknown", "code", "")
    within = 0
    while within < len(frames) and RUNTIME.match(frames[within].object):
        within += 1
    if within == 0:
        return Place(owner_of(frames[0]), "code", frames[0].symbol)
    is_allocation = any(ALLOCATION.match(frame.symbol) for frame in frames[:within])
    owner = owner_of(frames[within]) if within < len(frames) else "unknown"
    return Place(owner, "allocation" if is_allocation else "runtime", frames[0].symbol)


def report(places):
    """The lines that are shown for a list of places."""
    total = len(places)
    by_kind = collections.Counter((place.owner, place.kind) for place in places)

    def share(count):
        return f"{100 * count / total:6.2f} %"

    ours = by_kind[OURS, "code"]
    tbb = by_kind[TBB, "code"]
    allocation = by_kind[OURS, "allocation"] + by_kind[TBB, "allocation"]
    called = by_kind[OURS, "runtime"] + by_kind[TBB, "runtime"]
    lines = [
        f"{total} samples of user-mode processor time",
        f"{share(ours + tbb + allocation)}  Penstock, oneTBB and the allocation called from them; of these",
        f"{share(ours)}    code of Penstock",
        f"{share(tbb)}    code of oneTBB",
        f"{share(allocation)}    allocation",
        f"{share(called)}  the C and C++ libraries called from Penstock and oneTBB: copying, locks, clocks",
    ]
    others = collections.Counter(place.owner for place in places if place.owner not in (OURS, TBB))
    lines += [f"{share(count)}  {owner}" for owner, count in others.most_common() if count >= total / 1000]
    lines += ["", "the most of Penstock, oneTBB and what they call:"]
    symbols = collections.Counter(place for place in places if place.owner in (OURS, TBB))
    lines += [f"{share(count)}  {place.owner}, {place.kind}: {place.symbol[:110]}" for place, count in symbols.most_common(12)]
    return lines


def record(build, data):
    # Frame pointers are missing in Debian's libraries: stacks are copied and unwound by their debugging information.
    perf = ["perf", "record", "--quiet", "--event", "cpu-clock:u", "--freq", "299", "--call-graph", "dwarf,16384",
            "--mmap-pages", "4M", "--output", str(data)]  # fmt: skip
    program = [str(build / PROGRAM), "run", "--progress", "never"]
    subprocess.run([str(build / "bench/thumbnails"), "--run", *perf, "--", *program], check=True)


def main():
    build = pathlib.Path(sys.argv[1])
    data = build / "bench/thumbnails.perf"
    record(build, data)
    script = subprocess.Popen(
        ["perf", "script", "--input", str(data), "--no-inline", "--fields", "comm,pid,ip,sym,dso"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        errors="replace",
    )
    places = [classify(frames) for _, _, frames in read_samples(script.stdout)]
    if script.wait() != 0 or not places:
        sys.exit("profile_main_job.py: perf recorded nothing; may this user sample its own processes?")
    print("\n".join(report(places)))


if __name__ == "__main__":
    main()
