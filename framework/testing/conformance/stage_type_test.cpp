// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/conformance.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "framework/spec/common_options.h"
#include "framework/testing/stage_options.h"
#include "stages/builtin.h"
#include "tests/conformance/hostile_items.h"
#include "tests/support/direct_network.h"

namespace penstock::conformance {

namespace {

template <class Predicate>
std::vector<std::string> types_where(Predicate is_wanted) {
  Registry registry;
  stages::register_builtin_stages(registry);
  std::vector<std::string> types;
  for (const auto& spec : registry.specs()) {
    if (is_wanted(*spec)) types.push_back(spec->type);
  }
  return types;
}

}  // namespace

std::vector<std::string> builtin_types() {
  return types_where([](const StageSpec&) { return true; });
}
std::vector<std::string> builtin_types_with_input() {
  return types_where([](const StageSpec& spec) { return spec.input.has_value(); });
}
std::vector<std::string> builtin_sources() {
  return types_where([](const StageSpec& spec) { return !spec.input.has_value(); });
}

StageType::StageType() {
  penstock::testing::use_no_proxy();
  stages::register_builtin_stages(registry_);
  spec_ = registry_.find(GetParam());
  register_ends(registry_, control_);
}

std::string StageType::example_options() const {
  OrderedJson options = example();
  for (const std::string& key : spec::common_keys()) options.erase(key);
  return options.dump();
}

OrderedJson StageType::around(OrderedJson stage) const {
  stage["name"] = "tested";
  OrderedJson stages = OrderedJson::array();
  if (!is_source()) stages.push_back({{"name", "feed"}, {"type", feed_for(*spec_)}});
  stages.push_back(std::move(stage));
  // The ports of a route that nobody reads end there.
  if (spec_->output && spec_->kind != StageKind::route) stages.push_back({{"name", "end"}, {"type", "end"}});
  return {{"stages", std::move(stages)}};
}

Pipeline StageType::load(const OrderedJson& document) const {
  return Pipeline::from_string(document.dump(), registry_, load_options());
}

std::vector<SourceItem> StageType::items() const {
  const auto params = penstock::testing::parse_stage_options(*spec_, example_options(), folder_.path());
  std::set<std::string> attributes;
  for (const ParamSpec& param : spec_->params) {
    if (!param.used_attributes) continue;
    for (std::string& name : param.used_attributes(params.get())) attributes.insert(std::move(name));
  }
  return hostile_items(sample_type_for(*spec_), {attributes.begin(), attributes.end()});
}

std::vector<std::string> StageType::input_paths() const {
  static const std::string kHint = OptionCodec<FilePath>::type().hint;
  std::vector<std::string> paths;
  const OrderedJson options = example();
  for (const ParamSpec& param : spec_->params) {
    if (param.type.hint == kHint && options.contains(param.name))
      paths.push_back(folder_.path(options.at(param.name).get<std::string>()));
  }
  return paths;
}

void StageType::write_inputs(std::string_view data) const {
  for (const std::string& path : input_paths()) {
    std::filesystem::remove_all(path);
    folder_.write(std::filesystem::relative(path, folder_.path()).string(), data);
  }
}

void StageType::make_input_folders() const {
  for (const std::string& path : input_paths()) {
    std::filesystem::remove_all(path);
    const std::string name = std::filesystem::relative(path, folder_.path()).string();
    folder_.write(name + "/a.jpg", "a");
    folder_.write(name + "/sub/\xff.jpg", "b");
    folder_.write(name + "/sub/line\nfeed.jpg", "c");
    std::filesystem::create_symlink("/etc", path + "/outside");
    std::filesystem::create_symlink("loop", path + "/loop");
  }
}

bool StageType::declares(std::string_view code) const {
  return std::any_of(spec_->errors.begin(), spec_->errors.end(), [&](const ErrorCode& declared) {
    if (declared.code.ends_with('*')) return code.starts_with(declared.code.substr(0, declared.code.size() - 1));
    return code == declared.code;
  });
}

}  // namespace penstock::conformance
