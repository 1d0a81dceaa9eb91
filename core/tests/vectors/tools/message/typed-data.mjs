// Typed data (EIP-712), hashed and signed by ethers.

import { TypedDataEncoder } from 'ethers';

import { address, word } from '../parties.mjs';
import { signed } from './texts.mjs';

const DOMAIN = { name: 'HealthRecord', version: '1', chainId: 1337, verifyingContract: address('contract') };
const LARGEST = (1n << 256n) - 1n;
const MAIL = {
  Person: members('name string', 'wallet address'),
  Mail: members('from Person', 'to Person', 'contents string'),
};
const person = (name) => ({ name, wallet: address(name) });
const letter = { from: person('Cow'), to: person('Bob'), contents: 'Hello, Bob!' };

/** Members from `name type`. */
export function members(...written) {
  return written.map((text) => {
    const [name, type] = text.split(' ');
    return { name, type };
  });
}

/** Typed data of one struct with these members. */
export function single(written, message, domain = DOMAIN) {
  return { types: { Case: members(...written) }, primaryType: 'Case', domain, message };
}

function make(note, typedData) {
  const name = `signTypedData: ${note}`;
  const secretKey = word(`key/${name}`);
  const { primaryType, domain, message } = typedData;
  // ethers makes the domain's type of the domain, and takes no other.
  const { EIP712Domain, ...types } = typedData.types;
  const encoder = TypedDataEncoder.from(types);
  if (encoder.primaryType !== primaryType) throw new Error(`${name}: ${encoder.primaryType}`);
  return {
    name,
    operation: 'signTypedData',
    input: { secretKey, typedData },
    output: {
      encodedType: encoder.encodeType(primaryType),
      domainSeparator: TypedDataEncoder.hashDomain(domain),
      structHash: encoder.hash(message),
      ...signed(secretKey, TypedDataEncoder.hash(domain, types, message)),
    },
  };
}

const one = (note, type, value) => make(note, single([`value ${type}`], { value }));

const NUMBERS = [
  one('the greatest uint8', 'uint8', 255),
  one('a uint8 as a decimal string', 'uint8', '7'),
  one('a uint16 in hex', 'uint16', '0xffff'),
  one('a uint64 in hex with leading zeros', 'uint64', '0x0000000000000001'),
  one('a uint64 above what a JSON number holds', 'uint64', '18446744073709551615'),
  one('the greatest uint128', 'uint128', ((1n << 128n) - 1n).toString()),
  one('the greatest uint256', 'uint256', LARGEST.toString()),
  one('the greatest uint256 in hex', 'uint256', '0x' + LARGEST.toString(16)),
  one('a uint256 of zero', 'uint256', 0),
  one('the greatest number of JSON', 'uint256', Number.MAX_SAFE_INTEGER),
  one('the least int8', 'int8', -128),
  one('the greatest int8', 'int8', 127),
  one('minus one as int8', 'int8', -1),
  one('a negative int24 as a decimal string', 'int24', '-8388608'),
  one('a negative int64 in hex', 'int64', '-0x8000000000000000'),
  one('the least int256', 'int256', (-(1n << 255n)).toString()),
  one('the greatest int256', 'int256', ((1n << 255n) - 1n).toString()),
];

const BASIC = [
  one('true', 'bool', true),
  one('false', 'bool', false),
  one('an address with its checksum', 'address', '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'),
  one('an address in lower case', 'address', address('lower')),
  one('an empty string', 'string', ''),
  one('a string of many letters', 'string', 'Grüße, 患者 🩺'),
  one('no bytes', 'bytes', '0x'),
  one('40 bytes', 'bytes', '0x' + 'a5'.repeat(40)),
  one('bytes1', 'bytes1', '0xff'),
  one('bytes31', 'bytes31', '0x' + '31'.repeat(31)),
  one('bytes32', 'bytes32', word('bytes32')),
];

const ARRAYS = [
  one('an array of no numbers', 'uint256[]', []),
  one('an array of numbers, each written in its own way', 'uint256[]', [1, '2', '0x3']),
  one('an array of fixed length', 'uint8[3]', [1, 2, 3]),
  one('an array of negative numbers', 'int16[]', [-1, '-2', '-0x3']),
  one('an array of strings', 'string[]', ['one', '', 'three']),
  one('an array of bytes', 'bytes[]', ['0x', '0x01', '0x' + '02'.repeat(33)]),
  one('an array of fixed bytes', 'bytes4[2]', ['0x01020304', '0xfffefdfc']),
  one('an array of addresses', 'address[]', [address('one'), address('two')]),
  one('arrays of any length in one of a fixed length', 'uint8[][2]', [[], [1, 2, 3]]),
  one('arrays of a fixed length in one of any length', 'uint8[2][]', [[1, 2], [3, 4], [5, 6]]),
  one('arrays three deep', 'bool[1][][2]', [[[true]], [[false], [true]]]),
];

const mail = (types, message, domain = DOMAIN) => ({ types, primaryType: 'Mail', domain, message });

const STRUCTS = [
  make('the mail of the standard', mail(MAIL, letter)),
  make(
    'a mail to many, with an array of structs',
    mail({ ...MAIL, Mail: members('from Person', 'to Person[]', 'contents string') }, {
      ...letter,
      to: [person('Bob'), person('Alice')],
    }),
  ),
  make(
    'a mail to nobody',
    mail({ ...MAIL, Mail: members('from Person', 'to Person[]', 'contents string') }, { ...letter, to: [] }),
  ),
  make(
    'an array of two structs, each with arrays',
    mail(
      {
        Person: members('name string', 'wallets address[]'),
        Mail: members('from Person', 'to Person[2]', 'contents string'),
      },
      {
        from: { name: 'Cow', wallets: [address('c1'), address('c2')] },
        to: [
          { name: 'Bob', wallets: [address('b1')] },
          { name: 'Alice', wallets: [] },
        ],
        contents: 'Hello, both!',
      },
    ),
  ),
  make(
    'structs four deep, whose types are sorted by name',
    {
      types: {
        Outer: members('z Zeta', 'a Alpha'),
        Zeta: members('m Middle'),
        Middle: members('a Alpha[]', 'n uint32'),
        Alpha: members('text string'),
      },
      primaryType: 'Outer',
      domain: DOMAIN,
      message: { z: { m: { a: [{ text: 'x' }, { text: 'y' }], n: 4 } }, a: { text: 'z' } },
    },
  ),
  make('a struct without members', single([], {})),
  make(
    'a member that the type lacks is not signed',
    mail(MAIL, { ...letter, remark: 'is shown to nobody and signed by nobody' }),
  ),
];

const domain = (note, fields, more = {}) => {
  const data = single(['value uint256'], { value: 1 }, fields);
  return make(note, { ...data, types: { ...data.types, ...more } });
};

const DOMAINS = [
  domain('a domain of nothing', {}),
  domain('a domain of a name', { name: 'HealthRecord' }),
  domain('a domain of a chain alone, as a string', { chainId: '1' }),
  domain('a domain of a chain in hex', { chainId: '0x539' }),
  domain('a domain with a salt', { ...DOMAIN, salt: word('salt') }),
  domain('a domain whose type is written out', DOMAIN, {
    EIP712Domain: members('name string', 'version string', 'chainId uint256', 'verifyingContract address'),
  }),
  domain('a domain whose members stand in another order than its type', {
    verifyingContract: address('contract'),
    chainId: 1,
    name: 'HealthRecord',
  }),
];

export const TYPED_DATA = [...NUMBERS, ...BASIC, ...ARRAYS, ...STRUCTS, ...DOMAINS];
