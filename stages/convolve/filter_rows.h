// The arithmetic of a convolution, by rows.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stages/convolve/kernel_matrix.h"
#include "stages/convolve/raster.h"

namespace penstock::stages {

/// Computes rows [first, last) of `out` from `in`, whose edges go on beyond its sides. Sums are rounded to the nearest
/// and kept within 0..255. REQUIRES: `out` has the sides and bands of `in`. Thread safety: of different rows at once.
void filter_rows(const Raster& in, const KernelMatrix& kernel, int first, int last, Raster& out);

}  // namespace penstock::stages
