// What a piece of work throws, as text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "penstock/diagnostic.h"
#include "penstock/error.h"

namespace penstock::testing {

/// `code: message` of an ItemError, `code at pointer` of the first diagnostic of a ConfigError; empty when `work`
/// throws neither.
template <class Work>
std::string error_of(Work work) {
  try {
    work();
  } catch (const ItemError& error) {
    return error.code() + ": " + error.message();
  } catch (const ConfigError& error) {
    return error.diagnostics().front().code + " at " + error.diagnostics().front().where.pointer;
  }
  return {};
}

}  // namespace penstock::testing
