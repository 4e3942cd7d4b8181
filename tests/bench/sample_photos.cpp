// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/sample_photos.h"

#include <algorithm>
#include <stdexcept>

namespace penstock::bench {

std::vector<std::filesystem::path> sample_photos() {
  constexpr const char* kFolder = "configs/samples/photos";
  std::vector<std::filesystem::path> photos;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder, ignored)) {
    if (entry.path().extension() == ".jpg") photos.push_back(entry.path());
  }
  if (photos.empty()) {
    throw std::runtime_error(std::string("no photos in ") + kFolder + "; run this at the top of the repository");
  }
  std::sort(photos.begin(), photos.end());
  return photos;
}

}  // namespace penstock::bench
