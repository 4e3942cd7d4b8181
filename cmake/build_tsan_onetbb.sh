#!/usr/bin/env bash
# Builds oneTBB with ThreadSanitizer into build/tsan-onetbb/install, once.
#
# The library of the distribution is not instrumented: ThreadSanitizer does not see that its task queues order what
# runs before and after, and reports races in correct programs. The source is that of the
# installed package; where there is none, the tag of the version in Debian 12.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$PWD/build/tsan-onetbb
[[ -e $work/install/.complete ]] && exit 0

# The system's package sources, as sources of source packages, with lists of their own: nothing outside of build/
# changes.
fetch_from_distribution() {
  command -v apt-get >/dev/null && command -v dpkg-source >/dev/null || return 1
  local apt=$work/apt file version
  version=$(dpkg-query -W -f '${source:Version}' libtbb-dev) || return 1
  mkdir -p "$apt/parts" "$apt/lists/partial" "$apt/cache/archives/partial"
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [[ -r $file ]] && sed -n 's/^deb /deb-src /p' "$file" >"$apt/parts/$(basename "$file" .list).list"
  done
  for file in /etc/apt/sources.list.d/*.sources; do
    [[ -r $file ]] && sed 's/^Types:.*/Types: deb-src/' "$file" >"$apt/parts/$(basename "$file")"
  done
  local options=(-o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$apt/parts"
    -o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User=)
  apt-get "${options[@]}" update && (cd "$work/source" && apt-get "${options[@]}" source "onetbb=$version")
}

fetch_from_tag() {
  git clone --depth 1 --branch v2021.8.0 https://github.com/oneapi-src/oneTBB "$work/source/onetbb-2021.8.0"
}

rm -rf "$work"
mkdir -p "$work/source"
fetch_from_distribution || fetch_from_tag
sources=("$work"/source/onetbb-*/)
cmake -S "${sources[0]}" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
  -DCMAKE_INSTALL_PREFIX="$work/install" -DCMAKE_INSTALL_LIBDIR=lib \
  -DTBB_SANITIZE=thread -DTBB_STRICT=OFF -DTBB_TEST=OFF -DTBBMALLOC_BUILD=OFF
cmake --build "$work/build" -j"$(nproc)"
cmake --install "$work/build"
touch "$work/install/.complete"
