// SPDX-License-Identifier: Apache-2.0
#include "stages/resize/result.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/bytes.h"

namespace penstock::stages {

EncodedImage emitted(ResizeResult result, ImageFormat format, ResizePath path, StageContext& context) {
  context.set_attribute("image.width", result.size.width);
  context.set_attribute("image.height", result.size.height);
  context.set_attribute("image.source_width", result.source.width);
  context.set_attribute("image.source_height", result.source.height);
  context.set_attribute("image.format", std::string(name_of(format)));
  const std::string_view name = names_of(path)[static_cast<std::size_t>(path)].name;
  context.set_attribute("image.path", std::string(name));
  context.count(name);
  MemoryCharge kept = context.keep(result.data.capacity());
  return EncodedImage(Bytes(std::move(result.data), std::move(kept)), format, static_cast<int>(result.size.width),
                      static_cast<int>(result.size.height));
}

}  // namespace penstock::stages
