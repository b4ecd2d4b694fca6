"""J1 by scipy's cKDTree, on the same points as benches/reach.rs: python3 benches/peers/ckdtree.py [workers]

For a million demand points and 20 services of 500 to 5,000 facilities: the nearest one within 960 m, and how many there are.
Prints the same two sums as the bench, which must agree, and the seconds. Needs numpy and scipy.
"""

import sys
import time

import numpy as np
from scipy.spatial import cKDTree

# The bench counts lengths in whole millimetres, so 960.0004 m are still 960 m.
SIDE, SERVICES, RADIUS = 1_000, 20, 960.0005 - 1e-9


def splitmix(number):
    with np.errstate(over="ignore"):
        z = (number + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def points():
    at = np.arange(SIDE * SIDE, dtype=np.uint64)
    moved = splitmix(at)
    x = (at % np.uint64(SIDE)) * np.uint64(100_000) + (moved & np.uint64(0xFFFF))
    y = (at // np.uint64(SIDE)) * np.uint64(100_000) + (moved >> np.uint64(16) & np.uint64(0xFFFF))
    return np.column_stack([x, y]) / 1000.0


def places(service):
    count = 500 + service * 4_500 // (SERVICES - 1)
    number = np.uint64(1_000_000_000 + service * 1_000_000) + np.arange(count, dtype=np.uint64) * np.uint64(2)
    coordinate = lambda number: (splitmix(number) % np.uint64(SIDE * 10_000)) * np.uint64(10) / 1000.0
    return np.column_stack([coordinate(number), coordinate(number + np.uint64(1))])


def main():
    workers = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    demand = points()
    services = [places(service) for service in range(SERVICES)]
    seconds = []
    for _ in range(3):
        begin = time.perf_counter()
        links, nearest = 0, 0.0
        for facilities in services:
            tree = cKDTree(facilities)
            distance, _ = tree.query(demand, k=1, distance_upper_bound=RADIUS, workers=workers)
            nearest += distance[np.isfinite(distance)].sum()
            links += int(tree.query_ball_point(demand, RADIUS, return_length=True, workers=workers).sum())
        seconds.append(time.perf_counter() - begin)
    print(f"links within the limit: {links}; sum of nearest: {nearest / 1000:.3f} km")
    print(f"cKDTree, {workers} worker(s): median of 3 {sorted(seconds)[1]:.2f} s")


if __name__ == "__main__":
    main()
