// A stage type with one option of every kind, for the tests of this folder. It has no body.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "penstock/option_codec.h"
#include "penstock/stage_spec.h"

namespace penstock::spec {

enum class Fit { inside, stretch };
constexpr std::array<Name<Fit>, 2> names_of(Fit) { return {{{Fit::inside, "inside"}, {Fit::stretch, "stretch"}}}; }

struct Padding {
  int left = 0;
  int top = 2;
};
inline std::vector<ParamSpec> params_of(const Padding*) {
  return {param(&Padding::left, "left", "Pixels at the left.", at_least(0)),
          param(&Padding::top, "top", "Pixels at the top.", at_least(0))};
}

struct SampleParams {
  int width = 0;
  double scale = 1.5;
  bool enlarge = false;
  Fit fit = Fit::inside;
  std::string to;
  std::string token;
  Duration wait = std::chrono::seconds(15);
  std::optional<ByteSize> max_bytes;
  std::vector<std::string> formats = {"jpeg"};
  std::vector<std::pair<std::string, std::string>> headers;
  Padding padding;
};

inline StageSpec sample_spec() {
  StageSpec spec;
  spec.type = "sample";
  spec.summary = "Shows one option of every kind.";
  spec.kind = StageKind::transform;
  spec.input = PortSpec{"in", {&payload_type<Text>(), &payload_type<Integer>()}, "Text or a number."};
  spec.output = PortSpec{"out", {&payload_type<Text>()}, "Text."};
  using P = SampleParams;
  spec.params = {param(&P::width, "width", "Box width | in pixels.", between(0, 65'535)),
                 param(&P::scale, "scale", "A factor.", between(0.5, 2)),
                 param(&P::enlarge, "enlarge", "May enlarge."),
                 param(&P::fit, "fit", "How it fits."),
                 param(&P::to, "to", "Where to.", at_least(1)),
                 param(&P::token, "token", "A password."),
                 param(&P::wait, "wait", "How long.", between(1e6, 90e9)),
                 param(&P::max_bytes, "max_bytes", "The most bytes.", at_least(1)),
                 param(&P::formats, "formats", "Formats.", at_least(1)),
                 param(&P::headers, "headers", "More headers."),
                 param(&P::padding, "padding", "Padding.")};
  spec.params[4].is_required = true;
  spec.params[5].is_secret = true;
  spec.rules = {{{"width", "max_bytes"}, [](const void*) {}}};
  spec.errors = {{"sample.empty", "The input is empty."}, {"sample.busy", "Try later.", Persistence::transient}};
  spec.attributes = {{"sample.length", "How long it is."}};
  spec.example = R"({"type": "sample", "to": "out", "width": 3})";
  spec.make_params = [] { return std::make_shared<SampleParams>(); };
  return spec;
}

}  // namespace penstock::spec
