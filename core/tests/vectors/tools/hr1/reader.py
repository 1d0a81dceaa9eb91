"""JSON (RFC 8259) as the format `hr1` reads it: every value with its pointer,
numbers exactly as written, and everything refused that two readers could
understand in two ways. Written from the design page alone; slow and plain.

A `Fault` names the rule that was broken and the offset of the byte at fault:
the first byte after which no legal text could follow, or where the whole of a
thing is at fault (a name said twice, a lone surrogate), its first byte.
"""

MOST_BYTES = 16 * 1024 * 1024
MOST_DEPTH = 64
SPACE, DIGITS, HEX = b" \t\n\r", b"0123456789", b"0123456789abcdefABCDEF"
ESCAPES = {0x22: '"', 0x5C: "\\", 0x2F: "/", 0x62: "\b", 0x66: "\f", 0x6E: "\n", 0x72: "\r", 0x74: "\t"}
WORDS = {b"true": b"t", b"false": b"f", b"null": b"z"}


class Fault(Exception):
    """A text that is not a document of `hr1`: the rule, and where it was broken."""

    def __init__(self, rule, offset):
        super().__init__(f"{rule} at byte {offset}")
        self.rule, self.offset = rule, offset


def u32(number):
    """Four bytes, big-endian."""
    return number.to_bytes(4, "big")


def pointer(path, name):
    """`path` and one more reference token (RFC 6901, sections 3 and 4)."""
    return path + b"/" + name.replace(b"~", b"~0").replace(b"/", b"~1")


def leaves(text):
    """The document's leaves as a list of (path, value), both bytes, in the text's order.

    Raises `Fault` for whatever is no JSON text, and for what the format refuses beyond.
    """
    if len(text) > MOST_BYTES:
        raise Fault("too large", MOST_BYTES)
    return Reader(text).document()


class Reader:
    """One pass over one text; `at` is the offset of the next byte."""

    def __init__(self, text):
        self.text, self.at, self.found = bytes(text), 0, []

    def document(self):
        self.space()
        self.value(b"", 0)
        self.space()
        if self.at < len(self.text):
            raise Fault("trailing bytes", self.at)
        return self.found

    def peek(self):
        """The next byte, or -1 at the end."""
        return self.text[self.at] if self.at < len(self.text) else -1

    def on(self, set_of_bytes):
        """Whether the next byte is one of these; at the end there is none."""
        return self.at < len(self.text) and self.text[self.at] in set_of_bytes

    def space(self):
        while self.on(SPACE):
            self.at += 1

    def unexpected(self):
        return Fault("end of text" if self.at >= len(self.text) else "unexpected byte", self.at)

    def expect(self, byte):
        if self.peek() != byte:
            raise self.unexpected()
        self.at += 1

    def value(self, path, depth):
        first = self.peek()
        if first == ord("{"):
            self.object(path, self.deeper(depth))
        elif first == ord("["):
            self.array(path, self.deeper(depth))
        elif first == ord('"'):
            self.found.append((path, b"s" + self.string()))
        elif self.on(b"-" + DIGITS):
            self.found.append((path, b"n" + self.number()))
        else:
            self.found.append((path, self.word()))

    def deeper(self, depth):
        if depth == MOST_DEPTH:
            raise Fault("too deep", self.at)
        return depth + 1

    def object(self, path, depth):
        place = len(self.found)
        self.found.append(None)
        names = []
        self.expect(ord("{"))
        self.space()
        if self.peek() != ord("}"):
            while True:
                start = self.at
                name = self.string()
                if name in names:
                    raise Fault("duplicate name", start)
                names.append(name)
                self.space()
                self.expect(ord(":"))
                self.space()
                self.value(pointer(path, name), depth)
                self.space()
                if self.peek() != ord(","):
                    break
                self.at += 1
                self.space()
        self.expect(ord("}"))
        said = b"".join(u32(len(name)) + name for name in sorted(names))
        self.found[place] = (path, b"{" + u32(len(names)) + said)

    def array(self, path, depth):
        place = len(self.found)
        self.found.append(None)
        count = 0
        self.expect(ord("["))
        self.space()
        if self.peek() != ord("]"):
            while True:
                self.value(pointer(path, str(count).encode()), depth)
                count += 1
                self.space()
                if self.peek() != ord(","):
                    break
                self.at += 1
                self.space()
        self.expect(ord("]"))
        self.found[place] = (path, b"[" + u32(count))

    def word(self):
        """One of the three words, compared byte for byte so that a fault has its place."""
        for word, tag in WORDS.items():
            if self.peek() == word[0]:
                for byte in word:
                    self.expect(byte)
                return tag
        raise self.unexpected()

    def number(self):
        """The number as written; what cannot end here or go on is a bad number."""
        start = self.at
        if self.peek() == ord("-"):
            self.at += 1
        if self.peek() == ord("0"):
            self.at += 1
        else:
            self.digits()
        if self.peek() == ord("."):
            self.at += 1
            self.digits()
        if self.on(b"eE"):
            self.at += 1
            if self.on(b"+-"):
                self.at += 1
            self.digits()
        if self.on(b"+-.0123456789eE"):
            raise Fault("bad number", self.at)
        return self.text[start : self.at]

    def digits(self):
        """At least one digit."""
        if not self.on(DIGITS):
            raise Fault("bad number", self.at)
        while self.on(DIGITS):
            self.at += 1

    def string(self):
        """The string between the quotes, unescaped, as UTF-8."""
        self.expect(ord('"'))
        content = bytearray()
        while self.peek() != ord('"'):
            if self.peek() < 0x20:
                raise self.unexpected()
            content += self.escape() if self.peek() == ord("\\") else self.character()
        self.at += 1
        return bytes(content)

    def character(self):
        """One well-formed UTF-8 sequence (RFC 3629: none overlong, no surrogate)."""
        for length in range(1, 5):
            piece = self.text[self.at : self.at + length]
            try:
                piece.decode("utf-8")
            except UnicodeDecodeError:
                continue
            self.at += length
            return piece
        raise Fault("bad UTF-8", self.at)

    def escape(self):
        start = self.at
        self.at += 1
        if self.peek() in ESCAPES:
            self.at += 1
            return ESCAPES[self.text[self.at - 1]].encode()
        self.expect(ord("u"))
        unit = self.hex4()
        if 0xDC00 <= unit <= 0xDFFF:
            raise Fault("lone surrogate", start)
        if 0xD800 <= unit <= 0xDBFF:
            if self.text[self.at : self.at + 2] != b"\\u":
                raise Fault("lone surrogate", start)
            self.at += 2
            low = self.hex4()
            if not 0xDC00 <= low <= 0xDFFF:
                raise Fault("lone surrogate", start)
            unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
        return chr(unit).encode("utf-8")

    def hex4(self):
        unit = 0
        for _ in range(4):
            if not self.on(HEX):
                raise self.unexpected()
            unit = unit * 16 + int(chr(self.peek()), 16)
            self.at += 1
        return unit
