/** An attestation names its consumer and nothing else, so no two that attest may be confused. */
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { attestingDiffer } from "../../../src/config/consumers/attesting.ts";
import { consumersSection } from "../../../src/config/consumers/consumers.ts";
import { section } from "../../../src/config/section.ts";

const keys = z.array(section({ consumers: consumersSection("/").optional() })).superRefine(attestingDiffer);

function faultsOf(yaml: string): string[] {
  const issues = keys.safeParse(parse(yaml)).error?.issues ?? [];
  return issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}
const attesting = (name: string, token: string) =>
  `{ name: ${name}, type: none, attest: { token: ${token}, expect: 1 } }`;

describe("consumers that attest", () => {
  it("may be any number with names and tokens of their own", () => {
    const consumers = `[${attesting("a", "canary-canary-1a")}, ${attesting("b", "canary-canary-1b")}]`;
    expect(faultsOf(`[{}, { consumers: ${consumers} }]`)).toEqual([]);
  });

  it("may not have the same name, even if they are of different keys", () => {
    expect(
      faultsOf(`
- consumers: [${attesting("billing", "canary-canary-1a")}]
- consumers: [{ name: shop, type: none }, ${attesting("billing", "canary-canary-1b")}]`),
    ).toEqual([
      "1.consumers.1.name: is also the name of keys[0].consumers[0]; each one that attests needs its own",
    ]);
  });

  it("may not have the same token, which the fault does not repeat", () => {
    expect(
      faultsOf(
        `[{ consumers: [${attesting("a", "canary-canary-1a")}, ${attesting("b", "canary-canary-1a")}] }]`,
      ),
    ).toEqual([
      "0.consumers.1.attest.token: is also the token of keys[0].consumers[0]; each one that attests needs its own",
    ]);
  });

  it("may have the name of one that does not attest", () => {
    const plain = "{ name: billing, type: none }";
    expect(
      faultsOf(`[{ consumers: [${plain}] }, { consumers: [${attesting("billing", "canary-canary-1a")}] }]`),
    ).toEqual([]);
  });
});
