// SPDX-License-Identifier: Apache-2.0
#include "stages/resize/kernel.h"

#include <cmath>
#include <numbers>

namespace penstock::stages {
namespace {

// D. Mitchell and A. Netravali, "Reconstruction Filters in Computer Graphics" (1988), equation 8.
double mitchell_netravali(double x, double b, double c) {
  if (x < 1) return ((12 - 9 * b - 6 * c) * x * x * x + (-18 + 12 * b + 6 * c) * x * x + (6 - 2 * b)) / 6;
  return ((-b - 6 * c) * x * x * x + (6 * b + 30 * c) * x * x + (-12 * b - 48 * c) * x + (8 * b + 24 * c)) / 6;
}

double sinc(double x) {
  const double angle = std::numbers::pi * x;
  return angle == 0 ? 1 : std::sin(angle) / angle;
}

}  // namespace

int kernel_radius(Kernel kernel) {
  switch (kernel) {
    case Kernel::nearest:
      return 0;
    case Kernel::linear:
      return 1;
    case Kernel::cubic:
    case Kernel::mitchell:
    case Kernel::lanczos2:
      return 2;
    case Kernel::lanczos3:
      return 3;
  }
  return 3;
}

double kernel_value(Kernel kernel, double x) {
  const double distance = std::abs(x);
  const int radius = kernel_radius(kernel);
  if (distance >= radius) return 0;
  switch (kernel) {
    case Kernel::cubic:
      return mitchell_netravali(distance, 0, 0.5);  // Catmull-Rom.
    case Kernel::mitchell:
      return mitchell_netravali(distance, 1.0 / 3, 1.0 / 3);
    case Kernel::lanczos2:
    case Kernel::lanczos3:
      return sinc(distance) * sinc(distance / radius);
    default:
      return 1 - distance;
  }
}

}  // namespace penstock::stages
