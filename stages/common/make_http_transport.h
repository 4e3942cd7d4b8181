// How a stage that speaks HTTP is told by what: the type alone, for declarations.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "penstock/event_loop.h"

namespace penstock::stages {

class HttpTransport;
struct HttpClientOptions;
struct HttpErrors;

/// Makes the transport of one client, on the event loop, when its stage opens; called once per stage and run. The
/// errors are those of the stage. Empty: curl.
using MakeHttpTransport =
    std::function<std::unique_ptr<HttpTransport>(EventLoop&, const HttpClientOptions&, const HttpErrors&)>;

}  // namespace penstock::stages
