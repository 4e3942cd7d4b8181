// ICC.1:2022: a matrix/TRC profile is three colorants (relative to D50) and three tone curves. sRGB's are those of
// IEC 61966-2-1, adapted to D50.
// SPDX-License-Identifier: Apache-2.0
#include "stages/resize/srgb_profile.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "stages/common/byte_reader.h"

namespace penstock::stages {
namespace {

using namespace std::string_view_literals;

constexpr std::uint32_t kMaxTags = 100;
// Writers round the colorants differently, by up to 0.0007; those of the nearest other space differ by 0.02.
constexpr double kColorantTolerance = 0.002;
// Of the linear value, 0 to 1. A plain gamma of 2.2 is 0.004 off.
constexpr double kCurveTolerance = 0.002;

double fixed_number(const ByteReader& reader, std::uint64_t at) {
  return static_cast<double>(static_cast<std::int32_t>(reader.u32(at))) / 65536.0;
}

double srgb_to_linear(double x) { return x <= 0.04045 ? x / 12.92 : std::pow((x + 0.055) / 1.055, 2.4); }

class Profile {
 public:
  explicit Profile(std::string_view icc) : reader_(icc) {}

  bool is_rgb_matrix() const {
    return reader_.text(16, 4) == "RGB "sv && reader_.text(20, 4) == "XYZ "sv && tag("A2B0").empty();
  }

  bool has_colorant(std::string_view name, const std::array<double, 3>& xyz) const {
    const std::string_view body = tag(name);
    if (body.size() < 20 || !body.starts_with("XYZ "sv)) return false;
    for (std::size_t i = 0; i < 3; ++i) {
      if (std::abs(fixed_number(ByteReader(body), 8 + 4 * i) - xyz[i]) > kColorantTolerance) return false;
    }
    return true;
  }

  bool has_srgb_curve(std::string_view name) const {
    const std::string_view body = tag(name);
    constexpr int kSamples = 32;
    for (int i = 0; i <= kSamples; ++i) {
      const double x = static_cast<double>(i) / kSamples;
      const std::optional<double> y = evaluate(body, x);
      if (!y || std::abs(*y - srgb_to_linear(x)) > kCurveTolerance) return false;
    }
    return true;
  }

 private:
  std::string_view tag(std::string_view name) const {
    const std::uint32_t count = reader_.u32(128);
    for (std::uint32_t i = 0; i < count && i < kMaxTags; ++i) {
      const std::uint64_t entry = 132 + 12ull * i;
      if (reader_.text(entry, 4) == name) return reader_.text(reader_.u32(entry + 4), reader_.u32(entry + 8));
    }
    return {};
  }

  // A sampled curve (`curv`) or a formula (`para`, function type 3, which sRGB needs).
  static std::optional<double> evaluate(std::string_view body, double x) {
    const ByteReader curve(body);
    if (body.starts_with("curv"sv)) {
      const std::uint64_t count = curve.u32(8);
      if (count < 2 || !curve.has(12, 2 * count)) return std::nullopt;
      const double place = x * static_cast<double>(count - 1);
      const auto below = static_cast<std::uint64_t>(place);
      const std::uint64_t above = below + 1 < count ? below + 1 : below;
      const double fraction = place - static_cast<double>(below);
      return (curve.u16(12 + 2 * below) * (1 - fraction) + curve.u16(12 + 2 * above) * fraction) / 65535.0;
    }
    if (!body.starts_with("para"sv) || curve.u16(8) != 3 || !curve.has(12, 20)) return std::nullopt;
    const double g = fixed_number(curve, 12);
    const double a = fixed_number(curve, 16);
    const double b = fixed_number(curve, 20);
    const double c = fixed_number(curve, 24);
    const double d = fixed_number(curve, 28);
    return x >= d ? std::pow(a * x + b, g) : c * x;
  }

  ByteReader reader_;
};

}  // namespace

bool is_srgb_profile(std::string_view icc) {
  const Profile profile(icc);
  return profile.is_rgb_matrix() && profile.has_colorant("rXYZ", {0.4361, 0.2225, 0.0139}) &&
         profile.has_colorant("gXYZ", {0.3851, 0.7169, 0.0971}) &&
         profile.has_colorant("bXYZ", {0.1431, 0.0606, 0.7141}) && profile.has_srgb_curve("rTRC") &&
         profile.has_srgb_curve("gTRC") && profile.has_srgb_curve("bTRC");
}

}  // namespace penstock::stages
