/**
 * Keeps the secrets of one managed key as variables of an env file, and the notes on them in a comment beside.
 * Everything else in the file stays byte for byte. A reader finds the old or the new text, never a part; a writer that
 * comes too late changes nothing.
 */
import type { SecretStore, StoreGuide, Version } from "../../core/ports.ts";
import { fromFields, type SlotFields, toFields, versionOf } from "../../core/slot-fields.ts";
import type { Slots } from "../../core/slots.ts";
import { replaceText } from "../../files/atomic-write.ts";
import { acquireFileLock } from "../../files/lock.ts";
import { toStoreError, whoWeAre } from "./faults.ts";
import { readFields, withFields } from "./fields.ts";
import { checkSize, type EnvFile, locate, type Place, readEnvFile } from "./file.ts";
import type { SlotVariables } from "./layout.ts";
import { checkReplaceable } from "./writable.ts";

export type EnvFileOptions = {
  /** Absolute. */
  readonly path: string;
  /** As the operator wrote it; for messages. */
  readonly displayPath: string;
  readonly variables: SlotVariables;
};

export class EnvFileStore implements SecretStore {
  readonly location: string;
  readonly guide: StoreGuide;
  readonly #path: string;
  readonly #shown: string;
  readonly #variables: SlotVariables;

  constructor({ path, displayPath, variables }: EnvFileOptions) {
    this.location = `${displayPath} (${variables.active})`;
    this.guide = {
      applicationsRead: `${variables.active} in ${displayPath}, and ${variables.old} if Paddle refuses it`,
      needs: [`the file ${displayPath} and its folder belong to ${whoWeAre()}`],
    };
    this.#path = path;
    this.#shown = displayPath;
    this.#variables = variables;
  }

  read(): Promise<{ slots: Slots; version: Version }> {
    return this.#explained(async () => {
      const { fields } = await this.#load(await this.#locate());
      return { slots: fromFields(fields).slots, version: versionOf(fields) };
    });
  }

  write(slots: Slots, expected: Version): Promise<"written" | "conflict"> {
    return this.#explained(async () => {
      const place = await this.#locate();
      using held = new DisposableStack();
      held.use(await acquireFileLock(place.lock));
      const { file, fields } = await this.#load(place);
      if (versionOf(fields) !== expected) return "conflict";
      const revision = fromFields(fields).revision + 1;
      const text = withFields(file.text, this.#variables, toFields({ slots, revision }));
      checkSize(Buffer.byteLength(text), this.#shown);
      return (await replaceText(place.file, text, file.stats)) ? "written" : "conflict";
    });
  }

  checkWritable(): Promise<readonly string[]> {
    return this.#explained(async () => {
      const place = await this.#locate();
      const { file } = await this.#load(place);
      await checkReplaceable(place, file.stats, this.#shown);
      return [];
    });
  }

  #locate(): Promise<Place> {
    return locate(this.#path, this.#shown);
  }

  async #load(place: Place): Promise<{ file: EnvFile; fields: SlotFields }> {
    const file = await readEnvFile(place, this.#shown);
    return { file, fields: readFields(file.text, this.#variables) };
  }

  async #explained<Result>(action: () => Promise<Result>): Promise<Result> {
    try {
      return await action();
    } catch (error) {
      throw toStoreError(this.#shown, error);
    }
  }
}
