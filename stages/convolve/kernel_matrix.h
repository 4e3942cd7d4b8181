// The matrix that pixels are weighed with.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

namespace penstock::stages {

/// Weights of the pixels around one, row by row, and what is added to their sum. Both sides are odd. A value.
class KernelMatrix {
 public:
  /// REQUIRES: `rows` are of one odd length, and as many as an odd number.
  explicit KernelMatrix(const std::vector<std::vector<double>>& rows, double scale = 1, double offset = 0);

  int width() const { return width_; }
  int height() const { return height_; }
  float offset() const { return offset_; }
  const std::vector<float>& weights() const { return weights_; }

  /// A column and a row whose products are the weights. Two passes of 31 weights cost a fifteenth of one of 31 x 31.
  struct Separated {
    std::vector<float> column;
    std::vector<float> row;
  };
  /// Nothing when there are none, or when they would save nothing.
  const std::optional<Separated>& separated() const { return separated_; }

 private:
  void separate();

  int width_;
  int height_;
  float offset_;
  std::vector<float> weights_;
  std::optional<Separated> separated_;
};

/// Binomial weights, near a Gaussian. REQUIRES: `radius` > 0.
std::vector<std::vector<double>> blur_rows(int radius);
/// The picture and what the blur takes away from it, once more.
std::vector<std::vector<double>> sharpen_rows(int radius);
/// Eight neighbours against the pixel: 0 on plain ground.
std::vector<std::vector<double>> edge_rows();

}  // namespace penstock::stages
