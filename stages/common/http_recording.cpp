// SPDX-License-Identifier: Apache-2.0
#include "stages/common/http_recording.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "penstock/utf8.h"
#include "stages/common/http_transport.h"

namespace penstock::stages {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

std::string sha256(std::string_view data) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  ::SHA256(reinterpret_cast<const unsigned char*>(data.data()), data.size(), digest.data());
  std::string hex;
  for (const unsigned char byte : digest) {
    hex += "0123456789abcdef"[byte >> 4U];
    hex += "0123456789abcdef"[byte & 15U];
  }
  return hex;
}

std::string to_base64(std::string_view data) {
  std::string text(4 * ((data.size() + 2) / 3) + 1, '\0');
  const int size =
      ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reinterpret_cast<const unsigned char*>(data.data()), static_cast<int>(data.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

/// Throws std::invalid_argument.
std::string from_base64(const std::string& text) {
  std::string data(3 * (text.size() / 4), '\0');
  const int size =
      ::EVP_DecodeBlock(reinterpret_cast<unsigned char*>(data.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (text.size() % 4 != 0 || size < 0) throw std::invalid_argument("the text is no base64");
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  data.resize(static_cast<std::size_t>(size) - padding);
  return data;
}

/// Throws std::invalid_argument.
std::string read_bytes(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::invalid_argument("the file `" + path.string() + "` cannot be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

// --- Reading; everything throws std::invalid_argument, or nlohmann's exceptions ---

Duration duration_of(const Json& json, const char* key) {
  const std::optional<Duration> duration = parse_duration(json.at(key).get<std::string>());
  if (!duration) throw std::invalid_argument(std::string("`") + key + "`: expected a duration such as \"2 s\"");
  return *duration;
}

std::string body_of(const Json& body, const fs::path& folder) {
  if (body.is_object() && body.size() == 1) {
    if (body.contains("text")) return body.at("text").get<std::string>();
    if (body.contains("base64")) return from_base64(body.at("base64").get<std::string>());
    if (body.contains("file")) return read_bytes(folder / body.at("file").get<std::string>());
  }
  throw std::invalid_argument("`body`: expected an object with one of `text`, `base64` and `file`");
}

HttpExchange exchange_of(const Json& json, const fs::path& folder) {
  constexpr std::array<std::string_view, 12> kKeys = {"method",   "url",  "request_sha256", "after",
                                                      "status",   "body", "content_type",   "retry_after",
                                                      "redirect", "fail", "message",        "transient"};
  HttpExchange exchange;
  for (const auto& [key, value] : json.items()) {
    if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end()) {
      throw std::invalid_argument("there is no key `" + key + "`");
    }
  }
  exchange.method = json.value("method", exchange.method);
  exchange.url = HttpUrl::parse(json.at("url").get<std::string>()).public_text;
  if (json.contains("request_sha256")) exchange.request_sha256 = json.at("request_sha256").get<std::string>();
  if (json.contains("after")) exchange.after = duration_of(json, "after");
  exchange.status = json.value("status", 0L);
  exchange.content_type = json.value("content_type", "");
  if (json.contains("body")) exchange.body = body_of(json.at("body"), folder);
  if (json.contains("retry_after")) {
    exchange.retry_after = std::chrono::duration_cast<std::chrono::seconds>(duration_of(json, "retry_after"));
  }
  exchange.redirect = json.value("redirect", "");
  exchange.fail = json.value("fail", "");
  exchange.message = json.value("message", exchange.fail);
  if (json.value("transient", false)) exchange.persistence = Persistence::transient;
  if ((exchange.status == 0) == exchange.fail.empty())
    throw std::invalid_argument("expected either `status` or `fail`");
  return exchange;
}

// --- Writing ---

Json to_json(const HttpExchange& exchange) {
  Json json = {{"method", exchange.method}, {"url", exchange.url}};
  if (exchange.request_sha256) json["request_sha256"] = *exchange.request_sha256;
  if (exchange.after > Duration::zero()) {
    json["after"] = to_string(std::chrono::ceil<std::chrono::milliseconds>(exchange.after));
  }
  if (!exchange.fail.empty()) {
    json["fail"] = exchange.fail;
    json["message"] = exchange.message;
    json["transient"] = exchange.persistence == Persistence::transient;
    return json;
  }
  json["status"] = exchange.status;
  if (!exchange.content_type.empty()) json["content_type"] = exchange.content_type;
  if (exchange.retry_after) json["retry_after"] = to_string(Duration(*exchange.retry_after));
  if (!exchange.redirect.empty()) json["redirect"] = exchange.redirect;
  if (!exchange.body.empty()) {
    if (find_invalid_utf8(exchange.body) == exchange.body.size()) {
      json["body"] = {{"text", exchange.body}};
    } else {
      json["body"] = {{"base64", to_base64(exchange.body)}};
    }
  }
  return json;
}

// --- Transports ---

class ReplayTransport final : public HttpTransport {
 public:
  ReplayTransport(std::shared_ptr<const HttpRecording> recording, const HttpErrors& errors)
      : recording_(std::move(recording)), errors_(errors) {}

  Task<HttpAnswer> exchange(HttpHop hop, StageContext& context) override {
    const HttpExchange& recorded = find(hop);
    if (recorded.after > Duration::zero()) co_await context.sleep_for(recorded.after);
    if (recorded.status == 0) throw ItemError(code_of(recorded.fail), recorded.message, recorded.persistence);
    HttpAnswer answer;
    answer.redirect = recorded.redirect;
    HttpResponse& response = answer.response;
    response.status = recorded.status;
    response.url = hop.url.public_text;
    response.content_type = recorded.content_type;
    response.retry_after = recorded.retry_after;
    if (!response.is_success() || !hop.request.keeps_body) co_return answer;
    if (recorded.body.size() > hop.request.max_bytes) {
      throw ItemError(errors_.too_large,
                      "the body of " + response.url + " is larger than " + to_string(ByteSize{hop.request.max_bytes}));
    }
    if (!recorded.body.empty()) response.charge = co_await context.reserve(recorded.body.size());
    response.body = recorded.body;
    co_return answer;
  }

 private:
  const HttpExchange& find(const HttpHop& hop) {
    const std::string request = hop.request.method + " " + hop.url.public_text;
    const std::string digest = sha256(hop.request.body.value_or(""));
    std::vector<const HttpExchange*> answers;
    std::string why;
    for (const HttpExchange& exchange : recording_->exchanges()) {
      if (exchange.method != hop.request.method || exchange.url != hop.url.public_text) continue;
      if (!exchange.request_sha256 || *exchange.request_sha256 == digest) {
        answers.push_back(&exchange);
      } else {
        why = "; its body was expected to have the SHA-256 " + *exchange.request_sha256 + ", it has " + digest;
      }
    }
    if (answers.empty()) {
      throw std::runtime_error("no answer is recorded for " + request + (why.empty() ? recorded_for(hop.url) : why));
    }
    return *answers[std::min(requests_[request + " " + digest]++, answers.size() - 1)];
  }

  std::string recorded_for(const HttpUrl& url) const {
    constexpr std::size_t kMost = 5;
    std::string text;
    std::size_t count = 0;
    for (const HttpExchange& exchange : recording_->exchanges()) {
      if (HttpUrl::parse(exchange.url).host != url.host || ++count > kMost) continue;
      text += (text.empty() ? "" : ", ") + exchange.method + " " + exchange.url;
    }
    if (count > kMost) text += ", ... (" + std::to_string(count - kMost) + " more)";
    return text.empty() ? "; nothing is recorded for its host" : "; for its host there are: " + text;
  }

  std::string code_of(const std::string& reason) const {
    for (const ErrorCode& code : errors_.all()) {
      if (code.code.substr(code.code.find('.') + 1) == reason) return std::string(code.code);
    }
    throw std::runtime_error("the recording has the failure `" + reason + "`, which HTTP does not have");
  }

  const std::shared_ptr<const HttpRecording> recording_;
  const HttpErrors errors_;
  std::map<std::string, std::size_t> requests_;  // Made so far.
};

class RecordTransport final : public HttpTransport {
 public:
  RecordTransport(EventLoop& loop, std::shared_ptr<HttpRecording> recording, std::unique_ptr<HttpTransport> transport)
      : loop_(loop), recording_(std::move(recording)), transport_(std::move(transport)) {}

  Task<HttpAnswer> exchange(HttpHop hop, StageContext& context) override {
    HttpExchange made;
    made.method = hop.request.method;
    made.url = hop.url.public_text;
    if (hop.request.body) made.request_sha256 = sha256(*hop.request.body);
    const TimePoint start = loop_.now();
    try {
      HttpAnswer answer = co_await transport_->exchange(hop, context);
      made.after = loop_.now() - start;
      made.status = answer.response.status;
      made.content_type = answer.response.content_type;
      made.body = answer.response.body;
      made.retry_after = answer.response.retry_after;
      made.redirect = answer.redirect;
      recording_->add(std::move(made));
      co_return answer;
    } catch (const ItemError& error) {
      made.after = loop_.now() - start;
      made.fail = error.code().substr(error.code().find('.') + 1);
      made.message = error.message();
      made.persistence = error.is_transient() ? Persistence::transient : Persistence::permanent;
      recording_->add(std::move(made));
      throw;
    }
  }

 private:
  EventLoop& loop_;
  const std::shared_ptr<HttpRecording> recording_;
  const std::unique_ptr<HttpTransport> transport_;
};

}  // namespace

std::shared_ptr<const HttpRecording> HttpRecording::load(const std::string& path) {
  std::string place = "`" + path + "`";
  try {
    const Json document = Json::parse(read_bytes(path));
    std::vector<HttpExchange> exchanges;
    for (const Json& exchange : document.at("exchanges")) {
      place = "`" + path + "`, exchange " + std::to_string(exchanges.size() + 1);
      exchanges.push_back(exchange_of(exchange, fs::path(path).parent_path()));
    }
    return std::make_shared<const HttpRecording>(std::move(exchanges));
  } catch (const std::exception& error) {
    throw std::runtime_error("the recording " + place + " cannot be used: " + error.what());
  }
}

void HttpRecording::save(const std::string& path) const {
  std::vector<HttpExchange> sorted = exchanges_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const HttpExchange& a, const HttpExchange& b) { return a.url < b.url; });
  Json document = {{"exchanges", Json::array()}};
  for (const HttpExchange& exchange : sorted) document["exchanges"].push_back(to_json(exchange));
  errno = 0;
  std::ofstream file(path, std::ios::binary);
  file << document.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
  if (!file.flush()) throw std::system_error(errno, std::generic_category(), path);
}

void HttpRecording::add(HttpExchange exchange) {
  const std::lock_guard lock(mutex_);
  exchanges_.push_back(std::move(exchange));
}

MakeHttpTransport replay_http(std::shared_ptr<const HttpRecording> recording) {
  return [recording = std::move(recording)](EventLoop&, const HttpClientOptions&, const HttpErrors& errors) {
    return std::make_unique<ReplayTransport>(recording, errors);
  };
}

MakeHttpTransport record_http(std::shared_ptr<HttpRecording> recording) {
  return
      [recording = std::move(recording)](EventLoop& loop, const HttpClientOptions& options, const HttpErrors& errors) {
        return std::make_unique<RecordTransport>(loop, recording, make_curl_transport(loop, options, errors));
      };
}

}  // namespace penstock::stages
