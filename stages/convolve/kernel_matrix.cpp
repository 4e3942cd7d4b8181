// The matrix that pixels are weighed with.
// SPDX-License-Identifier: Apache-2.0
#include "stages/convolve/kernel_matrix.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace penstock::stages {
namespace {

// Far below what one step of an 8-bit result needs, far above what a float rounds.
constexpr float kTolerance = 1e-5F;

std::vector<double> binomial(int radius) {
  std::vector<double> row = {1};
  for (int n = 0; n < 2 * radius; ++n) {
    row.push_back(0);
    for (std::size_t i = row.size() - 1; i > 0; --i) row[i] = (row[i] + row[i - 1]) / 2;
    row[0] /= 2;
  }
  return row;
}

}  // namespace

KernelMatrix::KernelMatrix(const std::vector<std::vector<double>>& rows, double scale, double offset)
    : width_(static_cast<int>(rows.front().size())),
      height_(static_cast<int>(rows.size())),
      offset_(static_cast<float>(offset)) {
  for (const auto& row : rows) {
    for (const double weight : row) weights_.push_back(static_cast<float>(weight * scale));
  }
  separate();
}

void KernelMatrix::separate() {
  if (width_ == 1 || height_ == 1) return;
  const auto largest =
      std::max_element(weights_.begin(), weights_.end(), [](float a, float b) { return std::abs(a) < std::abs(b); });
  if (*largest == 0) return;
  const auto at = [this](int y, int x) { return weights_[static_cast<std::size_t>(y * width_ + x)]; };
  const auto place = static_cast<int>(largest - weights_.begin());
  Separated parts;
  for (int y = 0; y < height_; ++y) parts.column.push_back(at(y, place % width_));
  for (int x = 0; x < width_; ++x) parts.row.push_back(at(place / width_, x) / *largest);
  // Of rank one: every row is a multiple of the one that holds the largest weight.
  for (int y = 0; y < height_; ++y) {
    for (int x = 0; x < width_; ++x) {
      const float product = parts.column[static_cast<std::size_t>(y)] * parts.row[static_cast<std::size_t>(x)];
      if (std::abs(product - at(y, x)) > kTolerance * std::abs(*largest)) return;
    }
  }
  separated_ = std::move(parts);
}

std::vector<std::vector<double>> blur_rows(int radius) {
  const std::vector<double> line = binomial(radius);
  std::vector<std::vector<double>> rows;
  for (const double y : line) {
    rows.emplace_back();
    for (const double x : line) rows.back().push_back(y * x);
  }
  return rows;
}

std::vector<std::vector<double>> sharpen_rows(int radius) {
  std::vector<std::vector<double>> rows = blur_rows(radius);
  for (auto& row : rows) {
    for (double& weight : row) weight = -weight;
  }
  const auto middle = static_cast<std::size_t>(radius);
  rows[middle][middle] += 2;
  return rows;
}

std::vector<std::vector<double>> edge_rows() { return {{-1, -1, -1}, {-1, 8, -1}, {-1, -1, -1}}; }

}  // namespace penstock::stages
