// The texts that a reader must accept by the list of JSONTestSuite (N. Seriot, "Parsing JSON is a
// minefield"), written down anew from RFC 8259, as far as documents.mjs lacks them: [name, text].

const raw = String.raw;

export const SUITE_GOOD = [
  // Arrays.
  ['spaces behind an inner array', '[[]   ]'],
  ['an empty string in an array', '[""]'],
  ['an array that ends with a line', '["a"]\n'],
  ['false in an array', '[false]'],
  ['null, a number, a string and an object', '[null, 1, "1", {}]'],
  ['a line break before the bracket', '[1\n]'],
  ['a space before an array', ' [1]'],
  ['a space behind an array', '[2] '],
  ['several nulls', '[1,null,null,null,2]'],

  // Numbers.
  ['a number and an exponent', '[123e65]'],
  ['zero and a signed exponent', '[0e+1]'],
  ['a space before a number', '[ 4]'],
  ['close to zero', '[-0.000000000000000000000000000000000000000000000000000000000000000000000000000001]'],
  ['a negative number', '[-123]'],
  ['a capital E', '[1E22]'],
  ['a fraction and an exponent', '[123.456e78]'],
  ['a plain fraction', '[123.456789]'],
  ['numbers that some readers make infinite or zero', '[123.456e-789,0.4e00669999999999999999999999999,-1e+9999,1.5e+9999]'],
  ['numbers that some readers round', '[-123123123123123123123123123123,100000000000000000000,-237462374673276894279832749832423479823246327846]'],

  // Objects.
  ['one member', '{"asd":"sdf"}'],
  ['two members', '{"asd":"sdf", "dfg":"fgh"}'],
  ['NUL inside a name', raw`{"foo\u0000bar": 42}`],
  ['extreme numbers', '{ "min": -1.0e+28, "max": 1.0e+28 }'],
  ['long strings', `{"x":[{"id": "${'x'.repeat(40)}"}], "id": "${'x'.repeat(40)}"}`],
  ['a name and a text in Cyrillic letters, escaped', raw`{"\u0442":"\u041f\u043e\u043b\u0442\u043e\u0440\u0430"}`],
  ['line breaks between members', '{\n"a": "b"\n}'],

  // Strings.
  ['sequences of one, two and three bytes, escaped', raw`["\u0060\u012a\u12AB"]`],
  ['two pairs of surrogates', raw`["\ud83d\ude39\ud83d\udc8d"]`],
  ['an escaped backslash before u0000', raw`["\\u0000"]`],
  ['an escaped quote alone', raw`["\""]`],
  ['what would be comments', '["a/*b*/c/*d//e"]'],
  ['an escaped backslash before a', raw`["\\a"]`],
  ['an escaped control character', raw`["\u0012"]`],
  ['an escaped noncharacter', raw`["\uFFFF"]`],
  ['a space before a string in an array', '[ "asd"]'],
  ['the last surrogates', raw`["\uDBFF\uDFFF"]`],
  ['an escaped no-break space', raw`["new\u00A0line"]`],
  ['the last two noncharacters', '["\u{10fffe}\u{10ffff}"]'],
  ['an unassigned character', '["\u{1bfff}"]'],
  ['an escaped comma', raw`["\u002c"]`],
  ['pi', '["π"]'],
  ['a space alone', '" "'],
  ['a clef, escaped and plain', raw`["\uD834\uDd1e","𝄞"]`],
  ['an escaped line break', raw`["new\u000Aline"]`],
  ['DEL between letters', '["a\u007fa"]'],
  ['an escaped backslash by its number', raw`["\u005C"]`],
  ['an escaped quote by its number', raw`["\u0022"]`],
  ['characters of three bytes', '["⍂㈴⍂"]'],

  // Documents.
  ['a negative fraction alone', '-0.1'],
  ['a line behind an array of true', '[true]\n'],
  ['spaces around an empty array', ' [] '],
];
