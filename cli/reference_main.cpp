// Writes the generated files of the tree, or only says which are not up to date:
//
//     penstock_reference ROOT [--check]
// SPDX-License-Identifier: Apache-2.0
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string_view>

#include "cli/reference.h"

namespace {

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

int write_or_check(const std::string& root, bool only_checks) {
  int stale = 0;
  for (const auto& [name, text] : penstock::cli::reference_files(root)) {
    const std::filesystem::path path = std::filesystem::path(root) / name;
    if (read(path) == text) continue;
    ++stale;
    if (!only_checks) {
      std::filesystem::create_directories(path.parent_path());
      if (!(std::ofstream(path, std::ios::binary) << text).flush()) throw std::runtime_error("cannot write " + name);
    }
    std::cout << name << (only_checks ? ": not up to date; `./dev docs` writes it\n" : ": written\n");
  }
  return only_checks && stale != 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const bool only_checks = argc == 3 && std::string_view(argv[2]) == "--check";
  if (argc != 2 && !only_checks) {
    std::cerr << "usage: penstock_reference ROOT [--check]\n";
    return 2;
  }
  try {
    return write_or_check(argv[1], only_checks);
  } catch (const std::exception& error) {
    std::cerr << "penstock_reference: " << error.what() << "\n";
    return 1;
  }
}
