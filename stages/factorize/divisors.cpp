// Prime factors, and the divisors that they make.
// SPDX-License-Identifier: Apache-2.0
#include "stages/factorize/divisors.h"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cmath>

#include "penstock/error.h"
#include "stages/factorize/pollard_brent.h"
#include "stages/factorize/primality.h"

namespace penstock::stages {
namespace {

constexpr std::array<std::uint64_t, 15> kSmallPrimes = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47};

// From here on a search takes 100 us or more, and k sequences at once need about 1 / sqrt(k) of that (Brent, "Some
// parallel algorithms for integer factorisation", 1999).
constexpr int kParallelBits = 56;
constexpr std::uint64_t kSequences = 4;

/// REQUIRES: `number` is odd and composite.
std::uint64_t some_divisor(std::uint64_t number, StageContext& context) {
  const auto is_cancelled = [&] { return context.stop_requested(); };
  std::atomic<std::uint64_t> found{0};
  if (std::bit_width(number) >= kParallelBits) {
    const auto is_over = [&] { return found.load(std::memory_order_relaxed) != 0 || is_cancelled(); };
    context.parallel([&] {
      tbb::parallel_for(std::uint64_t{1}, kSequences + 1, [&](std::uint64_t constant) {
        if (is_over()) return;
        const std::uint64_t divisor = find_divisor(number, constant, is_over);
        if (divisor != 0) found.store(divisor, std::memory_order_relaxed);
      });
    });
  }
  // A sequence fails now and then on a small number or a square; some constant does it.
  for (std::uint64_t constant = 1; found == 0; ++constant) {
    if (is_cancelled()) throw OperationCancelled();
    found = find_divisor(number, constant, is_cancelled);
  }
  return found;
}

void split(std::uint64_t number, std::vector<std::uint64_t>& factors, StageContext& context) {
  if (number == 1) return;
  if (is_prime(number)) {
    factors.push_back(number);
    return;
  }
  const std::uint64_t divisor = some_divisor(number, context);
  split(divisor, factors, context);
  split(number / divisor, factors, context);
}

}  // namespace

std::vector<std::uint64_t> prime_factors(std::uint64_t number, StageContext& context) {
  std::vector<std::uint64_t> factors;
  for (const std::uint64_t prime : kSmallPrimes) {
    for (; number % prime == 0; number /= prime) factors.push_back(prime);
  }
  split(number, factors, context);
  std::sort(factors.begin(), factors.end());
  return factors;
}

std::vector<std::uint64_t> divisors_of(const std::vector<std::uint64_t>& factors) {
  std::vector<std::uint64_t> divisors = {1};
  std::size_t added = 0;  // By the factor before.
  for (std::size_t i = 0; i < factors.size(); ++i) {
    // A factor that comes again multiplies only what its last coming has added.
    const bool is_repeated = i > 0 && factors[i] == factors[i - 1];
    const std::size_t begin = is_repeated ? divisors.size() - added : 0;
    const std::size_t end = divisors.size();
    for (std::size_t k = begin; k < end; ++k) divisors.push_back(divisors[k] * factors[i]);
    added = end - begin;
  }
  std::sort(divisors.begin(), divisors.end());
  return divisors;
}

std::vector<std::uint64_t> factors_among(const std::vector<std::uint64_t>& divisors) {
  std::vector<std::uint64_t> factors;
  std::uint64_t rest = divisors.back();
  // The smallest divisor that still divides is prime.
  for (const std::uint64_t divisor : divisors) {
    for (; divisor > 1 && rest % divisor == 0; rest /= divisor) factors.push_back(divisor);
  }
  return factors;
}

std::uint64_t most_divisors(int bits) {
  // d(n) <= 2^(1.5379 ln n / ln ln n) for n > 2 (Nicolas and Robin, Canadian Mathematical Bulletin 26, 1983).
  constexpr double kNicolasRobin = 1.5379;
  constexpr int kSmall = 6;
  if (bits <= kSmall) return std::uint64_t{1} << static_cast<unsigned>(std::max(bits, 0));
  const double ln = bits * std::log(2.0);
  return static_cast<std::uint64_t>(std::exp2(kNicolasRobin * ln / std::log(ln)));
}

}  // namespace penstock::stages
