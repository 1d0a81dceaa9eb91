"""Texts that random changes made of good ones, and what the reader says of them:
`python3 texts.py` prints golden/texts.json."""

from fault import Fault
from golden import show, spell
from parties import word
from reader import leaves

DESCRIPTION = (
    "Texts that random changes made of good JSON: each with the number of its values, or with the code "
    "and the offset of the rule that it breaks."
)
COUNT = 1600
SEEDS = (
    b'{"type":"Obs","v":[1.50,-2e3,true,null],"x":{"y":{}},"":0}',
    '[{"a":"\\u00e9\\ud83d\\ude00é😀"},[[0]],"\\\\\\"",{"":"","a\\u0062":1,"ab":2}]'.encode(),
    b'{"a":1,"\\u0061":{"b":1,"b":2},"c":[{"d":1,"d":1}]}',
    b'"\\ud83d\\ude00\\uDBFF\\uDFFF\\n\\u12aF"',
    b"-0.5E+10",
    b"[" * 62 + b'{"a":[1]}' + b"]" * 62,
)
BYTES = b'{}[]:,"\\0123456789+-.eEtrufalsn /\0\x1f\xc3\xa9\xf0\x9f\x80\xff\xed'
RUNS = (
    b"[[",
    b'{"c":',
    b'"a":',
    b"\\u",
    b"\\ud8",
    b"\\udc00",
    b"\\ud800",
    b"\xed\xa0\x80",
    b"\xe2\x82",
    b"\xef\xbb\xbf",
)
PIECES = [bytes([byte]) for byte in BYTES] + list(RUNS)


class Random:
    """Numbers from the hashes of a count: the same in every release of Python."""

    def __init__(self, name):
        self.name, self.drawn = name, 0

    def below(self, bound):
        self.drawn += 1
        return int.from_bytes(word(f"{self.name}/{self.drawn}"), "big") % bound


def changed(text, random):
    """The text with a byte or a short piece replaced, put in or taken out, or cut off."""
    at, piece = random.below(len(text) + 1), PIECES[random.below(len(PIECES))]
    before, after = text[:at], text[at + 1 :]
    ways = (before + piece + after, before + piece + text[at:], before + after, before)
    return ways[random.below(len(ways))]


def case(random):
    text = SEEDS[random.below(len(SEEDS))]
    for _ in range(random.below(4)):
        text = changed(text, random)
    try:
        return {"text": show(text), "values": len(leaves(text))}
    except Fault as fault:
        return {"text": show(text), "code": fault.code, "offset": fault.offset}


def file():
    random = Random("texts")
    # Each once, in the order in which they came.
    cases = {one["text"]: one for one in (case(random) for _ in range(COUNT))}
    return {"description": DESCRIPTION, "cases": list(cases.values())}


if __name__ == "__main__":
    print(spell(file()), end="")
