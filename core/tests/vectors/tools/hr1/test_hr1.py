"""The second implementation of `hr1` agrees with the committed vectors, byte for byte:
`python3 test_hr1.py`. HEALTHRECORD_SOAK=1 takes every FHIR resource."""

import hashlib
import json
import os
import sys
import unittest
from pathlib import Path

import fhir
import golden
import hr1
import reader
import texts
import trees
from fault import Fault
from keccak import keccak256, sponge

VECTORS = Path(__file__).resolve().parents[2]
IS_SOAK = "HEALTHRECORD_SOAK" in os.environ
# Of the resources, one in so many by default: all of them take half a minute of a processor.
STRIDE = 1 if IS_SOAK else 4


def external():
    """The folder of the external vectors, or None."""
    folder = os.environ.get("HEALTHRECORD_VECTORS")
    folder = Path(folder) if folder else VECTORS.parents[2] / "../shared/vectors"
    if folder.is_dir():
        return folder
    if "CI" in os.environ:
        raise AssertionError(f"no external vectors at {folder}")
    return None


class Keccak(unittest.TestCase):
    def test_known_answers(self):
        for data, digest in (
            (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
            (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
        ):
            self.assertEqual(keccak256(data).hex(), digest)

    def test_with_the_padding_of_sha3_it_is_sha3(self):
        for length in (0, 1, 7, 8, 134, 135, 136, 137, 271, 272, 273, 1000):
            data = bytes(range(256)) * 4
            data = data[:length]
            self.assertEqual(sponge(data, 0x06), hashlib.sha3_256(data).digest(), length)


def hr1_json():
    """The committed file: its text and what it says."""
    text = (VECTORS / "hr1.json").read_text(encoding="utf-8")
    return text, json.loads(text)


class Vectors(unittest.TestCase):
    def test_every_case_of_hr1_json_has_our_answer(self):
        text, file = hr1_json()
        answers = [golden.answer(case) for case in file["cases"]]
        for answer, case in zip(answers, file["cases"]):
            with self.subTest(case["name"]):
                self.assertEqual(answer, case)
        # Not a sign of the file is left that was not said again.
        self.assertEqual(golden.spell({**file, "cases": answers}), text)

    def test_enough_texts_are_refused_and_enough_accepted(self):
        commits = [case for case in hr1_json()[1]["cases"] if case["operation"] == "commit"]
        faults = [case["error"] for case in commits if "error" in case]
        refused = [fault for fault in faults if fault["code"].startswith("json.")]
        accepted = {case["input"].get("document") for case in commits if "output" in case}
        self.assertGreaterEqual(len(refused), 250)
        self.assertTrue(all("offset" in fault for fault in refused))
        self.assertGreaterEqual(len(accepted), 100)

    def test_texts_json_and_trees_json_are_made_again(self):
        for name, file in ("texts.json", texts.file()), ("trees.json", trees.file()):
            text = (VECTORS / "golden" / name).read_text(encoding="utf-8")
            self.assertEqual(golden.spell(file), text, name)

    def test_documents_end_at_16_mebibytes(self):
        text = b"1" + b" " * (reader.MOST_BYTES - 1)
        self.assertEqual(reader.leaves(text), [(b"", b"n1")])
        with self.assertRaises(Fault) as found:
            reader.leaves(text + b" ")
        fault = found.exception
        self.assertEqual((fault.code, fault.offset), ("json.too_large", reader.MOST_BYTES))


class Trees(unittest.TestCase):
    def test_every_proof_and_multiproof_leads_to_the_root(self):
        for size in range(1, 14):
            of_leaves = [keccak256(bytes([size, one])) for one in range(size)]
            nodes = hr1.tree(of_leaves)
            for one in of_leaves:
                self.assertEqual(hr1.climb(one, hr1.proof(nodes, one)), nodes[0])
            for count in range(1, size + 1):
                some, given, flags = hr1.multiproof(nodes, of_leaves[:count])
                self.assertEqual(some, sorted(of_leaves[:count]))
                self.assertEqual(hr1.climb_all(some, given, flags), nodes[0])
                with self.assertRaises(Fault):
                    hr1.climb_all(some, given + [nodes[0]], flags)


class Attachments(unittest.TestCase):
    def test_an_attachment_is_its_name_length_and_hash(self):
        cases = hr1_json()[1]["cases"]
        case = next(case for case in cases if case["name"] == "commit: one attachment")
        name, length, digest = hr1.attachment("report.pdf", b"%PDF-1.7 a report\n")
        expected = {"name": name, "length": str(length), "hash": golden.show(digest)}
        self.assertEqual(case["input"]["metadata"]["attachments"], [expected])


class Fhir(unittest.TestCase):
    def test_every_resource_has_the_commitment_of_fhir_json(self):
        folder = external()
        text = (VECTORS / "golden/fhir.json").read_text(encoding="utf-8")
        rows = json.loads(text)["cases"]
        self.assertGreater(len(rows), 270)
        if folder is None:
            self.skipTest("the external vectors are absent")
        if IS_SOAK:
            self.assertEqual(golden.spell(fhir.file(folder)), text)
            return
        seen = 0
        for number, row in fhir.cases(folder, is_taken):
            with self.subTest(row["file"], pointer=row["pointer"]):
                self.assertEqual(row, rows[number])
            seen += 1
        self.assertGreater(seen, 60)


def is_taken(number, is_history):
    """Without the whole histories, whose resources are taken one by one."""
    return number % STRIDE == 0 and not is_history


def main():
    """Runs all tests and ends with the summary that `node --test` has, so that one reader counts both."""
    tests = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = unittest.TextTestRunner(sys.stdout, verbosity=2).run(tests)
    failed = len(result.failures) + len(result.errors)
    skipped = len(result.skipped)
    print(f"# pass {max(result.testsRun - failed - skipped, 0)}\n# fail {failed}\n# skipped {skipped}")
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
