"""Checks the known answers beside this file against a second implementation, written from docs/protocol.md.

    check.py                     recomputes and compares every value of every case
    check.py --mutate [--seed N] also changes the cases, one value at a time, and demands that each change is noticed

Needs Python 3.11 and the package `cryptography` (for AES, and for a third opinion on P-256 and P-224).
"""

from __future__ import annotations

import argparse
import sys
from random import Random

sys.dont_write_bytecode = True  # no __pycache__ in the source tree

from check.case import Mismatch  # noqa: E402
from check.files import VECTOR_FILES, check_case, check_folder, read_cases  # noqa: E402
from check.mutate import mutate_file  # noqa: E402


def check_file(name: str) -> tuple[int, list[str]]:
    """The number of comparisons that held, and what failed."""
    checks, failures = 0, []
    try:
        cases = read_cases(name)
    except (Mismatch, OSError, ValueError) as error:
        return 0, [f'{name}: {error}']
    for entry in cases:
        try:
            checks += check_case(name, entry)
        except Exception as error:  # a defect of this check is a failure too
            failures.append(f'{name}: {entry["name"]}: {type(error).__name__}: {error}')
    return checks, failures


def check_all() -> bool:
    total, failures = 0, []
    try:
        check_folder()
    except Mismatch as mismatch:
        failures.append(str(mismatch))
    for name in VECTOR_FILES:
        checks, failed = check_file(name)
        print(f'{name}: {checks} checks, {len(failed)} failed', flush=True)
        total, failures = total + checks, failures + failed
    for failure in failures:
        print(f'failed: {failure}')
    print(f'{total + len(failures)} checks, {len(failures)} failed', flush=True)
    return not failures


def mutate_all(seed: int) -> bool:
    print(f'mutations with --seed {seed}', flush=True)
    random, total, survivors = Random(seed), 0, []
    for name in VECTOR_FILES:
        tried, survived = mutate_file(name, random)
        print(f'{name}: {tried} mutations, {len(survived)} survived', flush=True)
        total, survivors = total + tried, survivors + survived
    for survivor in survivors:
        print(f'survived: {survivor}')
    print(f'{total} mutations, {len(survivors)} survived', flush=True)
    return not survivors


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--mutate', action='store_true', help='also check that every change of a case is noticed')
    parser.add_argument('--seed', type=int, default=Random().randrange(2**32), help='repeats a run of --mutate')
    options = parser.parse_args()
    return 0 if check_all() and (not options.mutate or mutate_all(options.seed)) else 1


if __name__ == '__main__':
    sys.exit(main())
