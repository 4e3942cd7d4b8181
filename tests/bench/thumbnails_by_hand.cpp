// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/thumbnails_by_hand.h"

#include <curl/curl.h>
#include <vips/vips.h>

// After vips.h, whose types it needs.
#include <vips/vector.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace penstock::bench {
namespace {

[[noreturn]] void fail(const std::string& url, const char* what) {
  std::fprintf(stderr, "%s: %s\n", url.c_str(), what);
  std::abort();
}

std::size_t append(char* data, std::size_t size, std::size_t count, void* body) {
  static_cast<std::string*>(body)->append(data, size * count);
  return size * count;
}

std::size_t discard(char*, std::size_t size, std::size_t count, void*) { return size * count; }

void transfer(CURL* handle, const std::string& url) {
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  const CURLcode result = curl_easy_perform(handle);
  if (result != CURLE_OK) fail(url, curl_easy_strerror(result));
}

std::string download(CURL* handle, const std::string& url) {
  std::string body;
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &append);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &body);
  transfer(handle, url);
  return body;
}

struct Thumbnail {
  void* data = nullptr;
  std::size_t size = 0;
};

Thumbnail make_thumbnail(std::string& photo, const std::string& url) {
  VipsImage* image = nullptr;
  Thumbnail thumbnail;
  if (vips_thumbnail_buffer(photo.data(), photo.size(), &image, 256, "height", 256, "size", VIPS_SIZE_DOWN, "fail_on",
                            VIPS_FAIL_ON_TRUNCATED, nullptr) != 0 ||
      vips_jpegsave_buffer(image, &thumbnail.data, &thumbnail.size, "Q", 80, "strip", TRUE, nullptr) != 0) {
    fail(url, vips_error_buffer());
  }
  g_object_unref(image);
  return thumbnail;
}

void upload(CURL* handle, const std::string& url, const Thumbnail& thumbnail) {
  curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, "PUT");
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, thumbnail.data);
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(thumbnail.size));
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &discard);
  transfer(handle, url);
}

void work(const std::vector<std::string>& urls, const std::string& gallery, std::atomic<std::size_t>& next) {
  CURL* const get = curl_easy_init();
  CURL* const put = curl_easy_init();
  for (std::size_t i = next++; i < urls.size(); i = next++) {
    std::string photo = download(get, urls[i]);
    const Thumbnail thumbnail = make_thumbnail(photo, urls[i]);
    upload(put, gallery + urls[i].substr(urls[i].rfind('/') + 1), thumbnail);
    g_free(thumbnail.data);
  }
  curl_easy_cleanup(put);
  curl_easy_cleanup(get);
  vips_thread_shutdown();
}

}  // namespace

void make_thumbnails_by_hand(const std::vector<std::string>& urls, const std::string& gallery, unsigned threads) {
  vips_concurrency_set(1);
  vips_cache_set_max(0);
  vips_vector_set_enabled(FALSE);
  std::atomic<std::size_t> next{0};
  std::vector<std::thread> others;
  for (unsigned i = 0; i < threads; ++i) others.emplace_back([&] { work(urls, gallery, next); });
  for (std::thread& other : others) other.join();
}

}  // namespace penstock::bench
