// SPDX-License-Identifier: Apache-2.0
#include "penstock/run.h"

#include <utility>

#include "framework/api/run_handle.h"
#include "penstock/pipeline.h"

namespace penstock {

Run::Run(std::unique_ptr<api::RunHandle> handle) : handle_(std::move(handle)) {}
Run::Run(Run&&) noexcept = default;
Run& Run::operator=(Run&&) noexcept = default;
Run::~Run() = default;

const RunReport& Run::wait() { return handle_->state().wait(); }
const RunReport* Run::report() const { return handle_->state().is_over() ? &handle_->state().wait() : nullptr; }
void Run::drain() { handle_->state().drain(); }
void Run::cancel() { handle_->state().cancel(); }
Progress Run::progress() const { return handle_->state().progress(); }

Input Run::input(std::string_view stage) const { return Input(handle_->input(stage)); }
Output Run::output(std::string_view stage) const { return Output(handle_->output(stage)); }

Run Pipeline::start(RunOptions options) const {
  auto handle = std::make_unique<api::RunHandle>(*graph_, std::move(options));
  handle->start();
  return Run(std::move(handle));
}

}  // namespace penstock
