// JSON documents at the edges of the grammar, all of them good: [name, text].

const nested = (open, close, depth, inside = '') => open.repeat(depth) + inside + close.repeat(depth);

export const DOCUMENTS = [
  // Scalars as documents.
  ['a string alone', '"Aspirin"'],
  ['an empty string alone', '""'],
  ['a number alone', '7'],
  ['true alone', 'true'],
  ['false alone', 'false'],
  ['null alone', 'null'],
  ['white space of all four kinds around a scalar', ' \t\r\n1\n\r\t '],

  // Containers.
  ['an empty object', '{}'],
  ['an empty array', '[]'],
  ['empty containers with white space inside', '{ "a" : [ \n ] , "b" : { \t } }'],
  ['empty containers inside each other', '[[],{},[[]],[{}],{"a":{}},{"a":[]}]'],
  ['an array of one string, unlike the object with member 0', '["x"]'],
  ['an object with member 0, unlike the array of one string', '{"0":"x"}'],
  ['scalars of every type in an array', '["s",0,true,false,null]'],
  ['scalars of every type in an object', '{"s":"s","n":0,"t":true,"f":false,"z":null}'],
  ['an array of eleven, so that index 10 follows 9', '[0,1,2,3,4,5,6,7,8,9,10]'],
  ['the same value at many places', '{"a":"x","b":"x","c":["x","x",{"a":"x"}]}'],
  ['64 arrays inside each other', nested('[', ']', 64)],
  ['64 objects inside each other', nested('{"a":', '}', 63, '{}')],
  ['64 containers with a scalar in the innermost', nested('[', ']', 64, '0')],
  ['64 deep twice over', `[${nested('[', ']', 63)},${nested('[', ']', 63)}]`],

  // Numbers, kept as written.
  ['zero and minus zero', '[0,-0]'],
  ['the same number in five spellings', '[2,2.0,2.00,2e0,20E-1]'],
  ['exponents in every spelling', '[1E+2,1e+2,1E2,1e2,1E-2,1e-02,0e0,-0.0E-0,1e0000]'],
  ['a number of 40 digits', '1234567890123456789012345678901234567890'],
  ['a fraction of 40 digits', '-0.0000000000000000000000000000000000000001'],
  ['numbers beyond every floating point type', '[1e400,-1e400,1e-400,9007199254740993]'],
  ['a number that ends at each delimiter', '{"a":1,"b":[2 ,3\n],"c":4}'],

  // Strings, decoded.
  ['every short escape', String.raw`"\"\\\/\b\f\n\r\t"`],
  ['escapes for letters that need none', String.raw`"\u0041\u00e9\u20ac"`],
  ['the same letters without escapes', '"Aé€"'],
  ['hex digits in both cases', String.raw`"\u00fF\u00Ff\uabCD"`],
  ['a surrogate pair as escapes', String.raw`"\ud83d\ude00"`],
  ['the same character in UTF-8', '"😀"'],
  ['the first and last characters that need surrogates, as escapes', String.raw`"\ud800\udc00\udbff\udfff"`],
  ['the same characters in UTF-8', '"\u{10000}\u{10ffff}"'],
  ['the neighbours of the surrogates', String.raw`"\ud7ff\ue000"`],
  ['NUL and other control characters as escapes', String.raw`"\u0000\u0001\u001f\u007f"`],
  ['DEL and C1 controls as they are', '"\u007f\u0080\u009f"'],
  ['line and paragraph separators as they are', '"\u2028\u2029"'],
  ['a byte order mark inside a string', '"\ufeffx"'],
  ['noncharacters', '"\uffff\ufdd0\u{1fffe}"'],
  ['a composed and a decomposed letter, which differ', '["\u00e9","e\u0301"]'],
  ['an escaped backslash before a letter that would make an escape', String.raw`"\\u0041\\n"`],
  ['brackets, quotes and commas inside strings', String.raw`{"a]}":"[{\",:","b":"}"}`],
  ['right-to-left text', '{"الاسم":"سارة","שם":"שרה"}'],

  // Member names.
  ['an empty name', '{"":1}'],
  ['an empty name inside an empty name', '{"":{"":""}}'],
  ['slashes and tildes in names', '{"a/b":1,"m~n":2,"~1":3,"/":4,"~":5,"~0~1":6}'],
  ['NUL in a name', String.raw`{"\u0000":1,"a\u0000b":2}`],
  ['an escaped name', String.raw`{"\u0061":1,"\u0062\/":2}`],
  ['names that sort otherwise in UTF-16 than in UTF-8', '{"\uff5e":1,"\u{1f600}":2,"\ud7ff":3,"\ue000":4}'],
  ['names of which one begins another', '{"ab":1,"a":2,"":3,"abc":4}'],
  ['names that a locale would sort otherwise', '{"b":1,"B":2,"a":3,"A":4,"é":5,"z":6,"_":7,"10":8,"9":9}'],
  ['the members of the last case in another order', '{"9":9,"10":8,"_":7,"z":6,"é":5,"A":4,"a":3,"B":2,"b":1}'],
  ['names that differ only by normalisation', '{"\u00e9":1,"e\u0301":2}'],
  ['names that look like reserved paths', '{"#patient":1,"#scope":[2],"#attachment/x":3}'],
  ['names that objects of JavaScript inherit', '{"__proto__":{"a":1},"constructor":2,"toString":3,"hasOwnProperty":4}'],
  ['equal names in different objects', '{"a":{"a":{"a":1}},"b":{"a":2}}'],
];
