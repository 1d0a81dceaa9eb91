// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

// Offsets of the fields in a grant word; `notBefore` is at 0. Delegation and emergency words share them.
uint256 constant NOT_AFTER = 40;
uint256 constant PURPOSES = 80;
uint256 constant OPERATIONS = 112;
uint256 constant EPOCH = 128;
uint256 constant REVISION = 160;
uint256 constant STATE = 184;
uint256 constant REQUIRED_ROLES = 192;
uint256 constant WRITTEN_AT = 208;
uint256 constant BY = 248;
// A delegation word ends differently.
uint256 constant PARENT_REVISION = 208;
uint256 constant PARENT_IS_ALL = 232;
// Account words; `epoch` is at 0.
uint256 constant FLAGS = 32;
uint256 constant ACCOUNT_REVISION = 40;
uint256 constant CARDS = 64;
// Credential words; `notBefore` is at 0 and `notAfter` where a grant word has it.
uint256 constant ROLES = 80;
uint256 constant ISSUER = 96;
// Anchor and retraction words; their time is at 0.
uint256 constant COUNT = 40;
uint256 constant KIND = 72;
uint256 constant REASON = 40;

uint256 constant STATE_NONE = 0;
uint256 constant STATE_PERMIT = 1;
uint256 constant STATE_REVOKED = 2;
uint256 constant STATE_DENY = 3;

uint256 constant READ = 1;
uint256 constant READ_WRITE = 3;
uint256 constant SHARE = 4;
uint256 constant MANAGE = 8;
uint256 constant ALL_OPERATIONS = 15;

uint256 constant BTG = 2;
uint256 constant LAST_PURPOSE = 16;

uint256 constant ROLE_ISSUER = 1;
uint256 constant ROLE_EMERGENCY = 4;
uint256 constant NAMED_ROLES = 0xff;

// Who may lift a tombstone or a deny, and replace a permit.
uint256 constant BY_PATIENT = 0;
uint256 constant BY_MANAGER = 1;

uint256 constant NO_BREAK_GLASS = 1;
uint256 constant EMERGENCY_WINDOW = 4 hours;
uint256 constant EMERGENCY_LOCK = 24 hours;

// How far ahead of its word's revision a signature that ends a consent may be.
uint256 constant SIGNED_AHEAD = 255;

uint256 constant MAX_SCOPES = 6;

bytes32 constant TAG_BLIND = keccak256("healthrecord/hr1/blind");

// Codes of a decision. They are ordered: a deny gives the smallest.
uint256 constant SELF = 1;
uint256 constant EMERGENCY = 2;
uint256 constant GRANT = 3;
uint256 constant DELEGATION = 5;
uint256 constant EXPLICIT = 16;
uint256 constant REVOKED = 17;
uint256 constant REVOKED_ALL = 18;
uint256 constant EXPIRED = 19;
uint256 constant NOT_YET = 20;
uint256 constant OPERATION = 21;
uint256 constant PURPOSE = 22;
uint256 constant CREDENTIAL = 23;
// What a delegation word is refused for is what a grant word is refused for, moved up by this.
uint256 constant DELEGATION_OFFSET = 32;
uint256 constant DELEGATION_DENIED = 48;
uint256 constant DELEGATION_PARENT = 56;
uint256 constant EMERGENCY_FORBIDDEN = 64;
uint256 constant EMERGENCY_OPERATION = 65;
uint256 constant EMERGENCY_CLOSED = 66;
uint256 constant EMERGENCY_REVOKED_ALL = 67;
uint256 constant EMERGENCY_EXPIRED = 68;
uint256 constant EMERGENCY_NOT_YET = 69;
uint256 constant EMERGENCY_CREDENTIAL = 70;
uint256 constant EMERGENCY_UNOPENED = 71;
uint256 constant NEVER_GRANTED = 255;
