// The codes of everything that can be wrong with a configuration. The compiler sees to it that there are no others; the
// reference page of errors lists these.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace penstock {

/// A code, stable and lower case, `area.reason`, and one sentence for the reference page.
struct DiagnosticCodeText {
  std::string_view code;
  std::string_view text;
};

/// Every code that a Diagnostic of the framework or of a built-in stage may have; sorted.
inline constexpr std::array kDiagnosticCodes = {
    DiagnosticCodeText{"config.more_errors", "There are more errors than are listed."},
    DiagnosticCodeText{"file.read", "The pipeline file cannot be read."},
    DiagnosticCodeText{"graph.collectors_exceed_items",
                       "The batches may hold more items than `limits.items` lets in: they would never fill."},
    DiagnosticCodeText{"graph.cycle", "Stages read each other in a circle."},
    DiagnosticCodeText{"graph.duplicate_edge", "A stage names the same port twice in `from`."},
    DiagnosticCodeText{"graph.move_only", "A payload that cannot be copied would be needed twice."},
    DiagnosticCodeText{"graph.no_output", "A stage reads from one that has no output."},
    DiagnosticCodeText{"graph.port_not_named", "A stage reads from a route without saying which of its ports."},
    DiagnosticCodeText{"graph.source_with_input", "A source has a `from`."},
    DiagnosticCodeText{"graph.type_mismatch", "A stage does not take the payload type that it would get."},
    DiagnosticCodeText{"graph.unfed_input", "A stage has nothing to read."},
    DiagnosticCodeText{"graph.unknown_payload_type", "An option names a payload type that nothing here has."},
    DiagnosticCodeText{"graph.unknown_port", "`from` names a port that the stage does not have."},
    DiagnosticCodeText{"graph.unknown_stage", "`from` names a stage that is not there."},
    DiagnosticCodeText{"graph.unread_source", "Nobody reads a source."},
    DiagnosticCodeText{"json.depth", "Lists and objects are nested too deeply."},
    DiagnosticCodeText{"json.duplicate_key", "A key stands twice in one object."},
    DiagnosticCodeText{"json.number", "A number does not fit."},
    DiagnosticCodeText{"json.size", "The file, or a part of it, is too large."},
    DiagnosticCodeText{"json.syntax", "The text is no JSON."},
    DiagnosticCodeText{"json.trailing_data", "Something stands behind the end of the document."},
    DiagnosticCodeText{"json.utf8", "The text is no UTF-8."},
    DiagnosticCodeText{"option.conflict", "Options contradict each other."},
    DiagnosticCodeText{"option.glob", "A pattern for file names is malformed."},
    DiagnosticCodeText{"option.missing", "An option that must be given is not there."},
    DiagnosticCodeText{"option.range", "A value is out of its range."},
    DiagnosticCodeText{"option.template", "A template is malformed."},
    DiagnosticCodeText{"option.type", "A value has the wrong JSON type."},
    DiagnosticCodeText{"option.unknown", "There is no such option."},
    DiagnosticCodeText{"option.value", "A value has the right type but is none of those that are allowed."},
    DiagnosticCodeText{"param.name", "A parameter has an impossible name."},
    DiagnosticCodeText{"param.nested", "The default of a parameter names another parameter."},
    DiagnosticCodeText{"param.syntax", "A `${` is not closed."},
    DiagnosticCodeText{"param.too_large", "Replacing the parameters would make the file too large."},
    DiagnosticCodeText{"param.type", "The value of a parameter has the wrong type for its place."},
    DiagnosticCodeText{"param.unknown", "There is no such parameter."},
    DiagnosticCodeText{"param.unset_environment", "An environment variable is not set."},
    DiagnosticCodeText{"param.unused", "Nothing uses a parameter."},
    DiagnosticCodeText{"plugin.entry", "The shared library is no plugin, or none of this kind."},
    DiagnosticCodeText{"plugin.load", "The shared library cannot be loaded."},
    DiagnosticCodeText{"plugin.refused", "The file names plugins, and the program does not load those."},
    DiagnosticCodeText{"plugin.stages", "A plugin could not add its stage types."},
    DiagnosticCodeText{"plugin.version",
                       "A plugin was made with another version of Penstock, or with another compiler."},
    DiagnosticCodeText{"stage.descriptors", "A `concurrency` needs more open files than the process may have."},
    DiagnosticCodeText{"stage.duplicate_name", "Two stages have the same name."},
    DiagnosticCodeText{"stage.port_name", "A port of a route has an impossible name."},
    DiagnosticCodeText{"stage.queue_without_effect",
                       "A warning: items wait for their turn first, uncounted by `queue`."},
    DiagnosticCodeText{"stage.unknown_type", "There is no such stage type."},
    DiagnosticCodeText{"stage.unsupported", "This kind of stage does not take this key."},
    DiagnosticCodeText{"template.unknown_attribute",
                       "A template or condition reads an attribute that no stage before it sets."},
    DiagnosticCodeText{"test.duplicate_name", "Two tests of one file have the same name."},
    DiagnosticCodeText{"test.payload", "A payload of a test cannot be made of what is given for it."},
    DiagnosticCodeText{"test.recording", "A recording of HTTP cannot be read."},
    DiagnosticCodeText{"test.stage",
                       "A test names a stage that the pipeline does not have, or asks of it what it cannot do."},
};

constexpr bool is_diagnostic_code(std::string_view code) {
  return std::any_of(kDiagnosticCodes.begin(), kDiagnosticCodes.end(),
                     [code](const DiagnosticCodeText& known) { return known.code == code; });
}

/// One of kDiagnosticCodes, written as a literal: another one does not compile.
class DiagnosticCode {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): a literal stands for its code.
  consteval DiagnosticCode(const char* code) : code_(code) {
    if (!is_diagnostic_code(code_)) throw "kDiagnosticCodes does not declare this code";
  }

  constexpr std::string_view name() const { return code_; }

 private:
  std::string_view code_;
};

}  // namespace penstock
