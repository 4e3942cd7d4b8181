// SPDX-License-Identifier: Apache-2.0
#include "framework/testing/file_text.h"

#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>

namespace penstock::testing {

std::string read_file(const std::filesystem::path& path, std::size_t most) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    throw std::system_error(EISDIR, std::generic_category(), path.string());
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::system_error(errno, std::generic_category(), path.string());
  std::string text;
  std::array<char, 64 * 1024> block;
  while (text.size() < most && file.read(block.data(), block.size()).gcount() > 0) {
    text.append(block.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad()) throw std::system_error(EIO, std::generic_category(), path.string());
  if (text.size() > most) text.resize(most);
  return text;
}

void write_file(const std::filesystem::path& path, std::string_view data) {
  std::filesystem::create_directories(path.parent_path());
  errno = 0;
  std::ofstream file(path, std::ios::binary);
  file << data;
  if (!file.flush()) throw std::system_error(errno, std::generic_category(), path.string());
}

}  // namespace penstock::testing
