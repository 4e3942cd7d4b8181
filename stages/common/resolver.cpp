// Looks up host names on the event loop, without a thread per lookup.
//
// c-ares calls back from inside its own functions; what it found is put on a list there and handed to the waiting
// coroutines only after the call, when c-ares is no longer on the stack.
// SPDX-License-Identifier: Apache-2.0
#include "stages/common/resolver.h"

#include <ares.h>
#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>
#include <deque>
#include <fstream>
#include <list>
#include <mutex>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <unordered_map>
#include <utility>

namespace penstock::stages {
namespace {

using Status = Resolution::Status;

constexpr int kAnswerTimeoutMs = 2000;  // Of the first attempt; c-ares doubles it.
constexpr int kAttempts = 4;
constexpr std::size_t kMaxKept = 20'000;
constexpr Duration kMinAge = std::chrono::seconds(1);
constexpr Duration kNotFoundAge = std::chrono::seconds(30);

std::string normalised(std::string name) {
  while (!name.empty() && name.back() == '.') name.pop_back();
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return name;
}

void put_v4_first(std::vector<IpAddress>& addresses) {
  std::stable_partition(addresses.begin(), addresses.end(), [](const IpAddress& address) { return !address.is_v6; });
}

using Hosts = std::unordered_map<std::string, std::vector<IpAddress>>;

/// `ADDRESS NAME…` per line, `#` starts a comment.
Hosts read_hosts(const std::string& path) {
  Hosts hosts;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string word;
    if (!(words >> word)) continue;
    const std::optional<IpAddress> address = IpAddress::parse(word);
    if (!address) continue;
    while (words >> word) {
      std::vector<IpAddress>& addresses = hosts[normalised(word)];
      if (std::find(addresses.begin(), addresses.end(), *address) == addresses.end()) addresses.push_back(*address);
    }
  }
  for (auto& entry : hosts) put_v4_first(entry.second);
  return hosts;
}

bool is_localhost(const std::string& name) { return name == "localhost" || name.ends_with(".localhost"); }

/// One question, asked or still to be asked, or its answer as long as it is kept.
struct Lookup {
  std::string name;
  std::list<Completion<Resolution>*> waiters;
  bool is_asked = false;
  bool is_counted = false;  // Among the lookups that max_lookups bounds.
  bool is_done = false;
  Resolution resolution;
  TimePoint expires;
};

void check_library() {
  static const int kStatus = ares_library_init(ARES_LIB_INIT_ALL);
  if (kStatus != ARES_SUCCESS) throw std::runtime_error(std::string("c-ares: ") + ares_strerror(kStatus));
}

}  // namespace

class Resolver::State {
 public:
  State(EventLoop& loop, ResolverOptions options)
      : loop_(loop), options_(std::move(options)), hosts_(read_hosts(options_.hosts_file)) {
    check_library();
    ares_options settings{};
    settings.timeout = kAnswerTimeoutMs;
    settings.tries = kAttempts;
    char no_files[] = "b";  // The hosts file is ours: c-ares would read it anew for each name, on the loop.
    settings.lookups = no_files;
    settings.sock_state_cb = [](void* self, ares_socket_t socket, int readable, int writable) {
      static_cast<State*>(self)->follow_socket(socket, readable != 0, writable != 0);
    };
    settings.sock_state_cb_data = this;
    const int status = ares_init_options(
        &channel_, &settings, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB);
    if (status != ARES_SUCCESS) throw std::runtime_error(std::string("c-ares: ") + ares_strerror(status));
    set_name_servers();
  }

  ~State() {
    is_closing_ = true;
    ares_destroy(channel_);  // Calls back for every open question.
    if (timer_ != 0) loop_.cancel_timer(timer_);
    for (auto& [socket, watches] : sockets_) {
      if (watches.reading != 0) loop_.unwatch(watches.reading);
      if (watches.writing != 0) loop_.unwatch(watches.writing);
    }
  }

  /// An answer that needs no question.
  std::optional<Resolution> known(const std::string& name) {
    if (const auto host = hosts_.find(name); host != hosts_.end()) return Resolution{Status::found, host->second, {}};
    if (is_localhost(name)) {
      return Resolution{Status::found, {*IpAddress::parse("127.0.0.1"), *IpAddress::parse("::1")}, {}};
    }
    const auto entry = lookups_.find(name);
    if (entry == lookups_.end() || !entry->second->is_done) return std::nullopt;
    if (entry->second->expires > loop_.now()) return entry->second->resolution;
    lookups_.erase(entry);
    return std::nullopt;
  }

  void join(const std::string& name, Completion<Resolution>& waiter) {
    std::shared_ptr<Lookup>& lookup = lookups_[name];
    if (!lookup) {
      lookup = std::make_shared<Lookup>();
      lookup->name = name;
      queue_.push_back(lookup);
    }
    lookup->waiters.push_back(&waiter);
    ask_next();
  }

  void leave(const std::string& name, Completion<Resolution>& waiter) {
    const auto entry = lookups_.find(name);
    if (entry == lookups_.end()) return;
    const std::shared_ptr<Lookup> lookup = entry->second;
    lookup->waiters.remove(&waiter);
    if (!lookup->waiters.empty() || lookup->is_done) return;
    if (!lookup->is_asked) {
      std::erase(queue_, lookup);
      lookups_.erase(entry);
    } else {
      uncount(*lookup);  // c-ares cannot take one question back; it may end unheard without keeping others waiting.
      loop_.post([alive = std::weak_ptr<int>(alive_), this] {
        if (!alive.expired()) ask_next();
      });
    }
  }

  EventLoop& loop() { return loop_; }

 private:
  struct Watches {
    EventLoop::WatchId reading = 0;
    EventLoop::WatchId writing = 0;
  };
  struct Question {
    State* state;
    std::shared_ptr<Lookup> lookup;
  };

  void set_name_servers() {
    if (options_.name_servers.empty()) return;
    std::string list;
    for (const std::string& server : options_.name_servers) list += (list.empty() ? "" : ",") + server;
    if (ares_set_servers_ports_csv(channel_, list.c_str()) != ARES_SUCCESS) {
      throw std::invalid_argument("expected the addresses of name servers, got `" + list + "`");
    }
  }

  void ask_next() {
    while (active_ < options_.max_lookups && !queue_.empty()) {
      const std::shared_ptr<Lookup> lookup = queue_.front();
      queue_.pop_front();
      lookup->is_asked = true;
      lookup->is_counted = true;
      ++active_;
      ares_addrinfo_hints hints{};
      hints.ai_family = AF_UNSPEC;
      hints.ai_socktype = SOCK_STREAM;
      hints.ai_flags = ARES_AI_NOSORT;  // Sorting would connect a socket for each address.
      const auto on_answer = [](void* argument, int status, int, ares_addrinfo* info) {
        const std::unique_ptr<Question> question(static_cast<Question*>(argument));
        question->state->take_answer(question->lookup, status, info);
      };
      ares_getaddrinfo(channel_, lookup->name.c_str(), nullptr, &hints, on_answer, new Question{this, lookup});
    }
    after_call();
  }

  void take_answer(const std::shared_ptr<Lookup>& lookup, int status, ares_addrinfo* info) {
    if (is_closing_) {
      if (info != nullptr) ares_freeaddrinfo(info);
      return;
    }
    Duration age = options_.max_age;
    Resolution& resolution = lookup->resolution;
    if (status == ARES_SUCCESS) {
      for (const ares_addrinfo_node* node = info->nodes; node != nullptr; node = node->ai_next) {
        const std::optional<IpAddress> address = IpAddress::from(*node->ai_addr);
        if (address) resolution.addresses.push_back(*address);
        age = std::min<Duration>(age, std::chrono::seconds(node->ai_ttl));
      }
      put_v4_first(resolution.addresses);
    }
    if (info != nullptr) ares_freeaddrinfo(info);
    if (!resolution.addresses.empty()) {
      resolution.status = Status::found;
    } else {
      const bool is_certain =
          status == ARES_ENOTFOUND || status == ARES_ENODATA || status == ARES_EBADNAME || status == ARES_SUCCESS;
      resolution.status = is_certain ? Status::not_found : Status::no_answer;
      resolution.message = ares_strerror(status == ARES_SUCCESS ? ARES_ENODATA : status);
      age = is_certain ? kNotFoundAge : Duration(0);
    }
    lookup->expires = loop_.now() + std::max(age, kMinAge);
    lookup->is_done = true;
    uncount(*lookup);
    answered_.push_back(lookup);
  }

  void uncount(Lookup& lookup) {
    if (std::exchange(lookup.is_counted, false)) --active_;
  }

  /// Hands out answers, asks the questions that now may be asked, and looks after the timer.
  void after_call() {
    if (is_delivering_) return;
    is_delivering_ = true;
    const std::weak_ptr<int> alive = alive_;
    while (!answered_.empty()) {
      const std::shared_ptr<Lookup> lookup = answered_.front();
      answered_.pop_front();
      if (lookup->resolution.status == Status::no_answer) lookups_.erase(lookup->name);
      while (!lookup->waiters.empty()) {
        Completion<Resolution>* const waiter = lookup->waiters.front();
        lookup->waiters.pop_front();
        waiter->complete(lookup->resolution);
        if (alive.expired()) return;
      }
    }
    is_delivering_ = false;
    drop_old();
    arm_timer();
    if (active_ < options_.max_lookups && !queue_.empty()) ask_next();
  }

  void drop_old() {
    if (lookups_.size() <= kMaxKept) return;
    const TimePoint now = loop_.now();
    std::erase_if(lookups_, [now](const auto& entry) { return entry.second->is_done && entry.second->expires <= now; });
    if (lookups_.size() <= kMaxKept) return;
    std::erase_if(lookups_, [](const auto& entry) { return entry.second->is_done; });
  }

  void arm_timer() {
    if (timer_ != 0) return;  // Later questions are due later.
    timeval next{};
    if (ares_timeout(channel_, nullptr, &next) == nullptr) return;
    const auto delay = std::chrono::seconds(next.tv_sec) + std::chrono::microseconds(next.tv_usec);
    timer_ = loop_.call_at(loop_.now() + std::max<Duration>(delay, std::chrono::milliseconds(1)), [this] {
      timer_ = 0;
      process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    });
  }

  void process(ares_socket_t readable, ares_socket_t writable) {
    ares_process_fd(channel_, readable, writable);
    after_call();
  }

  void follow_socket(ares_socket_t socket, bool readable, bool writable) {
    Watches& watches = sockets_[socket];
    follow(watches.reading, readable, socket, Readiness::readable);
    follow(watches.writing, writable, socket, Readiness::writable);
    if (!readable && !writable) sockets_.erase(socket);
  }

  void follow(EventLoop::WatchId& id, bool is_wanted, ares_socket_t socket, Readiness direction) {
    if (is_wanted == (id != 0)) return;
    if (!is_wanted) {
      loop_.unwatch(std::exchange(id, 0));
      return;
    }
    try {
      id = loop_.watch(socket, direction, [this, socket, direction] {
        const bool reads = direction == Readiness::readable;
        process(reads ? socket : ARES_SOCKET_BAD, reads ? ARES_SOCKET_BAD : socket);
      });
    } catch (const std::exception&) {
      // Nothing may be thrown through c-ares. Its timeout ends the question.
    }
  }

  EventLoop& loop_;
  const ResolverOptions options_;
  const Hosts hosts_;
  ares_channel channel_ = nullptr;
  bool is_closing_ = false;
  bool is_delivering_ = false;
  unsigned active_ = 0;
  EventLoop::TimerId timer_ = 0;
  std::unordered_map<std::string, std::shared_ptr<Lookup>> lookups_;
  std::deque<std::shared_ptr<Lookup>> queue_;
  std::deque<std::shared_ptr<Lookup>> answered_;
  std::unordered_map<ares_socket_t, Watches> sockets_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

Resolver::Resolver(EventLoop& loop, ResolverOptions options)
    : state_(std::make_unique<State>(loop, std::move(options))) {}
Resolver::~Resolver() = default;

Task<Resolution> Resolver::resolve(std::string host, Duration limit) {
  const std::string name = normalised(std::move(host));
  std::optional<Resolution> known = state_->known(name);
  if (known) co_return std::move(*known);
  EventLoop& loop = state_->loop();
  Completion<Resolution> answer;
  const EventLoop::TimerId timer = loop.call_at(loop.now() + limit, [this, &name, &answer, limit] {
    state_->leave(name, answer);
    answer.complete({Status::no_answer, {}, "no answer within " + penstock::to_string(limit)});
  });
  answer.on_cancel([this, &loop, &name, &answer, timer] {
    loop.cancel_timer(timer);
    state_->leave(name, answer);
  });
  state_->join(name, answer);
  Resolution resolution = co_await answer;
  loop.cancel_timer(timer);
  co_return resolution;
}

}  // namespace penstock::stages
