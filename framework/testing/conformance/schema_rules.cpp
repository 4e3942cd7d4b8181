// The JSON Schema against the check, over many changes of each example (docs: what `check` accepts the schema accepts;
// of the mistakes in options the schema rejects what `check` rejects).
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <set>

#include "framework/config/pipeline_config.h"
#include "framework/spec/common_options.h"
#include "framework/spec/json_schema.h"
#include "framework/spec/option_json.h"
#include "framework/testing/conformance/rule.h"
#include "framework/testing/conformance/schema_validator.h"

namespace penstock::testing::conformance {
namespace {

/// Values of every JSON type, at and beyond the bounds that options usually have.
std::vector<OrderedJson> values_to_try(const OptionType& type) {
  std::vector<OrderedJson> values = {nullptr,
                                     true,
                                     -1,
                                     0,
                                     1,
                                     2,
                                     1.5,
                                     100,
                                     101,
                                     1e300,
                                     "",
                                     "x",
                                     "-",
                                     "1",
                                     "1 s",
                                     "0 s",
                                     "999 d",
                                     "1 MiB",
                                     "0 B",
                                     "1 s ",
                                     "serial",
                                     "1e3 s",
                                     "-1 s",
                                     "5 EiB",
                                     "tcp",
                                     "http://[::1]/",
                                     "{key}",
                                     OrderedJson::array(),
                                     {"x"},
                                     {1},
                                     OrderedJson::object(),
                                     {{"x", 1}},
                                     OrderedJson::array({OrderedJson::array({"x"})}),
                                     {{"x", "y"}},
                                     {{"attempts", 2}},
                                     {{"attempts", 0}},
                                     {{"attribute", "a"}, {"equals", 1}},
                                     {{"all", OrderedJson::array()}}};
  for (const std::string& choice : type.choices) {
    values.emplace_back(choice);
    values.emplace_back(choice + "s");
    values.push_back({choice});
  }
  const bool is_number = type.kind == OptionType::Kind::integer || type.kind == OptionType::Kind::number;
  for (const auto& bound : {type.range.min, type.range.max}) {
    if (!bound || !is_number || std::abs(*bound) > 1e12) continue;
    for (const int step : {-1, 0, 1}) values.emplace_back(static_cast<std::int64_t>(*bound) + step);
  }
  for (const auto& bound : {type.range.min, type.range.max}) {
    if (!bound || type.kind != OptionType::Kind::text || *bound > 1000) continue;
    values.emplace_back(std::string(static_cast<std::size_t>(*bound), 'a'));
    values.emplace_back(std::string(static_cast<std::size_t>(*bound) + 1, 'a'));
  }
  if (type.element != nullptr) {
    for (const std::string& choice : type.element->choices) values.push_back({choice});
  }
  return values;
}

/// Codes of the mistakes that a schema can express. A wrong value of a text may take more than a schema to see.
std::set<std::string> mistakes_in(const OptionType& type) {
  std::set<std::string> codes = {"option.unknown", "option.type", "option.range", "option.missing"};
  if (type.kind == OptionType::Kind::choice || type.kind == OptionType::Kind::duration ||
      type.kind == OptionType::Kind::byte_size) {
    codes.insert("option.value");
  }
  return codes;
}

class SchemaTest : public StageTypeTest {
 public:
  using StageTypeTest::StageTypeTest;

 protected:
  /// Codes of what check finds wrong, none when it accepts.
  std::vector<std::string> check(const OrderedJson& document) const {
    std::vector<std::string> codes;
    try {
      load(document);
    } catch (const ConfigError& error) {
      for (const Diagnostic& found : error.diagnostics()) codes.push_back(found.code);
    }
    return codes;
  }

  bool schema_accepts(const OrderedJson& document) const { return validator_.accepts(document); }

  /// Compares the two on one document; true when check accepts.
  bool agree(const OrderedJson& document, const OptionType& type = {}) const {
    const std::set<std::string> mistakes = mistakes_in(type);
    const std::vector<std::string> codes = check(document);
    if (codes.empty()) {
      EXPECT_TRUE(schema_accepts(document)) << "check accepts, the schema does not: " << document.dump();
    } else if (std::all_of(codes.begin(), codes.end(),
                           [&](const std::string& code) { return mistakes.contains(code); })) {
      EXPECT_FALSE(schema_accepts(document))
          << "check says " << codes.front() << ", the schema accepts: " << document.dump();
    }
    return codes.empty();
  }

  /// Both on the example with `key` set to each value, as it is and by way of a parameter.
  void compare_values(const ParamSpec& param) const {
    std::vector<OrderedJson> values = values_to_try(param.type);
    if (example().contains(param.name)) values.push_back(example().at(param.name));
    if (!param.is_secret) values.push_back(spec::shown_json(param, param.get(spec().make_params().get())));
    int accepted = 0;
    for (const OrderedJson& value : values) {
      OrderedJson stage = example();
      stage[param.name] = value;
      if (!agree(around(stage), param.type)) {
        // Fine by itself, but not together with what the example has.
        if (check(around(stage)) == std::vector<std::string>{"option.conflict"}) ++accepted;
        continue;
      }
      ++accepted;
      if (value.is_null()) continue;
      stage[param.name] = "${p}";
      OrderedJson document = around(stage);
      document["params"] = {{"p", value}};
      agree(document);
    }
    EXPECT_GT(accepted, 0) << "no value for " << param.name << " was accepted, so the table says little";
  }

 private:
  const SchemaValidator validator_{spec::json_schema(registry().specs(), config::document_spec())};
};

class SchemaAcceptsTheExample final : public SchemaTest {
 public:
  using SchemaTest::SchemaTest;
  void TestBody() override { EXPECT_TRUE(schema_accepts(around(example()))); }
};

class SchemaAgreesWithCheckOnTheOptionsOfTheStage final : public SchemaTest {
 public:
  using SchemaTest::SchemaTest;
  void TestBody() override {
    for (const ParamSpec& param : spec().params) compare_values(param);
  }
};

class SchemaAgreesWithCheckOnTheKeysOfEveryStage final : public SchemaTest {
 public:
  using SchemaTest::SchemaTest;
  void TestBody() override {
    for (const ParamSpec& param : spec::common_params()) {
      if (param.name == "name" || param.name == "type" || param.name == "from") continue;
      OrderedJson stage = example();
      for (const OrderedJson& value : values_to_try(param.type)) {
        stage[param.name] = value;
        agree(around(stage), param.type);
      }
    }
  }
};

class SchemaAgreesWithCheckOnMissingAndUnknownOptions final : public SchemaTest {
 public:
  using SchemaTest::SchemaTest;
  void TestBody() override {
    const OrderedJson whole = example();
    for (const auto& [key, value] : whole.items()) {
      OrderedJson without = example();
      without.erase(key);
      agree(around(without));
      OrderedJson misspelt = without;
      misspelt[key + "x"] = value;
      EXPECT_FALSE(agree(around(misspelt)));
      EXPECT_FALSE(schema_accepts(around(misspelt))) << key;
    }
    for (const ParamSpec& param : spec().params) {
      if (!param.is_required) continue;
      OrderedJson without = example();
      without.erase(param.name);
      EXPECT_FALSE(check(around(without)).empty()) << param.name;
      EXPECT_FALSE(schema_accepts(around(without))) << param.name;
    }
  }
};

}  // namespace

std::vector<Rule> schema_rules() {
  return {
      rule<SchemaAcceptsTheExample>("SchemaAcceptsTheExample", __FILE__, __LINE__, every_type),
      rule<SchemaAgreesWithCheckOnTheOptionsOfTheStage>("SchemaAgreesWithCheckOnTheOptionsOfTheStage", __FILE__,
                                                        __LINE__, every_type),
      rule<SchemaAgreesWithCheckOnTheKeysOfEveryStage>("SchemaAgreesWithCheckOnTheKeysOfEveryStage", __FILE__, __LINE__,
                                                       every_type),
      rule<SchemaAgreesWithCheckOnMissingAndUnknownOptions>("SchemaAgreesWithCheckOnMissingAndUnknownOptions", __FILE__,
                                                            __LINE__, every_type),
  };
}

}  // namespace penstock::testing::conformance
