// What a body does when the runtime calls it as a kind that it is not: a bug of the caller.
// SPDX-License-Identifier: Apache-2.0
#include "penstock/detail/stage_body.h"

#include <stdexcept>

namespace penstock::detail {
namespace {

[[noreturn]] void call_of_wrong_kind(const char* call) {
  throw std::logic_error(std::string("penstock: a stage body of another kind was asked to ") + call);
}

}  // namespace

Task<void> StageBody::produce(SourceOutput&, StageContext&) { call_of_wrong_kind("produce"); }
StripResult StageBody::process(std::span<Piece* const>, StageContext&, bool) { call_of_wrong_kind("process"); }
Task<void> StageBody::process_async(Piece&, StageContext&, bool) { call_of_wrong_kind("process asynchronously"); }
std::unique_ptr<Expansion> StageBody::expand(Piece&, StageContext&) { call_of_wrong_kind("expand"); }
bool StageBody::add(Piece&, Piece&, StageContext&) { call_of_wrong_kind("add"); }
bool StageBody::finish(Piece&, StageContext&) { call_of_wrong_kind("finish"); }
void StageBody::flush(Piece&, StageContext&) { call_of_wrong_kind("flush"); }

}  // namespace penstock::detail
