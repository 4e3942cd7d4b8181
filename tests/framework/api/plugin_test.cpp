// Plugins as the loader meets them: a good one, one for another version, one that fails, none at all.
// SPDX-License-Identifier: Apache-2.0
#include "penstock/plugin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "penstock/pipeline.h"
#include "tests/support/temp_dir.h"

namespace penstock {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using testing::TempDir;

const std::string kSample = PENSTOCK_PLUGINS "sample.so";

Registry host_registry() {
  Registry registry;
  register_host_stages(registry);
  return registry;
}

std::string error_of(const std::string& plugin) {
  Registry registry;
  try {
    registry.add_plugin(plugin);
  } catch (const ConfigError& error) {
    EXPECT_TRUE(registry.specs().empty()) << "a plugin that fails must leave nothing behind";
    return error.what();
  }
  return "";
}

TEST(Plugin, StagesRunLikeBuiltInOnes) {
  Registry registry = host_registry();
  registry.add_plugin(kSample);
  const Pipeline pipeline = Pipeline::from_string(
      R"({"stages": [{"type": "input", "payload": "text"}, {"type": "to_word", "letters": 5},
                     {"type": "from_word"}, {"type": "output"}]})",
      registry);
  penstock::Run run = pipeline.start();
  auto good = run.input().submit({.key = "a", .payload = Payload(Text{"weir"})});
  auto bad = run.input().submit({.key = "b", .payload = Payload(Text{"reservoir"})});
  const ItemResult word = good.get();
  EXPECT_EQ(word.payload<Text>().value, "weir!");
  EXPECT_EQ(std::get<std::int64_t>(*word.outputs[0].attributes.find("word.letters")), 4);
  const ItemResult failure = bad.get();
  EXPECT_EQ(failure.outcome, ItemOutcome::failed);
  EXPECT_EQ(failure.code, "to_word.too_long");
}

TEST(Plugin, PayloadTypesOfItsOwnAreChecked) {
  Registry registry = host_registry();
  registry.add_plugin(kSample);
  try {
    Pipeline::from_string(R"({"stages": [{"type": "input", "payload": "text"}, {"type": "from_word"}]})", registry);
    FAIL() << "expected a ConfigError";
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), HasSubstr("`from_word` expected `word`, got `text` from \"input\" (`input`)"));
  }
}

TEST(Plugin, IsAddedOnceHoweverOftenItIsNamed) {
  Registry registry;
  registry.add_plugin(kSample);
  registry.add_plugin(kSample);
  EXPECT_EQ(registry.specs().size(), 2U);
}

TEST(Plugin, OfAnotherVersionOrCompilerIsRefusedWithBothNames) {
  const std::string path = PENSTOCK_PLUGINS "foreign.so";
  EXPECT_EQ(error_of(path), path +
                                ": error[plugin.version]\n  expected a plugin made with \"" PENSTOCK_MADE_WITH
                                "\", got one made with \"penstock 0.0, cc 1\"\n  help: build it again with the version "
                                "and the compiler that this program was built with");
}

TEST(Plugin, ThatFailsLeavesNothingBehind) {
  EXPECT_THAT(error_of(PENSTOCK_PLUGINS "broken.so"),
              HasSubstr("error[plugin.stages]\n  expected the plugin to add its stage types, but it failed: stage type "
                        "\"half\": the type exists already"));
}

TEST(Plugin, SharedLibraryWithoutEntryIsRefused) {
  EXPECT_THAT(error_of(PENSTOCK_NO_PLUGIN),
              HasSubstr("error[plugin.entry]\n  expected a plugin, but the shared library "
                        "does not define `penstock_plugin`"));
}

TEST(Plugin, MissingFileIsRefusedWithTheSystemsWords) {
  EXPECT_THAT(error_of("no/such.so"),
              HasSubstr("error[plugin.load]\n  expected a plugin, but the shared library cannot "
                        "be loaded: cannot open shared object file: No such file"));
}

TEST(FilePlugins, AreLoadedFromTheFolderOfTheFile) {
  const TempDir folder;
  std::filesystem::copy(kSample, folder.path("mine.so"));
  const std::string file = folder.write(
      "p.json", R"({"plugins": ["mine.so"], "stages": [{"type": "input", "payload": "text"}, {"type": "to_word"}]})");
  EXPECT_EQ(Pipeline::from_file(file, host_registry()).name(), "p");
}

TEST(FilePlugins, ThatCannotBeLoadedAreReportedWhereTheyStand) {
  try {
    Pipeline::from_string("{\n \"plugins\": [\"none.so\"],\n \"stages\": [{\"type\": \"to_word\"}]}", host_registry());
    FAIL() << "expected a ConfigError";
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(),
                StartsWith("<string>:2:14: error[plugin.load] at /plugins/0\n  \"none.so\": expected a "));
    EXPECT_EQ(error.diagnostics().size(), 1U) << "without the plugin, its stages are not the mistake";
  }
}

TEST(FilePlugins, AreNotLoadedForAProgramThatRefusesThem) {
  const LoadOptions options{.parameters = {}, .base = {}, .plugins = FilePlugins::refuse};
  const std::string file = R"({"plugins": [")" + kSample + R"("], "stages": [{"type": "to_word"}]})";
  try {
    Pipeline::from_string(file, host_registry(), options);
    FAIL() << "expected a ConfigError";
  } catch (const ConfigError& error) {
    ASSERT_EQ(error.diagnostics().size(), 1U);
    EXPECT_EQ(error.diagnostics()[0].code, "plugin.refused");
  }
}

}  // namespace
}  // namespace penstock
