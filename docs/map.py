"""Draws the picture of the README from what `fuwutu coverage PLAN --out DIR --points` and `fuwutu roads PLAN --out ROADS --all`
wrote. Standard library only.

python3 docs/map.py DIR FACILITIES.csv SERVICE "TITLE" ROADS > docs/demo.svg
"""

import csv
import json
import math
import pathlib
import sys

WIDTH, MAP_TOP, MARGIN = 900, 64, 20
REACHED, UNREACHED, FACILITY = "#2166ac", "#e08214", "#111111"
GROUNDS = ["#f7f7f2", "#eef3ee", "#f3eef3", "#eef1f6", "#f6f1ea", "#eaf3f3", "#f3f3ea"]


def read(folder):
    features = []
    for path in sorted(pathlib.Path(folder, "coverage").glob("*.geojson")):
        features += json.loads(path.read_text(encoding="utf-8"))["features"]
    units = [each for each in features if each["geometry"]["type"] != "Point"]
    points = [each for each in features if each["geometry"]["type"] == "Point"]
    return units, points


def rings(geometry):
    parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [ring for part in parts for ring in part]


class Plane:
    """Degrees to pixels; good enough for a picture."""

    def __init__(self, units):
        places = [place for unit in units for ring in rings(unit["geometry"]) for place in ring]
        self.west, self.east = min(x for x, _ in places), max(x for x, _ in places)
        self.south, self.north = min(y for _, y in places), max(y for _, y in places)
        self.squeeze = math.cos(math.radians((self.south + self.north) / 2))
        self.scale = (WIDTH - 2 * MARGIN) / ((self.east - self.west) * self.squeeze)
        self.height = MAP_TOP + (self.north - self.south) * self.scale + 110

    def pixel(self, place):
        x = MARGIN + (place[0] - self.west) * self.squeeze * self.scale
        return f"{x:.1f}", f"{MAP_TOP + (self.north - place[1]) * self.scale:.1f}"

    def kilometre(self):
        return self.scale / 111.2


def path(plane, geometry):
    return " ".join("M" + " ".join(",".join(plane.pixel(place)) for place in ring) + "Z" for ring in rings(geometry))


def streets(plane, roads):
    """Streets as steps of whole pixels from the last place, which keeps the picture small."""
    lines = [feature["geometry"] for feature in json.loads(pathlib.Path(roads).read_text(encoding="utf-8"))["features"]]
    lines = [line for geometry in lines if geometry["type"] == "MultiLineString" for line in geometry["coordinates"]]
    steps, last = [], (0, 0)
    for line in lines:
        places = [tuple(round(float(each)) for each in plane.pixel(place)) for place in line]
        for letter, place in zip("m" + "l" * len(places), places):
            steps.append(f"{letter}{place[0] - last[0]} {place[1] - last[1]}".replace(" -", "-"))
            last = place
    return "M0 0" + "".join(steps)


def main():
    folder, facilities, service, title, roads = sys.argv[1:6]
    units, points = read(folder)
    plane = Plane(units)
    out = []
    text = lambda x, y, what, extra="": out.append(f'<text x="{x:.0f}" y="{y:.0f}" {extra}>{what}</text>')
    for number, unit in enumerate(units):
        ground = GROUNDS[number % len(GROUNDS)]
        out.append(f'<path d="{path(plane, unit["geometry"])}" fill="{ground}" stroke="#555" stroke-width="1.6"/>')
    out.append(f'<path d="{streets(plane, roads)}" fill="none" stroke="#999" stroke-width="0.6"/>')
    reached = total = 0
    for colour, wanted in ((UNREACHED, False), (REACHED, True)):
        dots = []
        for point in points:
            inside = point["properties"][f"{service}_minutes"] is not None
            if inside == wanted:
                x, y = plane.pixel(point["geometry"]["coordinates"])
                dots.append(f"M{x} {y}h0")
                total += point["properties"]["residents"]
                reached += point["properties"]["residents"] * wanted
        out.append(f'<path d="{"".join(dots)}" stroke="{colour}" stroke-width="3.4" stroke-linecap="round" opacity="0.75"/>')
    with open(facilities, encoding="utf-8") as file:
        places = [row for row in csv.DictReader(file) if row["service"] == service and row["status"] == "existing"]
    for row in places:
        x, y = (float(each) for each in plane.pixel((float(row["lon"]), float(row["lat"]))))
        out.append(f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" fill="{FACILITY}" stroke="#fff"/>')
    for unit in units:
        ring = max(rings(unit["geometry"]), key=len)
        x, y = plane.pixel((sum(p[0] for p in ring) / len(ring), sum(p[1] for p in ring) / len(ring)))
        about = unit["properties"]
        label = f'{about["township_name"]} {about["unit"][-2:]}'
        share = f'{about["residents"]:,} · {about[service + "_coverage_2026"]:.0%}'
        halo = 'text-anchor="middle" font-size="13" font-weight="bold" paint-order="stroke" stroke="#fff" stroke-width="4"'
        text(float(x), float(y) - 7, label, halo)
        text(float(x), float(y) + 9, share, halo)
    foot = plane.height - 70
    for x, colour, what in ((20, REACHED, "within reach 时限内"), (190, UNREACHED, "beyond it 时限外")):
        out.append(f'<circle cx="{x + 6}" cy="{foot - 4:.0f}" r="5" fill="{colour}"/>')
        text(x + 18, foot, what)
    out.append(f'<rect x="352" y="{foot - 9:.0f}" width="8" height="8" fill="{FACILITY}"/>')
    text(368, foot, "facility 设施")
    bar = 5 * plane.kilometre()
    out.append(f'<path d="M{WIDTH - MARGIN - bar:.1f} {foot - 4:.1f}h{bar:.1f}" stroke="#111" stroke-width="2"/>')
    text(WIDTH - MARGIN - bar / 2, foot - 10, "5 km", 'text-anchor="middle" font-size="12"')
    text(20, foot + 26, "Synthetic city, no real place. Walking time on streets at 1.1 m/s (rural: e-bike). Standards: partly verified.", 'font-size="12" fill="#555"')
    text(20, foot + 44, "Units are analysis units, no legal boundaries. 合成数据；单元为分析单元，不作法定界线；未经审图不得公开。", 'font-size="12" fill="#555"')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {plane.height:.0f}" font-family="Noto Sans CJK SC, Microsoft YaHei, sans-serif" font-size="14">'
    print(head + f'<rect width="{WIDTH}" height="{plane.height:.0f}" fill="#fff"/>')
    text(20, 32, f"{title}: {reached / total:.0%} of {total:,.0f} residents", 'font-size="20" font-weight="bold"')
    text(WIDTH - 30, 32, "N ▲", 'text-anchor="middle" font-size="13"')
    print("\n".join(out) + "\n</svg>")


if __name__ == "__main__":
    main()
