// Good cases of "verify" that direct words under the accessor's own address answer.

import { word } from '../parties.mjs';
import * as it from './parties.mjs';
import { OPERATIONS } from './request.mjs';
import { verifying } from './world.mjs';

const { ALL, AT, DOCTOR, END, GROUP, PATIENT, RECORD, ROLE, SOONER, START } = it;
const { accountOf, accredited, asks, deny, denying, granted, permit, permitting, purposes, revoked } = it;

/** A case about these words of the doctor: `[scope, fields]`, and others. */
function direct(name, words, request, expected, others = []) {
  const all = [...words.map(([scope, fields]) => granted(DOCTOR, scope, fields)), ...others];
  return verifying(name, all, asks(request), expected);
}

const record = { scopes: [RECORD] };
const both = { scopes: [RECORD, GROUP] };
const six = { scopes: Array.from({ length: 6 }, (_, index) => word(`scope/${index}`)) };
const past = permitting({ notAfter: AT });
const future = permitting({ notBefore: AT + 1n });
const role = (requiredRoles, changes) => permitting({ requiredRoles, ...changes });

export const GRANTS = await Promise.all([
  // Rule 1.
  direct('a patient reads its own records', [], { accessor: PATIENT }, permit('self', ALL, 2n ** 40n - 1n)),
  direct(
    'a patient may do everything, whatever is asked beside it',
    [[ALL, denying()]],
    { accessor: PATIENT, scopes: [RECORD], operation: 'MANAGE', purpose: 'BTG', delegator: DOCTOR, salt: it.SALT },
    permit('self', ALL, 2n ** 40n - 1n),
    [accountOf({ epoch: 7n, flags: 1n, revision: 8n, cards: 2n })],
  ),

  // Rule 4.
  direct('a grant for all records', [[ALL, permitting()]], {}, permit('grant', ALL, END)),
  direct('a grant for all records answers for one', [[ALL, permitting()]], record, permit('grant', ALL, END)),
  direct('a grant for the record alone', [[RECORD, permitting()]], record, permit('grant', RECORD, END)),
  direct('a grant for a group of records', [[GROUP, permitting()]], both, permit('grant', GROUP, END)),
  direct(
    'a specific grant comes before a broad one that holds longer',
    [
      [RECORD, permitting({ notAfter: SOONER })],
      [ALL, permitting()],
    ],
    record,
    permit('grant', RECORD, SOONER),
  ),
  direct(
    'a broad grant where the specific one does not fit',
    [
      [RECORD, permitting({ operations: OPERATIONS.WRITE })],
      [ALL, permitting()],
    ],
    record,
    permit('grant', ALL, END),
  ),
  direct(
    'a record revoked under a grant for all is still read',
    [
      [RECORD, revoked()],
      [ALL, permitting()],
    ],
    record,
    permit('grant', ALL, END),
  ),
  direct('six scopes, and a grant at the last named', [[six.scopes[5], permitting()]], six, permit('grant', six.scopes[5], END)),
  direct('six scopes, and a grant for all', [[ALL, permitting()]], six, permit('grant', ALL, END)),
  direct('a grant of the present epoch', [[ALL, permitting({ epoch: 3n })]], {}, permit('grant', ALL, END), [
    accountOf({ epoch: 3n, revision: 4n }),
  ]),
  direct('a grant to write', [[ALL, permitting({ operations: 3n })]], { operation: 'WRITE' }, permit('grant', ALL, END)),
  direct('a grant to share', [[ALL, permitting({ operations: 5n })]], { operation: 'SHARE' }, permit('grant', ALL, END)),
  direct('a grant to manage', [[ALL, permitting({ operations: 15n })]], { operation: 'MANAGE' }, permit('grant', ALL, END)),
  direct(
    'a grant for the last named purpose',
    [[ALL, permitting({ purposes: purposes('HRESCH', 'HTEST') })]],
    { purpose: 'HTEST' },
    permit('grant', ALL, END),
  ),
  direct(
    'purposes without a name beside the one asked',
    [[ALL, permitting({ purposes: 0xfffe_0001n })]],
    {},
    permit('grant', ALL, END),
  ),
  direct('a grant by a manager', [[ALL, permitting({ by: 1n })]], {}, permit('grant', ALL, END)),
  direct(
    'a grant with every field at its greatest',
    [
      [
        ALL,
        permitting({
          notAfter: 2n ** 40n - 1n,
          epoch: 2n ** 32n - 1n,
          revision: 2n ** 24n - 1n,
          writtenAt: 2n ** 40n - 1n,
          by: 1n,
        }),
      ],
    ],
    {},
    permit('grant', ALL, 2n ** 40n - 1n),
    [accountOf({ epoch: 2n ** 32n - 1n, flags: 1n, revision: 2n ** 24n - 1n, cards: 2n ** 24n - 1n })],
  ),
  direct(
    'a policy against break-glass touches no grant',
    [[ALL, permitting()]],
    { purpose: 'TREAT' },
    permit('grant', ALL, END),
    [accountOf({ flags: 1n, revision: 1n, cards: 5n })],
  ),

  // Windows.
  direct('the first second of the window', [[ALL, permitting({ notBefore: AT })]], {}, permit('grant', ALL, END)),
  direct('the last second of the window', [[ALL, permitting()]], { at: END - 1n }, permit('grant', ALL, END)),
  direct('the first second after the window', [[ALL, permitting()]], { at: END }, deny('expired')),
  direct('the second before the window', [[ALL, future]], {}, deny('not-yet')),
  direct('the last second that can be asked about', [[ALL, permitting()]], { at: 2n ** 40n - 1n }, deny('expired')),
  direct(
    'a window that is empty has expired before it begins',
    [[ALL, permitting({ notBefore: END, notAfter: START })]],
    {},
    deny('expired'),
  ),

  // Rule 3, and the reasons of rule 7.
  direct('nothing was ever granted', [], {}, deny('never-granted')),
  direct('nothing was ever granted at six scopes', [], six, deny('never-granted')),
  direct('everything is denied', [[ALL, denying()]], record, deny('explicit')),
  direct(
    'all but this record',
    [
      [RECORD, denying()],
      [ALL, permitting()],
    ],
    record,
    deny('explicit', RECORD),
  ),
  direct('nothing but this record', [[RECORD, permitting()]], { scopes: [word('scope/other record')] }, deny('never-granted')),
  direct(
    'a deny for all beats a grant for the record',
    [
      [RECORD, permitting()],
      [ALL, denying()],
    ],
    record,
    deny('explicit', ALL),
  ),
  direct(
    'the first of two denies is named',
    [
      [GROUP, denying()],
      [ALL, denying()],
    ],
    both,
    deny('explicit', GROUP),
  ),
  direct('a deny outlives the epoch', [[ALL, denying()]], {}, deny('explicit'), [accountOf({ epoch: 9n, revision: 9n })]),
  direct('a grant that was revoked', [[ALL, revoked()]], {}, deny('revoked')),
  direct('a record that was revoked', [[RECORD, revoked()]], record, deny('revoked', RECORD)),
  direct('everything was revoked at once', [[ALL, permitting()]], {}, deny('revoked-all'), [
    accountOf({ epoch: 1n, revision: 1n }),
  ]),
  direct('a grant of an epoch to come', [[ALL, permitting({ epoch: 2n })]], {}, deny('revoked-all'), [
    accountOf({ epoch: 1n, revision: 1n }),
  ]),
  direct('a grant that has expired', [[ALL, past]], {}, deny('expired')),
  direct('an operation that is not granted', [[ALL, permitting()]], { operation: 'WRITE' }, deny('operation')),
  direct('a manager may not read', [[ALL, permitting({ operations: 8n })]], {}, deny('operation')),
  direct('a purpose that is not granted', [[ALL, permitting()]], { purpose: 'HMARKT' }, deny('purpose')),
  direct('emergency treatment is not implied by treatment', [[ALL, permitting()]], { purpose: 'ETREAT' }, deny('purpose')),
  direct('only purposes without a name', [[ALL, permitting({ purposes: 0xfffe_0000n })]], {}, deny('purpose')),

  // The order of reasons over all scopes.
  direct(
    'revoked for all comes before expired for the record',
    [
      [RECORD, past],
      [ALL, revoked()],
    ],
    record,
    deny('revoked', ALL),
  ),
  direct(
    'expired for the group comes before purpose and not-yet',
    [
      [RECORD, permitting({ purposes: purposes('HRESCH') })],
      [GROUP, past],
      [ALL, future],
    ],
    both,
    deny('expired', GROUP),
  ),
  direct(
    'not-yet comes before operation',
    [
      [RECORD, permitting({ operations: 2n })],
      [ALL, future],
    ],
    record,
    deny('not-yet', ALL),
  ),
  direct(
    'of two equal reasons the first scope is named',
    [
      [RECORD, past],
      [ALL, past],
    ],
    record,
    deny('expired', RECORD),
  ),
  direct(
    'a word with many faults gives the first',
    [[ALL, role(1n, { epoch: 1n, notAfter: AT, operations: 8n })]],
    {},
    deny('revoked-all'),
  ),
  direct(
    'operation comes before purpose in a word',
    [[ALL, role(1n)]],
    { operation: 'WRITE', purpose: 'HMARKT' },
    deny('operation'),
  ),
  direct('purpose comes before credential in a word', [[ALL, role(1n)]], { purpose: 'HMARKT' }, deny('purpose')),

  // Required roles.
  direct('a credential with the role', [[ALL, role(ROLE.PRACTITIONER)]], {}, permit('grant', ALL, END), [
    accredited({ roles: ROLE.PRACTITIONER }),
  ]),
  direct('the credential ends before the grant', [[ALL, role(ROLE.PRACTITIONER)]], {}, permit('grant', ALL, SOONER), [
    accredited({ roles: ROLE.PRACTITIONER | ROLE.LABORATORY, notAfter: SOONER }),
  ]),
  direct('a credential that nobody asks for shortens nothing', [[ALL, permitting()]], {}, permit('grant', ALL, END), [
    accredited({ roles: ROLE.PRACTITIONER, notAfter: SOONER }),
  ]),
  direct('the last second of the credential', [[ALL, role(ROLE.PRACTITIONER)]], {}, permit('grant', ALL, AT + 1n), [
    accredited({ roles: ROLE.PRACTITIONER, notBefore: AT, notAfter: AT + 1n }),
  ]),
  direct('no credential', [[ALL, role(ROLE.PRACTITIONER)]], {}, deny('credential')),
  direct('a credential that has expired', [[RECORD, role(ROLE.PRACTITIONER)]], record, deny('credential', RECORD), [
    accredited({ roles: ROLE.PRACTITIONER, notAfter: AT }),
  ]),
  direct('a credential that has not begun', [[ALL, role(ROLE.PRACTITIONER)]], {}, deny('credential'), [
    accredited({ roles: ROLE.PRACTITIONER, notBefore: AT + 1n }),
  ]),
  direct('a credential that was withdrawn', [[ALL, role(ROLE.PRACTITIONER)]], {}, deny('credential'), [
    accredited({ roles: 0n }),
  ]),
  direct('one of two required roles', [[ALL, role(ROLE.PRACTITIONER | ROLE.INSURER)]], {}, deny('credential'), [
    accredited({ roles: ROLE.PRACTITIONER }),
  ]),
  direct(
    'a required role without a name, though the credential has it',
    [[ALL, role(ROLE.UNNAMED | 2n)]],
    {},
    deny('credential'),
    [accredited({ roles: 0xffffn })],
  ),
  direct('an unnamed role in the credential does no harm', [[ALL, role(ROLE.PRACTITIONER)]], {}, permit('grant', ALL, END), [
    accredited({ roles: ROLE.UNNAMED | ROLE.PRACTITIONER }),
  ]),
]);
