// The stage `download`: fetches what the item's URL names.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"
#include "stages/common/make_http_transport.h"

namespace penstock::stages {

/// `http_transport` carries its HTTP; by default curl does.
StageSpec download_spec(const MakeHttpTransport& http_transport = {});

}  // namespace penstock::stages
