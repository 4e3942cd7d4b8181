// Stage types of somebody else: three keep what stages promise, the others each break a promise that the conformance
// tests must find.
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>

#include "penstock/stage.h"
#include "penstock/stage_spec.h"
#include "penstock/testing/conformance.h"

namespace penstock {
namespace {

/// A payload type of their own.
struct Grams {
  std::int64_t value = 0;
};

}  // namespace

template <>
struct PayloadTraits<Grams> {
  static constexpr std::string_view name = "grams";
  static std::uint64_t bytes(const Grams&) { return sizeof(Grams); }
};

namespace {

constexpr ErrorCode kNegative{"weigh.negative", "Nothing weighs less than nothing."};

class Proper final : public Transform<Grams, Integer> {
 public:
  Integer process(const Grams& in, StageContext&) const override {
    if (in.value < 0) throw ItemError(kNegative);
    return {in.value / 1000};
  }
};

StageSpec proper() {
  return describe_stage<Proper>("proper")
      .summary("Kilograms.")
      .input<Grams>("weight", "Grams.")
      .output<Integer>("weight", "Kilograms.")
      .error(kNegative)
      .example(R"({"type": "proper"})");
}

constexpr ErrorCode kNoTable{"price.no_table", "The table of prices is not there."};

struct PriceParams {
  FilePath table;
};

/// Needs a file that the author's tests prepare.
class Price final : public Transform<Grams, Integer> {
 public:
  explicit Price(PriceParams params) : params_(std::move(params)) {}
  void open(StageContext&) override {
    if (!std::filesystem::exists(params_.table.resolved)) throw ItemError(kNoTable);
  }
  Integer process(const Grams& in, StageContext&) const override { return {in.value / 7}; }

 private:
  PriceParams params_;
};

StageSpec price() {
  return describe_stage<Price, PriceParams>("price")
      .summary("What it costs.")
      .input<Grams>("weight", "Grams.")
      .output<Integer>("price", "Cents.")
      .param(&PriceParams::table, "table", "The table of prices.")
      .required()
      .error(kNoTable)
      .example(R"({"type": "price", "table": "prices.txt"})");
}

constexpr ErrorCode kNoOrders{"orders.file", "The file of orders is not there, or is none."};

struct OrdersParams {
  FilePath path;
};

/// Reads files of a format of its own: `ORDERS`, then a line for each.
class Orders final : public Source {
 public:
  explicit Orders(OrdersParams params) : params_(std::move(params)) {}
  void open(StageContext&) override {
    file_.open(params_.path.resolved);
    std::string first;
    if (!std::getline(file_, first) || first != "ORDERS") throw ItemError(kNoOrders);
  }
  std::optional<SourceItem> next(StageContext&) override {
    SourceItem item;
    if (!std::getline(file_, item.key)) return std::nullopt;
    return item;
  }
  void close(StageContext&) override { file_.close(); }

 private:
  OrdersParams params_;
  std::ifstream file_;
};

StageSpec orders() {
  return describe_stage<Orders, OrdersParams>("orders")
      .summary("Emits orders.")
      .output<None>("order", "One.")
      .param(&OrdersParams::path, "path", "The file.")
      .required()
      .error(kNoOrders)
      .example(R"({"type": "orders", "path": "orders.txt"})");
}

/// Raises an error that it does not declare.
StageSpec undeclared() {
  StageSpec spec = proper();
  spec.type = "undeclared";
  spec.errors.clear();
  spec.example = R"({"type": "undeclared"})";
  return spec;
}

/// Has no example.
StageSpec silent() {
  StageSpec spec = proper();
  spec.type = "silent";
  spec.example.clear();
  return spec;
}

/// Opens a file and does not close it.
class Leaky final : public SerialTransform<Integer, Integer> {
 public:
  void open(StageContext&) override { ::open("/dev/null", O_RDONLY | O_CLOEXEC); }
  Integer process(const Integer& in, StageContext&) override { return in; }
};

StageSpec leaky() {
  return describe_stage<Leaky>("leaky")
      .summary("Leaks.")
      .input<Integer>("number", "Any.")
      .output<Integer>("number", "The same.")
      .example(R"({"type": "leaky"})");
}

/// Takes what there are no samples of.
struct Unheard {};

}  // namespace

template <>
struct PayloadTraits<Unheard> {
  static constexpr std::string_view name = "unheard";
  static std::uint64_t bytes(const Unheard&) { return 0; }
};

namespace {

class Strange final : public Transform<Unheard, void> {
 public:
  void process(const Unheard&, StageContext&) const override {}
};

StageSpec strange() {
  return describe_stage<Strange>("strange").summary("?").input<Unheard>("?", "?").example(R"({"type": "strange"})");
}

}  // namespace
}  // namespace penstock

int main(int argc, char** argv) {
  penstock::Registry registry;
  for (auto* spec : {penstock::proper, penstock::price, penstock::orders, penstock::undeclared, penstock::silent,
                     penstock::leaky, penstock::strange}) {
    registry.add(spec());
  }
  penstock::testing::ConformanceOptions options;
  for (const std::int64_t value : {5'000, 0, -1}) options.payloads.emplace_back(penstock::Grams{value});
  options.files = {"ORDERS\nfirst\nsecond\n"};
  options.prepare = [](const std::string& folder) { std::ofstream(folder + "/prices.txt") << "a table"; };
  return penstock::testing::run_conformance_tests(argc, argv, registry, options);
}
