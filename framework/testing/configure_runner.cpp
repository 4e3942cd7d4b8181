// SPDX-License-Identifier: Apache-2.0
#include "framework/testing/configure_runner.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "framework/base/json_pointer.h"
#include "framework/base/quote.h"
#include "framework/graph/graph.h"
#include "framework/spec/option_json.h"
#include "framework/testing/canned_answers.h"
#include "framework/testing/file_text.h"

namespace penstock::testing {
namespace {

/// The payload of a test cannot be made.
class PayloadError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

bool makes_one_of_one(StageKind kind) {
  return kind != StageKind::source && kind != StageKind::async_source && kind != StageKind::expand &&
         kind != StageKind::collect;
}

ItemError error_of(const FailOptions& fail) {
  return ItemError(fail.code, fail.message.empty() ? fail.code : fail.message,
                   fail.transient ? Persistence::transient : Persistence::permanent);
}

class Configuration {
 public:
  Configuration(const TestFile& file, std::size_t test, const Pipeline& pipeline, const std::vector<PayloadForm>& forms,
                Diagnostics& out)
      : file_(file),
        options_(file.options.tests[test]),
        pointer_("/tests/" + std::to_string(test)),
        graph_(pipeline.graph()),
        forms_(forms),
        out_(out),
        runner_(pipeline) {}

  PipelineRunner make() && {
    for (const auto& [stage, items] : options_.feed) feed(stage, items);
    for (const auto& [stage, answers] : options_.replace) replace(stage, answers);
    for (const auto& [stage, faults] : options_.faults) {
      for (std::size_t i = 0; i < faults.size(); ++i) inject(stage, faults[i], below("faults", stage, i));
    }
    for (std::size_t i = 0; i < options_.keep.size(); ++i) {
      at(append_pointer(pointer_ + "/keep", std::to_string(i)), [&] { runner_.keep(options_.keep[i]); });
    }
    for (const auto& [stage, expected] : options_.expect.stages) {
      at(append_pointer(pointer_ + "/expect/stages", stage), [&, name = stage] { runner_.collect(name); });
    }
    if (options_.drain_after) runner_.drain_after(*options_.drain_after);
    if (options_.cancel_after) runner_.cancel_after(*options_.cancel_after);
    return std::move(runner_);
  }

 private:
  std::string below(const char* key, const std::string& stage) const {
    return append_pointer(pointer_ + "/" + key, stage);
  }
  std::string below(const char* key, const std::string& stage, std::size_t index) const {
    return append_pointer(below(key, stage), std::to_string(index));
  }

  /// What `call` throws is an error at `pointer`.
  template <class Call>
  void at(const std::string& pointer, Call call) {
    const auto report = [&](DiagnosticCode code, const char* what) {
      out_.error(code, spec::position_at(file_.root, pointer), pointer, "test " + quote(options_.name) + ": " + what);
    };
    try {
      call();
    } catch (const PayloadError& error) {
      report("test.payload", error.what());
    } catch (const std::invalid_argument& error) {
      report("test.stage", error.what());
    }
  }

  const graph::GraphStage* find(const std::string& name) const {
    const auto at = std::find_if(graph_.stages.begin(), graph_.stages.end(),
                                 [&](const graph::GraphStage& stage) { return stage.name == name; });
    return at == graph_.stages.end() ? nullptr : &*at;
  }

  /// What a stage gives, as far as the graph knows it.
  static const PayloadType* type_of(const graph::GraphStage* stage) {
    return stage == nullptr || stage->outputs.size() != 1 ? nullptr : stage->outputs.front().type;
  }

  Payload make_payload(const PayloadOptions& options, const PayloadType* expected) const {
    if (!options.type && expected == nullptr) throw PayloadError("the payload needs its `type`");
    const std::string type = options.type ? *options.type : std::string(expected->name);
    const PayloadForm* form = find_form(forms_, type);
    if (form == nullptr || !form->make) {
      std::vector<std::string> names;
      for (const PayloadForm& known : forms_) {
        if (known.make) names.emplace_back(known.type->name);
      }
      throw PayloadError("payloads of type " + quote_name(type) +
                         " cannot be written in a test; these can: " + join_names(names));
    }
    if (options.text && options.file) throw PayloadError("expected `text` or `file`, got both");
    PayloadParts parts;
    if (options.text) parts.data = *options.text;
    if (options.json) parts.json = spec::to_json(options.json->value).dump();
    try {
      if (options.file) parts.data = read_file(options.file->resolved);
      return form->make(parts);
    } catch (const std::system_error& error) {
      throw PayloadError(quote(options.file->text) + " cannot be read: " + error.code().message());
    } catch (const std::invalid_argument& error) {
      throw PayloadError(error.what());
    }
  }

  void feed(const std::string& stage, const std::vector<FeedOptions>& fed) {
    const PayloadType* type = type_of(find(stage));
    std::vector<SourceItem> items;
    for (std::size_t i = 0; i < fed.size(); ++i) {
      SourceItem& item = items.emplace_back();
      item.key = fed[i].key;
      for (const auto& [name, value] : fed[i].attributes) item.attributes.set(name, value.value);
      if (!fed[i].payload) continue;
      at(below("feed", stage, i) + "/payload", [&] { item.payload = make_payload(*fed[i].payload, type); });
    }
    if (out_.has_errors()) return;
    at(below("feed", stage), [&] { runner_.feed(stage, std::move(items)); });
  }

  void replace(const std::string& name, const std::vector<ReplaceOptions>& given) {
    const graph::GraphStage* stage = find(name);
    std::vector<CannedAnswer> answers;
    for (std::size_t i = 0; i < given.size(); ++i) {
      at(below("replace", name, i), [&] { answers.push_back(answer_of(given[i], name, stage)); });
    }
    at(below("replace", name), [&] {
      if (stage != nullptr && !stage->is_source() && !makes_one_of_one(stage->kind())) {
        throw std::invalid_argument(
            "stage " + quote(name) +
            ": answers are for stages that make one item of one; feed or replace its neighbours");
      }
      const StageKind kind = stage == nullptr ? StageKind::transform : stage->kind();
      runner_.replace(name, make_canned_function(kind, name, std::move(answers)));
    });
  }

  CannedAnswer answer_of(const ReplaceOptions& given, const std::string& name, const graph::GraphStage* stage) const {
    CannedAnswer answer{.key = given.key, .port = given.port.value_or(""), .drop_reason = given.drop};
    for (const auto& [attribute, value] : given.attributes) answer.attributes.emplace_back(attribute, value.value);
    if (given.payload) answer.payload = make_payload(*given.payload, type_of(stage));
    if (given.fail) answer.error = error_of(*given.fail);
    if (given.delay) {
      if (stage != nullptr && stage->kind() != StageKind::async_transform) {
        throw std::invalid_argument("stage " + quote(name) + ": only asynchronous stages can wait before an answer");
      }
      answer.delay = *given.delay;
    }
    return answer;
  }

  void inject(const std::string& stage, const FaultOptions& fault, const std::string& pointer) {
    at(pointer, [&] {
      if (fault.call && fault.first) throw std::invalid_argument("expected `call` or `first`, got both");
      Calls calls = fault.call ? Calls::nth(*fault.call) : fault.first ? Calls::first(*fault.first) : Calls::all();
      if (fault.key) calls = calls.of(*fault.key);
      if (fault.fail.has_value() + fault.drop.has_value() + fault.delay.has_value() != 1) {
        throw std::invalid_argument("expected one of `fail`, `drop` and `delay`");
      }
      if (fault.fail) runner_.fail(stage, calls, error_of(*fault.fail));
      if (fault.drop) runner_.drop(stage, calls, *fault.drop);
      if (fault.delay) runner_.delay(stage, calls, *fault.delay);
    });
  }

  const TestFile& file_;
  const TestOptions& options_;
  const std::string pointer_;
  const graph::Graph& graph_;
  const std::vector<PayloadForm>& forms_;
  Diagnostics& out_;
  PipelineRunner runner_;
};

}  // namespace

PipelineRunner configure_runner(const TestFile& file, std::size_t test, const Pipeline& pipeline,
                                const std::vector<PayloadForm>& forms, Diagnostics& out) {
  return Configuration(file, test, pipeline, forms, out).make();
}

const PayloadForm* find_form(const std::vector<PayloadForm>& forms, std::string_view type) {
  const auto at =
      std::find_if(forms.begin(), forms.end(), [&](const PayloadForm& form) { return form.type->name == type; });
  return at == forms.end() ? nullptr : &*at;
}

}  // namespace penstock::testing
