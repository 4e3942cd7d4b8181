// SPDX-License-Identifier: Apache-2.0
#include "framework/runtime/set_aside.h"

#include <string>
#include <string_view>
#include <utility>

namespace penstock::runtime {
namespace {

class FileSink final : public ByteSink {
 public:
  FileSink(TemporaryFile& file, std::uint64_t offset) : file_(file), begin_(offset), end_(offset) {}
  void write(std::string_view bytes) override {
    file_.write_at(end_, bytes);
    end_ += bytes.size();
  }
  std::uint64_t written() const { return end_ - begin_; }

 private:
  TemporaryFile& file_;
  std::uint64_t begin_;
  std::uint64_t end_;
};

}  // namespace

SetAside::~SetAside() { store_.discard(offset_, bytes_); }

Payload SetAside::read(MemoryCharge charge) const {
  std::string encoded(bytes_, '\0');
  store_.file_->read_at(offset_, encoded);
  return type_.decode(std::move(encoded), std::move(charge));
}

std::unique_ptr<const SetAside> AsideStore::write(const Payload& payload) noexcept {
  if (!payload.type().is_encodable()) return nullptr;
  try {
    const std::scoped_lock lock(mutex_);
    if (!file_) file_.emplace();
    FileSink sink(*file_, end_);
    payload.encode(sink);
    auto aside = std::make_unique<const SetAside>(*this, payload.type(), end_, sink.written());
    end_ += sink.written();
    ++kept_;
    return aside;
  } catch (...) {
    return nullptr;  // It stays in memory, as if it had not been tried.
  }
}

void AsideStore::discard(std::uint64_t offset, std::uint64_t bytes) noexcept {
  const std::scoped_lock lock(mutex_);
  file_->discard(offset, bytes);
  if (--kept_ == 0) end_ = 0;
}

}  // namespace penstock::runtime
