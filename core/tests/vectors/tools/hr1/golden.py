"""The operations of hr1.json, answered by the second implementation:
`python3 golden.py FILE` prints the file with every answer found anew."""

import json
import sys
from pathlib import Path

import hr1
import opening
from fault import Fault, check

HR1 = Path(__file__).parent / "../../hr1.json"


def unhex(text):
    return bytes.fromhex(text[2:])


def show(data):
    return "0x" + data.hex()


def record_of(given):
    """The leaves of a case's record and its secret."""
    text = unhex(given["documentHex"]) if "documentHex" in given else given["document"].encode()
    around = given["metadata"]
    files = around.get("attachments", [])
    leaves = hr1.record(
        text,
        patient=unhex(around["patient"]),
        author=unhex(around["author"]),
        kind=around["kind"],
        issued=int(around["issued"]),
        scope=[unhex(scope) for scope in around["scope"]],
        previous=unhex(around["previous"]) if "previous" in around else None,
        attachments=[(file["name"], int(file["length"]), unhex(file["hash"])) for file in files],
    )
    return leaves, unhex(given["secret"])


def commit(given):
    leaves, secret = record_of(given)
    hashes = hr1.hashes(leaves, secret)
    shown = [
        {
            "path": path.decode(),
            "value": show(value),
            "salt": show(hr1.salt(secret, path)),
            "leaf": show(one),
        }
        for (path, value), one in zip(leaves, hashes)
    ]
    return {"commitment": show(hr1.root(hashes)), "leaves": shown}


def disclose(given):
    leaves, secret = record_of(given)
    paths = [pointer.encode() for pointer in given["pointers"]]
    known = {path for path, _ in leaves}
    check(known.issuperset(paths), "disclosure.no_such_path")
    asked = set(paths)
    for path in paths:
        if path[:1] != b"#":
            asked.update(opening.ways(path))
    shown, nodes, flags = hr1.disclose(leaves, secret, asked)
    return {
        "leaves": [
            {"path": path.decode(), "value": show(value), "salt": show(salt)}
            for path, value, salt in shown
        ],
        "proof": [show(node) for node in nodes],
        "flags": flags,
    }


def checked(given):
    shown = [
        (one["path"].encode(), unhex(one["value"]), unhex(one["salt"])) for one in given["leaves"]
    ]
    opening.check_openings([(path, value) for path, value, _ in shown])
    root = hr1.opens(shown, [unhex(node) for node in given["proof"]], given["flags"])
    check(root == unhex(given["commitment"]), "disclosure.root")
    said = {path: value[1:] for path, value, _ in shown}
    if not said.keys() >= {b"#patient", b"#author", b"#scope"}:
        return {"bound": None}
    scope = said[b"#scope"]
    return {
        "bound": {
            "patient": show(said[b"#patient"]),
            "author": show(said[b"#author"]),
            "scope": [show(scope[at : at + 32]) for at in range(0, len(scope), 32)],
        }
    }


OPERATIONS = {"commit": commit, "disclose": disclose, "check": checked}


def answer(case):
    """The case with its answer found anew."""
    asked = {key: case[key] for key in ("name", "operation", "input")}
    try:
        return {**asked, "output": OPERATIONS[case["operation"]](case["input"])}
    except Fault as fault:
        place = {} if fault.offset is None else {"offset": fault.offset}
        return {**asked, "error": {"code": fault.code, **place}}


def spell(file):
    """A file of vectors as all of them are written."""
    return json.dumps(file, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    file = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    print(spell({**file, "cases": [answer(case) for case in file["cases"]]}), end="")
