// SPDX-License-Identifier: Apache-2.0
#include "penstock/unique_fd.h"

#include <unistd.h>

namespace penstock {

UniqueFd::~UniqueFd() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace penstock
