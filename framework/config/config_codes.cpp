// SPDX-License-Identifier: Apache-2.0
#include "framework/config/config_codes.h"

namespace penstock::config {

const std::vector<std::pair<std::string, std::string>>& config_codes() {
  static const std::vector<std::pair<std::string, std::string>> kCodes = {
      {"config.more_errors", "There are more errors than are listed."},
      {"file.read", "The pipeline file cannot be read."},
      {"graph.collectors_exceed_items",
       "The batches may hold more items than `limits.items` lets in: they would never fill."},
      {"graph.cycle", "Stages read each other in a circle."},
      {"graph.duplicate_edge", "A stage names the same port twice in `from`."},
      {"graph.move_only", "A payload that cannot be copied would be needed twice."},
      {"graph.no_output", "A stage reads from one that has no output."},
      {"graph.port_not_named", "A stage reads from a route without saying which of its ports."},
      {"graph.source_with_input", "A source has a `from`."},
      {"graph.type_mismatch", "A stage does not take the payload type that it would get."},
      {"graph.unfed_input", "A stage has nothing to read."},
      {"graph.unknown_port", "`from` names a port that the stage does not have."},
      {"graph.unknown_stage", "`from` names a stage that is not there."},
      {"graph.unread_source", "Nobody reads a source."},
      {"json.depth", "Lists and objects are nested too deeply."},
      {"json.duplicate_key", "A key stands twice in one object."},
      {"json.number", "A number does not fit."},
      {"json.size", "The file, or a part of it, is too large."},
      {"json.syntax", "The text is no JSON."},
      {"json.trailing_data", "Something stands behind the end of the document."},
      {"option.conflict", "Options contradict each other."},
      {"option.glob", "A pattern for file names is malformed."},
      {"option.missing", "An option that must be given is not there."},
      {"option.range", "A value is out of its range."},
      {"option.template", "A template is malformed."},
      {"option.type", "A value has the wrong JSON type."},
      {"option.unknown", "There is no such option."},
      {"option.value", "A value has the right type but is none of those that are allowed."},
      {"param.name", "A parameter has an impossible name."},
      {"param.nested", "The default of a parameter names another parameter."},
      {"param.syntax", "A `${` is not closed."},
      {"param.too_large", "Replacing the parameters would make the file too large."},
      {"param.type", "The value of a parameter has the wrong type for its place."},
      {"param.unknown", "There is no such parameter."},
      {"param.unset_environment", "An environment variable is not set."},
      {"param.unused", "Nothing uses a parameter."},
      {"stage.descriptors", "A `concurrency` needs more open files than the process may have."},
      {"stage.duplicate_name", "Two stages have the same name."},
      {"stage.port_name", "A port of a route has an impossible name."},
      {"stage.queue_without_effect", "A warning: items wait for memory or for their turn first, uncounted by `queue`."},
      {"stage.unknown_type", "There is no such stage type."},
      {"stage.unsupported", "This kind of stage does not take this key."},
      {"template.unknown_attribute", "A template or condition reads an attribute that no stage before it sets."},
  };
  return kCodes;
}

}  // namespace penstock::config
