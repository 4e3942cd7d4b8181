// SPDX-License-Identifier: Apache-2.0
#include "cli/log.h"

#include <spdlog/sinks/base_sink.h>

#include <mutex>
#include <string_view>

#include "cli/progress_display.h"
#include "cli/terminal_text.h"

namespace penstock::cli {
namespace {

class DisplaySink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit DisplaySink(ProgressDisplay& display) : display_(display) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    display_.print(escape_controls_in_lines(std::string_view(line.data(), line.size())));
  }
  void flush_() override {}

  ProgressDisplay& display_;
};

}  // namespace

std::shared_ptr<spdlog::logger> make_logger(ProgressDisplay& display, const std::string& level) {
  auto logger = std::make_shared<spdlog::logger>("penstock", std::make_shared<DisplaySink>(display));
  logger->set_pattern("%H:%M:%S %l: %v");
  logger->set_level(spdlog::level::from_str(level));
  return logger;
}

}  // namespace penstock::cli
