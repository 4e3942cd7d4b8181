// Tests must not depend on the proxy that a machine goes through.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>

namespace penstock::testing {

/// Has the process ignore the proxies of its environment. The variable is the one that curl knows.
inline void use_no_proxy() { ::setenv("no_proxy", "*", 1); }

}  // namespace penstock::testing
