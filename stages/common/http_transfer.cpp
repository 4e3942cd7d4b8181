// One request and its answer on one connection: a single hop, redirects unfollowed.
// SPDX-License-Identifier: Apache-2.0
#include "stages/common/http_transfer.h"

#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <new>
#include <utility>

#include "stages/common/ip_address.h"

namespace penstock::stages {
namespace {

constexpr std::uint64_t kFirstCapacity = 64U << 10U;
constexpr std::uint64_t kMaxHeaderBytes = 256U << 10U;
constexpr std::uint64_t kMaxDiscarded = 64U << 10U;  // More than a keep-alive connection is worth.

bool starts_with_word(std::string_view line, std::string_view word) {
  return line.size() >= word.size() && ::strncasecmp(line.data(), word.data(), word.size()) == 0;
}

const char* environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : nullptr;
}

void append(curl_slist*& list, const std::string& text) {
  curl_slist* longer = curl_slist_append(list, text.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  list = longer;
}

long milliseconds(Duration duration) {
  const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(duration).count();
  return static_cast<long>(std::clamp<std::int64_t>(rounded, 1, 1'000'000'000));
}

}  // namespace

HttpTransfer::HttpTransfer(CurlMulti& multi, const HttpClientOptions& options, const HttpErrors& errors,
                           const HttpRequest& request, const HttpUrl& url, const HttpRoute& route,
                           bool sends_credentials)
    : multi_(multi),
      options_(options),
      errors_(errors),
      max_bytes_(request.max_bytes),
      keeps_body_(request.keeps_body),
      url_(url.public_text),
      where_(url.host + ":" + url.port),
      handle_(multi.take_handle()) {
  set_options(request, url, route, sends_credentials);
  set_security(route);
}

HttpTransfer::~HttpTransfer() {
  multi_.forget(*this);
  multi_.remove(handle_);
  multi_.give_back(handle_);
  curl_slist_free_all(headers_);
  curl_slist_free_all(pinned_);
}

void HttpTransfer::set_options(const HttpRequest& request, const HttpUrl& url, const HttpRoute& route,
                               bool sends_credentials) {
  const auto set = [this](CURLoption option, auto value) { curl_easy_setopt(handle_, option, value); };
  set(CURLOPT_URL, url.text.c_str());
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);
  set(CURLOPT_ERRORBUFFER, error_text_.data());
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  if (url.scheme == "https") set(CURLOPT_PIPEWAIT, 1L);  // Rather share an HTTP/2 connection than open one more.
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_USERAGENT, options_.user_agent.c_str());
  if (request.accepts_compressed) set(CURLOPT_ACCEPT_ENCODING, "");
  set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(route.connect_timeout));
  if (options_.low_speed_limit.bytes > 0) {
    set(CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(std::min<std::uint64_t>(options_.low_speed_limit.bytes, INT32_MAX)));
    set(CURLOPT_LOW_SPEED_TIME, std::max(1L, (milliseconds(options_.low_speed_time) + 999) / 1000));
  }
  if (request.body) {
    set(CURLOPT_POSTFIELDS, request.body->empty() ? "" : request.body->data());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body->size()));
  }
  if (request.method != "GET") set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  append(headers_, "Expect:");  // Waiting for `100 Continue` costs a second with servers that do not know it.
  for (const auto& [name, value] : request.headers) {
    if (!sends_credentials && !starts_with_word(name, "Accept")) continue;
    append(headers_, value.empty() ? name + ";" : name + ": " + value);
  }
  set(CURLOPT_HTTPHEADER, headers_);
  set(CURLOPT_HEADERFUNCTION, &HttpTransfer::on_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(CURLOPT_WRITEFUNCTION, &HttpTransfer::on_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
}

void HttpTransfer::set_security(const HttpRoute& route) {
  const auto set = [this](CURLoption option, auto value) { curl_easy_setopt(handle_, option, value); };
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_PROXY, route.proxy.c_str());  // Empty: none, whatever the environment says; it was looked at already.
  set(CURLOPT_NOPROXY, "");
  if (!route.pinned.empty()) {
    append(pinned_, route.pinned);
    set(CURLOPT_RESOLVE, pinned_);
  }
  if (route.proxy.empty() && options_.network == Network::public_internet) {
    set(CURLOPT_OPENSOCKETFUNCTION, &HttpTransfer::on_open_socket);
    set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  }
  if (!options_.verify_tls) {
    set(CURLOPT_SSL_VERIFYPEER, 0L);
    set(CURLOPT_SSL_VERIFYHOST, 0L);
  }
  // The variables that the program curl reads; the library does not.
  if (const char* bundle = environment("CURL_CA_BUNDLE")) {
    set(CURLOPT_CAINFO, bundle);
  } else {
    if (const char* file = environment("SSL_CERT_FILE")) set(CURLOPT_CAINFO, file);
    if (const char* folder = environment("SSL_CERT_DIR")) set(CURLOPT_CAPATH, folder);
  }
}

Task<HttpResponse> HttpTransfer::run(StageContext& context) {
  multi_.add(handle_, *this);
  while (!is_done_) {
    if (wanted_ == 0) {
      Completion<> event;
      event_ = &event;
      event.on_cancel([this] {
        event_ = nullptr;
        multi_.remove(handle_);
      });
      co_await event;
      continue;
    }
    const std::uint64_t capacity = wanted_;
    MemoryCharge charge = co_await context.reserve(capacity);
    if (is_done_) break;
    body_.reserve(capacity);
    charge_ = std::move(charge);  // Gives the old one back: the old buffer is gone.
    wanted_ = 0;
    multi_.unpause(handle_);
  }
  check_result(result_);
  co_return take_response();
}

void HttpTransfer::on_done(CURLcode result) {
  is_done_ = true;
  result_ = result;
  wake();
}

void HttpTransfer::on_notice() { wake(); }

void HttpTransfer::wake() {
  if (event_ != nullptr) std::exchange(event_, nullptr)->complete(true);
}

std::size_t HttpTransfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  return static_cast<HttpTransfer*>(self)->take_header({data, size * count});
}

std::size_t HttpTransfer::take_header(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > kMaxHeaderBytes) {
    has_header_bomb_ = true;
    return 0;
  }
  if (line.starts_with("HTTP/")) is_encoded_ = false;  // The head of another answer, after 1xx.
  if (starts_with_word(line, "Content-Encoding:")) is_encoded_ = line.find("identity") == std::string_view::npos;
  const bool is_end = line == "\r\n" || line == "\n";
  if (is_end && status() >= 200 && status() < 300 && keeps_body_ && announced_bytes().value_or(0) > max_bytes_) {
    is_too_large_ = true;
    return 0;
  }
  return line.size();
}

std::size_t HttpTransfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  return static_cast<HttpTransfer*>(self)->take_body({data, size * count});
}

std::size_t HttpTransfer::take_body(std::string_view chunk) {
  const bool is_kept = keeps_body_ && status() >= 200 && status() < 300;
  if (!is_kept) {
    discarded_bytes_ += chunk.size();
    if (discarded_bytes_ <= kMaxDiscarded) return chunk.size();
    is_cut_ = true;
    return 0;
  }
  const std::uint64_t needed = body_.size() + chunk.size();
  if (needed > max_bytes_) {
    is_too_large_ = true;
    return 0;
  }
  if (needed > charge_.bytes()) {
    const std::uint64_t announced = is_encoded_ ? 0 : announced_bytes().value_or(0);
    wanted_ = std::max(needed, announced);
    if (announced < needed) wanted_ = std::max({needed, kFirstCapacity, 2 * charge_.bytes()});
    multi_.notify_later(*this);
    return CURL_WRITEFUNC_PAUSE;
  }
  body_.append(chunk);
  return chunk.size();
}

curl_socket_t HttpTransfer::on_open_socket(void* data, curlsocktype, curl_sockaddr* address) {
  auto& self = *static_cast<HttpTransfer*>(data);
  const std::optional<IpAddress> target = IpAddress::from(address->addr);
  const std::string_view range = target ? reserved_range(*target) : "not an internet address";
  if (!range.empty()) {
    self.refused_ = (target ? target->to_string() + ": " : std::string()) + std::string(range);
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

long HttpTransfer::status() const {
  long status = 0;
  curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

std::optional<std::uint64_t> HttpTransfer::announced_bytes() const {
  curl_off_t length = -1;
  curl_easy_getinfo(handle_, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  if (length < 0) return std::nullopt;
  return static_cast<std::uint64_t>(length);
}

std::string HttpTransfer::redirect_url() const {
  char* url = nullptr;
  curl_easy_getinfo(handle_, CURLINFO_REDIRECT_URL, &url);
  return url == nullptr ? std::string() : url;
}

void HttpTransfer::check_result(CURLcode result) const {
  if (is_too_large_) {
    throw ItemError(errors_.too_large, "the body of " + url_ + " is larger than " + to_string(ByteSize{max_bytes_}));
  }
  if (has_header_bomb_) throw ItemError(errors_.protocol, "the head of the answer of " + where_ + " does not end");
  if (result != CURLE_OK && !is_cut_) throw_failure(result);
}

void HttpTransfer::throw_failure(CURLcode result) const {
  if (result == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  if (result == CURLE_COULDNT_CONNECT && !refused_.empty()) {
    throw ItemError(errors_.forbidden_address, where_ + " leads to " + refused_ + "; `network` is \"public\"");
  }
  const Failure failure = failure_of(result);
  const std::string words = error_text_[0] != '\0' ? error_text_.data() : curl_easy_strerror(result);
  throw ItemError(std::string(failure.code.code), failure.what + ": " + words, failure.persistence);
}

HttpTransfer::Failure HttpTransfer::failure_of(CURLcode result) const {
  constexpr auto kTransient = Persistence::transient;
  constexpr auto kPermanent = Persistence::permanent;
  double connected = 0;
  curl_easy_getinfo(handle_, CURLINFO_PRETRANSFER_TIME, &connected);
  switch (result) {
    case CURLE_COULDNT_CONNECT:
      return {errors_.connect, "no connection to " + where_, kTransient};
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return {errors_.resolve, "no address for " + where_, kTransient};
    case CURLE_OPERATION_TIMEDOUT:
      if (connected > 0) return {errors_.too_slow, "the transfer of " + url_ + " is too slow", kTransient};
      return {errors_.connect, "no connection to " + where_ + " in time", kTransient};
    case CURLE_PARTIAL_FILE:
      return {errors_.truncated, "the body of " + url_ + " is shorter than announced", kTransient};
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_SEND_FAIL_REWIND:
      return {errors_.connection_lost, "the connection to " + where_ + " broke", kTransient};
    case CURLE_SSL_CONNECT_ERROR:
      return {errors_.tls, "the TLS handshake with " + where_ + " failed", kTransient};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return {errors_.tls, "TLS with " + where_ + " failed", kPermanent};
    case CURLE_BAD_CONTENT_ENCODING:
      return {errors_.encoding, "the body of " + url_ + " cannot be decompressed", kPermanent};
    case CURLE_URL_MALFORMAT:
      return {errors_.bad_url, "curl refuses the URL " + url_, kPermanent};
    default:
      return {errors_.protocol, "the answer of " + where_ + " is not correct HTTP", kPermanent};
  }
}

HttpResponse HttpTransfer::take_response() {
  HttpResponse response;
  response.status = status();
  response.url = url_;
  char* type = nullptr;
  curl_easy_getinfo(handle_, CURLINFO_CONTENT_TYPE, &type);
  if (type != nullptr) response.content_type = type;
  curl_off_t retry_after = 0;
  curl_easy_getinfo(handle_, CURLINFO_RETRY_AFTER, &retry_after);
  if (retry_after > 0) response.retry_after = std::chrono::seconds(std::min<curl_off_t>(retry_after, 1'000'000'000));
  response.body = std::move(body_);
  response.charge = std::move(charge_);
  return response;
}

}  // namespace penstock::stages
