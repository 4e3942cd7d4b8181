// Divisors by trying all numbers up to the square root.
// SPDX-License-Identifier: Apache-2.0
#include "stages/factorize/trial_division.h"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/combinable.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>

#include "penstock/error.h"

namespace penstock::stages {
namespace {

using Part = tbb::blocked_range<std::uint64_t>;

// A division takes about 5 ns: a part about 100 us. Whoever has fewer works alone.
constexpr std::uint64_t kGrain = 16'384;

std::uint64_t square_root_of(std::uint64_t number) {
  auto root = static_cast<std::uint64_t>(std::sqrt(static_cast<double>(number)));
  while (root > number / root) --root;
  while (root + 1 <= number / (root + 1)) ++root;
  return root;
}

void try_part(std::uint64_t number, const Part& part, std::vector<std::uint64_t>& found) {
  for (std::uint64_t candidate = part.begin(); candidate != part.end(); ++candidate) {
    if (number % candidate == 0) found.push_back(candidate);
  }
}

}  // namespace

std::vector<std::uint64_t> divisors_by_trial(std::uint64_t number, StageContext& context) {
  const Part all(1, square_root_of(number) + 1, kGrain);
  std::vector<std::uint64_t> small;
  if (all.size() <= kGrain) {
    try_part(number, all, small);
  } else {
    tbb::combinable<std::vector<std::uint64_t>> found;
    context.parallel([&] {
      tbb::parallel_for(all, [&](const Part& part) {
        if (!context.stop_requested()) try_part(number, part, found.local());
      });
    });
    if (context.stop_requested()) throw OperationCancelled();
    found.combine_each([&](const auto& some) { small.insert(small.end(), some.begin(), some.end()); });
    std::sort(small.begin(), small.end());
  }
  std::vector<std::uint64_t> divisors = small;
  for (auto divisor = small.rbegin(); divisor != small.rend(); ++divisor) {
    if (*divisor != number / *divisor) divisors.push_back(number / *divisor);
  }
  return divisors;
}

}  // namespace penstock::stages
