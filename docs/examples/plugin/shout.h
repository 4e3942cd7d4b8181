// `shout`: keys in capitals.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"

penstock::StageSpec shout_spec();
