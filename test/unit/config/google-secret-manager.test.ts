/** The section `store` of type google-secret-manager: what it takes and what it refuses. */
import { describe, expect, it } from "vitest";
import { googleSecretManager } from "../../../src/config/stores/google-secret-manager.ts";
import { faultsOf } from "./sources.ts";

const REQUIRED = { type: "google-secret-manager", project: "acme-billing", secret: "paddle-api-key" };
const schema = googleSecretManager("/etc/rotator");

describe("the store google-secret-manager", () => {
  it("keeps the rotator's secret beside the applications'", () => {
    expect(schema.parse(REQUIRED)).toMatchObject({
      rotatorSecret: "paddle-api-key-rotator",
      location: null,
      endpoint: null,
      credentialsFile: null,
    });
  });

  it("finds the credentials beside the configuration", () => {
    const { credentialsFile } = schema.parse({ ...REQUIRED, credentialsFile: "./google.json" });
    expect(credentialsFile).toBe("/etc/rotator/google.json");
  });

  it.each([
    { project: "Acme" },
    { secret: "projects/acme/secrets/paddle" },
    { secret: "x".repeat(256) },
    { secret: "x".repeat(250) },
    { rotatorSecret: "paddle-api-key" },
    { location: "Europe" },
    { endpoint: "http://secretmanager.googleapis.com" },
    { endpoint: "https://secretmanager.googleapis.com/v1" },
    { endpoint: "https://user@secretmanager.googleapis.com" },
    { credentialsFile: "" },
  ])("refuses %j", (field) => {
    expect(schema.safeParse({ ...REQUIRED, ...field }).success).toBe(false);
  });

  it("gives no secret to two keys", () => {
    const key = (name: string, more: string) =>
      `  - { name: ${name}, store: { type: google-secret-manager, project: acme-billing, ${more} } }\n`;
    const yaml = `keys:\n${key("one", "secret: paddle")}${key("two", "secret: other, rotatorSecret: paddle")}`;
    expect(faultsOf({ yaml }).join("\n")).toContain("keys[1].store");
  });
});
