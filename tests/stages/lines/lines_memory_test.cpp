// The memory of `lines` does not grow with its input.
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>
#include <thread>

#include "penstock/testing/stage_runner.h"
#include "stages/lines/lines.h"
#include "tests/support/temp_dir.h"

namespace {

std::atomic<std::ptrdiff_t> live_bytes = 0;
std::atomic<std::ptrdiff_t> peak_bytes = 0;

void* allocate(std::size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  const auto usable = static_cast<std::ptrdiff_t>(::malloc_usable_size(memory));
  const std::ptrdiff_t live = live_bytes.fetch_add(usable) + usable;
  for (std::ptrdiff_t peak = peak_bytes; live > peak && !peak_bytes.compare_exchange_weak(peak, live);) {
  }
  return memory;
}

void release(void* memory) noexcept {
  if (memory == nullptr) return;
  live_bytes.fetch_sub(static_cast<std::ptrdiff_t>(::malloc_usable_size(memory)));
  std::free(memory);
}

}  // namespace

// Every allocation of the program is counted.
void* operator new(std::size_t size) { return allocate(size); }
void operator delete(void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }

namespace penstock::stages {
namespace {

constexpr int kLines = 10'000'000;

/// Writes ten million comments and one line.
void write_lines(const std::string& path) {
  const int pipe = ::open(path.c_str(), O_WRONLY);
  std::string block;
  for (int i = 0; i < 10'000; ++i) block += "#" + std::to_string(i % 10) + "\n";
  for (int written = 0; written < kLines; written += 10'000) {
    for (std::size_t done = 0; done < block.size();) {
      const ssize_t count = ::write(pipe, block.data() + done, block.size() - done);
      if (count <= 0) break;  // The reader gave up; the test fails by itself.
      done += static_cast<std::size_t>(count);
    }
  }
  EXPECT_EQ(::write(pipe, "last", 4), 4);
  ::close(pipe);
}

TEST(LinesMemory, IsTheSameForTenMillionLines) {
  const penstock::testing::TempDir folder;
  ASSERT_EQ(::mkfifo(folder.path("pipe").c_str(), 0600), 0);
  penstock::testing::StageRunner runner(lines_spec(), R"({"path": "pipe", "comments": "#"})", {.base = folder.path()});
  runner.open();
  std::thread writer([&] { write_lines(folder.path("pipe")); });
  const std::ptrdiff_t before = live_bytes;
  peak_bytes = before;
  const std::vector<SourceItem> items = runner.collect();
  writer.join();
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0].key, "last");
  EXPECT_LT(peak_bytes - before, 2 * 1024 * 1024);
}

}  // namespace
}  // namespace penstock::stages
