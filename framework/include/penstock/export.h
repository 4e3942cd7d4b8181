// Marks what the shared libraries show: everything else is hidden.
// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Before the name of a class or function of the public API that is not defined in its header. It says the same in
/// static libraries: what is compiled can become either.
#define PENSTOCK_API __attribute__((visibility("default")))
