// A real nginx on a loopback port of its own.
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/nginx_server.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "tests/support/loopback.h"

namespace penstock::testing {
namespace {

std::string tls_lines(const TlsFiles& tls) {
  return "    ssl_certificate " + tls.certificate + "; ssl_certificate_key " + tls.key + ";\n";
}

std::string configuration(int port, std::string_view locations, std::string_view http,
                          const std::optional<TlsFiles>& tls) {
  std::ostringstream text;
  text << "load_module /usr/lib/nginx/modules/ndk_http_module.so;\n"
          "load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;\n"
          "daemon off; worker_processes 1; pid nginx.pid; error_log error.log;\n"
       << (::geteuid() == 0 ? "user root;\n" : "")  // Else the worker could not read our folder.
       << "events { worker_connections 8192; }\n"
          "http {\n"
          "  types { image/jpeg jpg; text/plain txt; } default_type application/octet-stream;\n"
          "  lua_package_path \"/usr/share/lua/5.1/?.lua;;\";\n"
          "  client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp;\n"
          "  scgi_temp_path tmp; client_max_body_size 0; keepalive_requests 1000000;\n"
          "  log_format short '$request_method $request_uri $status $server_protocol $connection';\n"
          "  access_log access.log short;\n"
       << http << "\n  server {\n    listen 127.0.0.1:" << port << (tls ? " ssl http2" : "")
       << " backlog=4096; root www; lingering_close off; reset_timedout_connection on;\n"
       << (tls ? tls_lines(*tls) : "") << locations << "\n  }\n}\n";
  return text.str();
}

}  // namespace

NginxServer::NginxServer(std::string_view locations, std::string_view http, const std::optional<TlsFiles>& tls)
    : scheme_(tls ? "https" : "http") {
  const int listener = listen_on_loopback(port_);
  std::filesystem::create_directories(folder_.path("www"));
  std::filesystem::create_directories(folder_.path("tmp"));
  const std::string file = folder_.write("nginx.conf", configuration(port_, locations, http, tls));
  // nginx takes over listening sockets whose numbers stand in this variable (its way of replacing its own binary).
  ::fcntl(listener, F_SETFD, 0);
  std::string inherited = "NGINX=" + std::to_string(listener) + ";";
  std::vector<std::string> words = {"nginx", "-p", folder_.path() + "/", "-c", file, "-e", folder_.path("error.log")};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  char* environment[] = {inherited.data(), nullptr};
  const int status = ::posix_spawn(&process_, "/usr/sbin/nginx", nullptr, nullptr, arguments.data(), environment);
  ::close(listener);
  if (status != 0) throw std::runtime_error("nginx cannot be started; it comes with `./dev`");
}

NginxServer::~NginxServer() {
  if (process_ <= 0) return;
  ::kill(process_, SIGTERM);
  ::waitpid(process_, nullptr, 0);
}

std::string NginxServer::url(std::string_view path) const {
  return scheme_ + "://127.0.0.1:" + std::to_string(port_) + std::string(path);
}

std::string NginxServer::log() const {
  std::ifstream file(folder_.path("access.log"));
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace penstock::testing
