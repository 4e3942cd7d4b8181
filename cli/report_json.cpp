// SPDX-License-Identifier: Apache-2.0
#include "cli/report_json.h"

#include <nlohmann/json.hpp>

namespace penstock::cli {
namespace {

using Json = nlohmann::ordered_json;

Json stage_json(const StageReport& stage) {
  Json json = {{"name", stage.name},
               {"type", stage.type},
               {"in", stage.in},
               {"out", stage.out},
               {"dropped", stage.dropped},
               {"failed", stage.failed},
               {"handled", stage.handled},
               {"cancelled", stage.cancelled},
               {"retries", stage.retries},
               {"stalled_batches", stage.stalled_batches},
               {"peak_in_flight", stage.peak_in_flight},
               {"busy_seconds", stage.busy_seconds},
               {"bytes_in", stage.bytes_in},
               {"bytes_out", stage.bytes_out},
               {"latency_ms",
                {{"p50", stage.latency_ms.p50},
                 {"p90", stage.latency_ms.p90},
                 {"p99", stage.latency_ms.p99},
                 {"max", stage.latency_ms.max}}}};
  if (!stage.counters.empty()) json["counters"] = Json::object();
  for (const auto& [name, count] : stage.counters) json["counters"][name] = count;
  return json;
}

}  // namespace

Json report_json(const RunReport& report) {
  Json json = {{"pipeline", report.pipeline}, {"outcome", to_string(report.outcome)}};
  if (report.abort) {
    json["abort"] = {{"stage", report.abort->stage}, {"code", report.abort->code}, {"message", report.abort->message}};
  }
  json["items"] = {{"admitted", report.items.admitted},
                   {"done", report.items.done},
                   {"dropped", report.items.dropped},
                   {"failed", report.items.failed},
                   {"cancelled", report.items.cancelled}};
  json["seconds"] = report.seconds;
  json["peak_items_in_flight"] = report.peak_items_in_flight;
  json["peak_memory_bytes"] = report.peak_memory_bytes;
  json["peak_rss_bytes"] = report.peak_rss_bytes;
  json["workers_available"] = report.workers_available;
  json["stages"] = Json::array();
  for (const StageReport& stage : report.stages) json["stages"].push_back(stage_json(stage));
  json["errors"] = Json::array();
  for (const ErrorSummary& error : report.errors) {
    json["errors"].push_back({{"stage", error.stage},
                              {"code", error.code},
                              {"count", error.count},
                              {"example", {{"key", error.example_key}, {"message", error.example_message}}}});
  }
  return json;
}

std::string failure_line(const FailureRecord& failure) {
  const Json json = {{"key", failure.key},   {"piece", failure.piece},     {"stage", failure.stage},
                     {"code", failure.code}, {"message", failure.message}, {"attempts", failure.attempts}};
  return dump(json, -1);
}

std::string dump(const Json& json, int indent) { return json.dump(indent, ' ', false, Json::error_handler_t::replace); }

}  // namespace penstock::cli
