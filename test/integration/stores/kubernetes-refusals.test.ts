/** What a Kubernetes API server refuses, and what a tired person reads about it. */
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { StoreError } from "../../../src/core/errors.ts";
import { EMPTY_SLOTS, stage } from "../../../src/core/slots.ts";
import { issued, pending, plain, put } from "../../contract/secret-store-samples.ts";
import { USER } from "../../support/stores/kubernetes-fake.ts";
import { KubernetesPlace, NAME, NAMESPACE } from "../../support/stores/kubernetes-place.ts";
import { StatusError } from "../../support/stores/kubernetes-status.ts";

const FIRST = { ...EMPTY_SLOTS, active: issued("canaryFirst") };

async function refusalOf(attempt: Promise<unknown>): Promise<StoreError> {
  const error: unknown = await attempt.then(
    (answer) => expect.fail(`no error but ${inspect(answer)}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof StoreError)) throw error;
  expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(/canary/i);
  return error;
}

async function filled(): Promise<KubernetesPlace> {
  const place = await KubernetesPlace.open();
  await put(place.store(), FIRST);
  return place;
}

/** The error of a write that was possible until now. */
async function refusedWrite(place: KubernetesPlace, spoil: () => void): Promise<StoreError> {
  const store = place.store();
  const { slots, version } = await store.read();
  spoil();
  return refusalOf(store.write(stage(slots, pending("canarySecond")), version));
}

describe("a Kubernetes Secret", () => {
  it("that does not exist is refused with the command that makes it", async () => {
    await using place = await KubernetesPlace.open();
    place.fake.secrets.delete(NAMESPACE, NAME);
    const error = await refusalOf(place.store().read());
    expect(error).toMatchObject({ effect: "none", retry: "never" });
    expect(error.message).toMatch(
      /^Kubernetes Secret billing\/paddle does not exist \(404 NotFound, audit id [\w-]+\)/,
    );
    expect(error.message).toContain(
      "kubectl create secret generic paddle -n billing --from-file=ACTIVE_PADDLE_KEY=/dev/stdin",
    );
  });

  it("that is deleted while it is being written is not made anew, even by one who may", async () => {
    await using place = await filled();
    place.fake.allow(["create"], NAMESPACE, NAME);
    place.fake.admit(() => {
      place.fake.secrets.delete(NAMESPACE, NAME);
      return null;
    });
    const error = await refusedWrite(place, () => {});
    expect(error.message).toContain("does not exist");
    expect(() => place.fake.secrets.get(NAMESPACE, NAME)).toThrow("not found");
  });

  it("that was deleted and made again keeps what it holds now", async () => {
    await using place = await filled();
    const store = place.store();
    const { version } = await store.read();
    place.fake.secrets.delete(NAMESPACE, NAME);
    place.fake.secrets.create(NAMESPACE, NAME, { data: { OTHER: "text" } });
    expect(await store.write(FIRST, version)).toBe("conflict");
    expect(place.fake.secrets.texts(NAMESPACE, NAME)).toEqual({ OTHER: "text" });
  });

  it.each(["get", "patch"] as const)("names who may not %s it, where, and the Role to bind", async (verb) => {
    await using place = await filled();
    const error = await refusedWrite(place, () => place.fake.deny(verb, NAMESPACE, NAME));
    expect(error).toMatchObject({ effect: "none", retry: "never" });
    expect(error.message).toContain(`is closed to ${USER} (403 Forbidden`);
    expect(error.message).toContain(`which may not ${verb} secrets/paddle`);
    expect(error.message).toContain(
      'a Role in the namespace billing with apiGroups [""], resources [secrets], resourceNames [paddle], verbs [get, patch]',
    );
  });

  it("needs no permission but get and patch on this one name", async () => {
    await using place = await filled();
    await place.store().checkWritable();
    expect(new Set(place.fake.log.map(({ verb, path }) => `${verb} ${path}`))).toEqual(
      new Set(["get", "patch"].map((verb) => `${verb} /api/v1/namespaces/${NAMESPACE}/secrets/${NAME}`)),
    );
  });

  it("that is immutable is found by checking, and no write is sent", async () => {
    await using place = await KubernetesPlace.open({ immutable: true });
    const { slots, version } = await place.store().read();
    const attempts = [() => place.store().checkWritable(), () => place.store().write(slots, version)];
    for (const attempt of attempts) {
      const error = await refusalOf(attempt());
      expect(error.message).toContain("is immutable: delete it and make it again without immutable: true");
      expect(error).toMatchObject({ effect: "none", retry: "never" });
    }
    expect(place.fake.log.filter(({ verb }) => verb === "patch")).toEqual([]);
  });

  it("that another controller keeps writing is found by checking, and yet takes a write that began before", async () => {
    await using place = await KubernetesPlace.open({
      owners: [{ kind: "ExternalSecret", name: "paddle-from-vault", controller: true }],
    });
    const error = await refusalOf(place.store().checkWritable());
    expect(error.message).toContain("belongs to the ExternalSecret paddle-from-vault, which overwrites");
    await put(place.store(), FIRST);
  });

  it("that merely has an owner is written", async () => {
    const owners = [{ kind: "Application", name: "billing", controller: false }];
    await using place = await KubernetesPlace.open({ owners });
    await place.store().checkWritable();
  });

  it("is checked by a write that is not kept", async () => {
    await using place = await filled();
    await place.store().checkWritable();
    expect(place.fake.log.at(-1)).toMatchObject({ verb: "patch", dryRun: true, status: 200 });
  });

  it("that admission will not let be changed is found by checking, without repeating what admission says", async () => {
    await using place = await filled();
    const message = 'admission webhook "policy.example.com" denied the request: canary in the clear';
    place.fake.admit(() => new StatusError(403, "Forbidden", message));
    const error = await refusalOf(place.store().checkWritable());
    expect(error.message).toContain("says the admission of the cluster (policy.example.com, 403 Forbidden");
    expect(error).toMatchObject({ effect: "none", retry: "never" });
  });

  it("passes the check where a webhook cannot be tried without doing", async () => {
    await using place = await filled();
    const message = 'admission webhook "audit.example.com" does not support dry run';
    place.fake.admit((_, dryRun) => (dryRun ? new StatusError(400, "BadRequest", message) : null));
    await place.store().checkWritable();
    await put(place.store(), FIRST);
  });

  it("that is full says which field the API server finds fault with, not what is in it", async () => {
    await using place = await filled();
    place.fake.secrets.edit(NAMESPACE, NAME, { BLOB: Buffer.alloc(1_048_500) });
    const error = await refusedWrite(place, () => {});
    expect(error.message).toContain("(422 Invalid");
    expect(error.message).toContain("it finds fault with data)");
    expect(error).toMatchObject({ effect: "none", retry: "never" });
    expect(plain((await place.store().read()).slots)).toEqual(plain(FIRST));
  });

  it("on an API server without server-side apply says which version has it", async () => {
    await using place = await filled();
    place.fake.admit(() => new StatusError(415, "UnsupportedMediaType", "canary"));
    const error = await refusedWrite(place, () => {});
    expect(error.message).toContain("use Kubernetes 1.22 or later");
  });

  it.each([
    [400, "BadRequest", "never"],
    [409, "AlreadyExists", "later"],
    [500, "InternalError", "later"],
    [503, "ServiceUnavailable", "later"],
  ])("never repeats the message of an answer, such as %i", async (status, reason, retry) => {
    await using place = await filled();
    place.fake.answerNext(
      ...Array.from({ length: 4 }, () => new StatusError(status, reason, "the canary of a key")),
    );
    const error = await refusalOf(place.store().read());
    expect(error.message).toContain(`(${status} ${reason}`);
    expect(error).toMatchObject({ effect: "none", retry });
  });
});
