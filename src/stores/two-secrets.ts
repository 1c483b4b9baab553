/**
 * The slots of a managed key in two secrets of a platform that only ever adds versions, such as Google Secret
 * Manager and Azure Key Vault.
 *
 * Applications there read the newest version of a secret as plain text. So they have a secret of their own, which
 * never holds anything but the active one; the rotator keeps the rest, and its notes, in a second secret that no
 * application may read. Neither platform can refuse to add a version because the secret has changed: writers take
 * turns by a lease, and one that comes too late finds out and puts right what it did.
 */
import { StoreError } from "../core/errors.ts";
import type { Clock, Leases, SecretStore, StoreGuide, Version } from "../core/ports.ts";
import { fromFields, type SlotFields, toFields } from "../core/slot-fields.ts";
import type { Slots } from "../core/slots.ts";
import { applicationText, nextDocument } from "./two-secrets-document.ts";
import { type Found, readTwoSecrets } from "./two-secrets-reader.ts";
import { takeTurn, type Turn } from "./two-secrets-turn.ts";
import type { VersionedSecret } from "./versioned-secret.ts";

export type { VersionedSecret };

export type TwoSecretsOptions = {
  readonly location: string;
  readonly guide: StoreGuide;
  /** Its newest version is the active secret, as plain text. */
  readonly application: VersionedSecret;
  /** The rotator's own. */
  readonly workbench: VersionedSecret;
  readonly leases: Leases;
  readonly clock: Clock;
  /** As a SecretStore has it. Both secrets have been read by then. */
  readonly checkWritable: () => Promise<readonly string[]>;
  /** How long a waiting writer sleeps between two looks. */
  readonly pauseMs?: number;
};

/** How many versions one write takes out of use; what is left is left to the next. */
const AT_ONCE = 25;
/** How often a writer that came too late puts back what it finds before it leaves that to the others. */
const PUT_BACKS = 3;

export class TwoSecretsStore implements SecretStore {
  readonly location: string;
  readonly guide: StoreGuide;
  readonly #application: VersionedSecret;
  readonly #workbench: VersionedSecret;
  readonly #options: TwoSecretsOptions;

  constructor(options: TwoSecretsOptions) {
    this.location = options.location;
    this.guide = options.guide;
    this.#application = options.application;
    this.#workbench = options.workbench;
    this.#options = options;
  }

  async read(): Promise<{ slots: Slots; version: Version }> {
    const { fields, version } = await this.#find();
    return { slots: fromFields(fields).slots, version };
  }

  async write(slots: Slots, expected: Version): Promise<"written" | "conflict"> {
    const turn = await takeTurn({
      ...this.#options,
      name: this.#application.name,
      inVain: async () => (await this.#find()).version !== expected,
    });
    if (turn === null) return "conflict";
    try {
      return await this.#writeInTurn(slots, expected, turn);
    } finally {
      await turn.end();
    }
  }

  async checkWritable(): Promise<readonly string[]> {
    await this.#find();
    return this.#options.checkWritable();
  }

  async #writeInTurn(slots: Slots, expected: Version, turn: Turn): Promise<"written" | "conflict"> {
    const now = await this.#find();
    if (now.version !== expected) return "conflict";
    const fields = toFields({ slots, revision: revisionOf(now.fields) + 1 });
    const document = nextDocument(now, now.newest, fields, { by: turn.holder, follows: now.lastDocument });

    await turn.confirm();
    const written = await add(this.#workbench, JSON.stringify(document), now.lastDocument);
    // Another document came in between: readers pass over this one.
    if (this.#workbench.precedes && this.#workbench.precedes(written) !== now.lastDocument) return "conflict";
    if (!document.before) return this.#settle(fields, turn, null);

    await turn.confirm();
    const former = now.newest?.version ?? null;
    const added = await add(this.#application, applicationText(fields.active), former);
    return this.#settle(fields, turn, added);
  }

  /** Looks whether the write stands. @param added the version that this write gave to applications */
  async #settle(fields: SlotFields, turn: Turn, added: string | null): Promise<"written" | "conflict"> {
    try {
      const found = await this.#find();
      if (found.document?.turn?.by === turn.holder) {
        await this.#tidy(found);
        return "written";
      }
      // Whoever wrote since has seen this write.
      if (found.document && revisionOf(found.document.fields) > revisionOf(fields)) return "written";
      if (added !== null) await this.#putBack(added);
      return "conflict";
    } catch (error) {
      throw afterwards(error);
    }
  }

  /** This writer came too late: applications get what the document says that they have. */
  async #putBack(added: string): Promise<void> {
    let mine = added;
    for (let times = 0; times < PUT_BACKS; times += 1) {
      const { newest, document } = await this.#find();
      // Another version has followed, or a person has written the document: it is their turn now.
      if (!document?.turn || newest?.version !== mine) return;
      const text = applicationText(document.fields.active);
      if (newest.text === text) return;
      mine = await add(this.#application, text, mine);
    }
  }

  /** Shows applications the old secret. Where there is none, nothing but the newest versions is of use any more. */
  async #tidy({ newest, oldVersion, fields, documentVersion }: Found): Promise<void> {
    if (newest) await this.#application.markOld(oldVersion);
    // What was staged stays within reach until it has proved its worth.
    if (fields.old !== null || fields.pending !== null) return;
    if (newest) await disableEarlier(this.#application, newest.version);
    if (documentVersion) await disableEarlier(this.#workbench, documentVersion);
  }

  #find(): Promise<Found> {
    return readTwoSecrets(this.#application, this.#workbench);
  }
}

function revisionOf(fields: SlotFields): number {
  return fromFields(fields).revision;
}

async function disableEarlier(secret: VersionedSecret, version: string): Promise<void> {
  const versions = await secret.earlier(version);
  for (const earlier of versions.slice(0, AT_ONCE)) await secret.disable(earlier);
}

/** Adds a version; where the answer is lost, the secret says what became of it. */
async function add(secret: VersionedSecret, text: string, former: string | null): Promise<string> {
  try {
    return (await secret.add(text)).version;
  } catch (error) {
    if (!(error instanceof StoreError) || error.effect === "none") throw error;
    const newest = await secret.newest().catch(() => null);
    if (newest && newest.version !== former && newest.text === text) return newest.version;
    throw error;
  }
}

/** What goes wrong after a write must not make it look as if it had not been done, nor stop whoever looks again. */
function afterwards(error: unknown): unknown {
  if (!(error instanceof StoreError)) return error;
  const message = `the secrets are written, but not all is done that follows: ${error.message}`;
  return new StoreError(message, { effect: "unknown", retry: "later" });
}
