// The one list of the built-in stages.
// SPDX-License-Identifier: Apache-2.0
#include "stages/builtin.h"

#include "stages/batch/batch.h"
#include "stages/command_lines/command_lines.h"
#include "stages/convolve/convolve.h"
#include "stages/count/count.h"
#include "stages/csv/csv.h"
#include "stages/digest/digest.h"
#include "stages/download/download.h"
#include "stages/drop/drop.h"
#include "stages/factorize/factorize.h"
#include "stages/files/files.h"
#include "stages/fold/fold.h"
#include "stages/format/format.h"
#include "stages/gcd/gcd.h"
#include "stages/jsonl/jsonl.h"
#include "stages/lines/lines.h"
#include "stages/parse/parse.h"
#include "stages/probe/probe.h"
#include "stages/range/range.h"
#include "stages/resize/renditions.h"
#include "stages/resize/resize.h"
#include "stages/route/route.h"
#include "stages/sleep/sleep.h"
#include "stages/subprocess/subprocess.h"
#include "stages/unbatch/unbatch.h"
#include "stages/upload/upload.h"
#include "stages/watch/watch.h"
#include "stages/write_lines/write_lines.h"

namespace penstock::stages {

void register_builtin_stages(Registry& registry, const BuiltinOptions& options) {
  registry.add(batch_spec());
  registry.add(command_lines_spec());
  registry.add(convolve_spec());
  registry.add(count_spec());
  registry.add(csv_spec());
  registry.add(digest_spec());
  registry.add(download_spec(options.http_transport));
  registry.add(drop_spec());
  registry.add(factorize_spec());
  registry.add(files_spec());
  registry.add(fold_spec());
  registry.add(format_spec());
  registry.add(gcd_spec());
  registry.add(jsonl_spec());
  registry.add(lines_spec());
  registry.add(parse_spec());
  registry.add(probe_spec());
  registry.add(range_spec());
  registry.add(renditions_spec());
  registry.add(resize_spec());
  registry.add(route_spec());
  registry.add(sleep_blocking_spec());
  registry.add(sleep_spec());
  registry.add(subprocess_spec());
  registry.add(unbatch_spec());
  registry.add(upload_spec(options.http_transport));
  registry.add(watch_spec());
  registry.add(write_lines_spec());
}

}  // namespace penstock::stages
