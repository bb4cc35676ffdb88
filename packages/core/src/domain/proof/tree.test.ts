import { expect, test } from "vitest";
import { leafOf, pathOf, rootOf } from "./tree.ts";

/**
 * Test vectors of Certificate Transparency (google/certificate-transparency, merkle_tree_test.cc): entries, and the roots of
 * their first n.
 */
const ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS: Readonly<Record<number, string>> = {
  0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};
const leaves = ENTRIES.map((entry) => leafOf(Buffer.from(entry, "hex")));

test.each(Object.entries(ROOTS))(
  "the Merkle root of %s entries equals the test vector of Certificate Transparency",
  (size, root) => {
    expect(rootOf(leaves, 0, Number(size)).toString("hex")).toBe(root);
  },
);

test("the Merkle path of an entry contains the sibling at each level", () => {
  expect(pathOf(leaves, 0)).toEqual([leaves[1], rootOf(leaves, 2, 4), rootOf(leaves, 4, 8)]);
  expect(pathOf(leaves, 6, 0, 7)).toEqual([rootOf(leaves, 4, 6), rootOf(leaves, 0, 4)]);
  expect(pathOf(leaves, 0, 0, 1)).toEqual([]);
});
