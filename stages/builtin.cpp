// The one list of the built-in stages.
// SPDX-License-Identifier: Apache-2.0
#include "stages/builtin.h"

#include "stages/command_lines/command_lines.h"
#include "stages/csv/csv.h"
#include "stages/download/download.h"
#include "stages/drop/drop.h"
#include "stages/files/files.h"
#include "stages/jsonl/jsonl.h"
#include "stages/lines/lines.h"
#include "stages/probe/probe.h"
#include "stages/resize/renditions.h"
#include "stages/resize/resize.h"
#include "stages/route/route.h"
#include "stages/subprocess/subprocess.h"
#include "stages/upload/upload.h"
#include "stages/watch/watch.h"

namespace penstock::stages {

void register_builtin_stages(Registry& registry, const BuiltinOptions& options) {
  registry.add(command_lines_spec());
  registry.add(csv_spec());
  registry.add(download_spec(options.http_transport));
  registry.add(drop_spec());
  registry.add(files_spec());
  registry.add(jsonl_spec());
  registry.add(lines_spec());
  registry.add(probe_spec());
  registry.add(renditions_spec());
  registry.add(resize_spec());
  registry.add(route_spec());
  registry.add(subprocess_spec());
  registry.add(upload_spec(options.http_transport));
  registry.add(watch_spec());
}

}  // namespace penstock::stages
