import { describe, expect, it } from "vitest";
import { faultsOf, read } from "./sources.ts";

const ARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/paddle-AbCdEf";
const file = (...stores: string[]) =>
  `keys:\n${stores.map((store, index) => `  - name: key${index}\n    store: { type: aws-secrets-manager, ${store} }\n`).join("")}`;
const storeOf = (yaml: string) => read({ yaml }).keys[0]?.store;

describe("a store of type aws-secrets-manager", () => {
  it("needs the name of a secret and nothing else", () => {
    expect(storeOf(file("secret: prod/paddle"))).toMatchObject({
      secret: "prod/paddle",
      region: null,
      endpoint: null,
      role: null,
      shape: "auto",
      field: "api_key",
    });
  });

  it("takes the region from the ARN, and no other one beside", () => {
    expect(storeOf(file(`secret: "${ARN}"`))).toMatchObject({ region: "eu-west-1" });
    expect(faultsOf({ yaml: file(`secret: "${ARN}", region: us-east-1`) }).join()).toContain(
      "must be eu-west-1",
    );
  });

  it.each([
    ["secret: a b", "the name or the ARN of a secret"],
    ["secret: s, region: Ireland", "a region"],
    ["secret: s, endpoint: http://10.0.0.1", "https://"],
    ["secret: s, endpoint: https://user:canary@aws.example", "without user"],
    ["secret: s, role: { arn: paddle }", "the ARN of a role"],
    ["secret: s, shape: both", "one of auto, versions, fields"],
  ])("refuses what cannot work: %s", (store, words) => {
    const faults = faultsOf({ yaml: file(store) }).join();
    expect(faults).toContain(words);
    expect(faults).not.toContain("canary");
  });

  it("lets keys share a secret only where each has fields of its own", () => {
    const shared = "secret: s, region: eu-west-1";
    expect(faultsOf({ yaml: file(shared, shared) }).join()).toContain("is the same secret");
    const names = "{ active: A, old: O, pending: P, standby: S }";
    const apart = [`${shared}, shape: fields`, `${shared}, shape: fields, fields: ${names}`];
    expect(() => read({ yaml: file(...apart) })).not.toThrow();
    const byArn = `secret: "${ARN}"`;
    expect(faultsOf({ yaml: file(byArn, "secret: prod/paddle, region: eu-west-1") }).join()).toContain(
      "is the same",
    );
  });
});
