// Loading of plugins: what penstock/plugin.h promises their authors is checked here.
// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>

#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "framework/base/quote.h"
#include "penstock/diagnostic.h"
#include "penstock/diagnostic_code.h"
#include "penstock/plugin.h"
#include "penstock/registry.h"

namespace penstock {
namespace {

constexpr const char* kEntrySymbol = "penstock_plugin";

[[noreturn]] void refuse(const std::string& path, DiagnosticCode code, std::string message, std::string help) {
  throw ConfigError({{.code = std::string(code.name()),
                      .where = {.file = path},
                      .message = std::move(message),
                      .help = std::move(help)}});
}

/// What dlerror() says, without the path that it begins with.
std::string loader_error(const std::string& path) {
  const char* error = dlerror();
  const std::string text = error == nullptr ? "unknown error" : error;
  return text.starts_with(path + ": ") ? text.substr(path.size() + 2) : text;
}

/// Loaded for good: types, functions and constants of the plugin may live in any pipeline.
const detail::PluginEntry& load(const std::string& path) {
  // A name without a slash would be looked up in the system's folders.
  const std::string file = path.find('/') == std::string::npos ? "./" + path : path;
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) {
    refuse(path, "plugin.load", "expected a plugin, but the shared library cannot be loaded: " + loader_error(file),
           "check the path, and the libraries that it needs, with `ldd`");
  }
  const auto* entry = static_cast<const detail::PluginEntry*>(dlsym(library, kEntrySymbol));
  if (entry == nullptr) {
    refuse(path, "plugin.entry",
           std::string("expected a plugin, but the shared library does not define `") + kEntrySymbol + "`",
           "write PENSTOCK_PLUGIN(add_stages) in one of its sources");
  }
  if (entry->layout != detail::kPluginLayout) {
    refuse(path, "plugin.entry",
           "expected an entry point of kind " + std::to_string(detail::kPluginLayout) + ", got kind " +
               std::to_string(entry->layout),
           "build it with the headers of penstock " PENSTOCK_VERSION);
  }
  return *entry;
}

}  // namespace

void Registry::add_plugin(const std::string& path) {
  const detail::PluginEntry& entry = load(path);
  if (plugins_.contains(&entry)) return;
  if (std::string_view(entry.made_with) != PENSTOCK_MADE_WITH) {
    refuse(path, "plugin.version",
           "expected a plugin made with " + quote(PENSTOCK_MADE_WITH) + ", got one made with " + quote(entry.made_with),
           "build it again with the version and the compiler that this program was built with");
  }
  Registry extended = *this;
  try {
    entry.add_stages(extended);
  } catch (const std::exception& error) {
    refuse(path, "plugin.stages",
           "expected the plugin to add its stage types, but it failed: " + std::string(error.what()), "");
  } catch (...) {
    refuse(path, "plugin.stages", "expected the plugin to add its stage types, but it failed with an unknown exception",
           "");
  }
  extended.plugins_.insert(&entry);
  *this = std::move(extended);
}

}  // namespace penstock
