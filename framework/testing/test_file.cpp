// SPDX-License-Identifier: Apache-2.0
#include "framework/testing/test_file.h"

#include <filesystem>
#include <map>
#include <optional>
#include <system_error>

#include "framework/base/diagnostics.h"
#include "framework/base/quote.h"
#include "framework/spec/read_options.h"
#include "framework/testing/file_text.h"

namespace penstock::testing {
namespace {

std::string read_text(const std::string& path) {
  try {
    return read_file(path, spec::kMaxJsonBytes + 1);
  } catch (const std::system_error& error) {
    throw ConfigError({{.code = std::string(DiagnosticCode("file.read").name()),
                        .where = {.file = path},
                        .message = "expected a test file, but it cannot be read: " + error.code().message(),
                        .help = "check the path and its permissions"}});
  }
}

void check_names(const TestFile& file, Diagnostics& out) {
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < file.options.tests.size(); ++i) {
    const std::string& name = file.options.tests[i].name;
    const auto [first, is_new] = seen.emplace(name, i);
    if (is_new) continue;
    const std::string pointer = "/tests/" + std::to_string(i) + "/name";
    out.error("test.duplicate_name", spec::position_at(file.root, pointer), pointer,
              "expected a name of its own, got " + quote(name) + ", that of test " + std::to_string(first->second + 1));
  }
}

}  // namespace

TestFile load_test_file(const std::string& path) {
  const std::string text = read_text(path);
  Diagnostics out(path);
  TestFile file{.path = path, .options = {}, .root = {}};
  std::optional<spec::LocatedValue> root = spec::read_json(text, out);
  if (!root) out.throw_errors();
  file.root = std::move(*root);
  if (!file.root.holds<spec::LocatedValue::Object>()) {
    if (!file.root.is_broken()) {
      out.error("option.type", file.root.position, "",
                "expected an object with the keys `pipeline` and `tests`, got " + describe(file.root));
    }
    out.throw_errors();
  }
  const OptionContext context{.base = std::filesystem::path(path).parent_path().string()};
  const spec::OptionReader reader{.prefix = "", .owner = "the test file", .context = context, .diagnostics = out};
  reader.read(file.root, spec::Place(), params_of(&file.options), &file.options);
  check_names(file, out);
  out.throw_errors();
  return file;
}

}  // namespace penstock::testing
