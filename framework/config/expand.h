// References in the texts of a file:
//
//     ${NAME}       a parameter; when it is the whole text, with its own JSON type
//     ${env:NAME}   a variable of the environment, as text
//     $${           a literal `${`
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "framework/base/diagnostics.h"
#include "framework/spec/located_json.h"
#include "framework/spec/place.h"

namespace penstock::config {

struct Parameter;

/// What all references of one file may add to it, so that a small file cannot become a huge one.
inline constexpr std::size_t kMaxExpandedBytes = std::size_t{64} << 20U;

/// Replaces the references in every text of the document but its `params` and `$schema`, keys excepted, and marks the
/// parameters that it used. Texts with an error become broken values.
void expand_references(spec::LocatedValue& root, std::vector<Parameter>& parameters, Diagnostics& out);

/// The same for the defaults of parameters, which may name variables of the environment only.
void expand_environment(spec::LocatedValue& value, const spec::Place& place, Diagnostics& out);

/// `text` with its `${` written as `$${`, so that a file that holds it means the text itself.
std::string escape_references(std::string_view text);

}  // namespace penstock::config
