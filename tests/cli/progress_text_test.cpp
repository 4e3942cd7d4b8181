// SPDX-License-Identifier: Apache-2.0
#include "cli/progress_text.h"

#include <gtest/gtest.h>

#include "cli/terminal_text.h"

namespace penstock::cli {
namespace {

Progress sample_progress() {
  Progress progress;
  progress.items = {.admitted = 584, .done = 515, .dropped = 0, .failed = 5, .cancelled = 0};
  progress.total = 1000;
  progress.seconds = 4.4;
  StageReport urls;
  urls.name = "urls";
  urls.in = 584;
  urls.out = 584;
  StageReport download;
  download.name = "download";
  download.in = 584;
  download.out = 515;
  download.failed = 5;
  download.in_flight = 64;
  progress.stages = {urls, download};
  return progress;
}

TEST(ProgressBlock, ShowsBarRateTimeLeftAndStages) {
  const auto lines = progress_block(sample_progress(), {"thumbnails", 120, 80, 24});
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0], "thumbnails  [=====>    ]  52 %  520 of 1,000 items  120 items/s  4.0 s left");
  EXPECT_EQ(lines[1], "  stage            in        out     failed  in flight    waiting");
  EXPECT_EQ(lines[3], "  download        584        515          5         64          0");
}

TEST(ProgressBlock, ShowsNoBarWhenTheTotalIsUnknown) {
  Progress progress = sample_progress();
  progress.total.reset();
  EXPECT_EQ(progress_block(progress, {"thumbnails", 120, 80, 24})[0], "thumbnails  520 items  120 items/s  4.4 s");
}

TEST(ProgressBlock, FitsTheTerminal) {
  Progress progress = sample_progress();
  for (int i = 0; i < 50; ++i) progress.stages.push_back(progress.stages[1]);
  for (const std::size_t width : {1U, 10U, 40U, 200U}) {
    for (const std::size_t rows : {1U, 3U, 5U, 24U}) {
      const auto lines = progress_block(progress, {"thumbnails", 120, width, rows});
      EXPECT_LE(lines.size(), std::max<std::size_t>(rows, 1)) << rows;
      for (const std::string& line : lines) EXPECT_LE(columns(line), width) << line;
    }
  }
}

TEST(ProgressBlock, EscapesNames) {
  Progress progress = sample_progress();
  EXPECT_EQ(progress_line(progress, {"a\x1b[2J", 120, 80, 24}).find('\x1b'), std::string::npos);
}

TEST(ProgressBlock, NeverShowsMoreThanAllOfIt) {
  Progress progress = sample_progress();
  progress.total = 100;  // A source that said too little.
  EXPECT_NE(progress_block(progress, {"p", 120, 80, 24})[0].find("100 %"), std::string::npos);
  progress.total = 0;
  progress.items = {};
  EXPECT_NE(progress_block(progress, {"p", 0, 80, 24})[0].find("100 %"), std::string::npos);
}

TEST(ProgressLine, SaysTheSameInOneLine) {
  EXPECT_EQ(progress_line(sample_progress(), {"thumbnails", 120, 80, 24}),
            "thumbnails: 520 of 1,000 items (52 %), 120 items/s, 5 failed, 4.0 s left");
}

TEST(ShortDuration, UsesTwoUnits) {
  EXPECT_EQ(short_duration(0.25), "0.2 s");
  EXPECT_EQ(short_duration(42.7), "42 s");
  EXPECT_EQ(short_duration(250), "4 min 10 s");
  EXPECT_EQ(short_duration(7500), "2 h 5 min");
  EXPECT_EQ(short_duration(273600), "3 d 4 h");
}

TEST(ShortNumber, HasThreeDigits) {
  EXPECT_EQ(short_number(0), "0");
  EXPECT_EQ(short_number(0.25), "0.25");
  EXPECT_EQ(short_number(12.34), "12.3");
  EXPECT_EQ(short_number(1234.5), "1,235");
}

}  // namespace
}  // namespace penstock::cli
