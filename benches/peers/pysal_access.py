"""2SFCA by PySAL's access, on the files of benches/access.rs: python3 benches/peers/pysal_access.py FOLDER [pairs]

FOLDER is target/tmp/access. Reads the first so many pairs (default: all), which must be those of whole demand points, and prints what
the bench prints, and the seconds. Needs pandas and access (pip install access).
"""

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from access.fca import two_stage_fca

LIMIT = 15.0
EDGE = np.exp(-0.5)


def gaussian(minutes):
    return (np.exp(-0.5 * (minutes / LIMIT) ** 2) - EDGE) / (1.0 - EDGE)


def main():
    folder = Path(sys.argv[1])
    pairs = int(sys.argv[2]) if len(sys.argv) > 2 else None
    begin = time.perf_counter()
    costs = pd.read_csv(folder / "costs.csv", nrows=pairs, dtype={"from": np.int32, "to": np.int32})
    demand = pd.read_csv(folder / "demand.csv", dtype={"residents": float})
    supply = pd.read_csv(folder / "supply.csv", dtype={"capacity": float})
    read = time.perf_counter()
    demand = demand[demand.id <= costs["from"].iloc[-1]].set_index("id")
    supply = supply.set_index("id")
    names = {"cost_origin": "from", "cost_dest": "to", "cost_name": "minutes"}
    access = two_stage_fca(
        demand, supply, costs, LIMIT, True, "residents", True, "capacity", weight_fn=gaussian, **names
    )
    done = time.perf_counter()
    sum_of_all = (access * demand.residents.reindex(access.index)).sum()
    print(f"{len(costs)} pairs, {(costs.minutes <= LIMIT).sum()} within the limit; sum of residents × access {sum_of_all:.6f}")
    print(f"PySAL: read {read - begin:.1f} s, 2SFCA {done - read:.1f} s, in all {done - begin:.1f} s")


if __name__ == "__main__":
    main()
