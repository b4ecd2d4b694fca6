"""Makes a plan of an extract by `fuwutu init --osm`, evaluates it, and counts both by other means.

    pip install osmium pyproj numpy scipy shapely
    python3 tests/init_osm_check.py PROGRAM EXTRACT.osm.pbf --residents 12000 [what else `init` is to be told]

1. Facilities: each object of the extract by pyosmium, areas by its own assembler, rules of seeds/osm_tags.csv by Python's `re`.
   The ids of each service must be those of facilities.csv.
2. Coverage of pharmacies and markets, as the crow flies: within 0.01 percentage points.
3. Coverage of the same on streets: ways and what legs do not cross by pyosmium, seeds/street_rules.csv as the specification of who may
   walk where, legs by shapely and numpy, scipy's Dijkstra: within 0.5 percentage points. The demand points that differ most are listed.
   Only what pharmacies and markets of a city need is here: on foot, usual `[travel]` of a plan, no plan's own rules.
"""
import csv
import json
import math
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import osmium
import shapely
from pyproj import Geod, Transformer
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

csv.field_size_limit(1 << 30)
GEOD = Geod(ellps="WGS84")
SEEDS = Path(__file__).parent.parent / "seeds"
SERVICES = ("pharmacy", "market")
# seeds/services.toml: 10 minutes on foot in cities. seeds/policy.toml: pace, detour, longest leg, shortest part.
LIMIT_S, PACE, DETOUR, LEG_M, PART_M = 600.0, 1.1, 1.3, 300.0, 2_000.0


# 1. Facilities


def facility_rules():
    for row in csv.DictReader(open(SEEDS / "osm_tags.csv", encoding="utf-8")):
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


RULES = list(facility_rules())
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


def facilities(extract):
    """By service and id: lon, lat, tags."""
    found, stop_area, relations, middles = defaultdict(dict), {}, {}, {}
    for thing in osmium.FileProcessor(extract).with_locations().with_areas(osmium.filter.KeyFilter(*KEYS)):
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
            id = ("w" if thing.from_way() else "r") + str(thing.orig_id())
            relations.pop(None if thing.from_way() else thing.orig_id(), None)
            for service in services(tags, area):
                found[service][id] = (*middle, tags)
        elif thing.is_way():
            places = [(node.lon, node.lat) for node in thing.nodes if node.location.valid()]
            if places:
                middles[thing.id] = places[len(places) // 2]
            if tags.keys() & KEYS and places and not (len(places) > 3 and thing.is_closed() and len(places) == len(thing.nodes)):
                for service in services(tags, None):
                    found[service][f"w{thing.id}"] = (*middles[thing.id], tags)
    # What the extract cuts has a place and no area.
    for id, (tags, members) in relations.items():
        known = [middles[way] for way in members if way in middles]
        if known:
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
    return found


# 2. Who may walk where


class StreetRules:
    """seeds/street_rules.csv for people on foot, as docs/inputs.md, "Who may go where", says that it is read."""

    def __init__(self):
        self.rules, self.known = [], defaultdict(set)
        for row in csv.DictReader(open(SEEDS / "street_rules.csv", encoding="utf-8")):
            if row["on"] != "step_free":
                tags = [tag.split("=", 1) for tag in row["tag"].split(" & ")]
                self.rules.append((row["on"], tags, row["walk"], row["marks"].split()))
                self.known[row["on"], tags[0][0]].add(tags[0][1])
        self.classes = list(dict.fromkeys(tags[0][0] for on, tags, *_ in self.rules if on == "street"))

    def first(self, on, key, value):
        """Of several values the first that a rule of this part knows."""
        return next((one for one in [value, *map(str.strip, value.split(";"))] if one in self.known[on, key]), value)

    def has(self, on, tags, key, wanted):
        value = tags.get(key)
        if value is None:
            return False
        if wanted == "*":
            return value != "no" and self.first(on, key, value) not in self.known[on, key]
        if wanted == "not 0":
            return not on_ground(value)
        if (key, wanted) == ("opening_hours", "closed"):
            return closed_at_ten(value)
        return self.first(on, key, value) == wanted

    def met(self, on, tags):
        """What the rules of a part say, in their order."""
        for part, ((key, wanted), *more), walk, marks in self.rules:
            if part == on and self.has(on, tags, key, wanted):
                if all(value == "*" and tags.get(key, "no") != "no" or value in re.split(" *; *", tags.get(key, "")) for key, value in more):
                    yield walk, marks

    def last(self, on, tags):
        said = [walk for walk, _ in self.met(on, tags) if walk]
        return said[-1] if said else None

    def access(self, tags, way):
        """The most special tag that says something of a direction, and whether that is `access`."""
        for name in ("foot", "access"):
            for key in (f"{name}:{way}", name):
                said = tags.get(key)
                if said is not None:
                    said = self.last("access", {"access": said})
                    if said:
                        return said, name == "access"
        return None, False

    def street(self, tags):
        """None: no street. Else who may walk along it and against it ("open", "private", "closed"), and whether one may step on it."""
        own = [key for key in self.classes if key in tags and self.first("street", key, tags[key]) in self.known["street", key]]
        if "highway" not in tags and not own:
            return None
        if not own or "highway" in tags and own[0] != "highway":
            return ["closed", "closed"], False
        # What has several classes is of the first.
        tags = {key: value for key, value in tags.items() if key == own[0] or key not in self.classes}
        ways = []
        turned = self.last("direction", tags)
        for way, against in (("forward", "against"), ("backward", "along")):
            who = self.last("street", tags)
            who = {"open": "open", "closed": "closed", "private": "private"}.get(who, "open")
            who = changed(who, self.last("way", tags))
            said, general = self.access(tags, way)
            if said == "closed" or said and not general:
                who = said
            elif said == "private" and who == "open":
                who = said
            who = changed(who, self.last("always", tags))
            ways.append("closed" if turned == against else who)
        marks = {mark for on in ("street", "way", "always", "direction", "place") for _, marks in self.met(on, tags) for mark in marks}
        return ways, "no_snap" not in marks

    def barrier(self, tags):
        """Whom a node lets through."""
        if "barrier" not in tags and tags.get("highway") != "elevator":
            return "open"
        built = changed("open", self.last("barrier", tags))
        said, general = self.access(tags, "forward")
        if said is None:
            who = changed(built, self.last("locked", tags))
        else:
            who = built if said == "private" and general and built != "open" else said
        return changed(who, self.last("always", tags))


def changed(who, said):
    return said if said in ("open", "closed", "private") else who


def on_ground(levels):
    """Whether the ground floor is among levels such as `-1;0` or `0-2`."""
    for level in re.split("[;,]", levels):
        span = re.fullmatch(r"\s*([+-]?[\d.]+)(?:-([+-]?[\d.]+))?\s*", level)
        if not span:
            return True
        low, high = sorted((float(span[1]), float(span[2] or span[1])))
        if low <= 0.0 <= high or low == high and abs(low) < 0.5:
            return True
    return False


def closed_at_ten(hours):
    """At ten on a Wednesday. Only times without days are read here; what else there is counts as open and is printed."""
    spans = re.findall(r"(\d+):(\d+)-(\d+):(\d+)", hours)
    if re.search("[A-Za-z]", hours) or hours != "24/7" and not spans:
        print(f"   opening hours that are not read here: {hours}")
        return False
    return bool(spans) and not any(int(a) * 60 + int(b) <= 600 < int(c) * 60 + int(d) for a, b, c, d in spans)


def storey(tags):
    """Streets that meet without a common node do so at one height only."""
    level, layer = tags.get("level", ""), tags.get("layer", "0")
    bridge, tunnel = tags.get("bridge", "no") != "no", tags.get("tunnel", "no") not in ("no", "building_passage")
    return "" if level == "0" else level, int(layer) if re.fullmatch(r"[+-]?\d+", layer) else 0, bridge, tunnel


def is_area(tags):
    """Whether a closed way or a relation is walked along its outline, as an area."""
    broad = "platform" in (tags.get("highway"), tags.get("railway"), tags.get("public_transport")) or tags.get("man_made") == "pier"
    return tags.get("area") == "yes" or tags.get("area") != "no" and (broad or tags.get("type") == "multipolygon")


# What a leg does not cross: docs/methods.md, "Barriers".
OBSTACLES = {
    "water": {"waterway": {"river", "canal", "tidal_channel"}, "natural": {"coastline"}},
    "shore": {"waterway": {"riverbank", "dock"}, "natural": {"water"}, "landuse": {"reservoir", "basin"}},
    "rail": {"railway": {"rail", "light_rail", "subway", "narrow_gauge", "preserved", "funicular", "monorail"}},
    "wall": {"barrier": {"wall", "city_wall", "retaining_wall", "fence", "hedge", "sound_barrier"}},
}


def obstacle(tags):
    kind = next((kind for kind, keys in OBSTACLES.items() if any(tags.get(key) in values for key, values in keys.items())), None)
    gone = ("tunnel", "bridge", "covered", "indoor", "intermittent", "seasonal", "disused", "abandoned", "proposed", "construction")
    if any(tags.get(key, "no") != "no" for key in gone) or tags.get("level", "0") != "0":
        return None
    if tags.get("location", "surface") not in ("surface", "outdoor", "outside"):
        return None
    # A river is drawn below its bridges.
    return None if kind in ("rail", "wall") and tags.get("layer", "").startswith("-") else kind


# 3. The network


class Network:
    """Straight pieces between nodes, in whole millimetres; those that may be walked, and those that legs do not cross."""

    def __init__(self, extract, to_plane):
        self.rules = StreetRules()
        self.read(extract, to_plane)
        self.join_places()
        self.lay()
        self.join_ends()
        self.join_areas()
        self.cut()
        self.private_ground()

    def read(self, extract, to_plane):
        ids, lons, lats, gates, ways, relations = [], [], [], {}, {}, []
        for thing in osmium.FileProcessor(extract):
            tags = dict(thing.tags)
            if thing.is_node():
                ids.append(thing.id)
                lons.append(thing.lon)
                lats.append(thing.lat)
                if tags and self.rules.barrier(tags) != "open":
                    gates[thing.id] = self.rules.barrier(tags)
            elif thing.is_way():
                ways[thing.id] = tags, [node.ref for node in thing.nodes]
            elif tags.get("type") == "multipolygon":
                relations.append((f"r{thing.id}", tags, [member.ref for member in thing.members if member.type == "w"]))
        self.places = np.rint(np.column_stack(to_plane(lons, lats)) * 1000).astype(np.int64)
        self.degrees = list(zip(lons, lats))
        at = {id: position for position, id in enumerate(ids)}
        self.gates = {at[id]: who for id, who in gates.items()}

        def runs(way):
            """The nodes of a way, cut where the extract lacks one."""
            run, before = [], None
            for id in [*way[1], None]:
                if id in at:
                    if at[id] != before:
                        run.append(at[id])
                else:
                    if len(run) > 1:
                        yield run
                    run = []
                before = at.get(id)

        # Streets: id, tags, who may walk, whether one may step on, runs. Areas are streets whose runs are outlines.
        self.streets, self.obstacles = [], []
        things = [(f"w{id}", tags, list(runs((tags, nodes))), len(nodes) > 2 and nodes[0] == nodes[-1]) for id, (tags, nodes) in ways.items()]
        things += [(id, tags, [run for way in members if way in ways for run in runs(ways[way])], True) for id, tags, members in relations]
        for id, tags, lines, may_be_area in things:
            street = self.rules.street(tags)
            if street:
                self.streets.append((id, tags, *street, lines, may_be_area and is_area(tags)))
            elif obstacle(tags):
                kind = obstacle(tags)
                if kind == "shore" and not closes(lines):
                    kind = "water"
                self.obstacles += [(kind, a, b) for run in lines for a, b in zip(run, run[1:])]

    def join_places(self):
        """Nodes at the very same place are one where streets of one storey come to them, or where streets end at both."""
        comes = defaultdict(list)
        for _, tags, _, _, lines, _ in self.streets:
            for run in lines:
                for position, node in enumerate(run):
                    comes[node].append((storey(tags), 0 < position < len(run) - 1))
        alike = defaultdict(list)
        for node in comes:
            alike[self.degrees[node]].append(node)
        self.renamed = {}
        for nodes in alike.values():
            for node in nodes[1:]:
                for other in nodes[:nodes.index(node)]:
                    same = {at for at, _ in comes[node]} & {at for at, _ in comes[other]}
                    end = not any(on for _, on in comes[node]) and not any(on for _, on in comes[other])
                    if same or end:
                        self.renamed[node] = self.renamed.get(other, other)
                        break

    def lay(self):
        """Pieces of all streets. A street ends at a node that nobody passes: each piece there has an end of its own."""
        rename = lambda node: self.renamed.get(node, node)
        self.gates = {rename(node): who for node, who in self.gates.items()}
        self.visits = Counter()
        for street in self.streets:
            for run in street[4]:
                run[:] = map(rename, run)
                self.visits.update([*run, run[0], run[-1]])
        self.pieces, self.more_places = [], []
        for number, (_, _, who, _, lines, _) in enumerate(self.streets):
            for run in lines:
                # Up to the next crossing it is one edge; a private gate at either end makes it private.
                crossings = [position for position, node in enumerate(run) if self.visits[node] > 1 or node in self.gates]
                for first, last in zip(crossings, crossings[1:]):
                    gated = "private" in (self.gates.get(run[first]), self.gates.get(run[last]))
                    for a, b in zip(run[first:last], run[first + 1:last + 1]):
                        if a != b:
                            self.pieces.append((self.own_end(a), self.own_end(b), number, gated or "private" in who))

    def own_end(self, node):
        return self.new_node(self.places[node]) if self.gates.get(node) == "closed" else node

    def new_node(self, place):
        self.more_places.append(place)
        return len(self.places) + len(self.more_places) - 1

    def place(self, node):
        return self.places[node] if node < len(self.places) else self.more_places[node - len(self.places)]

    def ends(self):
        """Ends of streets at which nothing else is, no gate either: the node, the number of the street and the run."""
        for number, (_, _, who, _, lines, area) in enumerate(self.streets):
            if not area:
                for run in lines:
                    for node in {run[0], run[-1]}:
                        if self.visits[node] == 2 and node not in self.gates:
                            yield node, number, run

    def join_ends(self):
        """A street that ends within 5 cm of another of its storey meets it."""
        self.cuts = defaultdict(list)
        lines = [[self.place(a), self.place(b)] for a, b, *_ in self.pieces]
        tree = shapely.STRtree(shapely.linestrings(np.array(lines, dtype=float)))
        for node, number, run in list(self.ends()):
            best = None
            for piece in tree.query(shapely.Point(self.place(node)), "dwithin", 50.0):
                a, b, other, _ = self.pieces[piece]
                if {a, b} & set(run) or storey(self.streets[other][1]) != storey(self.streets[number][1]):
                    continue
                far, share, _ = nearest(self.place(node), self.place(a), self.place(b))
                best = min(best or (far, piece, share), (far, piece, share))
            if best:
                self.cuts[best[1]].append((best[2], node))
                self.visits[node] += 1

    def join_areas(self):
        """A street that ends within an area of its storey is led to the nearest place of its outline."""
        ends = [(node, number) for node, number, _ in self.ends() if self.streets[number][2] != ["closed"] * 2]
        tree = shapely.STRtree([shapely.Point(self.place(node)) for node, _ in ends])
        outlines = defaultdict(list)
        for piece, (_, _, number, _) in enumerate(self.pieces):
            outlines[number].append(piece)
        best = {}
        for number, (_, tags, who, _, lines, area) in enumerate(self.streets):
            if not area or who == ["closed"] * 2 or not closes(lines):
                continue
            line = np.array([[self.place(self.pieces[piece][0]), self.place(self.pieces[piece][1])] for piece in outlines[number]])
            for end in tree.query(shapely.box(*line.min(axis=(0, 1)), *line.max(axis=(0, 1)))):
                node, own = ends[end]
                place = self.place(node)
                if storey(self.streets[own][1]) == storey(tags) and inside(place, line):
                    for piece, (a, b) in zip(outlines[number], line):
                        far, share, _ = nearest(place, a, b)
                        best[node] = min(best.get(node, (far, piece, share)), (far, piece, share))
        self.led = len(best)
        for node, (_, piece, share) in best.items():
            a, b, number, private = self.pieces[piece]
            at = self.cut_at(piece, share)
            self.pieces.append((node, at, number, private))

    def cut_at(self, piece, share):
        """The node at a share of a piece: an end of it, or a new one."""
        a, b, *_ = self.pieces[piece]
        if share in (0.0, 1.0):
            return b if share else a
        at = self.new_node(self.place(a) + share * (self.place(b) - self.place(a)))
        self.cuts[piece].append((share, at))
        return at

    def cut(self):
        """Cuts pieces where something meets them."""
        for piece, cuts in self.cuts.items():
            a, b, *what = self.pieces[piece]
            chain = [a, *(node for _, node in sorted(cuts)), b]
            self.pieces[piece] = (chain[0], chain[1], *what)
            self.pieces += [(*pair, *what) for pair in zip(chain[1:], chain[2:])]
        self.cuts = defaultdict(list)
        if self.more_places:
            self.places = np.vstack([self.places, np.array(self.more_places)])
            self.more_places = []

    def parts(self, some):
        """Pieces that hang together: the number of each's part, and the length of each part in metres."""
        a, b, *_ = np.array(self.pieces)[some].T
        count = len(self.places)
        _, part = connected_components(csr_matrix((np.ones(len(a)), (a, b)), shape=(count, count)), directed=False)
        of_piece = np.full(len(self.pieces), -1)
        of_piece[some] = part[a]
        return of_piece, np.bincount(part[a], self.lengths()[some], minlength=count) / 1000.0

    def lengths(self):
        a, b, *_ = np.array(self.pieces).T
        return np.hypot(*(self.places[a] - self.places[b]).T.astype(float))

    def private_ground(self):
        """Leaves what is walked in parts of 2 km and more, and makes private what lies behind gates: all but the longest of the open
        pieces of a part that hang together."""
        walked = np.array([self.streets[number][2] != ["closed"] * 2 for _, _, number, _ in self.pieces])
        part, length = self.parts(np.flatnonzero(walked))
        usable = walked & (length[part] >= PART_M)
        self.dropped_km = self.lengths()[walked & ~usable].sum() / 1e6
        # A street drawn twice is one.
        self.pieces = list({(frozenset(piece[:2]), piece[2:]): piece for piece, good in zip(self.pieces, usable) if good}.values())
        marked = np.array([private for *_, private in self.pieces])
        part, _ = self.parts(np.arange(len(self.pieces)))
        open_part, length = self.parts(np.flatnonzero(~marked))
        core = {}
        for own, other in zip(part[~marked], open_part[~marked]):
            core[own] = max(core.get(own, (0.0, 0)), (length[other], other))
        for piece, (a, b, number, _) in enumerate(self.pieces):
            own = part[piece]
            self.pieces[piece] = a, b, number, own in core and core[own][1] != open_part[piece]

    def snap(self, places):
        """For each place the node on the streets and the leg in metres, or None. New nodes cut the pieces that they are on."""
        lines = np.array([[self.places[a], self.places[b]] for a, b, *_ in self.pieces])
        steps = np.array([self.streets[number][3] for _, _, number, _ in self.pieces])
        at = np.flatnonzero(steps)
        tree = shapely.STRtree(shapely.linestrings(lines[at].astype(float)))
        obstacles = Obstacles(self.places, self.obstacles)
        found = []
        for place in np.rint(np.asarray(places) * 1000).astype(np.int64):
            near = at[tree.query(shapely.Point(place), "dwithin", LEG_M * 1000)]
            a, b = lines[near, 0], lines[near, 1]
            along = b - a
            share = np.clip(((place - a) * along).sum(1) / np.maximum((along ** 2).sum(1), 1), 0.0, 1.0)
            feet = a + share[:, None] * along
            far = np.hypot(*(feet - place).T)
            order, best = np.lexsort((near, far)), None
            # Mostly one of the nearest is free.
            for some in (order[:8], order[8:]):
                crossed = obstacles.crossed(place, feet[some], far[some])
                for least in (0, 1):
                    if (crossed == least).any() and (least == 0 or best is None):
                        best = some[np.argmax(crossed == least)]
                if (crossed == 0).any():
                    break
            found.append(best if best is None else (self.cut_at(near[best], share[best]), far[best] / 1000.0, near[best]))
        self.cut()
        return found

    def seconds(self, homes, sites):
        """From each home to the nearest site, on the way P* O* P*: over private ground, then open streets, then private ground. So
        there are three layers of nodes: at 0 one leaves private ground, 1 is open, at 2 one is on private ground again."""
        count = len(self.places)
        a, b, number, private = np.array(self.pieces).T
        private = private.astype(bool)
        length = self.lengths() / 1000.0
        opened = np.zeros(count, dtype=bool)
        opened[a[~private]] = opened[b[~private]] = True
        arcs = [(np.arange(count) + layer * count, np.arange(count) + (layer + 1) * count, np.zeros(count)) for layer in (0, 1)]
        ways = np.array([[way != "closed" for way in street[2]] for street in self.streets])
        for way, tail, head in ((0, a, b), (1, b, a)):
            for layer, some in ((0, private), (1, ~private), (2, private)):
                some = some & ways[number, way]
                arcs.append((tail[some] + layer * count, head[some] + layer * count, length[some]))
        goal = 3 * count
        # A home or site on an open street is at layer 1, whatever private way touches it.
        arcs += [(np.array([node + (1 if opened[node] else 2) * count]), np.array([goal]), np.array([leg])) for node, leg, _ in filter(None, sites)]
        tail, head, length = map(np.concatenate, zip(*arcs))
        # Of arcs between the same nodes the shortest; a matrix would add them up. And backward, from all sites at once.
        order = np.lexsort((length, head, tail))
        tail, head, length = tail[order], head[order], length[order]
        first = np.append(True, (np.diff(tail) != 0) | (np.diff(head) != 0))
        graph = csr_matrix((np.maximum(length[first], 1e-9), (head[first], tail[first])), shape=(goal + 1, goal + 1))
        far = dijkstra(graph, indices=goal, limit=3 * LIMIT_S * PACE)
        return np.array([math.inf if home is None else (home[1] + far[home[0] + (1 if opened[home[0]] else 0) * count]) / PACE for home in homes])


def closes(lines):
    """Whether lines join to rings: an even number of them ends wherever one does."""
    ends = Counter(node for run in lines for node in (run[0], run[-1]))
    return bool(ends) and all(count % 2 == 0 for count in ends.values())


def nearest(place, a, b):
    """The nearest place of a line: how far (mm), at what share of it, and where."""
    along = (b - a).astype(float)
    square = (along ** 2).sum()
    share = min(1.0, max(0.0, ((place - a) * along).sum() / square)) if square else 0.0
    foot = a + share * along
    return math.dist(foot, place), float(share), foot


def inside(place, line):
    """Whether a ray from a place crosses the pieces of an outline an odd number of times."""
    (ax, ay), (bx, by), (x, y) = line[:, 0].T, line[:, 1].T, place
    level = (ay > y) != (by > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        right = ax + (y - ay) / (by - ay) * (bx - ax) > x
    return (level & right).sum() % 2 == 1


class Obstacles:
    """What legs do not cross, or only where they must."""

    def __init__(self, places, obstacles):
        self.kinds = np.array([kind for kind, *_ in obstacles])
        self.lines = np.array([[places[a], places[b]] for _, a, b in obstacles])
        self.tree = shapely.STRtree(shapely.linestrings(self.lines.astype(float)))

    def crossed(self, place, feet, far):
        """What each leg without its last decimetre crosses: 0 nothing, 1 a wall or the shore that one is inside of, 2 much."""
        ends = place + np.rint((feet - place) * np.maximum(0.0, 1.0 - 100.0 / np.maximum(far, 1e-9))[:, None]).astype(np.int64)
        legs = shapely.linestrings(np.stack([np.broadcast_to(place, ends.shape), ends], axis=1).astype(float))
        leg, line = self.tree.query(legs)
        end, (a, b), kind = ends[leg], self.lines[line].transpose(1, 0, 2), self.kinds[line]
        side = lambda p, q, r: np.sign((q[..., 0] - p[..., 0]) * (r[..., 1] - p[..., 1]) - (q[..., 1] - p[..., 1]) * (r[..., 0] - p[..., 0]))
        # A place right on a line is on both its sides.
        parted = side(a, b, place) * side(a, b, end) < 0
        one, other = side(place, end, a), side(place, end, b)
        over = parted & ((one != other) | (one == 0))
        # Two pieces of a shore that meet on the leg count once.
        shore = parted & ((one < 0) != (other < 0)) & (kind == "shore")
        count = lambda some: np.bincount(leg[some], minlength=len(feet))
        shores = count(shore)
        much = (count(over & ((kind == "water") | (kind == "rail"))) > 0) | (shores > 1)
        return np.where(much, 2, (shores > 0) | (count(over & (kind == "wall")) > 0))


# 4. All of it


def rows(path):
    return list(csv.DictReader(open(path, encoding="utf-8-sig")))


def run(*arguments):
    subprocess.run([str(argument) for argument in arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def covered(folder, service):
    """What a round says: the share, in percent."""
    own = [row for row in rows(folder / "standing.csv") if row["service"] == service]
    return 100.0 * sum(float(row["covered_residents"]) for row in own) / sum(float(row["target_residents"]) for row in own)


def compare_facilities(extract, plan):
    found, own, same = facilities(extract), defaultdict(dict), True
    for row in rows(plan / "facilities.csv"):
        own[row["service"]][row["id"]] = row
    for service in sorted(set(found) | set(own)):
        ours, theirs = set(found[service]), set(own[service])
        if ours == theirs:
            said = "same"
        else:
            said = f"DIFFER: only here {sorted(ours - theirs)[:6]}, only in the plan {sorted(theirs - ours)[:6]}"
            same = False
        if ours or theirs:
            print(f"{service:24} {len(theirs):5} {len(ours):5}  {said}")
    return same, own


def compare_coverage(extract, plan, streets, straight, own):
    people = rows(plan / "population.csv")
    lon, lat = (np.array([float(row[axis]) for row in people]) for axis in ("lon", "lat"))
    residents = np.array([float(row["residents"]) for row in people])
    plane = Transformer.from_crs("EPSG:4326", f"+proj=tmerc +lat_0={lat.mean()} +lon_0={lon.mean()} +ellps=WGS84", always_xy=True).transform
    homes = np.column_stack(plane(lon, lat))
    sites = {service: np.column_stack(plane(*zip(*[(float(row["lon"]), float(row["lat"])) for row in own[service].values()]))) for service in SERVICES}
    network = Network(extract, plane)
    print(f"streets: {network.lengths().sum() / 1e6:.1f} km, {network.dropped_km:.1f} km in small parts; street ends in areas {network.led}, nodes joined {len(network.renamed)}")
    # The same cuts for all, so that nodes found before stay where they are.
    at = network.snap(np.vstack([homes, *sites.values()]))
    at_home, start, good = at[:len(homes)], len(homes), True
    for service, places in sites.items():
        seconds = network.seconds(at_home, at[start:start + len(places)])
        start += len(places)
        crow = cKDTree(places).query(homes)[0] * DETOUR / PACE <= LIMIT_S
        for name, ours, theirs, most in (
            ("as the crow flies", crow, covered(straight, service), 0.01),
            ("on streets", seconds <= LIMIT_S, covered(streets, service), 0.5),
        ):
            share = 100.0 * residents[ours].sum() / residents.sum()
            passed = abs(share - theirs) <= most
            good &= passed
            print(f"{'PASS' if passed else 'FAIL'}  {service} {name}: round {theirs:.3f} %, here {share:.3f} %, difference {theirs - share:+.3f} (at most {most})")
        points(service, people, seconds, at_home, network, streets)
    return good


def points(service, people, seconds, at_home, network, streets):
    """Demand point by demand point, and the ten whose times differ most."""
    theirs = {}
    for layer in (streets / "coverage").glob("*.geojson"):
        for feature in json.load(open(layer, encoding="utf-8"))["features"]:
            if "point" in feature["properties"]:
                minutes = feature["properties"][f"{service}_minutes"]
                theirs[feature["properties"]["point"]] = math.inf if minutes is None else minutes
    differ, same = [], 0
    for row, ours, home in zip(people, seconds / 60.0, at_home):
        ours = ours if ours <= LIMIT_S / 60.0 else math.inf
        if ours == theirs[row["id"]] or abs(ours - theirs[row["id"]]) <= 0.02:
            same += 1
        else:
            way = "no street" if home is None else network.streets[network.pieces[home[2]][2]][0]
            differ.append((min(abs(ours - theirs[row["id"]]), 99.0), row, ours, theirs[row["id"]], way))
    print(f"      {same} of {len(people)} demand points the same to 0.02 minutes; others:")
    for _, row, ours, theirs, way in sorted(differ, key=lambda one: (-one[0], -float(one[1]["residents"])))[:10]:
        print(f"      {row['id']} ({row['lat']}, {row['lon']}, {float(row['residents']):.0f} residents): round {theirs:.2f}, here {ours:.2f} min, from {way}")


def main():
    program, extract, *more = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        plan, streets, straight = folder / "plan", folder / "streets", folder / "straight"
        run(program, "init", plan, "--osm", Path(extract).resolve(), *more)
        run(program, "evaluate", plan / "plan.toml", "--out", streets, "--no-report", "--points")
        text = (plan / "plan.toml").read_text(encoding="utf-8")
        (plan / "straight.toml").write_text(text.replace('mode = "streets"', 'mode = "straight"'), encoding="utf-8")
        run(program, "evaluate", plan / "straight.toml", "--out", straight, "--no-report")
        rural = [row["value"] for row in rows(streets / "findings.csv") if row["finding"] == "class_absent"]
        if not all(value.startswith("rural: 0 ") for value in rural):
            sys.exit(f"there are rural communities, which have other limits than are counted here: {rural}")
        same, own = compare_facilities(extract, plan)
        good = compare_coverage(extract, plan, streets, straight, own)
    print("PASS" if same and good else "FAIL")
    sys.exit(not (same and good))


main()
