// Fetches what the item's URL names: over HTTP and HTTPS, or from files below one folder.
// SPDX-License-Identifier: Apache-2.0
#include "stages/download/download.h"

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "penstock/bytes.h"
#include "stages/common/file_url.h"
#include "stages/common/http_client.h"
#include "stages/common/http_params.h"
#include "stages/common/item_template.h"
#include "stages/common/located.h"
#include "stages/download/file_reader.h"

namespace penstock::stages {
namespace {

constexpr HttpErrors kErrors = http_errors<"download">();

struct DownloadParams : HttpParams {
  UrlTemplate url = UrlTemplate::parse("{key}");
  std::optional<Located<FilePath>> file_root;
  ByteSize max_bytes{100 << 20};
  bool compression = true;
};

class Download final : public AsyncTransform<Payload, Bytes> {
 public:
  explicit Download(const DownloadParams& params) : params_(params) {}

  void open(StageContext& context) override {
    if (params_.file_root) files_.emplace(params_.file_root->value.resolved);
    client_.emplace(context.loop(), params_.client_options(), kErrors, params_.transport);
  }

  void close(StageContext&) override {
    client_.reset();
    files_.reset();
  }

  Task<Bytes> process(const Payload&, StageContext& context) override {
    std::string url = params_.url.expand(context);
    if (is_file_url(url)) return read_file(std::move(url), context);
    return fetch(std::move(url), context);
  }

 private:
  Task<Bytes> fetch(std::string url, StageContext& context) {
    HttpRequest request;
    request.url = std::move(url);
    request.headers = params_.headers;
    request.max_redirects = params_.max_redirects;
    request.max_bytes = params_.max_bytes.bytes;
    request.accepts_compressed = params_.compression;
    HttpResponse response = co_await client_->send(std::move(request), context);
    if (!response.is_success()) throw client_->status_error(response);
    context.set_attribute("http.status", std::int64_t{response.status});
    if (!response.content_type.empty()) context.set_attribute("http.content_type", std::move(response.content_type));
    context.set_attribute("http.url", std::move(response.url));
    context.set_attribute("http.bytes", static_cast<std::int64_t>(response.body.size()));
    co_return Bytes(std::move(response.body), std::move(response.charge));
  }

  Task<Bytes> read_file(std::string url, StageContext& context) {
    if (!files_) {
      throw ItemError(kErrors.forbidden_scheme, "expected a URL with the scheme http or https, got `" + url +
                                                    "`; `file:` is allowed below `file_root` only, which is not set");
    }
    const std::string path = path_of(url);
    const auto open_file = [this, &path] { return files_->open(path); };
    OpenedFile file = co_await context.blocking(open_file);
    if (file.size > params_.max_bytes.bytes) {
      throw ItemError(kErrors.too_large, "`" + path + "` has " + std::to_string(file.size) +
                                             " bytes, `max_bytes` are " + std::to_string(params_.max_bytes.bytes));
    }
    MemoryCharge charge = co_await context.reserve(file.size);
    const auto read = [&file, &path] { return FileReader::read(file, path); };
    std::string data = co_await context.blocking(read);
    context.set_attribute("http.url", std::move(url));
    context.set_attribute("http.bytes", static_cast<std::int64_t>(data.size()));
    co_return Bytes(std::move(data), std::move(charge));
  }

  std::string path_of(const std::string& url) const {
    try {
      return path_of_file_url(url, params_.file_root->base);
    } catch (const std::invalid_argument& error) {
      throw ItemError(kErrors.bad_url, "`" + url + "`: " + error.what());
    }
  }

  const DownloadParams params_;
  std::optional<FileReader> files_;
  std::optional<HttpClient> client_;
};

void check_params(const DownloadParams& params) {
  check_http_params(params, !is_file_url(params.url.literal_prefix()));
}

}  // namespace

StageSpec download_spec(const MakeHttpTransport& http_transport) {
  auto stage = describe_stage<Download, DownloadParams>("download");
  stage.summary("Fetch what a URL names, over HTTP, HTTPS or from files below one folder.")
      .input<Payload>("item", "Any item; its payload is not looked at.")
      .output<Bytes>("bytes", "The body, decompressed.")
      .param(&DownloadParams::url, "url", "The URL of an item.")
      .param(&DownloadParams::file_root, "file_root",
             "Folder below which `file:` URLs may read; without it they are refused. Relative `file:` URLs count from "
             "the configuration's folder.")
      .param(&DownloadParams::max_bytes, "max_bytes",
             "Largest body, after decompression; enforced while it is received.", at_least(1))
      .param(&DownloadParams::compression, "compression", "Ask for gzip, Brotli or Zstandard, and decompress.");
  describe_http_params(stage);
  stage.check(check_params);
  for (const ErrorCode& code : kErrors.all()) stage.error(code);
  stage.error(kFileRoot).error(kForbiddenFile).error(kFileNotFound).error(kNotAFile).error(kUnreadable);
  stage.error(kMissingAttribute).error(kUnsafePath);
  stage.attribute("http.status", "Status of the answer; not for files.")
      .attribute("http.content_type", "As the server says it; not for files.")
      .attribute("http.url", "Where the body came from, after redirects, without user name and password.")
      .attribute("http.bytes", "Size of the body.")
      .default_concurrency(64)
      .descriptors_per_item(2)
      .example(R"({"type": "download", "concurrency": 64, "timeout": "15 s", "retry": {"attempts": 4}})");
  return with_transport<DownloadParams>(stage, http_transport);
}

}  // namespace penstock::stages
