"""The plan's JSON Schema, as a validator that is not ours reads it: good plans pass, and broken ones do not.

python3 -m venv venv && venv/bin/pip install jsonschema==4.26.0
cargo build && venv/bin/python tests/schema_check.py target/debug/fuwutu
"""

import copy
import json
import subprocess
import sys
import tomllib
from pathlib import Path

from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parent.parent


def load(path):
    return tomllib.loads((ROOT / path).read_text(encoding="utf-8"))


def changed(plan, key, value):
    """The plan with another value at a key; None takes the key away."""
    plan = copy.deepcopy(plan)
    *sections, name = key.split(".")
    table = plan
    for section in sections:
        table = table.setdefault(section, {})
    if value is None:
        del table[name]
    else:
        table[name] = value
    return plan


def laid_over(policy, plan):
    """As the tool does: section by section."""
    both = copy.deepcopy(policy)
    for key, value in plan.items():
        inner = isinstance(value, dict) and isinstance(both.get(key), dict)
        both[key] = laid_over(both[key], value) if inner else value
    return both


def main(binary):
    for lang in ["en", "zh"]:
        schema = json.loads(subprocess.run([binary, "--lang", lang, "schema"], check=True, capture_output=True).stdout)
        Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator(schema)
        demo, policy = load("data/demo/plan.toml"), load("seeds/policy.toml")

        good = {
            "the demo's plan": demo,
            "the real city's plan": load("tests/fixtures/poa.toml"),
            "the demo's plan with all defaults": laid_over(policy, demo),
            "one key of a section": changed(demo, "presence.L15.from", 40000),
            "a whole number for a number": changed(demo, "travel.detour", 1),
        }
        for decay in ["binary", "step", "step:10=1,20=0.68,30=0.22", "exponential:0.1", " power： 1.50 ， 2.0 ", "logistic:10,3"]:
            good[f"decay {decay}"] = changed(demo, "access.decay", decay)
        for name, plan in good.items():
            errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(plan)]
            assert not errors, f"{name}: {errors}"

        # What is changed, and the path at which the validator must find it.
        bad = [
            ("servces", {}, "$"),
            ("round.base_yeer", 2026, "$.round"),
            ("round.base_year", None, "$.round"),
            ("inputs.townships", None, "$.inputs"),
            ("inputs.townships.paht", "x", "$.inputs.townships"),
            ("round.base_year", "2026", "$.round.base_year"),
            ("round.base_year", 2026.5, "$.round.base_year"),
            ("round.base_year", 1899, "$.round.base_year"),
            ("round.name", " ", "$.round.name"),
            ("round.horizon_years", 11, "$.round.horizon_years"),
            ("round.horizon_years", -1, "$.round.horizon_years"),
            ("units.cap", 0, "$.units.cap"),
            ("units.min_border_m", 0, "$.units.min_border_m"),
            ("travel.detour", 0.9, "$.travel.detour"),
            ("travel.mode", "roads", "$.travel.mode"),
            ("travel.compare", "yes", "$.travel.compare"),
            ("access.decay", "linear", "$.access.decay"),
            ("people.age_shares", [1, 2, 3, 4, 5, 6], "$.people.age_shares"),
            ("people.age_shares", [1, 2, 3, 4, 5, 6, -7], "$.people.age_shares[6]"),
            ("presence.L15.from", 0, "$.presence.L15.from"),
            ("ranking.certainty.pace", 0.6, "$.ranking.certainty.pace"),
            ("report.date", "x" * 101, "$.report.date"),
            ("report.date", "a\nb", "$.report.date"),
            ("public.small", 1001, "$.public.small"),
            ("inputs.facilities", {"path": "f"}, "$.inputs.facilities"),
            ("inputs.earlier.year", 2201, "$.inputs.earlier.year"),
            ("services.minutes", 1441, "$.services.minutes"),
            ("services.default_capacity", {"market": -1}, "$.services.default_capacity.market"),
        ]
        for key, value, path in bad:
            paths = {error.json_path for error in validator.iter_errors(changed(demo, key, value))}
            assert paths == {path}, f"{key} = {value!r}: found at {paths}, not at {path}"
    print(f"{len(good)} good plans pass and {len(bad)} broken ones are refused, by the schema in both languages")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target/debug/fuwutu")
