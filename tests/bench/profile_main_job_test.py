#!/usr/bin/env python3
"""The self-test of profile_main_job.py: which sample counts for whom."""
# SPDX-License-Identifier: Apache-2.0
import unittest

import profile_main_job
from profile_main_job import Frame, Place

OURS = Frame("penstock::stages::Upload::process(penstock::Bytes const&)", "penstock")
TBB = Frame("tbb::detail::r1::task_dispatcher::local_wait()", "libtbb.so.12")
VIPS = Frame("vips_region_prepare", "libvips.so.42")
MALLOC = Frame("malloc", "libc.so.6")
NEW = Frame("operator new(unsigned long)", "libstdc++.so.6.0.30")
HIDDEN = Frame("[unknown]", "libc.so.6")
COPY = Frame("__memmove_avx_unaligned_erms", "libc.so.6")

SCRIPT = """penstock  4242 
\t    7f00 __memmove_avx_unaligned_erms+0x10 (/usr/lib/x86_64-linux-gnu/libc.so.6)
\t    5500 penstock::f(char const (*) [4])+0x2c (/home/a (b)/build/bench/penstock)
\t    5501 [unknown] ([unknown])

tbb worker 4242 
\t    7f01 vips_region_prepare+0x1 (/usr/lib/x86_64-linux-gnu/libvips.so.42.16.1)

"""


class ProfileTest(unittest.TestCase):
    def assert_place(self, frames, owner, kind):
        place = profile_main_job.classify(frames)
        self.assertEqual((place.owner, place.kind), (owner, kind))

    def test_code_belongs_to_its_object(self):
        self.assert_place([OURS, TBB], "Penstock", "code")
        self.assert_place([TBB, OURS], "oneTBB", "code")
        self.assert_place([VIPS, OURS], "libvips", "code")

    def test_allocation_belongs_to_its_caller(self):
        self.assert_place([MALLOC, NEW, OURS], "Penstock", "allocation")
        self.assert_place([MALLOC, TBB, OURS], "oneTBB", "allocation")
        self.assert_place([MALLOC, VIPS, OURS], "libvips", "allocation")

    def test_helpers_of_the_allocator_without_a_name_are_allocation(self):
        self.assert_place([HIDDEN, MALLOC, NEW, OURS], "Penstock", "allocation")

    def test_the_rest_of_the_c_library_is_shown_apart_by_its_caller(self):
        self.assert_place([COPY, OURS], "Penstock", "runtime")
        self.assert_place([COPY, VIPS], "libvips", "runtime")

    def test_a_stack_that_is_not_known_is_nobody_s(self):
        self.assert_place([], "unknown", "code")
        self.assert_place([MALLOC], "unknown", "allocation")

    def test_reads_what_perf_prints(self):
        samples = list(profile_main_job.read_samples(SCRIPT.splitlines(keepends=True)))
        self.assertEqual([sample[:2] for sample in samples], [("penstock", 4242), ("tbb worker", 4242)])
        frames = samples[0][2]
        self.assertEqual(frames[0], Frame("__memmove_avx_unaligned_erms", "libc.so.6"))
        self.assertEqual(frames[1], Frame("penstock::f(char const (*) [4])", "penstock"))
        self.assertEqual(frames[2].symbol, "[unknown]")
        self.assertEqual(samples[1][2], [Frame("vips_region_prepare", "libvips.so.42.16.1")])

    def test_reports_the_shares(self):
        places = [Place("Penstock", "code", "a")] * 2 + [Place("oneTBB", "code", "b")] + [
            Place("oneTBB", "allocation", "malloc")] + [Place("Penstock", "runtime", "memcpy")] * 3 + [
            Place("libvips", "allocation", "malloc")] * 93  # fmt: skip
        lines = "\n".join(profile_main_job.report(places))
        self.assertIn("  4.00 %  Penstock, oneTBB and the allocation called from them", lines)
        self.assertIn("  3.00 %  the C and C++ libraries called", lines)
        self.assertIn(" 93.00 %  libvips", lines)


if __name__ == "__main__":
    unittest.main()
