"""Greatest common divisors of four pairs: alone, with threads (`threads`) or with processes (`processes`)."""
# SPDX-License-Identifier: Apache-2.0
import concurrent.futures
import sys

PAIRS = [(1963309, 2265973), (2030677, 3814172), (1551645, 2229620), (2039045, 2020802)]


def gcd(pair):
    for candidate in range(min(pair), 0, -1):
        if pair[0] % candidate == 0 and pair[1] % candidate == 0:
            return candidate
    return 0


def main(how):
    if how == "threads":
        with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
            results = list(pool.map(gcd, PAIRS))
    elif how == "processes":
        with concurrent.futures.ProcessPoolExecutor(max_workers=2) as pool:
            results = list(pool.map(gcd, PAIRS))
    else:
        results = [gcd(pair) for pair in PAIRS]
    for result in results:
        print(result)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "serial")
