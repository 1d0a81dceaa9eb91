"""Trees over leaves of `hr1`, with proofs: `python3 trees.py` prints golden/trees.json."""

import json

import hr1
from golden import show, spell
from keccak import keccak256
from parties import METADATA, word

DESCRIPTION = (
    "Trees over the leaves of records and of batches. A record has the metadata of fhir.json, and its "
    "leaves ascend; a batch's stand in the order of its commitments. `proofs` prove single leaves, "
    "`multiproofs` random ones, by their positions in `leaves`, in the order of their hashes."
)
RECORD_SIZES = (6, 7, 8, 15, 16, 17, 64, 100, 1000)
BATCH_SIZES = (1, 2, 3, 4, 5, 9, 33, 64)
MOST_PROOFS = 12


def chosen(of_leaves, count, name):
    """Some of the leaves, as random as keccak-256 of the name and the leaf."""
    return sorted(of_leaves, key=lambda one: keccak256(name.encode() + one))[:count]


def proofs_of(of_leaves, nodes, name):
    size = len(of_leaves)
    return [
        {"leaf": of_leaves.index(one), "proof": [show(node) for node in hr1.proof(nodes, one)]}
        for one in chosen(of_leaves, min(size, MOST_PROOFS), name)
    ]


def multiproofs_of(of_leaves, nodes, name):
    size = len(of_leaves)
    found = []
    for count in sorted({1, 2, 3, size // 10, size // 3, size} & set(range(1, size + 1))):
        some, given, flags = hr1.multiproof(nodes, chosen(of_leaves, count, f"{name}/{count}"))
        found.append(
            {
                "leaves": [of_leaves.index(one) for one in some],
                "proof": [show(node) for node in given],
                "flags": flags,
            }
        )
    return found


def case(name, source, of_leaves, nodes):
    return {
        "name": name,
        **source,
        "leaves": [show(one) for one in of_leaves],
        "root": show(nodes[0]),
        "proofs": proofs_of(of_leaves, nodes, name),
        "multiproofs": multiproofs_of(of_leaves, nodes, name),
    }


def of_record(size):
    """A record of so many leaves: an array beside the five reserved ones."""
    name = f"a record of {size} leaves"
    document = json.dumps(list(range(size - 6)), separators=(",", ":"))
    secret = word(f"secret/{name}")
    hashes = sorted(hr1.hashes(hr1.record(document.encode(), **METADATA), secret))
    return case(name, {"document": document, "secret": show(secret)}, hashes, hr1.tree(hashes))


def of_batch(size):
    name = f"a batch of {size}"
    commitments = [word(f"commitment/{size}/{index}") for index in range(size)]
    of_leaves = hr1.batch_leaves(commitments)
    source = {"commitments": [show(one) for one in commitments]}
    return case(name, source, of_leaves, hr1.tree(of_leaves))


def file():
    cases = [*map(of_record, RECORD_SIZES), *map(of_batch, BATCH_SIZES)]
    return {"description": DESCRIPTION, "cases": cases}


if __name__ == "__main__":
    print(spell(file()), end="")
