// What a piece of work costs this process.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

namespace penstock::bench {

/// Times in seconds; processor time is that of all threads of this process, without its children.
struct Cost {
  double elapsed = 0;
  double user = 0;
  double system = 0;
  double idle = 0;  ///< Sum over the cores of the machine, whoever might have used them.

  double cpu() const { return user + system; }
  double busy_cores() const { return cpu() / elapsed; }
  double idle_cores() const { return idle / elapsed; }
};

Cost cost_of(const std::function<void()>& work);

/// Of several rounds.
struct Spread {
  double least = 0;
  double median = 0;
  double most = 0;
};

/// REQUIRES: at least one value.
Spread spread_of(std::vector<double> values);

}  // namespace penstock::bench
