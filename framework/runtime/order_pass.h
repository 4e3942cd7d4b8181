// Whether this thread is handing on pieces under the lock of an OrderTracker.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace penstock::runtime {

/// What another thread could do meanwhile, and so what the stepper may do in its place, depends on it: whoever needs
/// that lock must wait until the pass is over.
bool is_passing_in_order();

}  // namespace penstock::runtime
