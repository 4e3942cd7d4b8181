# Makes the comment at the top of a header one that Doxygen reads, up to the guard.
1,/^#pragma once/ {
  s|^// SPDX-.*||
  1 s|^// |/// @file\n/// |
  s|^//$|///|
  s|^// |/// |
}
# What is nobody's business.
/^namespace detail {/,/^}  \/\/ namespace detail/ s|.*||
