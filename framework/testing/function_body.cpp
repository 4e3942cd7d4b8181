// SPDX-License-Identifier: Apache-2.0
#include "framework/testing/function_body.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include "framework/base/quote.h"

namespace penstock::testing {
namespace {

using penstock::detail::Expansion;
using penstock::detail::Piece;
using penstock::detail::StageBody;
using penstock::detail::StripResult;
using penstock::detail::Verdict;
using Shape = StageFunction::Shape;

class FunctionBody final : public StageBody {
 public:
  FunctionBody(StageFunction function, BodyPromise promise)
      : function_(std::move(function)), promise_(std::move(promise)) {}

  StageKind kind() const override { return promise_.kind; }
  void open(StageContext&) override {}
  void close(StageContext&) override {}

  StripResult process(std::span<Piece* const> strip, StageContext& context, bool) override {
    StripResult result;
    for (Piece* piece : strip) {
      context.bind(*piece);
      try {
        if (function_.shape() == Shape::route) {
          piece->port = port_of(function_.route(piece->payload, context));
        } else {
          store(*piece, function_.process(piece->payload, context));
        }
      } catch (...) {
        fail(*piece, context);
      }
      if (piece->verdict == Verdict::emit) {
        result.bytes += piece->payload.bytes();
      } else {
        result.all_emitted = false;
      }
    }
    return result;
  }

  Task<void> process_async(Piece& piece, StageContext& context, bool) override {
    context.bind(piece);
    const Payload input = piece.payload;
    try {
      if (function_.shape() == Shape::coroutine) {
        Maybe<Payload> result = co_await function_.process_async(input, context);
        store(piece, std::move(result));
      } else {
        store(piece, function_.process(input, context));
      }
    } catch (...) {
      fail(piece, context);
    }
  }

  std::unique_ptr<Expansion> expand(Piece& parent, StageContext& context) override {
    return std::make_unique<Running>(*this, parent, context);
  }

  bool add(Piece& member, Piece& merged, StageContext& context) override {
    members_.push_back(member.payload);
    if (members_.size() < promise_.max_members) return false;
    merge(merged, context);
    return true;
  }
  void flush(Piece& merged, StageContext& context) override { merge(merged, context); }
  std::size_t max_members() const override { return promise_.max_members; }
  std::vector<std::string> ports() const override { return promise_.ports; }

 private:
  class Running final : public Expansion {
   public:
    Running(FunctionBody& body, Piece& parent, StageContext& context)
        : body_(body), input_(parent.payload), context_(context) {}
    bool next(Piece& child, StageContext&) override {
      context_.bind(child);
      try {
        if (!values_) values_.emplace(body_.function_.expand(input_, context_));
        std::optional<Payload> value = values_->next();
        if (!value) return false;
        body_.check(*value);
        child.payload = std::move(*value);
      } catch (...) {
        fail(child, context_);
      }
      return true;
    }

   private:
    FunctionBody& body_;
    const Payload input_;
    StageContext context_;  // The generator keeps a reference to it between calls.
    std::optional<Generator<Payload>> values_;
  };

  static void fail(Piece& piece, StageContext& context) {
    penstock::detail::fail_from_current_exception(piece);
    context.restore_attributes();
  }

  void check(const Payload& value) const {
    if (promise_.output == nullptr || value.type().is_a(*promise_.output)) return;
    throw std::logic_error("the function that replaces the stage " + quote(promise_.stage) +
                           " gave a payload of type " + quote_name(value.type().name) + ", expected " +
                           quote_name(promise_.output->name));
  }
  void store(Piece& piece, Maybe<Payload> result) const {
    if (!result.has_value()) {
      piece.drop(std::move(result).reason());
      return;
    }
    Payload value = std::move(result).value();
    check(value);
    piece.payload = std::move(value);
  }
  std::uint16_t port_of(const std::string& name) const {
    const auto at = std::find(promise_.ports.begin(), promise_.ports.end(), name);
    if (at != promise_.ports.end()) return static_cast<std::uint16_t>(at - promise_.ports.begin());
    throw std::logic_error("the function that replaces the stage " + quote(promise_.stage) + " chose the port " +
                           quote_name(name) + "; there are: " + join_names(promise_.ports));
  }
  void merge(Piece& merged, StageContext& context) {
    context.bind(merged);
    try {
      const std::vector<Payload> members = std::exchange(members_, {});
      Payload value = function_.merge(members, context);
      check(value);
      merged.payload = std::move(value);
    } catch (...) {
      penstock::detail::fail_from_current_exception(merged);
    }
  }

  StageFunction function_;
  const BodyPromise promise_;
  std::vector<Payload> members_;
};

}  // namespace

bool fits(Shape shape, StageKind kind) {
  switch (kind) {
    case StageKind::transform:
    case StageKind::serial_transform:
    case StageKind::blocking_transform:
      return shape == Shape::one_to_one;
    case StageKind::async_transform:
      return shape == Shape::one_to_one || shape == Shape::coroutine;
    case StageKind::expand:
      return shape == Shape::expand;
    case StageKind::collect:
      return shape == Shape::merge;
    case StageKind::route:
      return shape == Shape::route;
    case StageKind::source:
    case StageKind::async_source:
      break;
  }
  return false;
}

std::unique_ptr<StageBody> make_function_body(StageFunction function, BodyPromise promise) {
  return std::make_unique<FunctionBody>(std::move(function), std::move(promise));
}

}  // namespace penstock::testing
