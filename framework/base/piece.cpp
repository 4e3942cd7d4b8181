// How a piece is named, and how an exception becomes its verdict.
// SPDX-License-Identifier: Apache-2.0
#include "penstock/detail/piece.h"

#include <exception>
#include <new>
#include <string>

#include "framework/base/engine_codes.h"
#include "penstock/error.h"

namespace penstock::detail {

const std::string& key_of(const Piece& piece) {
  if (piece.extra && !piece.extra->key.empty()) return piece.extra->key;
  return piece.lease->key();
}

namespace {

void fail_from(Piece& piece, const ErrorCode& code, std::string message) {
  Failure failure;
  failure.code = code.code;
  failure.message = std::move(message);
  piece.fail(std::move(failure));
}

void classify_current_exception(Piece& piece) {
  try {
    throw;
  } catch (const OperationCancelled&) {
    piece.verdict = Verdict::cancel;
  } catch (const ItemError& error) {
    piece.fail({error.code(), error.message(), error.is_transient() ? Persistence::transient : Persistence::permanent,
                error.retry_after()});
  } catch (const std::bad_alloc&) {
    fail_from(piece, kStageOutOfMemory, "an allocation failed while the item was processed");
  } catch (const std::exception& error) {
    fail_from(piece, kStageException, error.what());
  } catch (...) {
    fail_from(piece, kStageException, "the stage threw something that is not a std::exception");
  }
}

}  // namespace

void fail_from_current_exception(Piece& piece) noexcept {
  try {
    classify_current_exception(piece);
  } catch (...) {  // No memory for the texts: what is left of the failure must do.
    piece.verdict = Verdict::fail;
  }
}

}  // namespace penstock::detail
