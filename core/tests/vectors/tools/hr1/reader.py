"""JSON (RFC 8259) as the format `hr1` reads it: every value with its pointer,
numbers exactly as written, and everything refused that two readers could
understand in two ways. Slow and plain; codes and offsets as the README has them.
"""

from fault import Fault

MOST_BYTES = 16 * 1024 * 1024
MOST_DEPTH = 64
SPACE, DIGITS, HEX = b" \t\n\r", b"0123456789", b"0123456789abcdefABCDEF"
ESCAPES = {0x22: '"', 0x5C: "\\", 0x2F: "/", 0x62: "\b", 0x66: "\f", 0x6E: "\n", 0x72: "\r", 0x74: "\t"}
WORDS = {b"true": b"t", b"false": b"f", b"null": b"z"}


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
        raise Fault("json.too_large", MOST_BYTES)
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Fault("json.utf8", error.start) from None
    if text.startswith(b"\xef\xbb\xbf"):
        raise Fault("json.bom", 0)
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
            raise Fault("json.trailing_bytes", self.at)
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
        is_end = self.at >= len(self.text)
        return Fault("json.unexpected_end" if is_end else "json.unexpected_byte", self.at)

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
            raise Fault("json.too_deep", self.at)
        return depth + 1

    def object(self, path, depth):
        place = len(self.found)
        self.found.append(None)
        names, repeated = [], []
        self.expect(ord("{"))
        self.space()
        if self.peek() != ord("}"):
            while True:
                start = self.at
                name = self.string()
                if name in names:
                    repeated.append(start)
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
        if repeated:
            raise Fault("json.duplicate_member", repeated[0])
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
        """The number as written; one that another byte of numbers follows is none."""
        start = self.at
        if self.peek() == ord("-"):
            self.at += 1
        if self.peek() == ord("0"):
            self.at += 1
        else:
            self.digits(start)
        if self.peek() == ord("."):
            self.at += 1
            self.digits(start)
        if self.on(b"eE"):
            self.at += 1
            if self.on(b"+-"):
                self.at += 1
            self.digits(start)
        if self.on(b"+-.0123456789eE"):
            raise Fault("json.number", start)
        return self.text[start : self.at]

    def digits(self, start):
        """At least one digit, in the number that began at `start`."""
        if not self.on(DIGITS):
            raise Fault("json.number", start)
        while self.on(DIGITS):
            self.at += 1

    def string(self):
        """The string between the quotes, unescaped, as UTF-8."""
        self.expect(ord('"'))
        content = bytearray()
        while self.peek() != ord('"'):
            if self.at >= len(self.text):
                raise self.unexpected()
            if self.peek() < 0x20:
                raise Fault("json.control_character", self.at)
            if self.peek() == ord("\\"):
                content += self.escape().encode("utf-8")
            else:
                content.append(self.peek())
                self.at += 1
        self.at += 1
        return bytes(content)

    def escape(self):
        """The character of one escape, or of two that are a pair of surrogates."""
        start = self.at
        unit = self.unit()
        if 0xDC00 <= unit <= 0xDFFF:
            raise Fault("json.lone_surrogate", start)
        if 0xD800 <= unit <= 0xDBFF:
            try:
                low = self.unit() if self.on(b"\\") else 0
            except Fault:
                low = 0
            if not 0xDC00 <= low <= 0xDFFF:
                raise Fault("json.lone_surrogate", start)
            unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
        return chr(unit)

    def unit(self):
        """The UTF-16 code unit that one escape stands for."""
        start = self.at
        self.expect(ord("\\"))
        if self.peek() in ESCAPES:
            self.at += 1
            return ord(ESCAPES[self.text[self.at - 1]])
        for allowed in (b"u", HEX, HEX, HEX, HEX):
            if self.at >= len(self.text):
                raise self.unexpected()
            if not self.on(allowed):
                raise Fault("json.escape", start)
            self.at += 1
        return int(self.text[start + 2 : self.at], 16)
