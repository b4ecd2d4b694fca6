"""The value of the maximum flow of benches/allocation.rs by scipy: the same points, facilities, demand and capacities.

    python3 benches/peers/max_flow.py        # numpy, scipy
"""
import time

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_flow
from scipy.spatial import cKDTree

POINTS, FACILITIES, SIDE, REACH = 200_000, 4_000, 60_000, 1_200


def splitmix(number):
    with np.errstate(over="ignore"):
        z = (number + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def places(numbers):
    return np.stack([splitmix(2 * numbers) % np.uint64(SIDE), splitmix(2 * numbers + np.uint64(1)) % np.uint64(SIDE)], 1).astype(float)


def main():
    at = np.arange(POINTS, dtype=np.uint64)
    points, facilities = places(at), places(np.arange(POINTS, POINTS + FACILITIES, dtype=np.uint64))
    demand = (1 + splitmix(np.uint64(10_000_000) + at) % np.uint64(40)).astype(np.int32)
    capacity = (100 + splitmix(np.uint64(20_000_000) + np.arange(FACILITIES, dtype=np.uint64)) % np.uint64(1_800)).astype(np.int32)
    lists = cKDTree(facilities).query_ball_point(points, REACH)
    start = time.perf_counter()
    lengths = np.array([len(each) for each in lists])
    columns = np.concatenate([np.array(each, dtype=np.int64) for each in lists if each])
    rows = np.repeat(np.arange(POINTS), lengths)
    source, sink = POINTS + FACILITIES, POINTS + FACILITIES + 1
    graph = csr_matrix(
        (
            np.concatenate([demand, np.full(len(rows), 2**30, dtype=np.int32), capacity]),
            (
                np.concatenate([np.full(POINTS, source), rows, POINTS + np.arange(FACILITIES)]),
                np.concatenate([np.arange(POINTS), POINTS + columns, np.full(FACILITIES, sink)]),
            ),
        ),
        shape=(POINTS + FACILITIES + 2,) * 2,
    )
    built = time.perf_counter()
    value = maximum_flow(graph, source, sink, method="dinic").flow_value
    print(f"{len(rows)} links, demand {demand.sum()}, capacity {capacity.sum()}, seated {value}")
    print(f"graph {built - start:.2f} s, dinic {time.perf_counter() - built:.2f} s")


main()
