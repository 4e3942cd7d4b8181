// A web server on the loopback interface that gives photos and takes thumbnails.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tests/support/nginx_server.h"

namespace penstock::bench {

/// An nginx with the sample photos under as many names as wanted, and with galleries that take PUT.
class PhotoServer {
 public:
  explicit PhotoServer(std::size_t photos);

  /// One per photo.
  const std::vector<std::string>& urls() const { return urls_; }
  /// A file with one URL per line.
  const std::string& list() const { return list_; }
  /// The URL, with a slash at its end, under which names may be PUT.
  std::string gallery(const std::string& name) const { return server_.url("/galleries/" + name + "/"); }
  /// How many thumbnails a gallery holds; empties it.
  std::size_t take_all(const std::string& gallery);

 private:
  testing::NginxServer server_;
  std::vector<std::string> urls_;
  std::string list_;
};

/// The thumbnail pipeline from the photos of `server` to a gallery, as JSON. `engine` is that of `resize`.
std::string thumbnails_pipeline(const PhotoServer& server, const std::string& gallery, const std::string& engine);

}  // namespace penstock::bench
