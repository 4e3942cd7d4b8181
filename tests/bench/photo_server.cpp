// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/photo_server.h"

#include <filesystem>
#include <iterator>

#include "tests/bench/sample_photos.h"

namespace penstock::bench {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLocations = R"(
    access_log off;
    location /photos/ { root .; }
    location /galleries/ { root .; dav_methods PUT; create_full_put_path on; }
)";

}  // namespace

PhotoServer::PhotoServer(std::size_t photos) : server_(kLocations) {
  const std::vector<fs::path> samples = sample_photos();
  fs::create_directories(server_.folder().path("photos"));
  std::string lines;
  for (std::size_t i = 0; i < photos; ++i) {
    const std::string path = "photos/" + std::to_string(i) + ".jpg";
    fs::copy_file(samples[i % samples.size()], server_.folder().path(path));
    urls_.push_back(server_.url("/" + path));
    lines += urls_.back() + "\n";
  }
  list_ = server_.folder().write("urls.txt", lines);
}

std::size_t PhotoServer::take_all(const std::string& gallery) {
  const std::string folder = server_.folder().path("galleries/" + gallery);
  if (!fs::exists(folder)) return 0;
  const auto count = std::distance(fs::directory_iterator(folder), fs::directory_iterator());
  fs::remove_all(folder);
  return static_cast<std::size_t>(count);
}

std::string thumbnails_pipeline(const PhotoServer& server, const std::string& gallery, const std::string& engine) {
  return R"({
  "name": "thumbnails",
  "stages": [
    { "name": "urls", "type": "lines", "path": ")" +
         server.list() + R"(" },
    { "name": "download", "type": "download", "network": "any", "proxy": "" },
    { "name": "resize", "type": "resize", "width": 256, "height": 256, "format": "jpeg", "quality": 80,
      "engine": ")" +
         engine + R"(" },
    { "name": "upload", "type": "upload", "network": "any", "proxy": "", "to": ")" +
         server.gallery(gallery) + R"({key:stem}.jpg" }
  ]
}
)";
}

}  // namespace penstock::bench
