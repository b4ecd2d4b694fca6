"""J2 and J3b by other people's tools, on the network and the facilities of benches/streets.rs: python3 benches/peers/streets.py [tool ...]

Tools: scipy, networkit, pandana (pip install numpy scipy networkit pandana); all of them by default, and scipy's 2SFCA as j3b.
Prints the sums that the bench prints, which must agree, and the seconds of each tool's query, building apart.
"""

import sys
import time

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra

SIDE, SPACING, KEPT, SEED, SERVICES, LIMIT = 1_000, 60_000, 650, 1, 20, 1_200_000


def splitmix(number):
    number = np.asarray(number, dtype=np.uint64)
    with np.errstate(over="ignore"):
        z = number + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def network():
    """Places of crossings and the edges between them, in millimetres; the largest part alone."""
    at = np.arange(SIDE * SIDE, dtype=np.int64)
    numbered = lambda number: splitmix(number.astype(np.uint64) + np.uint64(SEED << 48))
    moved = numbered(at)
    shift = lambda bits: (bits & np.uint64(0xFFFF)).astype(np.int64) * SPACING // (2 << 16) - SPACING // 4
    x = -50_000_000 + at % SIDE * SPACING + shift(moved)
    y = -50_000_000 + at // SIDE * SPACING + shift(moved >> np.uint64(16))
    ends = []
    for side, (step, inside) in enumerate([(1, at % SIDE + 1 < SIDE), (SIDE, at // SIDE + 1 < SIDE)]):
        kept = inside & (numbered((1 << 40) + 2 * at + side) % np.uint64(1000) < KEPT)
        ends.append(np.column_stack([at[kept], at[kept] + step]))
    edges = np.concatenate(ends)
    graph = coo_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(len(at), len(at)))
    _, part = connected_components(graph, directed=False)
    inside = part == np.bincount(part).argmax()
    position = np.cumsum(inside) - 1
    edges = position[edges[inside[edges[:, 0]]]]
    x, y = x[inside], y[inside]
    length = np.ceil(np.hypot(*(np.array([x, y], dtype=float)[:, edges[:, 0]] - np.array([x, y], dtype=float)[:, edges[:, 1]])))
    return x, y, edges, length


def places(service, count):
    some = 500 + service * 4_500 // (SERVICES - 1)
    numbers = (1 << 41) + service * 1_000_000 + np.arange(some, dtype=np.int64)
    return (splitmix(numbers.astype(np.uint64)) % np.uint64(count)).astype(np.int64)


def told(name, build, query, reached, total):
    print(f"{name}: {build:.1f} s to build, {query:.2f} s to query; within the limit {reached}, sum {total / 1e6:.3f} km", flush=True)


def by_scipy(count, edges, length, services):
    begin = time.perf_counter()
    graph = csr_matrix((length, (edges[:, 0], edges[:, 1])), shape=(count, count))
    built = time.perf_counter()
    reached, total = 0, 0.0
    for own in services:
        times = dijkstra(graph, directed=False, indices=own, min_only=True, limit=LIMIT)
        within = times[np.isfinite(times)]
        reached, total = reached + len(within), total + within.sum()
    told("scipy", built - begin, time.perf_counter() - built, reached, total)


def by_networkit(count, edges, length, services):
    """A node for each service, from which its facilities are 0 away; networkit's Dijkstra has no limit."""
    import networkit as nk

    nk.setNumberOfThreads(1)
    begin = time.perf_counter()
    tails = np.concatenate([edges[:, 0], edges[:, 1]] + [np.full(len(own), count + at) for at, own in enumerate(services)])
    heads = np.concatenate([edges[:, 1], edges[:, 0], *services])
    weights = np.concatenate([length, length, np.zeros(sum(map(len, services)))])
    graph = nk.GraphFromCoo((weights, (tails, heads)), n=count + SERVICES, directed=True, weighted=True)
    built = time.perf_counter()
    reached, total = 0, 0.0
    for at in range(SERVICES):
        search = nk.distance.Dijkstra(graph, count + at, storePaths=False)
        search.run()
        times = np.array(search.getDistances(asarray=True))[:count]
        within = times[times <= LIMIT]
        reached, total = reached + len(within), total + within.sum()
    told("networkit", built - begin, time.perf_counter() - built, reached, total)


def by_pandana(x, y, edges, length, services):
    import pandana
    import pandas

    begin = time.perf_counter()
    net = pandana.Network(
        pandas.Series(x / 1000.0),
        pandas.Series(y / 1000.0),
        pandas.Series(edges[:, 0]),
        pandas.Series(edges[:, 1]),
        pandas.DataFrame({"length": length / 1000.0}),
    )
    net.precompute(LIMIT / 1000.0)
    built = time.perf_counter()
    reached, total = 0, 0.0
    for at, own in enumerate(services):
        net.set_pois(str(at), LIMIT / 1000.0, 1, pandas.Series(x[own] / 1000.0), pandas.Series(y[own] / 1000.0))
        times = net.nearest_pois(LIMIT / 1000.0, str(at), num_pois=1, max_distance=1e9)[1].to_numpy()
        within = times[times < 1e9]
        reached, total = reached + len(within), total + within.sum() * 1000.0
    told("pandana", built - begin, time.perf_counter() - built, reached, total)


def j3b_by_scipy(count, edges, length, services):
    graph = csr_matrix((length, (edges[:, 0], edges[:, 1])), shape=(count, count))
    edge = np.exp(-0.5)
    begin = time.perf_counter()
    pairs, given = 0, 0.0
    for own in services:
        for some in np.array_split(own, max(1, len(own) // 20)):
            times = dijkstra(graph, directed=False, indices=some, limit=LIMIT)
            for row in times:
                near = row[np.isfinite(row)]
                weight = (np.exp(-0.5 * (near / LIMIT) ** 2) - edge) / (1 - edge)
                pairs += len(near)
                given += 100.0 if weight.sum() > 0 else 0.0
    print(f"scipy, 2SFCA's first step alone: {time.perf_counter() - begin:.1f} s; pairs {pairs}, given {given:.3f}", flush=True)


def main():
    tools = sys.argv[1:] or ["scipy", "networkit", "pandana", "j3b"]
    x, y, edges, length = network()
    count = len(x)
    print(f"{count} crossings, {len(edges)} edges", flush=True)
    services = [places(service, count) for service in range(SERVICES)]
    if "scipy" in tools:
        by_scipy(count, edges, length, services)
    if "networkit" in tools:
        by_networkit(count, edges, length, services)
    if "pandana" in tools:
        by_pandana(x, y, edges, length, services)
    if "j3b" in tools:
        j3b_by_scipy(count, edges, length, services[:1])


if __name__ == "__main__":
    main()
