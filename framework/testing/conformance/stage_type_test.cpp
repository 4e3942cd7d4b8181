// SPDX-License-Identifier: Apache-2.0
#include "framework/testing/conformance/stage_type_test.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <stdexcept>

#include "framework/spec/common_options.h"
#include "framework/testing/conformance/hostile_items.h"
#include "framework/testing/file_text.h"
#include "framework/testing/stage_options.h"

namespace penstock::testing::conformance {

StageTypeTest::StageTypeTest(const std::shared_ptr<const Subject>& subject)
    : subject_(subject), registry_(subject->registry) {
  register_ends(registry_, control_, samples_of(subject->options.payloads));
  if (subject->options.prepare) subject->options.prepare(folder_.path());
}

OrderedJson StageTypeTest::example() const {
  OrderedJson example = OrderedJson::parse(spec().example, nullptr, /*allow_exceptions=*/false);
  if (example.is_object()) return example;
  throw std::runtime_error("the declaration of `" + spec().type +
                           "` has no example() that is a JSON object; the conformance tests begin with it");
}

std::string StageTypeTest::example_options() const {
  OrderedJson options = example();
  for (const std::string& key : spec::common_keys()) options.erase(key);
  return options.dump();
}

OrderedJson StageTypeTest::around(OrderedJson stage) const {
  stage["name"] = "tested";
  OrderedJson stages = OrderedJson::array();
  if (!is_source())
    stages.push_back({{"name", "feed"}, {"type", feed_for(spec(), samples_of(subject_->options.payloads))}});
  stages.push_back(std::move(stage));
  // The ports of a route that nobody reads end there.
  if (spec().output && spec().kind != StageKind::route) stages.push_back({{"name", "end"}, {"type", kEndType}});
  return {{"stages", std::move(stages)}};
}

Pipeline StageTypeTest::load(const OrderedJson& document) const {
  return Pipeline::from_string(document.dump(), registry_, load_options());
}

std::vector<SourceItem> StageTypeTest::items() const {
  const auto params = parse_stage_options(spec(), example_options(), folder_.path());
  std::set<std::string> attributes;
  for (const ParamSpec& param : spec().params) {
    if (!param.used_attributes) continue;
    for (std::string& name : param.used_attributes(params.get())) attributes.insert(std::move(name));
  }
  return hostile_items(samples_for(spec(), samples_of(subject_->options.payloads)),
                       {attributes.begin(), attributes.end()});
}

std::vector<std::string> StageTypeTest::input_paths() const {
  static const std::string kHint = OptionCodec<FilePath>::type().hint;
  std::vector<std::string> paths;
  const OrderedJson options = example();
  for (const ParamSpec& param : spec().params) {
    if (param.type.hint == kHint && options.contains(param.name))
      paths.push_back((std::filesystem::path(folder_.path()) / options.at(param.name).get<std::string>()).string());
  }
  return paths;
}

std::vector<std::string> StageTypeTest::files() const {
  std::vector<std::string> files = subject_->options.files;
  for (std::string& data : hostile_files()) files.push_back(std::move(data));
  return files;
}

void StageTypeTest::write_inputs(std::string_view data) const {
  for (const std::string& path : input_paths()) {
    std::filesystem::remove_all(path);
    write_file(path, data);
  }
}

void StageTypeTest::make_input_folders() const {
  for (const std::string& path : input_paths()) {
    std::filesystem::remove_all(path);
    write_file(path + "/a.jpg", "a");
    write_file(path + "/sub/\xff.jpg", "b");
    write_file(path + "/sub/line\nfeed.jpg", "c");
    std::filesystem::create_symlink("/etc", path + "/outside");
    std::filesystem::create_symlink("loop", path + "/loop");
  }
}

bool StageTypeTest::declares(std::string_view code) const {
  return std::any_of(spec().errors.begin(), spec().errors.end(), [&](const ErrorCode& declared) {
    if (declared.code.ends_with('*')) return code.starts_with(declared.code.substr(0, declared.code.size() - 1));
    return code == declared.code;
  });
}

}  // namespace penstock::testing::conformance
