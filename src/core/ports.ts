/**
 * What the core needs from the outside world. Adapters live in folders of their own and look up here;
 * only compose.ts knows which adapter is used.
 */
import type { Alert } from "./alert.ts";
import type { ApiKey, Destination, KeyRotation, PastEvent } from "./paddle-key.ts";
import type { Secret } from "./secret.ts";
import type { IssuedSecret, Slots } from "./slots.ts";
import type { Outcome, Work } from "./work.ts";

/** Time is an input: tests hold the hands of this clock. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason once it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

declare const version: unique symbol;
/** Names one state of a key's slots; any write, by anybody, makes another one. */
export type Version = string & { readonly [version]: true };

/** What an operator has to know about a store, in the words of its platform. */
export type StoreGuide = {
  /** What applications read, e.g. `ACTIVE_PADDLE_KEY, and OLD_PADDLE_KEY if Paddle refuses it`. */
  readonly applicationsRead: string;
  /** What this process must be allowed to do there: a policy or a role, line by line, ready to be pasted. */
  readonly needs: readonly string[];
};

/** The slots of one managed key in one secret store: the truth about secrets. Throws StoreError. */
export interface SecretStore {
  /** Where the secret is, in words an operator can use, e.g. `./secrets/billing.env (ACTIVE_PADDLE_KEY)`. */
  readonly location: string;
  readonly guide: StoreGuide;
  read(): Promise<{ slots: Slots; version: Version }>;
  /** Compare-and-set. `conflict`: the slots are no longer those of `expected`, and nothing was written. */
  write(slots: Slots, expected: Version): Promise<"written" | "conflict">;
  /**
   * Throws if a write would be impossible, and names every permission that is missing; changes nothing. Answers with
   * what else is missing, in sentences: a write is done all the same, and something that follows it is left undone.
   */
  checkWritable(): Promise<readonly string[]>;
  /** Where the platform itself may rotate the secret at Paddle. While it is in charge, every write is refused. */
  readonly platform?: PlatformRotation;
}

/** A platform that rotates a secret at Paddle itself. Throws StoreError. */
export interface PlatformRotation {
  /** As people call it. */
  readonly name: string;
  /** How a person puts another key into the secret, e.g. a command: the end of a sentence. */
  readonly putKey: string;
  /** Whether it rotates this secret; if so, this process must not. */
  inCharge(): Promise<boolean>;
  /** Asks for a rotation, which goes on after this returns. The same intent again asks for nothing more. */
  start(order: { readonly intentId: string; readonly graceSeconds: number }): Promise<void>;
  /** How far the rotation is that was asked for this intent; where none is known, whether another one is under way. */
  state(intentId: string): Promise<PlatformState>;
}

export type PlatformState =
  /** No rotation is under way. */
  | { readonly kind: "idle" }
  /** Its secret is or was in use. */
  | { readonly kind: "done" }
  /** `since`: epoch milliseconds. */
  | { readonly kind: "running"; readonly since: number }
  /**
   * It will not end before a person does something: `free`, which takes the unfinished secret away, or, once Paddle
   * refuses the active one, `finish`, which puts it to use; null: there is none yet.
   */
  | {
      readonly kind: "stuck";
      readonly since: number;
      readonly free: string;
      readonly finish: string | null;
    };

/** Paddle refuses dead credentials; that is an answer, not an error. */
export type KeyAnswer = { readonly accepted: true; readonly key: ApiKey } | { readonly accepted: false };

export type RotationTerms = {
  /** 0 to 86,400: how long the old secret lives after the new one's first use. */
  readonly graceSeconds: number;
  /** Epoch milliseconds; left out: the key keeps its expiry (contract §1). */
  readonly newKeyExpiresAt?: number;
};

/** Paddle's API about keys. Throws PaddleError. Every call authenticates with the secret it is given. */
export interface PaddleApi {
  /**
   * Authenticates once with `secret` by getting its key. Beware: the first use of a pending secret
   * activates it, and so completes its rotation (contract §1).
   */
  ask(keyId: string, secret: Secret): Promise<KeyAnswer>;
  /** Starts a rotation; it cancels any pending one. Not idempotent: an error with effect `unknown` may have. */
  createRotation(
    keyId: string,
    secret: Secret,
    terms: RotationTerms,
  ): Promise<{ rotation: KeyRotation; newSecret: Secret }>;
  getRotation(keyId: string, rotationId: string, secret: Secret): Promise<KeyRotation>;
  /** Every rotation of the key, all pages. */
  listRotations(keyId: string, secret: Secret): Promise<readonly KeyRotation[]>;
  /** Another key of the account, without using any of its secrets; needs the permission `api_key.read`. */
  readKey(keyId: string, reader: Secret): Promise<ApiKey>;
  /** Every key of the account, all pages; needs the permission `api_key.read`. */
  listKeys(secret: Secret): Promise<readonly ApiKey[]>;
  /**
   * Events of the last 90 days, oldest first, at most 200, those after the event `after` where it is given; needs
   * `notification.read`. `after` makes the address of the next page: `next` of an answer is never followed.
   */
  listEvents(
    secret: Secret,
    options: { after: string | null; types: readonly string[] },
  ): Promise<readonly PastEvent[]>;
  /** Where the account's webhooks go; needs `notification_setting.read`. Their secrets are dropped at once. */
  listDestinations(secret: Secret): Promise<readonly Destination[]>;
  /** Opens a connection to Paddle before it is needed; fails if Paddle does not answer. Sends no credentials. */
  probe(environment: "live" | "sandbox"): Promise<void>;
}

/** A destination with all that registering it sees to. null: Paddle does not say. */
export type DestinationSettings = Destination & {
  readonly description: string | null;
  readonly apiVersion: number | null;
  readonly trafficSource: string | null;
  readonly includesSensitiveFields: boolean | null;
  /** Its webhooks are signed with it. */
  readonly endpointSecret: Secret | null;
};

/** What is left out stays as it is. */
export type DestinationChanges = Partial<Pick<Destination, "url" | "active" | "subscribedEvents">> & {
  readonly description?: string;
  readonly apiVersion?: number;
  readonly trafficSource?: string;
  readonly includesSensitiveFields?: boolean;
};

/** Where the account's webhooks go, to change it; needs `notification_setting.write`. Throws PaddleError. */
export interface PaddleDestinations {
  listDestinationSettings(secret: Secret): Promise<readonly DestinationSettings[]>;
  /** Not idempotent: an error with effect `unknown` may have created it. */
  createDestination(secret: Secret, settings: DestinationChanges): Promise<DestinationSettings>;
  updateDestination(secret: Secret, id: string, changes: DestinationChanges): Promise<DestinationSettings>;
}

/** One request of which the answer itself is of interest. */
export type PaddleQuestion = {
  readonly method: "GET" | "POST";
  /** Below the API's root, with its query. */
  readonly path: string;
  /** Beware: the first use of a pending secret activates it. An environment: no credentials are sent, and there. */
  readonly as: Secret | "live" | "sandbox";
  readonly body?: Readonly<Record<string, Json>>;
};

export type PaddleObservation = {
  readonly status: number;
  /** Paddle's own word for what is wrong; null: nothing, or the answer is not Paddle's. */
  readonly code: string | null;
  /** Names of the body's fields that Paddle found fault with. */
  readonly fields: readonly string[];
  /** `data` of the answer as it came, but for the secrets in it: each one is a Secret, whole or masked. */
  readonly data: unknown;
  /** Headers about rate limits, by their names in lower case. */
  readonly limits: Readonly<Record<string, string>>;
};

/** Paddle as it is, for questions that its documentation leaves open. Throws PaddleError where no answer comes. */
export interface PaddleObserver {
  /** Any answer is returned, refusals too. */
  observe(question: PaddleQuestion): Promise<PaddleObservation>;
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

export type RecordEntry = { readonly id: string; readonly value: Json };

/** The small durable store beside the queue. It remembers; it never decides. No secrets. Throws QueueError. */
export interface Records {
  /** Stores `value` unless `id` is taken; true: this call stored it. The check and the write are one. */
  putIfAbsent(kind: string, id: string, value: Json): Promise<boolean>;
  get(kind: string, id: string): Promise<Json | undefined>;
  /** Adds to the end of a list and returns the entry's id; ids grow in the order of appending. */
  append(list: string, value: Json): Promise<string>;
  /** Entries of a list, newest first, at most `limit`, those older than the entry `before` where it is given. */
  list(list: string, options: { limit: number; before?: string }): Promise<readonly RecordEntry[]>;
  /** Forgets the entries of a list that are older than the entry `before`. */
  trim(list: string, before: string): Promise<void>;
}

/** What the records can be rid of. Whoever uses it knows what nobody asks for any more. Throws QueueError. */
export interface Forgetting {
  /**
   * Some records of a kind: the first with null, the others with the answer's `next`, until that is null. What is there
   * all the while is given at least once.
   */
  scan(kind: string, from: string | null): Promise<RecordScan>;
  /** Forgets these records of a kind. Those that are not there do no harm. */
  forget(kind: string, ids: readonly string[]): Promise<void>;
  /** Entries of a list, oldest first, at most `limit`. */
  oldest(list: string, limit: number): Promise<readonly RecordEntry[]>;
  /** Forgets these lists with all that is in them. */
  forgetLists(lists: readonly string[]): Promise<void>;
}

export type RecordScan = { readonly records: readonly RecordEntry[]; readonly next: string | null };

/**
 * Turns between processes, for stores that cannot compare and set. A lease ends by itself, so a holder that stalls
 * may be overtaken: what it guards must stand that. Throws QueueError.
 */
export interface Leases {
  /** Takes the lease for `ttlMs` unless another holder has it; true: `holder` has it now. Again: prolongs it. */
  take(name: string, holder: string, ttlMs: number): Promise<boolean>;
  /** Gives it back, unless another holder has it by now. */
  giveBack(name: string, holder: string): Promise<void>;
}

export interface Alerts {
  /** Returns once the alert is queued for every channel. Raising the same id again tells nobody twice. */
  raise(alert: Alert): Promise<void>;
}

/** Some of those whom a channel tells got an alert, and others will not. */
export type PartlySent = {
  /** Who, why and what to do; public text. */
  readonly missed: string;
};

export interface AlertChannel {
  readonly name: string;
  /** Throws ChannelError where nobody got it. */
  send(alert: Alert): Promise<PartlySent | void>;
}

/** The queue as its producers see it. Throws QueueError within 3 s if it does not take the work. */
export interface WorkQueue {
  /**
   * Resolves once the work is durable. The same intent id again adds nothing; if that job had failed, it is retried.
   * `delayMs`: not to be done earlier than this.
   */
  put(work: Work, options?: { readonly delayMs?: number }): Promise<void>;
  /** Whether a job of this intent waits, is delayed or runs. */
  isUnfinished(intentId: string): Promise<boolean>;
  /** Whether there is a job of this intent, finished or not. */
  knows(intentId: string): Promise<boolean>;
}

/** The hold that a running job has on its work. */
export interface Lease {
  /** Throws LeaseLostError unless this worker still holds the job. To be called before every outside effect. */
  confirm(): Promise<void>;
}

/** What became true, when, and of which secret. */
export type Fact = {
  /** ISO 8601. */
  readonly at: string;
  readonly says: string;
  readonly fingerprint?: string | undefined;
  /** When that secret was issued, in ISO 8601. */
  readonly issuedAt?: string | undefined;
};

/** The facts of one job by their fixed words, over all its runs. */
export type Facts = Readonly<Record<string, Fact>>;

/** Notes for people and the record: they are shown and never steer. */
export interface Journal {
  /** When the job was first queued, epoch milliseconds. */
  readonly receivedAt: number;
  readonly facts: Facts;
  /** `percent`: how far the job is, 0 to 100. A fact that is noted again keeps its first time. */
  note(
    fact: string,
    what: { readonly says: string; readonly percent: number; readonly about?: IssuedSecret | null },
  ): Promise<void>;
}

/** What a running job may use besides its data. */
export type JobHold = { readonly lease: Lease; readonly journal: Journal };

/** Does one run of a job. */
export type Processor = (work: Work, hold: JobHold) => Promise<Outcome>;
