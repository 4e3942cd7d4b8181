// Many downloads that wait, and name servers that are silent: time and threads, seen from outside.
//
//     ./dev bench downloads [DOWNLOADS]
//
// `penstock run` downloads from 2,000 (or DOWNLOADS) host names at once; a name server and an nginx on the loopback
// interface answer, the nginx after 2 s. Then the name server is silent, and what ends the downloads is the timeout of
// the stage, or its connect timeout, both 1 s. Names are looked up on the event loop, so that no thread is the
// resolver's.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <thread>

#include "tests/support/child_process.h"
#include "tests/support/dns_server.h"
#include "tests/support/nginx_server.h"
#include "tests/support/temp_dir.h"

namespace penstock::bench {
namespace {

namespace fs = std::filesystem;
using Answer = testing::DnsServer::Answer;

constexpr const char* kSlow = "location / { access_log off; content_by_lua_block { ngx.sleep(2); ngx.print('ok') } }";

/// The most threads that a process had while this lived.
class ThreadWatch {
 public:
  explicit ThreadWatch(pid_t process) : thread_([this, process] { watch(process); }) {}
  ~ThreadWatch() { finish(); }

  std::size_t finish() {
    is_over_ = true;
    if (thread_.joinable()) thread_.join();
    return most_;
  }

 private:
  void watch(pid_t process) {
    const fs::path tasks = "/proc/" + std::to_string(process) + "/task";
    while (!is_over_) {
      std::error_code error;
      std::size_t count = 0;
      for (fs::directory_iterator task(tasks, error), end; !error && task != end; task.increment(error)) ++count;
      most_ = std::max(most_, count);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  std::atomic<bool> is_over_ = false;
  std::size_t most_ = 0;  // Of the thread, until it has been joined.
  std::thread thread_;
};

struct Task {
  const char* what;
  std::string options;  // Of the stage `download`.
  Answer::Kind answer = Answer::Kind::address;
};

std::string pipeline(const Task& task, std::size_t downloads, const std::string& name_server) {
  const std::string count = std::to_string(downloads);
  return R"({"name": "downloads", "limits": {"items": )" + count + R"(}, "stages": [
    {"name": "urls", "type": "lines", "path": "urls.txt"},
    {"name": "download", "type": "download", "network": "any", "proxy": "", "concurrency": )" +
         count + R"(, "name_servers": [")" + name_server + "\"]" + task.options + "}]}";
}

void measure(const Task& task, std::size_t downloads, const testing::NginxServer& server) {
  testing::DnsServer dns([&task](const std::string&) { return Answer{.kind = task.answer}; });
  testing::TempDir folder;
  std::string urls;
  for (std::size_t i = 0; i < downloads; ++i) {
    urls += "http://host" + std::to_string(i) + ".example.com:" + std::to_string(server.port()) + "/\n";
  }
  folder.write("urls.txt", urls);
  const std::string file = folder.write("downloads.json", pipeline(task, downloads, dns.address()));
  const std::string report = folder.path("report.json");
  testing::ChildProcess program({PENSTOCK_PROGRAM, "run", file, "--progress", "never", "--report", report});
  ThreadWatch watch(program.id());
  const int exit_code = program.wait();
  const std::size_t threads = watch.finish();
  const nlohmann::json values = nlohmann::json::parse(std::ifstream(report), nullptr, false);
  if (values.is_discarded()) {
    throw std::runtime_error("exit code " + std::to_string(exit_code) + ": " + program.error_output());
  }
  const nlohmann::json& latency = values.at("stages").back().at("latency_ms");
  const nlohmann::json& errors = values.at("errors");
  const std::string outcome =
      errors.empty() ? "done"
                     : errors.front().at("code").get<std::string>() + " (" + std::to_string(errors.size()) + ")";
  std::printf("%-38s %5ld done %5ld failed  %-22s %6.2f s  %3zu threads  each %6.0f ms, at most %6.0f\n", task.what,
              values.at("items").at("done").get<long>(), values.at("items").at("failed").get<long>(), outcome.c_str(),
              values.at("seconds").get<double>(), threads, latency.at("p50").get<double>(),
              latency.at("max").get<double>());
  std::fflush(stdout);
}

}  // namespace
}  // namespace penstock::bench

int main(int argc, char** argv) {
  using namespace penstock::bench;  // NOLINT(google-build-using-namespace): a program of one file.
  const std::size_t downloads = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 2'000;
  try {
    penstock::testing::NginxServer server(kSlow);
    std::printf("%zu downloads at once, each from a host name of its own\n\n", downloads);
    for (const Task& task :
         {Task{"answers after 2 s", ""},
          Task{"silent name server, timeout 1 s", R"(, "timeout": "1 s")", Answer::Kind::silence},
          Task{"silent name server, connect_timeout 1 s", R"(, "connect_timeout": "1 s")", Answer::Kind::silence}}) {
      measure(task, downloads, server);
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "downloads: %s\n", error.what());
    return 1;
  }
}
