// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "../src/IHealthRecord.sol";
import {Base} from "./Base.sol";

/// @notice `decide` against the rules of the interface written a second time, one pass over the words for each rule, on
/// dense random states.
contract DecideModelTest is Base {
    /// @notice One word that was tried, unpacked.
    struct Tried {
        Word word;
        bytes32 scope;
        uint256 matchable;
    }

    struct Answer {
        bool permit;
        uint256 code;
        bytes32 scope;
        uint256 until;
    }

    uint256 private entropy;
    mapping(uint256 code => uint256) private reached;

    function testFuzz_decide_follows_the_rules(uint256 seed) public {
        assertFollows(seed);
    }

    function test_the_generator_reaches_every_code() public {
        for (uint256 seed; seed < 500; ++seed) {
            ++reached[assertFollows(seed)];
        }
        for (uint256 code = 1; code <= 71; ++code) {
            bool named = code <= 3 || code == 5 || code >= 16 && code <= 23 || code >= 48 && code <= 56 || code >= 64;
            if (named) vm.assertTrue(reached[code] > 0, "code never reached");
            else vm.assertEq(reached[code], 0, "code without a name");
        }
        vm.assertTrue(reached[255] > 0, "code never reached");
    }

    function assertFollows(uint256 seed) private returns (uint256) {
        entropy = seed;
        IHealthRecord.Request memory r = randomRequest();
        randomState(r);
        IHealthRecord.Decision memory d = hr.decide(r);
        Answer memory a = answer(r);
        vm.assertEq(d.code, a.code, "code");
        vm.assertEq(d.permit, a.permit, "permit");
        vm.assertEq(d.scope, a.scope, "scope");
        vm.assertEq(d.until, a.until, "until");
        return a.code;
    }

    // -------------------------------------------------------------------------------------------------- Generator

    function random(uint256 n) private returns (uint256) {
        entropy = uint256(keccak256(abi.encode(entropy)));
        return entropy % n;
    }

    function randomRequest() private returns (IHealthRecord.Request memory r) {
        r.patient = PATIENT;
        r.accessor = random(60) == 0 ? PATIENT : DOCTOR;
        r.salt = bytes32(random(2));
        r.scopes = new bytes32[](random(4));
        for (uint256 i; i < r.scopes.length; ++i) {
            r.scopes[i] = bytes32(i + 1);
        }
        if (r.scopes.length > 0 && random(4) == 0) r.scopes[r.scopes.length - 1] = 0;
        r.operation = uint16(2 ** (random(3) == 0 ? random(4) : 0));
        r.purpose = random(3) == 0 ? 2 : random(8) == 0 ? uint8(17 + random(16)) : uint8(random(2));
        r.delegator = random(2) == 0 ? address(0) : COLLEAGUE;
        r.at = NOW;
    }

    /// @notice A word that mostly permits, with few and small faults; revisions are 1 or 2.
    function randomWord(uint256 written) private returns (Word memory w) {
        if (random(100) >= written) return w;
        w.notBefore = random(16) == 0 ? NOW + 1 : NOW - random(2);
        w.notAfter = random(12) == 0 ? NOW : NOW + 1 + random(3);
        w.purposes = random(8) == 0 ? 2 ** 32 - 4 : 2 ** 32 - 1;
        w.operations = random(4) == 0 ? random(16) : 5 + 2 * random(6);
        w.epoch = random(10) == 0 ? 1 - random(2) : 2;
        w.revision = 1 + random(2);
        w.state = random(16) == 0 ? DENY : random(10) == 0 ? REVOKED : PERMIT;
        w.requiredRoles = random(2) == 0 ? 0 : random(6) == 0 ? 0x100 : 4;
        w.writtenAt = NOW - 1;
    }

    function randomState(IHealthRecord.Request memory r) private {
        store(accountSlot(PATIENT), packAccount(2, random(6) == 0 ? 1 : 0, 0, 0));
        uint256 roles = random(5) == 0 ? 0xfffb : 0xffff;
        store(
            credentialSlot(r.accessor),
            packCredential(random(10) == 0 ? NOW + 1 : NOW, NOW + (random(10) == 0 ? 0 : 1 + random(3)), roles, ISSUER)
        );
        store(emergencySlot(PATIENT, r.accessor), pack(randomWord(80)));
        uint256 written = random(4) * 30;
        for (uint256 i; i < 4; ++i) {
            store(grantSlot(PATIENT, r.accessor, bytes32(i)), pack(randomWord(written)));
            store(grantSlot(PATIENT, blinded(r), bytes32(i)), pack(randomWord(written / 2)));
            store(grantSlot(PATIENT, COLLEAGUE, bytes32(i)), pack(randomWord(90)));
            store(
                delegationSlot(PATIENT, COLLEAGUE, r.accessor, bytes32(i)),
                packDelegation(randomWord(50), 1 + random(2), random(2))
            );
        }
    }

    // ------------------------------------------------------------------------------------------------------ Model

    function answer(IHealthRecord.Request memory r) private view returns (Answer memory) {
        if (r.accessor == r.patient) return Answer(true, 1, 0, 2 ** 40 - 1);
        bytes32[] memory scopes = tried(r);
        if (r.purpose == 2) return emergencyAnswer(r);
        Tried[] memory direct = directWords(r, scopes);
        for (uint256 i; i < direct.length; ++i) {
            if (direct[i].word.state == DENY) return Answer(false, 16, direct[i].scope, 0);
        }
        for (uint256 i; i < direct.length; ++i) {
            Word memory w = direct[i].word;
            if (why(r, w, r.operation, direct[i].matchable) == 0) {
                return Answer(true, 3, direct[i].scope, until(r, w.notAfter, w.notAfter, w.requiredRoles != 0));
            }
        }
        Answer memory deny = Answer(false, 255, 0, 0);
        bool revoked;
        for (uint256 i; i < direct.length; ++i) {
            lower(deny, why(r, direct[i].word, r.operation, direct[i].matchable), direct[i].scope);
            if (direct[i].word.state == REVOKED) revoked = true;
        }
        if (r.delegator == address(0) || revoked) return deny;
        for (uint256 i; i < scopes.length; ++i) {
            if (grantAt(r.delegator, scopes[i]).state == DENY) {
                lower(deny, 48, scopes[i]);
                return deny;
            }
        }
        for (uint256 i; i < scopes.length; ++i) {
            (uint256 code, uint256 end) = delegationAt(r, scopes[i]);
            if (code == 0) return Answer(true, 5, scopes[i], end);
            lower(deny, code, scopes[i]);
        }
        return deny;
    }

    function emergencyAnswer(IHealthRecord.Request memory r) private view returns (Answer memory a) {
        Word memory w = unpack(emergencyWord(r.patient, r.accessor));
        if (grantAt(r.accessor, 0).state == DENY) a.code = 16;
        else if (r.salt != 0 && grantAt(blinded(r), 0).state == DENY) a.code = 16;
        else if (accountWord(r.patient) / 2 ** 32 % 2 == 1) a.code = 64;
        else if (r.operation != 1) a.code = 65;
        else if (w.state == NONE) a.code = 71;
        else if (w.state != PERMIT) a.code = 66;
        else if (w.epoch != accountWord(r.patient) % 2 ** 32) a.code = 67;
        else if (r.at >= w.notAfter) a.code = 68;
        else if (r.at < w.notBefore) a.code = 69;
        else if (!holds(r, 4)) a.code = 70;
        else a = Answer(true, 2, 0, until(r, w.notAfter, w.notAfter, true));
    }

    function delegationAt(IHealthRecord.Request memory r, bytes32 scope)
        private
        view
        returns (uint256 code, uint256 end)
    {
        uint256 packed = delegationWord(r.patient, r.delegator, r.accessor, scope);
        Word memory w = unpack(packed);
        code = why(r, w, r.operation, 3);
        if (code == 255) return (255, 0);
        if (code != 0) return (code + 32, 0);
        Word memory parent = grantAt(r.delegator, packed / 2 ** 232 == 0 ? scope : bytes32(0));
        if (parent.revision != packed / 2 ** 208 % 2 ** 24) return (56, 0);
        if (why(r, parent, r.operation, 15) != 0 || why(r, parent, 4, 15) != 0) return (56, 0);
        end = until(r, w.notAfter, parent.notAfter, w.requiredRoles != 0 || parent.requiredRoles != 0);
    }

    /// @notice Why `w` does not permit, or 0.
    function why(IHealthRecord.Request memory r, Word memory w, uint256 operation, uint256 matchable)
        private
        view
        returns (uint256)
    {
        if (w.state == NONE) return 255;
        if (w.state == DENY) return 16;
        if (w.state == REVOKED) return 17;
        if (w.epoch != accountWord(r.patient) % 2 ** 32) return 18;
        if (r.at >= w.notAfter) return 19;
        if (r.at < w.notBefore) return 20;
        if (w.operations / operation % 2 == 0 || matchable / operation % 2 == 0) return 21;
        if (r.purpose > 16 || w.purposes / 2 ** r.purpose % 2 == 0) return 22;
        if (w.requiredRoles != 0 && !holds(r, w.requiredRoles)) return 23;
        return 0;
    }

    function holds(IHealthRecord.Request memory r, uint256 roles) private view returns (bool) {
        uint256 credential = credentialWord(r.accessor);
        if (r.at < credential % 2 ** 40 || r.at >= credential / 2 ** 40 % 2 ** 40) return false;
        for (uint256 bit; bit < 16; ++bit) {
            if (roles / 2 ** bit % 2 == 1 && (bit > 7 || credential / 2 ** (80 + bit) % 2 == 0)) return false;
        }
        return true;
    }

    function until(IHealthRecord.Request memory r, uint256 a, uint256 b, bool credentialed)
        private
        view
        returns (uint256 end)
    {
        end = a < b ? a : b;
        uint256 c = credentialWord(r.accessor) / 2 ** 40 % 2 ** 40;
        if (credentialed && c < end) end = c;
    }

    function lower(Answer memory deny, uint256 code, bytes32 scope) private pure {
        if (code >= deny.code) return;
        deny.code = code;
        deny.scope = scope;
    }

    function tried(IHealthRecord.Request memory r) private pure returns (bytes32[] memory scopes) {
        uint256 n = r.scopes.length;
        bool written = n > 0 && r.scopes[n - 1] == 0;
        scopes = new bytes32[](written ? n : n + 1);
        for (uint256 i; i < n; ++i) {
            scopes[i] = r.scopes[i];
        }
    }

    function directWords(IHealthRecord.Request memory r, bytes32[] memory scopes)
        private
        view
        returns (Tried[] memory words)
    {
        uint256 each = r.salt == 0 ? 1 : 2;
        words = new Tried[](scopes.length * each);
        for (uint256 i; i < scopes.length; ++i) {
            words[i * each] = Tried(grantAt(r.accessor, scopes[i]), scopes[i], 15);
            if (each == 2) words[i * 2 + 1] = Tried(grantAt(blinded(r), scopes[i]), scopes[i], 3);
        }
    }

    function grantAt(address grantee, bytes32 scope) private view returns (Word memory) {
        return unpack(grantWord(PATIENT, grantee, scope));
    }

    function blinded(IHealthRecord.Request memory r) private pure returns (address) {
        bytes32 tag = keccak256("healthrecord/hr1/blind");
        return address(uint160(uint256(keccak256(bytes.concat(tag, bytes20(r.patient), bytes20(r.accessor), r.salt)))));
    }

    function unpack(uint256 w) private pure returns (Word memory) {
        return Word({
            notBefore: w % 2 ** 40,
            notAfter: w / 2 ** 40 % 2 ** 40,
            purposes: w / 2 ** 80 % 2 ** 32,
            operations: w / 2 ** 112 % 2 ** 16,
            epoch: w / 2 ** 128 % 2 ** 32,
            revision: w / 2 ** 160 % 2 ** 24,
            state: w / 2 ** 184 % 2 ** 8,
            requiredRoles: w / 2 ** 192 % 2 ** 16,
            writtenAt: w / 2 ** 208 % 2 ** 40,
            by: w / 2 ** 248
        });
    }
}
