// Stores each item's bytes under a URL: as a file, or over HTTP and HTTPS.
// SPDX-License-Identifier: Apache-2.0
#include "stages/upload/upload.h"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "penstock/bytes.h"
#include "stages/common/file_url.h"
#include "stages/common/http_client.h"
#include "stages/common/http_params.h"
#include "stages/common/http_url.h"
#include "stages/common/item_template.h"
#include "stages/common/located.h"
#include "stages/common/percent_encoding.h"
#include "stages/upload/file_writer.h"
#include "stages/upload/target_set.h"

namespace penstock::stages {
namespace {

constexpr HttpErrors kErrors = http_errors<"upload">();
constexpr ErrorCode kDuplicateTarget{"upload.duplicate_target", "Another item of this run has the same target."};
constexpr const char* kExists = "upload.exists";
constexpr long kPreconditionFailed = 412;

enum class Method { put, post };
constexpr std::array<Name<Method>, 2> names_of(Method) { return {{{Method::put, "PUT"}, {Method::post, "POST"}}}; }

enum class Overwrite { always, never };
constexpr std::array<Name<Overwrite>, 2> names_of(Overwrite) {
  return {{{Overwrite::always, "always"}, {Overwrite::never, "never"}}};
}

struct UploadParams : HttpParams {
  Located<UrlTemplate> to;
  Overwrite overwrite = Overwrite::always;
  bool durable = false;
  Method method = Method::put;
  ItemTemplate content_type = ItemTemplate::parse("application/octet-stream");
  std::vector<int> success_codes;
};

bool writes_files(const UploadParams& params) { return is_file_url(params.to.value.literal_prefix()); }

/// The folder that the author wrote out before the first placeholder; no item gets out of it.
std::string root_of(const Located<UrlTemplate>& to) {
  const std::string_view prefix = to.value.literal_prefix();
  const std::size_t slash = prefix.rfind('/');
  if (slash == std::string_view::npos) return to.base.empty() ? "." : to.base;
  return path_of_file_url(prefix.substr(0, slash + 1), to.base);
}

/// True when a server that decodes the path, once or more, would find a `..` segment in it. Templates encode the `/` of
/// keys, but servers exist that decode it before they resolve the path, nginx among them.
bool climbs(std::string_view url) {
  std::string path(url.substr(0, url.find_first_of("?#")));
  for (int round = 0; round < 4; ++round) {
    std::replace(path.begin(), path.end(), '\\', '/');
    if (path.ends_with("/..") || path.find("/../") != std::string::npos) return true;
    std::string decoded = percent_decoded(path);
    if (decoded == path) return false;
    path = std::move(decoded);
  }
  return false;
}

class Upload final : public AsyncTransform<Bytes, Maybe<None>> {
 public:
  explicit Upload(const UploadParams& params) : params_(params) {}

  void open(StageContext& context) override {
    if (writes_files(params_)) {
      files_.emplace(root_of(params_.to));
    } else {
      client_.emplace(context.loop(), params_.client_options(), kErrors, params_.transport);
    }
  }

  void close(StageContext&) override {
    client_.reset();
    files_.reset();
  }

  Task<Maybe<None>> process(const Bytes& in, StageContext& context) override {
    std::string url = params_.to.value.expand(context);
    if (files_) return write_file(in, std::move(url), context);
    return send(in, std::move(url), context);
  }

 private:
  Task<Maybe<None>> write_file(const Bytes& in, std::string url, StageContext& context) {
    const std::string target = files_->relative(path_of(url));
    co_await claim(target, context);
    const std::function<bool()> should_stop = [&context] { return context.stop_requested(); };
    const auto write = [this, &in, &target, &should_stop] {
      return files_->write(
          target, in.view(),
          params_.overwrite == Overwrite::never ? FileWriter::Overwrite::never : FileWriter::Overwrite::always,
          params_.durable ? FileWriter::Durability::synced : FileWriter::Durability::os_decides, should_stop);
    };
    const FileWriter::Result result = co_await context.blocking(write);
    if (result == FileWriter::Result::exists) co_return context.drop(kExists);
    co_return None();
  }

  Task<Maybe<None>> send(const Bytes& in, std::string url, StageContext& context) {
    if (!is_http_url(url)) {
      throw ItemError(kErrors.forbidden_scheme, "expected a URL with the scheme http or https, got `" + url +
                                                    "`; a `file:` target must be written out at the start of `to`");
    }
    if (climbs(url)) throw ItemError(kForbiddenTarget, "the path of `" + url + "` climbs with `..`");
    co_await claim(url, context);
    HttpRequest request;
    request.method = params_.method == Method::put ? "PUT" : "POST";
    request.url = std::move(url);
    request.headers = params_.headers;
    request.headers.emplace_back("Content-Type", header_value(params_.content_type.expand(context)));
    if (params_.overwrite == Overwrite::never) request.headers.emplace_back("If-None-Match", "*");
    request.body = in.view();
    request.max_redirects = params_.max_redirects;
    request.keeps_body = false;
    HttpResponse response = co_await client_->send(std::move(request), context);
    if (params_.overwrite == Overwrite::never && response.status == kPreconditionFailed)
      co_return context.drop(kExists);
    if (!is_success(response)) throw client_->status_error(response);
    co_return None();
  }

  /// Fails when another item has the target. A later attempt of an item meets its own claim, so only the first looks.
  Task<void> claim(std::string target, StageContext& context) {
    if (context.attempt() > 1) co_return;
    const auto insert = [this, &target] { return targets_.insert(target); };
    bool is_new = false;
    if (targets_.is_large()) {
      is_new = co_await context.blocking(insert);
    } else {
      is_new = insert();
    }
    if (!is_new) throw ItemError(kDuplicateTarget, "another item of this run has the target `" + target + "` too");
  }

  bool is_success(const HttpResponse& response) const {
    if (params_.success_codes.empty()) return response.is_success();
    return std::find(params_.success_codes.begin(), params_.success_codes.end(), response.status) !=
           params_.success_codes.end();
  }

  /// An attribute in a header must not start another header.
  static std::string header_value(std::string text) {
    std::erase_if(text, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; });
    return text;
  }

  std::string path_of(const std::string& url) const {
    try {
      return path_of_file_url(url, params_.to.base);
    } catch (const std::invalid_argument& error) {
      throw ItemError(kErrors.bad_url, "`" + url + "`: " + error.what());
    }
  }

  const UploadParams params_;
  std::optional<FileWriter> files_;
  std::optional<HttpClient> client_;
  TargetSet targets_;
};

void check_params(const UploadParams& params) {
  check_http_params(params, !writes_files(params));
  const std::string_view prefix = params.to.value.literal_prefix();
  const std::string scheme = scheme_of(prefix);
  const bool starts_with_placeholder = prefix.empty() && !params.to.value.text().empty();
  if (!starts_with_placeholder && scheme != "file" && scheme != "http" && scheme != "https") {
    throw OptionError(
        "option.value",
        "expected a URL that starts with `file:`, `http://` or `https://`, got \"" + params.to.value.text() + "\"",
        "write \"file:out/{key:digest}.jpg\" for a file beside the configuration", "/to");
  }
  if (!writes_files(params)) return;
  try {
    root_of(params.to);
  } catch (const std::invalid_argument& error) {
    throw OptionError("option.value", error.what(), {}, "/to");
  }
}

}  // namespace

StageSpec upload_spec(const MakeHttpTransport& http_transport) {
  auto stage = describe_stage<Upload, UploadParams>("upload");
  stage.summary("Store each item's bytes under a URL: as a file, or over HTTP and HTTPS.")
      .input<Bytes>("bytes", "What is stored.")
      .param(&UploadParams::to, "to",
             "Where to store an item. Relative `file:` URLs count from the configuration's folder; no item leaves the "
             "folder that is written out before the first placeholder.")
      .required()
      .param(&UploadParams::overwrite, "overwrite",
             "Whether an existing target is replaced (`always`) or the item is dropped with the reason `upload.exists` "
             "(`never`; over HTTP by `If-None-Match: *`).")
      .param(&UploadParams::durable, "durable", "Sync a file and its folder to the disk before the item is done.")
      .param(&UploadParams::method, "method", "The request of HTTP targets.")
      .param(&UploadParams::content_type, "content_type", "The `Content-Type` header of HTTP targets.")
      .param(&UploadParams::success_codes, "success_codes", "Statuses that count as success; empty: every 2xx.");
  describe_http_params(stage);
  stage.check(check_params);
  for (const ErrorCode& code : kErrors.all()) {
    if (!(code == kErrors.too_large) && !(code == kErrors.encoding)) stage.error(code);
  }
  stage.error(kDuplicateTarget).error(kRoot).error(kForbiddenTarget).error(kNameTooLong).error(kDiskFull);
  stage.error(kNotPermitted).error(kUnwritable).error(kMissingAttribute).error(kUnsafePath);
  stage.default_concurrency(32).descriptors_per_item(3).example(
      R"({"type": "upload", "to": "file:out/{key:digest}.jpg", "durable": true})");
  return with_transport<UploadParams>(stage, http_transport);
}

}  // namespace penstock::stages
