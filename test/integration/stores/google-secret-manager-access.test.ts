/** What an operator is told where this process may not do what it must at Google. */
import { writeFile } from "node:fs/promises";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { EMPTY_SLOTS, promote, retire, type Slots, stage } from "../../../src/core/slots.ts";
import { issuedByUs, pending, plain, put } from "../../contract/secret-store-samples.ts";
import {
  APPLICATION,
  GoogleSecretManagerPlace,
  WORKBENCH,
} from "../../support/stores/google-secret-manager-place.ts";
import { Refused } from "../../support/stores/google-secrets.ts";

const first: Slots = { ...EMPTY_SLOTS, active: issuedByUs("first") };
const staged = stage(first, pending("second"));
const promoted = promote(staged, { slot: "active", until: 5 });

const WRITES_NEED = ["secretmanager.versions.access", "secretmanager.versions.add"];
const CLEANING_NEEDS = [
  "secretmanager.versions.list",
  "secretmanager.versions.disable",
  "secretmanager.secrets.get",
  "secretmanager.secrets.update",
];
const open = () => GoogleSecretManagerPlace.open({});

describe("a missing permission", () => {
  it.each(WRITES_NEED)("%s is found by checking, on the very secret", async (permission) => {
    for (const secret of [APPLICATION, WORKBENCH]) {
      await using place = await open();
      await put(place.store(), first);
      place.google.deny(permission, secret);
      const error: unknown = await place
        .store()
        .checkWritable()
        .catch((reason: unknown) => reason);
      expect(error).toMatchObject({ name: "StoreError", effect: "none", retry: "never" });
      expect(String(error)).toContain(permission);
      expect(String(error)).toContain(secret);
    }
  });

  it.each(CLEANING_NEEDS)("%s is told of by checking, on the very secret", async (permission) => {
    for (const secret of [APPLICATION, WORKBENCH]) {
      if (secret === WORKBENCH && permission.endsWith("secrets.update")) continue;
      await using place = await open();
      await put(place.store(), first);
      place.google.deny(permission, secret);
      const [sentence = "", ...others] = await place.store().checkWritable();
      expect(sentence.startsWith(`${secret} `)).toBe(true);
      expect(sentence).toContain(`: this process lacks ${permission}: grant`);
      expect(others).toEqual([]);
    }
  });

  it("is told of with what it means for the secret", async () => {
    await using place = await open();
    await put(place.store(), first);
    for (const permission of CLEANING_NEEDS) place.google.deny(permission);
    const remedy = "grant them as `npm run rotator -- check` prints it; a new grant may take minutes";
    expect(await place.store().checkWritable()).toEqual([
      `${APPLICATION} gets no alias old for the old secret and keeps every old version enabled: this process lacks ${CLEANING_NEEDS.join(", ")}: ${remedy}`,
      `${WORKBENCH} keeps every old version enabled and cannot be read while it has no version: this process lacks ${CLEANING_NEEDS.slice(0, 3).join(", ")}: ${remedy}`,
    ]);
  });

  it("is named together with all others that are missing", async () => {
    await using place = await open();
    await put(place.store(), first);
    place.google.deny("secretmanager.versions.add", WORKBENCH);
    place.google.deny("secretmanager.versions.disable");
    await expect(place.store().checkWritable()).rejects.toThrow(
      `lacks secretmanager.versions.disable on ${APPLICATION}; secretmanager.versions.add, secretmanager.versions.disable on ${WORKBENCH}:`,
    );
  });

  it("on the rotator's secret does not ask for what only the applications' needs", async () => {
    await using place = await open();
    await put(place.store(), first);
    place.google.deny("secretmanager.secrets.update", WORKBENCH);
    expect(await place.store().checkWritable()).toEqual([]);
  });

  it.each(CLEANING_NEEDS)("%s is named after a write and never stops one", async (permission) => {
    await using place = await open();
    await put(place.store(), first);
    await put(place.store(), staged);
    place.google.deny(permission);
    const errors: string[] = [];
    for (const slots of [promoted, retire(promoted)]) {
      const store = place.store();
      const { version } = await store.read();
      const outcome: unknown = await store.write(slots, version).catch((error: unknown) => error);
      if (outcome !== "written") expect(outcome).toMatchObject({ effect: "unknown", retry: "later" });
      errors.push(String(outcome));
      expect(plain((await place.store().read()).slots)).toEqual(plain(slots));
    }
    expect(errors.join()).toContain(permission);
  });
});

describe("a secret that is not there", () => {
  it.each([
    [APPLICATION, "paddle-api-key"],
    [WORKBENCH, "paddle-api-key-rotator"],
  ])("%s is asked for with the command that makes it", async (name, secret) => {
    await using place = await open();
    place.google.secrets.all.delete(name);
    await expect(place.store().read()).rejects.toMatchObject({
      effect: "none",
      retry: "never",
      message: `${name} does not exist: gcloud secrets create ${secret} --project=acme-billing --replication-policy=automatic`,
    });
    expect(place.google.secrets.all.has(name)).toBe(false);
  });
});

describe("credentials", () => {
  it("are asked for once, and again only when they have expired", async () => {
    await using place = await open();
    const store = place.store();
    await put(store, first);
    expect(place.google.tokens).toBe(1);
    place.google.expireTokens();
    await put(store, staged);
    expect(place.google.tokens).toBe(2);
  });

  it("that cannot be renewed are named as the fault", async () => {
    await using place = await open();
    const store = place.store();
    await put(store, first);
    place.google.expireTokens();
    place.google.refusesTokens = true;
    const error: unknown = await store.read().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "StoreError", effect: "none", retry: "never" });
    expect(String(error)).toContain("credentials");
    expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(/canary/);
  });

  it.each([
    "not JSON: canary",
    '{"type":"service_account","private_key":"canary"}',
    '{"type":"authorized_user"}',
  ])("in a file like %s are refused by its path alone", async (content) => {
    await using place = await open();
    await writeFile(place.google.credentialsFile, content);
    const error: unknown = await place
      .store()
      .read()
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "StoreError", effect: "none", retry: "never" });
    expect(String(error)).toContain(place.google.credentialsFile);
    expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(/canary/);
  });
});

describe("what Google forbids for other reasons", () => {
  it.each([
    ["SERVICE_DISABLED", "gcloud services enable secretmanager.googleapis.com"],
    ["SECURITY_POLICY_VIOLATED", "VPC Service Controls"],
  ])("is told apart: %s", async (reason, remedy) => {
    await using place = await open();
    place.google.fail(
      1_000,
      new Refused(403, "PERMISSION_DENIED", "canary", { reason, domain: "googleapis.com" }),
    );
    const error: unknown = await place
      .store()
      .read()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ effect: "none", retry: "never" });
    expect(String(error)).toContain(reason);
    expect(String(error)).toContain(remedy);
    expect(String(error)).not.toContain("canary");
  });

  it("is a disabled newest version, which applications cannot read either", async () => {
    await using place = await open();
    await put(place.store(), first);
    const version = place.google.secrets.find(APPLICATION).versions.at(-1);
    if (version) version.state = "DISABLED";
    await expect(place.store().read()).rejects.toThrow(
      `${APPLICATION}/versions/1 cannot be read: it is disabled or destroyed, or its encryption key is: enable it`,
    );
  });

  it("is a server that cannot be reached", async () => {
    await using place = await open();
    const gone = await open();
    const endpoint = gone.google.url;
    await gone[Symbol.asyncDispose]();
    await expect(place.store({ endpoint }).read()).rejects.toMatchObject({
      effect: "none",
      retry: "later",
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });
});
