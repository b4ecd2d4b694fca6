"""Reads `round.gpkg` in the folder of a round as a GIS does, and compares it with the round's own files.

python3 tests/geopackage_check.py ROUND_DIR

Needs pyogrio, which brings GDAL; no network. Says what does not hold, and ends with 1 if anything does not.
"""

import csv
import json
import pathlib
import sqlite3
import struct
import sys
import warnings

import pyogrio

LAYERS = ["units", "communities", "facilities", "demand"]
TABLES = ["standing", "ranking", "causes"]


def unguarded(cell):
    """A cell as it was before it was made safe for Excel."""
    if cell[:1] != "'" or cell[1:2] not in list("=+-@\t\r"):
        return cell
    try:
        float(cell[1:])
    except ValueError:
        return cell[1:]
    return cell


def rows(folder, name):
    """The rows of a table of the round."""
    with open(folder / name, encoding="utf-8-sig", newline="") as file:
        return [{key: unguarded(cell) for key, cell in row.items()} for row in csv.DictReader(file)]


def features(folder, name):
    return json.loads((folder / name).read_text(encoding="utf-8"))["features"]


def check_container(path, hold):
    """What SQLite itself can tell."""
    with sqlite3.connect(path.resolve().as_uri() + "?mode=ro", uri=True) as package:
        one = lambda sql: package.execute(sql).fetchone()[0]
        hold(one("PRAGMA integrity_check") == "ok", "integrity_check")
        hold(not package.execute("PRAGMA foreign_key_check").fetchall(), "foreign_key_check")
        hold(one("PRAGMA application_id") == 0x47504B47, "application_id is GPKG")
        hold(one("PRAGMA user_version") == 10300, "user_version is 1.3")
        for layer in LAYERS:
            index = one(f"SELECT count(*) FROM rtree_{layer}_geom")
            placed = one(f"SELECT count(*) FROM {layer} WHERE geom IS NOT NULL")
            hold(index == placed, f"{layer}: {index} entries of the index, {placed} geometries")
            beyond = one(
                f"SELECT count(*) FROM rtree_{layer}_geom AS box, gpkg_contents AS all_of WHERE table_name = '{layer}'"
                " AND (maxx < min_x OR minx > max_x OR maxy < min_y OR miny > max_y)"
            )
            hold(beyond == 0, f"{layer}: {beyond} boxes of the index beyond the extent")
        styled = {row[0] for row in package.execute("SELECT f_table_name FROM layer_styles WHERE useAsDefault")}
        hold({"units", "facilities", "communities"} <= styled, f"styles for {sorted(styled)}")


def check_polygons(table, told, hold):
    """Areas are those of the round's layer; rings are closed, outer ones run against the clock and holes with it."""
    for blob, geometry in zip(table["geometry"], told, strict=True):
        parts = polygons(blob)
        whole = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
        hold(same_corners(parts, whole), "an area is not that of the round's layer")
        for rings in parts:
            for ring, at in zip(rings, range(len(rings))):
                x, y = ring[0]
                twice = sum((a[0] - x) * (b[1] - y) - (b[0] - x) * (a[1] - y) for a, b in zip(ring, ring[1:]))
                hold(ring[0] == ring[-1] and (twice > 0) == (at == 0), "a ring is open or runs the wrong way")


def same_corners(parts, whole):
    """Whichever way the rings run."""
    corners = lambda parts: [[sorted(map(tuple, ring)) for ring in rings] for rings in parts]
    return corners(parts) == corners(whole)


def polygons(blob):
    """The rings of each part of a multipolygon in little-endian WKB; none for no geometry."""
    if blob is None:
        return []
    parts, at = [], 9
    for _ in range(struct.unpack_from("<I", blob, 5)[0]):
        rings, at = [], at + 9
        for _ in range(struct.unpack_from("<I", blob, at - 4)[0]):
            size = struct.unpack_from("<I", blob, at)[0]
            flat = struct.unpack_from(f"<{2 * size}d", blob, at + 4)
            rings.append(list(zip(flat[::2], flat[1::2])))
            at += 4 + 16 * size
        parts.append(rings)
    return parts


def read(path, layer):
    """Columns by name, nulls as None, and geometries as WKB."""
    about, _, geometry, columns = pyogrio.raw.read(path, layer=layer, read_geometry=layer in LAYERS)
    told = {name: column.tolist() for name, column in zip(about["fields"], columns)}
    for name, column in told.items():
        told[name] = [None if cell is None or cell != cell else cell for cell in column]
    told["geometry"] = [] if geometry is None else list(geometry)
    return about, told


def check_against_files(folder, path, hold):
    round_ = json.loads((folder / "round.json").read_text(encoding="utf-8"))
    crs = round_["plan"].get("inputs", {}).get("crs")
    crs = "EPSG:4490" if crs == "EPSG:4490" else "EPSG:4326"
    layers = dict(pyogrio.list_layers(path).tolist())
    hold(set(LAYERS + TABLES) <= set(layers), f"layers {sorted(layers)}")
    read_back = {}
    for layer in LAYERS + TABLES:
        about, read_back[layer] = read(path, layer)
        if layer in LAYERS:
            hold(about["crs"] == crs, f"{layer}: {about['crs']}, of the plan {crs}")
            hold(about["geometry_type"] == layers[layer], f"{layer}: {about['geometry_type']}")

    units, spots = read_back["units"], read_back["demand"]
    for year in round_["units"]["residents_by_year"]:
        base = year["year"] == round_["years"][0]
        column = "residents" if base else f"residents_{year['year']}"
        total, apart = sum(units[column]), len(units[column])
        # Each unit is in whole persons, the total is to the thousandth.
        hold(abs(total - year["residents"]) <= apart, f"{column}: {total}, in round.json {year['residents']}")
    hold(len(units["unit"]) == round_["units"]["count"], "number of units")
    hold(abs(sum(spots["residents"]) - round_["city"]["residents"]) <= len(spots["residents"]), "residents of demand")

    # Text and figures, exactly; both in the order of the file.
    same(hold, units, rows(folder, "units.csv"), ["unit", "township", "township_name"], ["residents"])
    same(hold, spots, rows(folder, "demand.csv"), ["point", "unit"], ["residents", "points"])
    facilities = rows(folder, "facilities.csv")
    texts = ["facility", "facility_name", "service", "status", "unit"]
    same(hold, read_back["facilities"], facilities, texts, ["capacity", "opens"])
    places = [struct.unpack_from("<dd", blob, 5) for blob in read_back["facilities"]["geometry"]]
    hold(places == [(float(row["lon"]), float(row["lat"])) for row in facilities], "places of facilities")
    figures = ["place", "need", "priority", "unserved_residents"]
    # Where nothing is told of growth, that it is 0 is not known.
    if any(round_["plan"]["inputs"].get(name) for name in ["earlier", "housing", "controls"]):
        figures.append("inflow_rate")
    else:
        hold(not any(rate is not None for rate in read_back["ranking"]["inflow_rate"]), "growth is told")
    same(hold, read_back["ranking"], rows(folder, "ranking.csv"), ["unit"], figures)
    standing = rows(folder, "standing.csv")
    key = lambda unit, service, year: (unit, service, int(year))
    by_key = {key(row["unit"], row["service"], row["year"]): row for row in standing}
    of = read_back["standing"]
    ordered = [by_key.get(key(*each), {}) for each in zip(of["unit"], of["service"], of["year"])]
    hold(len(ordered) == len(standing), f"standing: {len(ordered)} rows, in the file {len(standing)}")
    same(hold, of, ordered, ["standard_status", "attained"], ["target_residents", "coverage", "demand", "short_for_certain"])
    for layer, key, name in [("units", "unit", "township_name"), ("communities", "community", "community_name")]:
        told = {each["properties"][key]: each for each in features(folder, f"{layer}.geojson")}
        told = [told[each] for each in read_back[layer][key]]
        names = [each["properties"][name] for each in told]
        hold(read_back[layer][name] == names, f"{layer}: column {name}")
        check_polygons(read_back[layer], [each["geometry"] for each in told], hold)


def same(hold, table, told, texts, figures):
    for name in texts:
        hold([cell or "" for cell in table[name]] == [row[name] for row in told], f"column {name}")
    for name in figures:
        hold(table[name] == [float(row[name]) if row[name] else None for row in told], f"column {name}")


def main(folder):
    folder, failures = pathlib.Path(folder), []

    def hold(holds, what):
        if not holds:
            failures.append(what)

    path = folder / "round.gpkg"
    check_container(path, hold)
    with warnings.catch_warnings():
        # GDAL's own validation speaks by warnings.
        warnings.simplefilter("error")
        check_against_files(folder, path, hold)
    for what in failures:
        print(f"does not hold: {what}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
