/**
 * The slots as fields of one secret of a KV engine, version 2. Each write makes a new version of the whole secret and
 * carries the number of the one that it replaces (`cas`): Vault refuses it if that is no longer the latest.
 */
import type { StoreGuide } from "../../core/ports.ts";
import type { SlotFields } from "../../core/slot-fields.ts";
import { parseExactly } from "../exact-json.ts";
import type { FieldChanges, FieldsDocument } from "../fields-store.ts";
import type { Access } from "./access.ts";
import {
  type Data,
  GoneVersion,
  type Reply,
  SecretData,
  SecretMetadata,
  SecretVersion,
  sayingOf,
  Written,
} from "./answers.ts";
import type { VaultClient } from "./client.ts";
import { goneSecret, noMount, notText, refusedWrite, unknownSecret } from "./faults.ts";
import { mirrored } from "./mirror.ts";
import { guideFor, type Words } from "./words.ts";

/** The latest version of the secret, and all that it holds. */
export type KvVersion = { readonly number: number; readonly data: Data };

export class VaultDocument implements FieldsDocument<KvVersion> {
  readonly location: string;
  readonly guide: StoreGuide;
  readonly #words: Words;
  readonly #client: VaultClient;
  readonly #access: Access;

  constructor(parts: { words: Words; client: VaultClient; access: Access }) {
    this.#words = parts.words;
    this.#client = parts.client;
    this.#access = parts.access;
    this.location = `${parts.words.place} (${parts.words.fields.active})`;
    this.guide = guideFor(parts.words);
  }

  async load(): Promise<{ fields: SlotFields; guard: KvVersion }> {
    const reply = await this.#access.ask({ method: "GET", path: this.#words.dataPath }, "read");
    const guard = reply.status === 404 ? await this.#withoutVersion(reply) : this.#version(reply);
    return { fields: this.#fields(guard.data), guard };
  }

  async save(changes: FieldChanges, { number, data }: KvVersion): Promise<"written" | "conflict"> {
    const { dataPath, fields } = this.#words;
    const named = Object.entries(fields).flatMap(([slot, field]) => {
      const text = changes[slot as keyof FieldChanges];
      return text === undefined ? [] : [[field, text] as const];
    });
    const next = { ...data, ...Object.fromEntries(named) };
    const body = JSON.stringify({ options: { cas: number }, data: next });
    const reply = await this.#access.ask({ method: "POST", path: dataPath, body, changes: true }, "update");
    if (sayingOf(reply.json) === "check-and-set parameter did not match the current version")
      return "conflict";
    if (reply.status !== 200) throw refusedWrite(this.#words, reply);
    await this.#mirror(reply, this.#fields(next));
    return "written";
  }

  async checkWritable(): Promise<void> {
    await this.load();
    await this.#access.checkPermissions();
  }

  #version(reply: Reply): KvVersion {
    const { metadata } = this.#client.read(reply, SecretVersion).data;
    // Read once more, for the numbers in it: it goes back as it came.
    return { number: metadata.version, data: SecretData.parse(parseExactly(reply.text)).data.data };
  }

  /** A secret that exists, but not in a version that could be read. */
  async #withoutVersion(reply: Reply): Promise<KvVersion> {
    const gone = GoneVersion.safeParse(reply.json);
    if (gone.success) {
      const { version, destroyed } = gone.data.data.metadata;
      throw goneSecret(this.#words, version, destroyed);
    }
    const saying = sayingOf(reply.json);
    if (saying === "no handler for route" || saying === "unsupported path") throw noMount(this.#words);
    const metadata = await this.#access.tryOnce({ method: "GET", path: this.#words.metadataPath });
    const found = SecretMetadata.safeParse(metadata?.json);
    if (metadata?.status !== 200 || !found.success) throw unknownSecret(this.#words);
    return { number: found.data.data.current_version, data: {} };
  }

  #fields(data: Data): SlotFields {
    const { fields } = this.#words;
    const textOf = (field: string) => {
      const value = data[field] ?? null;
      if (value !== null && typeof value !== "string") throw notText(this.#words, field);
      return value;
    };
    return {
      active: textOf(fields.active),
      old: textOf(fields.old),
      pending: textOf(fields.pending),
      standby: textOf(fields.standby),
      notes: textOf(fields.notes),
    };
  }

  /** The secret is written; that this may fail changes nothing about it. */
  async #mirror(written: Reply, slots: SlotFields): Promise<void> {
    const answer = Written.safeParse(written.json);
    if (!answer.success) return;
    const entries = mirrored(answer.data.data.custom_metadata ?? {}, slots, this.#words.fields);
    if (entries === null) return;
    const body = JSON.stringify({ custom_metadata: entries });
    await this.#access.tryOnce({ method: "POST", path: this.#words.metadataPath, body }).catch(() => {});
  }
}
