"""All divisors of four numbers, one after the other."""
# SPDX-License-Identifier: Apache-2.0


def divisors(number):
    return [candidate for candidate in range(1, number + 1) if number % candidate == 0]


for number in (2139079, 1214759, 1516637, 1852285):
    print(divisors(number))
