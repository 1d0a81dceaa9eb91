"""A rule that an input breaks: its stable code and, in a document, the byte where it broke."""


class Fault(Exception):
    def __init__(self, code, offset=None):
        super().__init__(code if offset is None else f"{code} at byte {offset}")
        self.code, self.offset = code, offset


def check(holds, code):
    """Raises the code where the rule does not hold."""
    if not holds:
        raise Fault(code)
