// `factorize`: prime factors or divisors of integers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"

namespace penstock::stages {

StageSpec factorize_spec();

}  // namespace penstock::stages
