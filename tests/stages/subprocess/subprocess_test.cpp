// SPDX-License-Identifier: Apache-2.0
#include "tests/stages/subprocess/subprocess_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "penstock/diagnostic.h"
#include "tests/support/temp_dir.h"

namespace penstock::stages {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Subprocess, OutputBecomesThePayload) { EXPECT_EQ(output_of(R"({"command": ["echo", "hello"]})"), "hello\n"); }

TEST(Subprocess, ArgumentsAreTemplatesAndNeverSplit) {
  SourceItem item = item_with("");
  item.key = "a b; rm -rf /";
  item.attributes.set("size", std::int64_t{7});
  EXPECT_EQ(output_of(R"({"command": ["printf", "%s|", "{key}", "{size}", "$HOME"]})", item), "a b; rm -rf /|7|$HOME|");
}

TEST(Subprocess, PayloadIsReadFromStandardInput) {
  EXPECT_EQ(output_of(R"({"command": ["tr", "a-z", "A-Z"], "stdin": "payload"})", item_with("text\n")), "TEXT\n");
}

TEST(Subprocess, TextIsReadFromStandardInput) {
  SourceItem item{.key = "k", .attributes = {}, .payload = Payload(Text{"text"})};
  EXPECT_EQ(output_of(R"({"command": ["cat"], "stdin": "payload"})", item), "text");
}

TEST(Subprocess, MegabytesGoBothWaysAtOnceUnchanged) {
  std::string data(9'000'001, '\0');
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>((i * 2654435761U) >> 13);
  EXPECT_TRUE(output_of(R"({"pipe": [["cat"], ["cat"], ["cat"]], "stdin": "payload"})", item_with(data)) == data);
}

TEST(Subprocess, CommandsOfAPipeAreConnected) {
  EXPECT_EQ(
      output_of(R"({"pipe": [["cat"], ["sort", "-u"], ["wc", "-l"]], "stdin": "payload"})", item_with("b\na\nb\n")),
      "2\n");
}

TEST(Subprocess, EveryMemberOfAPipeMustSucceed) {
  const Outcome outcome = run_once(R"({"pipe": [["sh", "-c", "echo why >&2; exit 4"], ["cat"]]})");
  EXPECT_EQ(outcome.code, "subprocess.exit_4");
  EXPECT_EQ(outcome.message, "`sh` ended with exit code 4, expected 0: why");
}

TEST(Subprocess, AMemberWhoseReaderHadEnoughHasNotFailed) {
  EXPECT_EQ(output_of(R"({"pipe": [["yes"], ["head", "-n", "1"]]})"), "y\n");
}

TEST(Subprocess, TheLastMemberFailsWithABrokenPipeAsWithAnySignal) {
  EXPECT_EQ(run_once(R"({"command": ["sh", "-c", "kill -PIPE $$"]})").code, "subprocess.signal_13");
}

TEST(Subprocess, OutputMayBecomeAnAttribute) {
  SourceItem item = item_with("kept");
  const Outcome outcome = run_once(R"({"command": ["printf", "a\nb\n\n"], "stdout": "attribute"})", item);
  ASSERT_EQ(outcome.verdict, Outcome::Verdict::emitted) << outcome.message;
  EXPECT_EQ(*outcome.attributes.find("subprocess.stdout"), AttributeValue("a\nb"));
  EXPECT_EQ(outcome.payload<Bytes>().view(), "kept");
}

TEST(Subprocess, AnAttributeMustBeText) {
  EXPECT_EQ(run_once(R"({"command": ["printf", "\\377"], "stdout": "attribute"})").code, "subprocess.not_text");
}

TEST(Subprocess, AnAttributeIsShort) {
  EXPECT_EQ(run_once(R"({"command": ["head", "-c", "65536", "/dev/zero"], "stdout": "attribute"})").verdict,
            Outcome::Verdict::emitted);
  EXPECT_EQ(run_once(R"({"command": ["head", "-c", "65537", "/dev/zero"], "stdout": "attribute"})").code,
            "subprocess.too_large");
}

TEST(Subprocess, OutputMayBeDiscarded) {
  EXPECT_EQ(output_of(R"({"command": ["echo", "lost"], "stdout": "discard"})", item_with("kept")), "kept");
}

TEST(Subprocess, VariablesAreAddedToTheEnvironment) {
  EXPECT_EQ(output_of(R"({"command": ["sh", "-c", "printf \"$ADDED\""], "environment": {"ADDED": "value"}})"), "value");
}

TEST(Subprocess, ProgramsRunInTheirFolder) {
  const testing::TempDir folder;
  folder.write("below/file.txt", "text");
  StageRunner stage(subprocess_spec(), R"({"command": ["cat", "file.txt"], "working_folder": "below"})",
                    {.base = folder.path()});
  EXPECT_EQ(stage.run("k").payload<Bytes>().view(), "text");
}

TEST(Subprocess, ExitCodesThatAreNoFailureCanBeNamed) {
  EXPECT_EQ(output_of(R"({"command": ["sh", "-c", "echo found; exit 1"], "success_codes": [0, 1]})"), "found\n");
  const Outcome outcome = run_once(R"({"command": ["sh", "-c", "exit 2"], "success_codes": [0, 1]})");
  EXPECT_EQ(outcome.code, "subprocess.exit_2");
  EXPECT_EQ(outcome.message, "`sh` ended with exit code 2, expected 0, 1; it wrote nothing to standard error");
}

TEST(Subprocess, ASignalIsAFailureOfItsOwn) {
  const Outcome outcome = run_once(R"({"command": ["sh", "-c", "kill -9 $$"]})");
  EXPECT_EQ(outcome.code, "subprocess.signal_9");
  EXPECT_EQ(outcome.message, "`sh` was ended by signal 9 (Killed); it wrote nothing to standard error");
}

TEST(Subprocess, OnlyTheExitCodeThatAsksForItIsTransient) {
  EXPECT_EQ(run_once(R"({"command": ["sh", "-c", "exit 75"]})").persistence, Persistence::transient);
  EXPECT_EQ(run_once(R"({"command": ["sh", "-c", "exit 1"]})").persistence, Persistence::permanent);
}

TEST(Subprocess, AProgramThatIsNotThereCannotStart) {
  const Outcome outcome = run_once(R"({"command": ["penstock-no-such-program"]})");
  EXPECT_EQ(outcome.code, "subprocess.cannot_start");
  EXPECT_EQ(outcome.message, "cannot start `penstock-no-such-program`: No such file or directory");
  EXPECT_EQ(run_once(R"({"command": ["/etc/passwd"]})").code, "subprocess.cannot_start");
}

TEST(Subprocess, OutputBeyondItsLimitFailsTheItem) {
  EXPECT_EQ(output_of(R"({"command": ["head", "-c", "5000", "/dev/zero"], "max_bytes": "5000 B"})").size(), 5000U);
  const Outcome outcome = run_once(R"({"command": ["head", "-c", "5001", "/dev/zero"], "max_bytes": "5000 B"})");
  EXPECT_EQ(outcome.code, "subprocess.too_large");
  EXPECT_EQ(outcome.message, "the output is larger than `max_bytes` (5 kB)");
}

TEST(Subprocess, AnArgumentWithANulCharacterFailsTheItem) {
  SourceItem item = item_with("");
  item.key = std::string("a\0b", 3);
  EXPECT_EQ(run_once(R"({"command": ["echo", "{key}"]})", item).code, "subprocess.bad_argument");
}

TEST(Subprocess, AMissingAttributeFailsTheItem) {
  EXPECT_EQ(run_once(R"({"command": ["echo", "{absent}"]})").code, "template.missing_attribute");
}

TEST(Subprocess, SecretsAreHiddenInMessages) {
  const Outcome outcome = run_once(
      R"({"command": ["sh", "-c", "echo \"bad password $PASSWORD!\" >&2; exit 1"], "environment": {"PASSWORD": "s3cr3t-value"}})");
  EXPECT_THAT(outcome.message, EndsWith(": bad password ***!"));
}

TEST(Subprocess, ASecretThatIsCutOffIsHiddenToo) {
  // The message keeps the last 4 KiB, which begin within the value.
  const Outcome outcome = run_once(
      R"({"command": ["sh", "-c", "printf \"$PASSWORD%4090s\" . >&2; exit 1"], "environment": {"PASSWORD": "s3cr3t-value"}})");
  EXPECT_THAT(outcome.message, Not(HasSubstr("value")));
}

TEST(Subprocess, MemoryIsReservedForTheOutputOnly) {
  StageRunner stage(subprocess_spec(), R"({"command": ["head", "-c", "3000000", "/dev/zero"]})");
  {
    const Outcome outcome = stage.run("k");
    EXPECT_EQ(outcome.payload<Bytes>().charged(), 3'000'000U);
    EXPECT_EQ(stage.memory_bytes(), 3'000'000U);
  }
  EXPECT_EQ(stage.memory_bytes(), 0U);
  EXPECT_GE(stage.peak_memory_bytes(), 3'000'000U);
}

TEST(Subprocess, OptionsThatContradictEachOtherAreRefused) {
  const auto error_of = [](const char* options) -> std::string {
    try {
      StageRunner(subprocess_spec(), options);
    } catch (const ConfigError& error) {
      return error.diagnostics().front().code + " at " + error.diagnostics().front().where.pointer;
    }
    return "none";
  };
  EXPECT_EQ(error_of(R"({"command": ["a"], "pipe": [["b"]]})"), "option.conflict at /pipe");
  EXPECT_EQ(error_of(R"({})").substr(0, 14), "option.missing");
  EXPECT_EQ(error_of(R"({"command": []})").substr(0, 12), "option.range");
  EXPECT_EQ(error_of(R"({"command": [""]})"), "option.value at /command");
  EXPECT_EQ(error_of(R"({"pipe": [["a"], []]})"), "option.value at /pipe/1");
  EXPECT_EQ(error_of(R"({"command": ["{key}"]})"), "option.value at /command/0");
  EXPECT_EQ(error_of(R"({"command": ["a", "b\u0000"]})"), "option.value at /command/1");
  EXPECT_EQ(error_of(R"({"command": ["a"], "environment": {"A=B": "c"}})"), "option.value at /environment");
}

}  // namespace
}  // namespace penstock::stages
