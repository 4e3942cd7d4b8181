// The program penstock. So far it knows its version only.
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <string_view>

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--version") {
    std::puts("penstock " PENSTOCK_VERSION);
    return 0;
  }
  std::fputs("usage: penstock --version\n", stderr);
  return 2;
}
