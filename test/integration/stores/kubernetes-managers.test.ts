/** Who owns what in a Kubernetes Secret that the rotator shares with people, GitOps tools and other managed keys. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { EMPTY_SLOTS, promote, retire, type Slots, stage } from "../../../src/core/slots.ts";
import { issued, pending, plain, put, secretText } from "../../contract/secret-store-samples.ts";
import { KEYS, KubernetesPlace, NAME, NAMESPACE } from "../../support/stores/kubernetes-place.ts";

const OURS = "paddle-key-rotator-ACTIVE_PADDLE_KEY";
const FIRST: Slots = { ...EMPTY_SLOTS, active: issued("first") };

function manifest(content: { data?: Record<string, string>; labels?: Record<string, string> }): string {
  const data = Object.fromEntries(
    Object.entries(content.data ?? {}).map(([key, text]) => [key, Buffer.from(text).toString("base64")]),
  );
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: NAME, labels: content.labels ?? {}, annotations: { team: "billing" } },
    data,
  });
}

/** From staging to retirement. */
async function rotate(place: KubernetesPlace, mark: string, fields = KEYS): Promise<void> {
  const store = place.store({ fields });
  await put(store, stage((await store.read()).slots, pending(mark)));
  await put(store, promote((await store.read()).slots, { slot: "active", until: 0 }));
  await put(store, retire((await store.read()).slots));
}

function managed(place: KubernetesPlace, manager: string, operation: "Apply" | "Update" = "Apply"): unknown {
  return place.fake.secrets
    .get(NAMESPACE, NAME)
    .metadata.managedFields.find((entry) => entry.manager === manager && entry.operation === operation)
    ?.fieldsV1;
}

describe("a Kubernetes Secret with several owners", () => {
  it("keeps the keys, labels and annotations of others through a rotation, and who manages them", async () => {
    await using place = await KubernetesPlace.open({ data: { LOGO: Buffer.from([0xff, 0x00, 0xfe]) } });
    const { secrets } = place.fake;
    const git = manifest({ data: { DATABASE_URL: "postgres://db" }, labels: { app: "billing" } });
    secrets.apply(NAMESPACE, NAME, git, { manager: "argocd-controller", force: true });
    const theirs = managed(place, "argocd-controller");
    await put(place.store(), FIRST);
    await rotate(place, "second");
    const { data, metadata } = secrets.get(NAMESPACE, NAME);
    expect(data).toMatchObject({
      LOGO: "/wD+",
      DATABASE_URL: Buffer.from("postgres://db").toString("base64"),
    });
    expect(metadata).toMatchObject({ labels: { app: "billing" }, annotations: { team: "billing" } });
    expect(managed(place, "argocd-controller")).toEqual(theirs);
  });

  it("manages its own data keys and its one annotation, and nothing else", async () => {
    await using place = await KubernetesPlace.open({ data: { DATABASE_URL: "postgres://db" } });
    await put(place.store(), FIRST);
    await rotate(place, "second");
    expect(managed(place, OURS)).toEqual({
      "f:metadata": { "f:annotations": { "f:paddle-key-rotator/ACTIVE_PADDLE_KEY": {} } },
      "f:data": { "f:ACTIVE_PADDLE_KEY": {}, "f:OLD_PADDLE_KEY": {}, "f:PENDING_PADDLE_KEY": {} },
    });
  });

  it("loses nothing to a GitOps tool that applies its manifest again", async () => {
    await using place = await KubernetesPlace.open();
    const { secrets } = place.fake;
    const options = { manager: "kustomize-controller", force: true };
    secrets.apply(NAMESPACE, NAME, manifest({ data: { DATABASE_URL: "one" } }), options);
    const slots = stage(FIRST, pending("second"));
    await put(place.store(), slots);
    const { version } = await place.store().read();
    secrets.apply(NAMESPACE, NAME, manifest({ data: { DATABASE_URL: "two" } }), options);
    secrets.apply(NAMESPACE, NAME, manifest({}), options);
    expect(plain((await place.store().read()).slots)).toEqual(plain(slots));
    expect(await place.beside()).toEqual({});
    // What others change beside is no conflict either.
    expect(await place.store().write(FIRST, version)).toBe("written");
  });

  it("stays when Git gives up the data key that it once listed", async () => {
    await using place = await KubernetesPlace.open();
    const options = { manager: "argocd-controller", force: true };
    const listed = manifest({ data: { ACTIVE_PADDLE_KEY: secretText("from-git") } });
    place.fake.secrets.apply(NAMESPACE, NAME, listed, options);
    await put(place.store(), (await place.store().read()).slots);
    place.fake.secrets.apply(NAMESPACE, NAME, manifest({}), options);
    expect((await place.store().read()).slots.active?.secret.reveal()).toBe(secretText("from-git"));
  });

  it("is overwritten by a tool that lists the active key, and the documentation says what to set", async () => {
    await using place = await KubernetesPlace.open();
    await put(place.store(), FIRST);
    const listed = manifest({ data: { ACTIVE_PADDLE_KEY: secretText("dead") } });
    place.fake.secrets.apply(NAMESPACE, NAME, listed, { manager: "argocd-controller", force: true });
    expect(plain((await place.store().read()).slots)).toEqual(
      plain({ ...EMPTY_SLOTS, active: issued("dead") }),
    );
    const page = readFileSync(resolve(import.meta.dirname, "../../../docs/stores/kubernetes.md"), "utf8");
    expect(page).toContain(`managedFieldsManagers: [${OURS}]`);
    expect(page).toContain("RespectIgnoreDifferences=true");
    expect(page).toContain("kustomize.toolkit.fluxcd.io/ssa: IfNotPresent");
  });

  it("warns a person who applies another value without force", async () => {
    await using place = await KubernetesPlace.open();
    await put(place.store(), FIRST);
    const other = manifest({ data: { ACTIVE_PADDLE_KEY: secretText("other") } });
    const attempt = () =>
      place.fake.secrets.apply(NAMESPACE, NAME, other, { manager: "kubectl", force: false });
    expect(attempt).toThrow(`conflict with "${OURS}"`);
  });

  it("holds two managed keys that never touch each other", async () => {
    await using place = await KubernetesPlace.open();
    const fields = {
      active: "TAX_KEY",
      old: "TAX_KEY_OLD",
      pending: "TAX_KEY_PENDING",
      standby: "TAX_KEY_STANDBY",
    };
    const both = [place.store(), place.store({ fields })] as const;
    await put(both[0], FIRST);
    await put(both[1], { ...EMPTY_SLOTS, active: issued("tax") });
    const [{ version }] = await Promise.all([both[1].read(), rotate(place, "second")]);
    expect(plain((await both[1].read()).slots)).toEqual(plain({ ...EMPTY_SLOTS, active: issued("tax") }));
    expect((await both[1].read()).version).toBe(version);
    await rotate(place, "tax-second", fields);
    expect(plain((await both[0].read()).slots)).toEqual(plain({ ...EMPTY_SLOTS, active: issued("second") }));
  });

  it("takes over what a person has edited, and forgets what a person has removed", async () => {
    await using place = await KubernetesPlace.open();
    await put(place.store(), stage(FIRST, pending("second")));
    place.fake.secrets.edit(NAMESPACE, NAME, {
      ACTIVE_PADDLE_KEY: secretText("by-hand"),
      PENDING_PADDLE_KEY: null,
    });
    const { slots, version } = await place.store().read();
    expect(plain(slots)).toEqual(plain({ ...EMPTY_SLOTS, active: issued("by-hand") }));
    expect(await place.store().write({ ...slots, standby: issued("standby") }, version)).toBe("written");
    expect(Object.keys(place.fake.secrets.texts(NAMESPACE, NAME)).toSorted()).toEqual([
      "ACTIVE_PADDLE_KEY",
      "STANDBY_PADDLE_KEY",
    ]);
    await rotate(place, "third");
    expect((await place.store().read()).slots.active?.secret.reveal()).toBe(secretText("third"));
  });

  it("takes a key that was put there with a line break behind it, as echo does", async () => {
    await using place = await KubernetesPlace.open({
      data: { ACTIVE_PADDLE_KEY: `${secretText("echoed")}\n` },
    });
    const { slots, version } = await place.store().read();
    expect(slots.active?.secret.reveal()).toBe(secretText("echoed"));
    expect(await place.store().write(stage(slots, pending("second")), version)).toBe("written");
  });
});
