"""The FHIR resources of others, committed: `python3 fhir.py FOLDER` prints golden/fhir.json
for the folder of the external vectors."""

import sys
from pathlib import Path

import hr1
import opening
from golden import show, spell
from keccak import keccak256
from parties import METADATA, word
from reader import leaves

DESCRIPTION = (
    "Commitments of FHIR resources that others wrote, which are not here: each file of the folder, "
    "and each resource of the histories. All have the metadata below; `shown` is one path, disclosed "
    "with the containers on the way, and `multiproof` keccak-256 of its hashes and flags (a byte each)."
)


def texts(folder):
    """Each file as (name, bytes), in order."""
    for part in ("r4", "synthea"):
        for path in sorted((Path(folder) / "fhir" / part).glob("*.json")):
            yield f"{part}/{path.name}", path.read_bytes()


def part_of(found, pointer):
    """The leaves of the document that stands at a pointer of another."""
    inside = [(path, value) for path, value in found if path == pointer or path.startswith(pointer + b"/")]
    return [(path[len(pointer) :], value) for path, value in inside]


def pointers(found):
    """The whole document, and each resource of a Bundle."""
    entries = [path for path, _ in found if path.startswith(b"/entry/") and path.endswith(b"/resource")]
    return [b""] + [path for path in entries if path.count(b"/") == 3]


def case(name, pointer, found):
    """One row of the file: `found` are the leaves of the document at `pointer`."""
    secret = word(f"secret/{name}{pointer.decode()}")
    everything = hr1.reserved(**METADATA) + found
    hashes = hr1.hashes(everything, secret)
    nodes = hr1.tree(hashes)
    shown = found[len(found) // 2][0]
    paths = {shown, *opening.ways(shown)}
    chosen = [one for one, (path, _) in zip(hashes, everything) if path in paths]
    _, given, flags = hr1.multiproof(nodes, chosen)
    return {
        "file": name,
        "pointer": pointer.decode(),
        "secret": show(secret),
        "leaves": len(everything),
        "commitment": show(nodes[0]),
        "shown": shown.decode(),
        "multiproof": show(keccak256(b"".join(given) + bytes(flags))),
    }


def cases(folder, takes=lambda number, is_history: True):
    """The rows that are taken, of every resource in order; histories are the large Bundles, whole."""
    number = 0
    for name, text in texts(folder):
        found = leaves(text)
        for pointer in pointers(found) if name.startswith("synthea/") else [b""]:
            if takes(number, name.startswith("synthea/") and not pointer):
                yield number, case(name, pointer, part_of(found, pointer))
            number += 1


def file(folder):
    metadata = {
        "patient": show(METADATA["patient"]),
        "author": show(METADATA["author"]),
        "kind": METADATA["kind"],
        "issued": str(METADATA["issued"]),
        "scope": [show(scope) for scope in METADATA["scope"]],
    }
    return {"description": DESCRIPTION, "metadata": metadata, "cases": [row for _, row in cases(folder)]}


if __name__ == "__main__":
    print(spell(file(sys.argv[1])), end="")
