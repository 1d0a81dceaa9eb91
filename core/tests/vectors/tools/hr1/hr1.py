"""The format `hr1` a second time: salts, leaves, trees, multiproofs, disclosures
and batches, written from the design page alone, slow and plain, to have something
to compare with that shares no line with what it checks."""

from fault import check
from keccak import keccak256
from reader import leaves as document_leaves, u32

TAG_SALT, TAG_LEAF, TAG_BATCH = (
    keccak256(b"healthrecord/hr1/" + name) for name in (b"salt", b"leaf", b"batch")
)
ZERO = bytes(32)


# Records


def reserved(patient, author, kind, issued, scope, previous=None, attachments=()):
    """The leaves beside the document, as (path, value); an attachment is (name, length, hash)."""
    check(any(patient), "record.patient")
    check(any(author), "record.author")
    check(kind != 0, "record.kind")
    check(1 <= len(scope) <= 5, "record.scope_count")
    check(ZERO not in scope, "record.scope_zero")
    check(len(set(scope)) == len(scope), "record.scope_repeated")
    names = [name for name, _, _ in attachments]
    check(all(1 <= len(name.encode()) <= 255 for name in names), "record.attachment_name")
    check(len(set(names)) == len(names), "record.attachment_repeated")
    said = [
        (b"#patient", b"b" + patient),
        (b"#author", b"b" + author),
        (b"#kind", b"b" + kind.to_bytes(2, "big")),
        (b"#issued", b"b" + issued.to_bytes(8, "big")),
        (b"#scope", b"b" + b"".join(scope)),
    ]
    if previous is not None:
        said.append((b"#previous", b"b" + previous))
    for name, length, digest in attachments:
        said.append((b"#attachment/" + name.encode(), b"b" + length.to_bytes(8, "big") + digest))
    return said


def attachment(name, content):
    """What a record says of an attachment with this content."""
    return name, len(content), keccak256(content)


def record(text, **around):
    """Every leaf of a record as (path, value), the document's last."""
    return reserved(**around) + document_leaves(text)


def salt(secret, path):
    return keccak256(TAG_SALT + secret + u32(len(path)) + path)


def leaf(salt_of_path, path, value):
    return keccak256(TAG_LEAF + salt_of_path + u32(len(path)) + path + value)


def hashes(found, secret):
    """The hash of each leaf, in the order of `found`."""
    return [leaf(salt(secret, path), path, value) for path, value in found]


# Trees


def node(a, b):
    return keccak256(min(a, b) + max(a, b))


def tree(of_leaves):
    """OpenZeppelin's array: the root first, the leaves in descending order last."""
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
    """The root that a proof leads to."""
    for sibling in path:
        of_leaf = node(of_leaf, sibling)
    return of_leaf


def multiproof(nodes, chosen):
    """OpenZeppelin's multiproof of some leaves: (leaves, nodes, flags)."""
    places = sorted((nodes.index(one, len(nodes) // 2) for one in chosen), reverse=True)
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
    return [nodes[at] for at in places], given, flags


def climb_all(of_leaves, given, flags):
    """The root that a multiproof leads to; material missing or left over is refused.

    OpenZeppelin's multiproof of no leaves is the root itself: it discloses nothing and is none here.
    """
    check(of_leaves, "disclosure.proof_length")
    check(len(of_leaves) + len(given) == len(flags) + 1, "disclosure.proof_length")
    check(flags.count(False) <= len(given), "disclosure.proof_length")
    check(not flags or flags.count(False) == len(given), "disclosure.proof_unused")
    queue, given = list(of_leaves), list(given)
    for together in flags:
        a = queue.pop(0)
        queue.append(node(a, queue.pop(0) if together else given.pop(0)))
    return queue[0]


# Disclosures


def disclose(found, secret, paths):
    """The leaves at `paths` as (path, value, salt), and the multiproof's nodes and flags."""
    order = hashes(found, secret)
    chosen = [at for at, (path, _) in enumerate(found) if path in paths]
    _, given, flags = multiproof(tree(order), [order[at] for at in chosen])
    return [(*found[at], salt(secret, found[at][0])) for at in chosen], given, flags


def opens(disclosed, given, flags):
    """The commitment that a disclosure leads to."""
    of_leaves = sorted(leaf(salted, path, value) for path, value, salted in disclosed)
    return climb_all(of_leaves, given, flags)


# Batches


def batch_leaf(index, commitment):
    return keccak256(TAG_BATCH + u32(index) + commitment)


def batch_leaves(commitments):
    """The leaves of a batch in its order; a batch of one is the commitment itself."""
    if len(commitments) == 1:
        return list(commitments)
    return [batch_leaf(index, one) for index, one in enumerate(commitments)]
