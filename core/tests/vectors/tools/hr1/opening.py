"""What a disclosure may say: which paths, which values at them, and how they stand together."""

from fault import Fault, check
from reader import Reader

RESERVED = {
    b"#patient": (20,),
    b"#author": (20,),
    b"#kind": (2,),
    b"#issued": (8,),
    b"#scope": (32, 64, 96, 128, 160),
    b"#previous": (32,),
}
ATTACHMENT = b"#attachment/"


def check_openings(openings):
    """Holds a list of (path, value) against the format: each alone, then all together."""
    values = {}
    for path, value in openings:
        check(is_path(path), "disclosure.path")
        check(is_reserved(path, value) if path[:1] == b"#" else is_value(value), "disclosure.value")
        check(path not in values, "disclosure.repeated_path")
        values[path] = value
    for path in values:
        if path[:1] == b"/":
            above, _, last = path.rpartition(b"/")
            check(above in values, "disclosure.missing_container")
            check(holds(values[above], last), "disclosure.contradiction")


def ways(path):
    """The containers on the way to a path, from the whole document on."""
    parts = path.split(b"/")
    return [b"/".join(parts[:end]) for end in range(1, len(parts))]


def is_path(path):
    if path[:1] == b"#":
        return path in RESERVED or (path.startswith(ATTACHMENT) and path != ATTACHMENT)
    tildes = path.count(b"~")
    return path[:1] in (b"", b"/") and tildes == path.count(b"~0") + path.count(b"~1")


def is_reserved(path, value):
    content = value[1:]
    if value[:1] != b"b" or len(content) not in RESERVED.get(path, (8 + 32,)):
        return False
    if path == b"#scope":
        scopes = [content[at : at + 32] for at in range(0, len(content), 32)]
        return all(map(any, scopes)) and len(set(scopes)) == len(scopes)
    return any(content) or path not in (b"#patient", b"#author", b"#kind")


def is_value(value):
    tag, content = value[:1], value[1:]
    if tag == b"s":
        return is_text(content)
    if tag == b"n":
        return is_number(content)
    if tag in (b"t", b"f", b"z"):
        return content == b""
    if tag == b"[":
        return len(content) == 4
    return tag == b"{" and names(content) is not None


def is_text(content):
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def is_number(content):
    try:
        return Reader(content).document() == [(b"", b"n" + content)]
    except Fault:
        return False


def names(content):
    """The names of an object's value after its tag; None if it is not the only way to write them."""
    if len(content) < 4:
        return None
    found, at = [], 4
    while at + 4 <= len(content):
        end = at + 4 + int.from_bytes(content[at : at + 4], "big")
        found.append(content[at + 4 : end])
        at = end
    is_whole = at == len(content) and int.from_bytes(content[:4], "big") == len(found)
    is_ordered = found == sorted(set(found))
    return found if is_whole and is_ordered and all(map(is_text, found)) else None


def holds(container, token):
    """Whether a container's value says that it has an element under this reference token."""
    if container[:1] == b"{":
        return token.replace(b"~1", b"/").replace(b"~0", b"~") in names(container[1:])
    if container[:1] != b"[" or not token.isdigit() or (token[:1] == b"0" and token != b"0"):
        return False
    return int(token) < int.from_bytes(container[1:], "big")
