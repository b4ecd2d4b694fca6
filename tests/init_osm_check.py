"""Counts what `fuwutu init --osm` makes by other means (pip install osmium pyproj numpy scipy).

    python3 tests/init_osm_check.py EXTRACT.osm.pbf PLAN_FOLDER [ROUND_FOLDER]

1. Facilities: each object of the extract by pyosmium, areas by its own assembler, rules of seeds/osm_tags.csv by Python's `re`.
   The ids of each service must be those of facilities.csv.
2. Coverage of pharmacies and markets, with ROUND_FOLDER: demand points of population.csv, straight lines and scipy's Dijkstra on the
   ways of the extract. Straight lines must agree. Ways are chosen by a short list of tags here and not by the product's rules
   (squares, private ways, gates, platforms), so that shares on streets are printed side by side and are no test.
"""
import csv
import json
import math
import re
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import osmium
from pyproj import Geod
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

csv.field_size_limit(1 << 30)
GEOD = Geod(ellps="WGS84")
extract, plan = sys.argv[1], Path(sys.argv[2])
SEED = Path(__file__).parent.parent / "seeds/osm_tags.csv"


def rules():
    for row in csv.DictReader(open(SEED, encoding="utf-8")):
        if row["service"].startswith("?"):
            continue
        any_of = [[re.match(r"([^!=]+)(!?)=(.*)", part.strip()).groups() for part in all_of.split(" & ")] for all_of in row["tags"].split(" | ")]
        yes, no = [], []
        for word in filter(None, (word.strip() for word in row["name"].split("|"))):
            words, word = (no, word[1:]) if word.startswith("!") else (yes, word)
            open_end, word = word.endswith("*"), word.rstrip("*").lower()
            latin = r"[^\W_\u2e80-\u9fff]"
            before = rf"(?<!{latin})" if re.match(latin, word[0]) else ""
            after = "" if open_end or not re.match(latin, word[-1]) else rf"(?!{latin})"
            words.append(re.compile(before + re.escape(word) + after))
        area = [float(end) if end else math.inf for end in row["area_m2"].split("-")] if row["area_m2"] else None
        yield row["service"], any_of, yes, no, row["level"], area


RULES = list(rules())
KEYS = {all_of[0][0] for _, any_of, *_ in RULES for all_of in any_of}


def holds(tags, condition):
    key, negated, values = condition
    own = tags.get(key)
    found = own is not None and (values == "*" or bool({part.strip() for part in own.split(";")} & set(values.split("/"))))
    return found != bool(negated)


def numbers(text):
    found = set()
    for part in re.split(r"[;, ]", text):
        match = re.fullmatch(r"(\d+)(?:[-–](\d+))?", part.strip())
        if match:
            found |= set(range(int(match[1]), int(match[2] or match[1]) + 1))
    return found


def levels(tags):
    by_isced = {level for level in numbers(tags.get("isced:level", "")) if level <= 3}
    if by_isced:
        return by_isced
    words = {"kindergarten": {0}, "preschool": {0}, "pre_school": {0}, "nursery": {0}, "primary": {1}, "elementary": {1}, "infant": {1},
             "junior": {1}, "middle": {2}, "lower_secondary": {2}, "junior_high": {2}, "secondary": {2}, "high": {3}, "senior_high": {3},
             "upper_secondary": {3}, "sixth_form": {3}, "all_through": {1, 2}, "comprehensive": {1, 2}}
    said = re.split(r"[;,/]", (tags.get("school", "") + ";" + tags.get("school:type", "")).lower())
    by_word = set().union(*(words.get(word.strip(), set()) for word in said))
    if by_word:
        return by_word
    by_grade = {0 if grade == 0 else 1 if grade <= 6 else 2 if grade <= 9 else 3 for grade in numbers(tags.get("grades", "")) if grade <= 12}
    if by_grade or not tags.get("min_age", "").isdigit():
        return by_grade
    youngest = int(tags["min_age"])
    oldest = int(tags["max_age"]) if tags.get("max_age", "").isdigit() else youngest + 2
    return {level for level, (first, last) in enumerate([(3, 5), (6, 11), (12, 14), (15, 17)]) if youngest <= first + 1 and oldest >= last - 1}


def services(tags, area):
    if any(tags.get(key, "no") != "no" for key in ("disused", "abandoned", "demolished", "ruins")) or tags.get("public_transport") == "stop_area":
        return set()
    names = [value.lower() for key, value in tags.items() if key in ("name", "official_name", "alt_name", "short_name") or key.startswith("name:")]
    taught, found = levels(tags), set()
    for service, any_of, yes, no, level, sizes in RULES:
        if level and taught:
            if int(level) not in taught:
                continue
        elif yes and not any(any(word.search(name) for word in yes) and not any(word.search(name) for word in no) for name in names):
            continue
        if not any(all(holds(tags, condition) for condition in all_of) for all_of in any_of):
            continue
        if sizes and (area is None or not sizes[0] <= area < sizes[1]):
            continue
        found.add(service)
    return found


found = defaultdict(dict)
shapes = {}
streets, nodes, stop_area, relations, middles = [], {}, {}, {}, {}
CLOSED = {"motorway", "motorway_link", "construction", "proposed", "platform", "raceway", "razed", "abandoned", "trunk", "trunk_link",
          "bus_guideway", "bus_stop", "rest_area", "services", "elevator", "corridor"}
processor = osmium.FileProcessor(extract).with_locations().with_areas(osmium.filter.KeyFilter(*KEYS))
for thing in processor:
    tags = dict(thing.tags)
    if thing.is_node():
        if tags:
            for service in services(tags, None):
                found[service][f"n{thing.id}"] = (thing.location.lon, thing.location.lat, tags)
    elif thing.is_relation():
        if tags.get("type") in ("multipolygon", "boundary"):
            relations[thing.id] = tags, [member.ref for member in thing.members if member.type == "w"]
        if tags.get("public_transport") == "stop_area":
            stop_area.update({f"{member.type}{member.ref}": thing.id for member in thing.members})
    elif thing.is_area():
        # Of a plain closed way or of a relation.
        area, corners = 0.0, []
        for outer in thing.outer_rings():
            ring = [(node.lon, node.lat) for node in outer]
            area += abs(GEOD.polygon_area_perimeter(*zip(*ring))[0])
            corners += ring
            for inner in thing.inner_rings(outer):
                area -= abs(GEOD.polygon_area_perimeter(*zip(*[(node.lon, node.lat) for node in inner]))[0])
        middle = tuple(sum(axis) / len(corners) for axis in zip(*corners))
        shapes[("w" if thing.from_way() else "r") + str(thing.orig_id())] = area
        for service in services(tags, area):
            found[service][("w" if thing.from_way() else "r") + str(thing.orig_id())] = (*middle, tags)
    elif thing.is_way():
        places = [(node.ref, node.lon, node.lat) for node in thing.nodes if node.location.valid()]
        if places:
            middles[thing.id] = places[len(places) // 2][1:]
        highway = tags.get("highway")
        walked = tags.get("foot") in ("yes", "designated", "permissive") or tags.get("access", "yes") not in ("no",) and tags.get("foot") not in ("no", "use_sidepath")
        if highway and highway not in CLOSED and walked and tags.get("area") != "yes" and len(places) > 1:
            streets.append([ref for ref, *_ in places])
            nodes.update({ref: (lon, lat) for ref, lon, lat in places})
        if tags.keys() & KEYS and places and not (len(places) > 3 and thing.is_closed() and len(places) == len(thing.nodes)):
            for service in services(tags, None):
                found[service][f"w{thing.id}"] = (*places[len(places) // 2][1:], tags)

# What the extract cuts has a place and no area.
for id, (tags, members) in relations.items():
    known = [middles[way] for way in members if way in middles]
    if f"r{id}" not in shapes and known:
        for service in services(tags, None):
            found[service][f"r{id}"] = (*known[0], tags)

# A platform is one with a stop within 30 m, or of its stop_area.
stops = found["bus_stop"]
poles = [(lon, lat, stop_area.get(id)) for id, (lon, lat, tags) in stops.items() if tags.get("highway") == "bus_stop" or tags.get("amenity") == "bus_station"]
for id, (lon, lat, tags) in list(stops.items()):
    if tags.get("highway") != "bus_stop" and tags.get("amenity") != "bus_station":
        near = [(pole[2], GEOD.inv(lon, lat, *pole[:2])[2]) for pole in poles if abs(pole[1] - lat) < 0.004]
        if any(far <= 30.0 or far <= 300.0 and id in stop_area and area == stop_area[id] for area, far in near):
            del stops[id]

own = defaultdict(dict)
for row in csv.DictReader(open(plan / "facilities.csv", encoding="utf-8-sig")):
    own[row["service"]][row["id"]] = row
failed = False
for service in sorted(set(found) | set(own)):
    ours, theirs = set(own[service]), set(found[service])
    same = "same" if ours == theirs else f"DIFFER: only here {sorted(theirs - ours)[:6]}, only in the plan {sorted(ours - theirs)[:6]}"
    failed |= ours != theirs
    if ours or theirs:
        print(f"{service:24} {len(ours):5} {len(theirs):5}  {same}")

if len(sys.argv) > 3:
    people = list(csv.DictReader(open(plan / "population.csv", encoding="utf-8-sig")))
    lon0, lat0 = (np.mean([float(row[axis]) for row in people]) for axis in ("lon", "lat"))
    scale = [GEOD.inv(lon0 - 0.01, lat0, lon0 + 0.01, lat0)[2] / 0.02, GEOD.inv(lon0, lat0 - 0.01, lon0, lat0 + 0.01)[2] / 0.02]
    flat = lambda places: (np.array(places, dtype=float) - [lon0, lat0]) * scale
    residents = np.array([float(row["residents"]) for row in people])
    homes = flat([(float(row["lon"]), float(row["lat"])) for row in people])
    ids = {ref: at for at, ref in enumerate(nodes)}
    places = flat(list(nodes.values()))
    pairs = np.array([(ids[a], ids[b]) for street in streets for a, b in zip(street, street[1:]) if a != b])
    # Long pieces are cut, so that the nearest node is the nearest place but for 5 m.
    more, cut = [], []
    for a, b in pairs:
        length = math.dist(places[a], places[b])
        count = max(1, math.ceil(length / 10.0))
        last = a
        for step in range(1, count):
            more.append(places[a] + (places[b] - places[a]) * step / count)
            cut.append((last, len(places) + len(more) - 1, length / count))
            last = len(places) + len(more) - 1
        cut.append((last, b, length / count))
    places = np.vstack([places, more]) if more else places
    rows_, columns, lengths = (np.array(side) for side in zip(*cut))
    shape = (len(places), len(places))
    graph = csr_matrix((np.maximum(lengths, 1e-9), (rows_.astype(int), columns.astype(int))), shape=shape)
    # Parts with less than 2 km of street are not used, as `travel.least_part_km` says.
    _, part = connected_components(graph, directed=False)
    usable = np.flatnonzero(np.bincount(part[rows_.astype(int)], lengths)[part] >= 2_000)
    tree = cKDTree(places[usable])
    legs, at = tree.query(homes)
    at = usable[at]
    ours = defaultdict(lambda: [0.0, 0.0])
    for row in csv.DictReader(open(Path(sys.argv[3]) / "standing.csv", encoding="utf-8-sig")):
        ours[row["service"]][0] += float(row["covered_residents"] or 0)
        ours[row["service"]][1] += float(row["target_residents"] or 0)
    # The minutes of the catalogue, which are the same in urban and rural communities for these in a city without rural ones.
    for service in ("pharmacy", "market"):
        reach = 10 * 60 * 1.1
        sites = flat([(float(row["lon"]), float(row["lat"])) for row in own[service].values()])
        straight = cKDTree(sites).query(homes)[0] * 1.3 <= reach
        ends, site_at = tree.query(sites)
        site_at = usable[site_at]
        start = len(places)
        # One more node, from which legs lead to all sites.
        full = csr_matrix((np.concatenate([np.maximum(lengths, 1e-9), np.maximum(ends, 1e-9)]),
                           (np.concatenate([rows_, np.full(len(sites), start)]).astype(int), np.concatenate([columns, site_at]).astype(int))),
                          shape=(start + 1, start + 1))
        far = dijkstra(full, directed=False, indices=start, limit=reach * 2)[:-1]
        walked = far[at] + legs <= reach
        print(f"{service}: straight {residents[straight].sum() / residents.sum():.4%}, streets {residents[walked & (legs <= 300)].sum() / residents.sum():.4%} of {residents.sum():.3f}")
        covered, all_residents = ours[service]
        print(f"   the round: {covered / max(all_residents, 1):.4%} of {all_residents:.0f}")
sys.exit(failed)
