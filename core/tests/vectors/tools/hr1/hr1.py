"""The format `hr1` a second time: salts, leaves, trees, multiproofs, disclosures
and batches, written from the design page alone, slow and plain, to have something
to compare with that shares no line with what it checks."""

from keccak import keccak256
from reader import leaves as document_leaves, u32

TAG_SALT, TAG_LEAF, TAG_BATCH = (
    keccak256(b"healthrecord/hr1/" + name) for name in (b"salt", b"leaf", b"batch")
)
ZERO = bytes(32)


class Refused(Exception):
    """A record, a disclosure or a batch that the format does not allow."""


def check(holds, why):
    if not holds:
        raise Refused(why)


# Records


def reserved(patient, author, kind, issued, scopes, previous=None, attachments=()):
    """The leaves beside the document, as (path, value); each attachment is (name, bytes)."""
    check(len(patient) == len(author) == 20, "an address has 20 bytes")
    check(1 <= len(scopes) <= 5, "a record has 1 to 5 scopes")
    check(all(len(scope) == 32 for scope in scopes), "a scope has 32 bytes")
    check(ZERO not in scopes, "scope 0 is implied, never listed")
    said = [
        (b"#patient", b"b" + patient),
        (b"#author", b"b" + author),
        (b"#kind", b"b" + kind.to_bytes(2, "big")),
        (b"#issued", b"b" + issued.to_bytes(8, "big")),
        (b"#scope", b"b" + b"".join(scopes)),
    ]
    if previous is not None:
        check(len(previous) == 32, "a commitment has 32 bytes")
        said.append((b"#previous", b"b" + previous))
    for name, content in attachments:
        measure = len(content).to_bytes(8, "big") + keccak256(content)
        said.append((b"#attachment/" + name, b"b" + measure))
    return said


def record(text, **around):
    """Every leaf of a record, document first, as (path, value)."""
    found = document_leaves(text) + reserved(**around)
    paths = [path for path, _ in found]
    check(len(set(paths)) == len(paths), "two leaves at one path")
    return found


def salt(secret, path):
    return keccak256(TAG_SALT + secret + u32(len(path)) + path)


def leaf(salt_of_path, path, value):
    return keccak256(TAG_LEAF + salt_of_path + u32(len(path)) + path + value)


def hashes(found, secret):
    """The hash of each leaf, in the order of `found`."""
    check(len(secret) == 32, "a secret has 32 bytes")
    return [leaf(salt(secret, path), path, value) for path, value in found]


# Trees


def node(a, b):
    return keccak256(min(a, b) + max(a, b))


def tree(of_leaves):
    """OpenZeppelin's array: the root first, the leaves in descending order last."""
    check(of_leaves, "a tree has a leaf")
    check(ZERO not in of_leaves, "no leaf is zero")
    nodes = sorted(of_leaves, reverse=True)
    nodes = [ZERO] * (len(nodes) - 1) + nodes
    for i in range(len(of_leaves) - 2, -1, -1):
        nodes[i] = node(nodes[2 * i + 1], nodes[2 * i + 2])
    return nodes


def root(of_leaves):
    return tree(of_leaves)[0]


def proof(nodes, of_leaf):
    """The siblings from a leaf up to the root."""
    at = nodes.index(of_leaf, len(nodes) // 2)
    found = []
    while at > 0:
        found.append(nodes[at + 1 if at % 2 else at - 1])
        at = (at - 1) // 2
    return found


def climb(of_leaf, path):
    for sibling in path:
        of_leaf = node(of_leaf, sibling)
    return of_leaf


def multiproof(nodes, chosen):
    """OpenZeppelin's multiproof of some leaves: (leaves, nodes, flags)."""
    places = sorted((nodes.index(one, len(nodes) // 2) for one in chosen), reverse=True)
    check(len(set(places)) == len(places), "one leaf chosen twice")
    queue, given, flags = list(places), [], []
    while queue and queue[0] > 0:
        at = queue.pop(0)
        sibling = at + 1 if at % 2 else at - 1
        together = bool(queue) and queue[0] == sibling
        flags.append(together)
        if together:
            queue.pop(0)
        else:
            given.append(nodes[sibling])
        queue.append((at - 1) // 2)
    if not places:
        given.append(nodes[0])
    return [nodes[at] for at in places], given, flags


def climb_all(of_leaves, given, flags):
    """The root that a multiproof leads to; material missing or left over is refused."""
    check(len(of_leaves) + len(given) == len(flags) + 1, "too few or too many nodes")
    queue, given = list(of_leaves), list(given)
    for together in flags:
        check(queue, "nothing left to hash")
        a = queue.pop(0)
        source = queue if together else given
        check(source, "nothing left to hash with")
        queue.append(node(a, source.pop(0)))
    check(len(queue) + len(given) == 1, "proof material left over")
    return (queue + given)[0]


# Disclosures


def disclose(found, secret, paths):
    """The leaves at `paths` as (path, value, salt), and the multiproof's nodes and flags.

    The disclosed leaves stand in the order in which the multiproof takes them.
    """
    all_hashes = hashes(found, secret)
    by_hash = {
        one: (path, value, salt(secret, path))
        for one, (path, value) in zip(all_hashes, found)
        if path in paths
    }
    check(len(by_hash) == len(set(paths)), "no leaf at a path")
    order, given, flags = multiproof(tree(all_hashes), list(by_hash))
    return [by_hash[one] for one in order], given, flags


def opens(disclosed, given, flags):
    """The commitment that a disclosure leads to."""
    paths = [path for path, _, _ in disclosed]
    check(len(set(paths)) == len(paths), "two leaves at one path")
    of_leaves = [leaf(salted, path, value) for path, value, salted in disclosed]
    check(ZERO not in of_leaves, "no leaf is zero")
    return climb_all(of_leaves, given, flags)


# Batches


def batch_leaf(index, commitment):
    return keccak256(TAG_BATCH + u32(index) + commitment)


def batch(commitments):
    """The tree over a batch; a batch of one is the commitment itself, without a tree."""
    if len(commitments) == 1:
        return list(commitments)
    return tree([batch_leaf(index, one) for index, one in enumerate(commitments)])
