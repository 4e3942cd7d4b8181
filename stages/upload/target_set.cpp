// The targets that one run has written to, to refuse a second item for the same one.
// SPDX-License-Identifier: Apache-2.0
#include "stages/upload/target_set.h"

#include <sqlite3.h>

#include <charconv>
#include <stdexcept>
#include <string>

#include "stages/common/item_template.h"

namespace penstock::stages {
namespace {

std::uint64_t digest_of(std::string_view target) {
  const std::string hex = short_digest(target);
  std::uint64_t digest = 0;
  std::from_chars(hex.data(), hex.data() + 16, digest, 16);
  return digest;
}

void check(int status, sqlite3* database) {
  if (status == SQLITE_OK || status == SQLITE_DONE) return;
  throw std::runtime_error(std::string("the temporary list of targets cannot be written: ") + sqlite3_errmsg(database));
}

}  // namespace

void TargetSet::CloseDatabase::operator()(sqlite3* database) const { sqlite3_close(database); }
void TargetSet::FinishStatement::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

TargetSet::TargetSet(std::size_t kept_in_memory) : kept_in_memory_(kept_in_memory) {}
TargetSet::~TargetSet() = default;

bool TargetSet::insert(std::string_view target) {
  const std::uint64_t digest = digest_of(target);
  const std::lock_guard lock(mutex_);
  if (digests_.contains(digest)) return false;
  if (digests_.size() < kept_in_memory_) return digests_.insert(digest);
  return insert_on_disk(digest);
}

bool TargetSet::is_large() const {
  const std::lock_guard lock(mutex_);
  return digests_.size() >= kept_in_memory_;
}

void TargetSet::open_database() {
  sqlite3* database = nullptr;
  const int status = sqlite3_open("", &database);  // An empty name: a private file that goes with the connection.
  database_.reset(database);
  check(status, database);
  check(sqlite3_exec(database,
                     "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -4096;"
                     "CREATE TABLE targets (digest INTEGER PRIMARY KEY) WITHOUT ROWID;"
                     "BEGIN",
                     nullptr, nullptr, nullptr),
        database);
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_prepare_v2(database, "INSERT OR IGNORE INTO targets VALUES (?)", -1, &statement, nullptr), database);
  insertion_.reset(statement);
}

bool TargetSet::insert_on_disk(std::uint64_t digest) {
  if (!insertion_) open_database();
  sqlite3_reset(insertion_.get());
  sqlite3_bind_int64(insertion_.get(), 1, static_cast<std::int64_t>(digest));
  check(sqlite3_step(insertion_.get()), database_.get());
  return sqlite3_changes(database_.get()) == 1;
}

}  // namespace penstock::stages
