// The stage `upload`: stores each item's bytes under a URL.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "penstock/stage_spec.h"
#include "stages/common/make_http_transport.h"

namespace penstock::stages {

/// `http_transport` carries its HTTP; by default curl does.
StageSpec upload_spec(const MakeHttpTransport& http_transport = {});

}  // namespace penstock::stages
