// A strict reader of RFC 8259 that keeps numbers as they are written and knows the byte where a
// text breaks a rule. JSON.parse does neither.

import { fromUtf8, utf8 } from './bytes.mjs';
import { Fault } from './fault.mjs';

/** How many containers may stand inside each other. */
const DEEPEST = 64;

const [QUOTE, COMMA, COLON, BACKSLASH] = utf8('",:\\');
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = utf8('[]{}');
const SPACE = new Set(utf8(' \t\n\r'));
const NUMBER_START = new Set(utf8('-0123456789'));
const NUMBER_BYTE = new Set(utf8('+-.0123456789Ee'));
const NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;
/** The whole escape of a low surrogate. */
const LOW_ESCAPE = /^\\u(d[c-f][0-9a-f]{2})$/i;
const LITERALS = { true: { type: 'true' }, false: { type: 'false' }, null: { type: 'null' } };
const SHORT_ESCAPES = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/**
 * Reads a whole text into `{type, …}`: a `string` has its `text`, a `number` its `text` as written,
 * an `array` its `items`, an `object` its `members` as `{name, value}`.
 */
export function parse(bytes) {
  const invalid = firstInvalidByte(bytes);
  if (invalid !== -1) throw new Fault('json.utf8', invalid);
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) throw new Fault('json.bom', 0);
  return new Reader(bytes).document();
}

/** True where the text is one number of RFC 8259 and nothing else. */
export function isNumber(text) {
  return NUMBER.test(text);
}

/** Where the first sequence begins that is not UTF-8; -1 if there is none. */
export function firstInvalidByte(bytes) {
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes[at]);
    if (length === 0 || at + length > bytes.length) return at;
    try {
      fromUtf8(bytes.subarray(at, at + length));
    } catch {
      return at;
    }
    at += length;
  }
  return -1;
}

function sequenceLength(first) {
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 3;
  return first < 0xf5 ? 4 : 0;
}

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  document() {
    this.space();
    const value = this.value(0);
    this.space();
    if (this.at < this.bytes.length) throw new Fault('json.trailing_bytes', this.at);
    return value;
  }

  value(depth) {
    const byte = this.peek();
    if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      if (depth === DEEPEST) throw new Fault('json.too_deep', this.at);
      return byte === OPEN_ARRAY ? this.array(depth + 1) : this.object(depth + 1);
    }
    if (byte === QUOTE) return { type: 'string', text: this.string() };
    if (NUMBER_START.has(byte)) return { type: 'number', text: this.number() };
    for (const [word, value] of Object.entries(LITERALS)) {
      if (byte === word.charCodeAt(0)) {
        for (const expected of utf8(word)) this.expect(expected);
        return value;
      }
    }
    throw new Fault('json.unexpected_byte', this.at);
  }

  array(depth) {
    const items = [];
    this.expect(OPEN_ARRAY);
    this.space();
    if (this.peek() === CLOSE_ARRAY) {
      this.at += 1;
      return { type: 'array', items };
    }
    for (;;) {
      this.space();
      items.push(this.value(depth));
      this.space();
      if (this.closes(CLOSE_ARRAY)) return { type: 'array', items };
    }
  }

  object(depth) {
    const members = [];
    this.expect(OPEN_OBJECT);
    this.space();
    if (this.peek() === CLOSE_OBJECT) {
      this.at += 1;
      return { type: 'object', members };
    }
    const repeated = [];
    const names = new Set();
    for (;;) {
      this.space();
      const start = this.at;
      if (this.peek() !== QUOTE) throw new Fault('json.unexpected_byte', start);
      const name = this.string();
      if (names.has(name)) repeated.push(start);
      names.add(name);
      this.space();
      this.expect(COLON);
      this.space();
      members.push({ name, value: this.value(depth) });
      this.space();
      if (this.closes(CLOSE_OBJECT)) break;
    }
    if (repeated.length > 0) throw new Fault('json.duplicate_member', repeated[0]);
    return { type: 'object', members };
  }

  /** Reads the byte after an element: true if it closes the container, false if it is a comma. */
  closes(close) {
    const byte = this.peek();
    if (byte !== close && byte !== COMMA) throw new Fault('json.unexpected_byte', this.at);
    this.at += 1;
    return byte === close;
  }

  number() {
    const start = this.at;
    while (NUMBER_BYTE.has(this.bytes[this.at])) this.at += 1;
    const text = fromUtf8(this.bytes.subarray(start, this.at));
    if (!isNumber(text)) throw new Fault('json.number', start);
    return text;
  }

  string() {
    this.expect(QUOTE);
    let text = '';
    for (;;) {
      const start = this.at;
      const byte = this.peek();
      if (byte === QUOTE) {
        this.at += 1;
        return text;
      }
      if (byte < 0x20) throw new Fault('json.control_character', start);
      if (byte === BACKSLASH) {
        text += this.escape();
      } else {
        this.at += sequenceLength(byte);
        text += fromUtf8(this.bytes.subarray(start, this.at));
      }
    }
  }

  escape() {
    const start = this.at;
    const unit = this.escapedUnit(start);
    if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit);
    const follows = Buffer.from(this.bytes.subarray(this.at, this.at + 6)).toString('latin1');
    const low = unit >= 0xdc00 ? null : LOW_ESCAPE.exec(follows);
    if (low === null) throw new Fault('json.lone_surrogate', start);
    this.at += 6;
    return String.fromCharCode(unit, Number.parseInt(low[1], 16));
  }

  /** Reads one escape and gives its UTF-16 code unit. */
  escapedUnit(start) {
    this.expect(BACKSLASH);
    const letter = String.fromCharCode(this.peek());
    this.at += 1;
    if (Object.hasOwn(SHORT_ESCAPES, letter)) return SHORT_ESCAPES[letter].charCodeAt(0);
    if (letter !== 'u') throw new Fault('json.escape', start);
    let unit = 0;
    for (let digit = 0; digit < 4; digit += 1) {
      const value = '0123456789abcdef'.indexOf(String.fromCharCode(this.peek()).toLowerCase());
      if (value === -1) throw new Fault('json.escape', start);
      unit = 16 * unit + value;
      this.at += 1;
    }
    return unit;
  }

  space() {
    while (SPACE.has(this.bytes[this.at])) this.at += 1;
  }

  peek() {
    if (this.at >= this.bytes.length) throw new Fault('json.unexpected_end', this.bytes.length);
    return this.bytes[this.at];
  }

  expect(byte) {
    if (this.peek() !== byte) throw new Fault('json.unexpected_byte', this.at);
    this.at += 1;
  }
}
