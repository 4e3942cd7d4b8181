// The commands that run nothing.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/cli/program.h"
#include "tests/support/temp_dir.h"

namespace penstock::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kPipeline = R"({
  "name": "sample",
  "params": { "path": "in.txt" },
  "stages": [
    { "type": "csv", "path": "${path}", "key": "id" },
    { "name": "split", "type": "route", "ports": { "small": { "attribute": "size", "less_than": 9 } } },
    { "name": "keep", "type": "drop", "from": "split.small", "when": { "attribute": "a", "exists": false } },
    { "name": "lost", "type": "drop", "from": "split.failed", "when": { "attribute": "a", "exists": false } }
  ]
})";

TEST(Program, WithoutACommandPrintsHelpAndEndsWithTwo) {
  const Result result = run_program({});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.error_output, HasSubstr("Usage: penstock"));
  EXPECT_EQ(result.output, "");
}

TEST(Program, HelpOfEveryCommandHasExamples) {
  for (const char* command : {"run", "check", "stages", "schema", "graph", "test", "completion"}) {
    const Result result = run_program({command, "--help"});
    EXPECT_EQ(result.exit_code, 0) << command;
    EXPECT_THAT(result.output, HasSubstr("Example")) << command;
  }
}

TEST(Program, SuggestsTheCommandThatWasMeant) {
  const Result result = run_program({"chek"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.error_output,
            "penstock: there is no command \"chek\"; there are: run, check, stages, schema, graph, test, completion\n"
            "  help: did you mean `check`?\n");
}

TEST(Program, DoesNotRunWhatOnlyAHostCanFeed) {
  const testing::TempDir folder;
  const std::string file = folder.write(
      "p.json", R"({"stages": [{"name": "requests", "type": "input"}, {"name": "replies", "type": "output"}]})");
  EXPECT_EQ(run_program({"check", file}).exit_code, 0);
  const Result result = run_program({"run", file});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.error_output,
              HasSubstr("stage \"requests\" is an end for the program around the pipeline (input)"));
}

TEST(Program, NamesThePluginThatCannotBeLoaded) {
  const Result result = run_program({"stages", "--plugin", "none.so"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.error_output,
              StartsWith("none.so: error[plugin.load]\n  expected a plugin, but the shared library "
                         "cannot be loaded: cannot open shared object file"));
}

TEST(Program, EndsWithTwoOnWrongOptions) {
  const testing::TempDir folder;
  const std::string file = folder.write("p.json", kPipeline);
  EXPECT_EQ(run_program({"run"}).exit_code, 2);
  EXPECT_EQ(run_program({"run", file, "--workers", "0"}).exit_code, 2);
  EXPECT_EQ(run_program({"run", file, "--drain-timeout", "soon"}).exit_code, 2);
  EXPECT_EQ(run_program({"run", file, "--progress", "maybe"}).exit_code, 2);
  EXPECT_EQ(run_program({"check", file, "--set", "path"}).exit_code, 2);
  EXPECT_EQ(run_program({"graph", file, "--format", "png"}).exit_code, 2);
}

TEST(Program, EscapesControlCharactersOfArguments) {
  EXPECT_EQ(run_program({"a\x1b[2J"}).error_output.find('\x1b'), std::string::npos);
  EXPECT_EQ(run_program({"stages", "a\x1b[2J"}).error_output.find('\x1b'), std::string::npos);
  EXPECT_EQ(run_program({"check", "a\x1b[2J"}).error_output.find('\x1b'), std::string::npos);
}

/// Runs `penstock ARGUMENTS` with a standard output that takes nothing.
Result run_program_into_full_device(std::vector<std::string> arguments) {
  arguments = program(std::move(arguments));
  arguments.insert(arguments.begin(), {"/bin/sh", "-c", "exec \"$@\" > /dev/full", "sh"});
  testing::ChildProcess child(std::move(arguments));
  const int exit_code = child.wait();
  return {exit_code, child.output(), child.error_output()};
}

TEST(Program, EndsWithThreeWhenStandardOutputCannotBeWritten) {
  const testing::TempDir folder;
  const std::string file = folder.write("p.json", kPipeline);
  const std::vector<std::vector<std::string>> commands = {{"--help"},
                                                          {"--version"},
                                                          {"run", "--help"},
                                                          {"check", file},
                                                          {"check", file, "--show"},
                                                          {"stages"},
                                                          {"stages", "resize"},
                                                          {"stages", "--json"},
                                                          {"schema"},
                                                          {"graph", file},
                                                          {"graph", file, "--format", "mermaid"},
                                                          {"completion", "bash"},
                                                          {"completion", "zsh"},
                                                          {"completion", "fish"}};
  for (const auto& command : commands) {
    const Result result = run_program_into_full_device(command);
    EXPECT_EQ(result.exit_code, 3) << ::testing::PrintToString(command);
    EXPECT_EQ(result.error_output, "penstock: cannot write standard output: No space left on device\n");
  }
}

TEST(Program, EndsWithTwoForAWrongPipelineAlsoWhenStandardOutputCannotBeWritten) {
  const testing::TempDir folder;
  const std::string file = folder.write("p.json", kPipeline);
  const Result result = run_program_into_full_device({"check", "no-such-file.json", file});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.error_output, HasSubstr("cannot write standard output: No space left on device\n"));
}

TEST(Check, SaysThatAPipelineIsFine) {
  const testing::TempDir folder;
  const std::string file = folder.write("p.json", kPipeline);
  const Result result = run_program({"check", file});
  EXPECT_EQ(result.exit_code, 0) << result.error_output;
  EXPECT_EQ(result.output, file + ": ok, 4 stages\n");
  EXPECT_EQ(result.error_output, "");
}

TEST(Check, ListsEveryMistakeOfEveryFileWithItsPlace) {
  const testing::TempDir folder;
  const std::string bad = folder.write("bad.json", R"({"stages": [
  {"type": "lines", "pth": "in.txt"},
  {"type": "resise"}
]})");
  const std::string fine = folder.write("p.json", kPipeline);
  const Result result = run_program({"check", bad, fine});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.error_output, HasSubstr(bad + ":2:21: error[option.unknown] at /stages/0/pth\n"));
  EXPECT_THAT(result.error_output, HasSubstr("help: did you mean `path`?"));
  EXPECT_THAT(result.error_output, HasSubstr("error[option.missing] at /stages/0\n"));
  EXPECT_THAT(result.error_output, HasSubstr("error[stage.unknown_type] at /stages/1/type\n"));
  EXPECT_THAT(result.error_output, HasSubstr("help: did you mean `resize`?"));
  EXPECT_EQ(result.output, fine + ": ok, 4 stages\n");
}

TEST(Check, TakesParametersFromTheCommandLine) {
  const testing::TempDir folder;
  const std::string file = folder.write("p.json", kPipeline);
  const Result result = run_program({"check", file, "--show", "--set", "path=a=b.txt"});
  EXPECT_EQ(result.exit_code, 0) << result.error_output;
  EXPECT_EQ(nlohmann::json::parse(result.output)["stages"][0]["path"], "a=b.txt");
  EXPECT_EQ(run_program({"check", file, "--set", "pth=x"}).exit_code, 2);
}

TEST(Check, ShowsAPipelineThatPassesCheckAgain) {
  const testing::TempDir folder;
  const Result shown = run_program({"check", folder.write("p.json", kPipeline), "--show"});
  const Result again = run_program({"check", folder.write("shown.json", shown.output), "--show"});
  EXPECT_EQ(again.exit_code, 0) << again.error_output;
  EXPECT_EQ(again.output, shown.output);
}

TEST(Check, EndsWithTwoWhenThereIsNoFile) {
  const Result result = run_program({"check", "no-such-file.json"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.error_output, StartsWith("no-such-file.json: error[file.read]"));
}

TEST(Stages, ListsEveryTypeOnALineOfItsOwn) {
  const Result result = run_program({"stages"});
  EXPECT_EQ(result.exit_code, 0);
  for (const char* type : {"csv ", "drop ", "files ", "jsonl ", "lines ", "resize ", "route "}) {
    EXPECT_THAT("\n" + result.output, HasSubstr(std::string("\n") + type));
  }
}

TEST(Stages, TellsAllAboutOneType) {
  const Result result = run_program({"stages", "resize"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, StartsWith("resize (transform)\n"));
  EXPECT_THAT(result.output, HasSubstr("\noptions\n"));
  EXPECT_THAT(result.output, HasSubstr("\nerrors\n"));
}

TEST(Stages, SuggestsTheTypeThatWasMeant) {
  const Result result = run_program({"stages", "resise"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.error_output, HasSubstr("did you mean `resize`?"));
}

TEST(Stages, PrintsJsonForPrograms) {
  const nlohmann::json all = nlohmann::json::parse(run_program({"stages", "--json"}).output);
  EXPECT_GE(all.size(), 7U);
  const nlohmann::json lines = nlohmann::json::parse(run_program({"stages", "lines", "--json"}).output);
  EXPECT_EQ(lines["kind"], "async_source");
  EXPECT_EQ(lines["options"][0]["name"], "path");
}

TEST(Graph, DrawsDot) {
  const testing::TempDir folder;
  const Result result = run_program({"graph", folder.write("p.json", kPipeline)});
  EXPECT_EQ(result.exit_code, 0) << result.error_output;
  EXPECT_EQ(result.output,
            "digraph \"sample\" {\n"
            "  rankdir=LR;\n"
            "  node [shape=box, style=rounded];\n"
            "  \"csv\" [label=\"csv\"];\n"
            "  \"split\" [label=\"split\\nroute\"];\n"
            "  \"keep\" [label=\"keep\\ndrop\"];\n"
            "  \"lost\" [label=\"lost\\ndrop\"];\n"
            "  \"csv\" -> \"split\";\n"
            "  \"split\" -> \"keep\" [label=\"small\"];\n"
            "  \"split\" -> \"lost\" [label=\"failed\", style=dashed];\n"
            "}\n");
}

TEST(Graph, DrawsMermaid) {
  const testing::TempDir folder;
  const Result result = run_program({"graph", folder.write("p.json", kPipeline), "--format", "mermaid"});
  EXPECT_EQ(result.output,
            "flowchart LR\n"
            "  s0[\"csv\"]\n"
            "  s1[\"split<br/>route\"]\n"
            "  s2[\"keep<br/>drop\"]\n"
            "  s3[\"lost<br/>drop\"]\n"
            "  s0 --> s1\n"
            "  s1 -->|\"small\"| s2\n"
            "  s1 -.->|\"failed\"| s3\n");
}

TEST(Graph, DrawsTheNodesOfTheRuntime) {
  const testing::TempDir folder;
  const std::string file = folder.write("p.json", R"({"stages": [
    {"type": "csv", "path": "in.csv", "key": "id"},
    {"name": "a", "type": "drop", "when": {"attribute": "x", "exists": false}},
    {"name": "b", "type": "drop", "when": {"attribute": "y", "exists": false}}]})");
  const Result result = run_program({"graph", file, "--runtime", "--format", "mermaid"});
  // Neighbours of unlimited concurrency share a node.
  EXPECT_THAT(result.output, HasSubstr("  subgraph n1[\"node 2: transform, unlimited\"]\n"
                                       "    s1[\"a<br/>drop\"]\n    s2[\"b<br/>drop\"]\n  end\n"));
}

TEST(Completion, CompletesCommandsOptionsAndTheirValuesInBash) {
  const testing::TempDir folder;
  const std::string script = folder.write("completion.bash", run_program({"completion", "bash"}).output);
  const auto complete = [&](const std::string& words, int at) {
    testing::ChildProcess bash({"/bin/bash", "--norc", "-c",
                                "set -e; source '" + script + "'; compopt() { :; }; COMP_WORDS=(" + words +
                                    "); COMP_CWORD=" + std::to_string(at) + "; _penstock; echo \"${COMPREPLY[*]}\""});
    EXPECT_EQ(bash.wait(), 0) << bash.error_output();
    return bash.output();
  };
  EXPECT_EQ(complete("penstock ch", 1), "check\n");
  EXPECT_EQ(complete("penstock run --progress a", 3), "auto always\n");
  EXPECT_EQ(complete("penstock run --dr", 2), "--drain-timeout\n");
  EXPECT_EQ(complete("penstock stages res", 2), "resize\n");
}

TEST(Completion, KnowsThreeShells) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    EXPECT_THAT(run_program({"completion", shell}).output, HasSubstr("drain-timeout")) << shell;
  }
  EXPECT_EQ(run_program({"completion", "tcsh"}).exit_code, 2);
}

}  // namespace
}  // namespace penstock::cli
