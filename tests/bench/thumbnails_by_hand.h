// The thumbnail pipeline as somebody writes it who needs it once: threads, libcurl, libvips.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace penstock::bench {

/// Downloads each URL, makes it fit into 256 x 256 pixels and PUTs it as JPEG under its own name below `gallery`, on
/// `threads` threads. Each keeps its connections. Ends the process at the first failure.
///
/// libvips is used as Penstock uses it: one thread per image, no operation cache, no code generation.
void make_thumbnails_by_hand(const std::vector<std::string>& urls, const std::string& gallery, unsigned threads);

}  // namespace penstock::bench
