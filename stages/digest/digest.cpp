// Sets attributes to digests of the payload, which goes on unchanged.
//
// None of the functions can take a message apart: each byte depends on all before it. What can be done at once are
// several functions, and the parts of a payload that is hashed in parts.
// SPDX-License-Identifier: Apache-2.0
#include "stages/digest/digest.h"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/bytes.h"
#include "penstock/stage.h"
#include "stages/digest/hashes.h"

namespace penstock::stages {

constexpr std::array<Name<Algorithm>, 3> names_of(Algorithm) {
  return {{{Algorithm::sha256, "sha256"}, {Algorithm::md5, "md5"}, {Algorithm::xxh3, "xxh3"}}};
}

namespace {

constexpr ErrorCode kUnavailable{"digest.unavailable", "The hash function is not allowed on this machine."};

// About 0.5 ms of SHA-256: below, starting the other cores costs more than it gains.
constexpr std::size_t kParallelBytes = std::size_t{1} << 20U;

struct DigestParams {
  std::vector<Algorithm> algorithms = {Algorithm::sha256};
  ByteSize part_bytes;
};

std::string_view name_of(Algorithm algorithm) {
  static constexpr auto kNames = names_of(Algorithm{});
  const auto is_it = [&](const auto& entry) { return entry.value == algorithm; };
  return std::find_if(kNames.begin(), kNames.end(), is_it)->name;
}

class Digest final : public Transform<Payload, Payload> {
 public:
  explicit Digest(DigestParams params) : params_(std::move(params)) {}

  Payload process(const Payload& in, StageContext& context) const override {
    const std::string_view data = in.holds<Bytes>() ? in.get<Bytes>().view() : std::string_view(in.get<Text>().value);
    const std::size_t parts = parts_of(data.size());
    std::vector<std::string> digests(params_.algorithms.size() * parts);
    const auto work = [&](std::size_t i) {
      if (!context.stop_requested()) digests[i] = hash(params_.algorithms[i / parts], part_of(data, i % parts));
    };
    if (data.size() >= kParallelBytes && digests.size() > 1) {
      context.parallel([&] { tbb::parallel_for(std::size_t{0}, digests.size(), work); });
    } else {
      for (std::size_t i = 0; i < digests.size(); ++i) work(i);
    }
    if (context.stop_requested()) throw OperationCancelled();
    for (std::size_t i = 0; i < params_.algorithms.size(); ++i) {
      const Algorithm algorithm = params_.algorithms[i];
      context.set_attribute("digest." + std::string(name_of(algorithm)),
                            text_of(algorithm, digests.data() + i * parts, parts));
    }
    return in;
  }

 private:
  std::size_t parts_of(std::size_t size) const {
    const std::uint64_t each = params_.part_bytes.bytes;
    return each == 0 ? 1 : std::max<std::size_t>(1, (size + each - 1) / each);
  }
  std::string_view part_of(std::string_view data, std::size_t part) const {
    return params_.part_bytes.bytes == 0 ? data
                                         : data.substr(part * params_.part_bytes.bytes, params_.part_bytes.bytes);
  }

  /// Of a payload in parts: the digest of their digests and how many they are, as object stores have it.
  std::string text_of(Algorithm algorithm, const std::string* digests, std::size_t parts) const {
    std::string all;
    for (std::size_t i = 0; i < parts; ++i) {
      if (digests[i].empty()) throw ItemError(kUnavailable, "`" + std::string(name_of(algorithm)) + "` is not allowed");
      all += digests[i];
    }
    if (params_.part_bytes.bytes == 0) return hexadecimal(all);
    return hexadecimal(hash(algorithm, all)) + "-" + std::to_string(parts);
  }

  const DigestParams params_;
};

void check_algorithms(const DigestParams& params) {
  for (std::size_t i = 0; i < params.algorithms.size(); ++i) {
    const auto first = std::find(params.algorithms.begin(), params.algorithms.end(), params.algorithms[i]);
    if (first == params.algorithms.begin() + static_cast<std::ptrdiff_t>(i)) continue;
    throw OptionError("option.value", "`" + std::string(name_of(*first)) + "` stands there twice", {},
                      "/algorithms/" + std::to_string(i));
  }
}

}  // namespace

StageSpec digest_spec() {
  return describe_stage<Digest, DigestParams>("digest")
      .summary("Set attributes to digests of the payload.")
      .input<Bytes, Text>("data", "Any bytes.")
      .output_same_as_input("data", "The same.")
      .param(&DigestParams::algorithms, "algorithms",
             "SHA-256, MD5, and xxHash's XXH3 of 64 bits, which is no protection.", at_least(1))
      .param(
          &DigestParams::part_bytes, "part_bytes",
          "Hash parts of this size, then their digests together, as object stores do with uploads in parts; 0 hashes "
          "the whole.")
      .check(check_algorithms)
      .attribute("digest.sha256", "64 hexadecimal digits.")
      .attribute("digest.md5", "32 hexadecimal digits.")
      .attribute("digest.xxh3", "16 hexadecimal digits.")
      .error(kUnavailable)
      .example(R"({"type": "digest", "algorithms": ["sha256", "md5"]})");
}

}  // namespace penstock::stages
