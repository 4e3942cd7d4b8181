// Resampling kernels: how much each sample near a place counts.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "penstock/option_codec.h"

namespace penstock::stages {

enum class Kernel { nearest, linear, cubic, mitchell, lanczos2, lanczos3 };
constexpr std::array<Name<Kernel>, 6> names_of(Kernel) {
  return {{{Kernel::nearest, "nearest"},
           {Kernel::linear, "linear"},
           {Kernel::cubic, "cubic"},
           {Kernel::mitchell, "mitchell"},
           {Kernel::lanczos2, "lanczos2"},
           {Kernel::lanczos3, "lanczos3"}}};
}

/// Half the width of the kernel, in samples. 0: the nearest sample alone counts.
int kernel_radius(Kernel kernel);

/// The kernel at distance `x`, in samples; 0 from kernel_radius() on. REQUIRES: not Kernel::nearest.
double kernel_value(Kernel kernel, double x);

}  // namespace penstock::stages
