/** The desk's neighbours, which a test puts in and out of order. */
import type { Alert } from "../../../src/core/alert.ts";
import { PaddleError, QueueError, type Retry } from "../../../src/core/errors.ts";
import type { JobView } from "../../../src/core/job-view.ts";
import type { ManagedKey } from "../../../src/core/managed-key.ts";
import { type ApiKey, identify } from "../../../src/core/paddle-key.ts";
import type {
  Alerts,
  KeyAnswer,
  PaddleApi,
  Records,
  SecretStore,
  Version,
  PlatformRotation,
} from "../../../src/core/ports.ts";
import type { Secret } from "../../../src/core/secret.ts";
import type { Slots } from "../../../src/core/slots.ts";
import { KeyDesk } from "../../../src/http/admin/desk/key-desk.ts";
import { type CapturedLog, captureLog } from "../captured-log.ts";
import { FakeClock } from "../fake-clock.ts";
import { memoryRecords } from "../memory-records.ts";
import { FaultyStore, MemoryStore } from "../memory-store.ts";
import { MemoryWorkQueue } from "../memory-work-queue.ts";
import { KEY_ID, NOW } from "./keys.ts";

export function apiKey(id = KEY_ID, rest: Partial<ApiKey> = {}): ApiKey {
  return {
    id,
    name: "Billing",
    status: "active",
    rotatable: true,
    expiresAt: NOW + 90 * 86_400_000,
    exposedAt: null,
    permissions: ["transaction.read"],
    lastUsedAt: null,
    ...rest,
  };
}

export const PADDLE_IS_DOWN = new PaddleError("Paddle is having trouble (503)", {
  code: "internal_error",
  status: 503,
  effect: "none",
  retry: "later",
});

type Answer = KeyAnswer | Error | "silent";

/** Accepts every secret, unless a test says otherwise of one. */
export class DeskPaddle implements Pick<PaddleApi, "ask" | "readKey"> {
  /** Every question, as key id and fingerprint. */
  readonly asked: string[] = [];
  readonly read: string[] = [];
  otherwise: Answer | null = null;
  /** What `readKey` gives. */
  readable: ApiKey | Error = forbidden();
  readonly #answers = new Map<string, Answer>();

  says(secret: Secret, answer: Answer): this {
    this.#answers.set(secret.fingerprint(), answer);
    return this;
  }

  async ask(keyId: string, secret: Secret): Promise<KeyAnswer> {
    this.asked.push(`${keyId} ${secret.fingerprint()}`);
    const answer = this.#answers.get(secret.fingerprint()) ?? this.otherwise;
    if (answer === "silent") return new Promise<never>(() => {});
    if (answer instanceof Error) throw answer;
    return answer ?? { accepted: true, key: apiKey(identify(secret)?.keyId) };
  }

  async readKey(keyId: string, reader: Secret): Promise<ApiKey> {
    this.read.push(`${keyId} with ${reader.fingerprint()}`);
    if (this.readable instanceof Error) throw this.readable;
    return this.readable;
  }
}

function forbidden(): PaddleError {
  return new PaddleError("Paddle answered 403 forbidden", {
    code: "forbidden",
    status: 403,
    effect: "none",
    retry: "never",
  });
}

/** A store that can be written, under the location that every test's key has. */
export class DeskStore implements SecretStore {
  readonly location = "./secrets/billing.env (ACTIVE_PADDLE_KEY)";
  readonly guide = { applicationsRead: "ACTIVE_PADDLE_KEY", needs: [] };
  /** Left out: we rotate the key ourselves. */
  platform?: PlatformRotation;
  readonly memory: MemoryStore;
  readonly faulty: FaultyStore;
  /** What somebody else does just before each write of ours. */
  before: ((slots: Slots) => Slots) | null = null;
  /** How many writes were tried. */
  writes = 0;

  constructor(slots: Slots) {
    this.memory = new MemoryStore(slots);
    this.faulty = new FaultyStore(this.memory);
  }

  get slots(): Slots {
    return this.memory.slots;
  }

  read(): Promise<{ slots: Slots; version: Version }> {
    return this.faulty.read();
  }

  async write(slots: Slots, expected: Version): Promise<"written" | "conflict"> {
    this.writes += 1;
    if (this.before) {
      const { slots: present, version } = await this.memory.read();
      await this.memory.write(this.before(present), version);
    }
    return this.faulty.write(slots, expected);
  }

  checkWritable(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }
}

/** Records that a test can take down. */
export class DeskRecords implements Records {
  isDown = false;
  /** Of their fault while they are down. */
  retry: Retry = "later";
  readonly #records = memoryRecords();

  async putIfAbsent(...args: Parameters<Records["putIfAbsent"]>): Promise<boolean> {
    return this.#up().putIfAbsent(...args);
  }
  async get(...args: Parameters<Records["get"]>): ReturnType<Records["get"]> {
    return this.#up().get(...args);
  }
  async append(...args: Parameters<Records["append"]>): Promise<string> {
    return this.#up().append(...args);
  }
  async trim(...args: Parameters<Records["trim"]>): Promise<void> {
    return this.#up().trim(...args);
  }
  async list(...args: Parameters<Records["list"]>): ReturnType<Records["list"]> {
    return this.#up().list(...args);
  }

  #up(): Records {
    if (this.isDown) throw new QueueError("the records are down", { effect: "none", retry: this.retry });
    return this.#records;
  }
}

export class DeskAlerts implements Alerts {
  readonly raised: Alert[] = [];
  isDown = false;

  async raise(alert: Alert): Promise<void> {
    if (this.isDown) throw new QueueError("the queue took no alert", { effect: "none", retry: "later" });
    this.raised.push(alert);
  }
}

export type DeskWorld = {
  readonly desk: KeyDesk;
  readonly paddle: DeskPaddle;
  readonly workQueue: MemoryWorkQueue;
  readonly records: DeskRecords;
  readonly alerts: DeskAlerts;
  readonly clock: FakeClock;
  readonly logged: CapturedLog;
};

export function openDesk(keys: readonly ManagedKey[], jobs: readonly JobView[] = []): DeskWorld {
  const world = {
    paddle: new DeskPaddle(),
    workQueue: new MemoryWorkQueue(),
    records: new DeskRecords(),
    alerts: new DeskAlerts(),
    clock: new FakeClock(NOW),
    logged: captureLog(),
    jobs: { unfinished: async () => jobs },
  };
  return { ...world, desk: new KeyDesk({ keys, ...world, log: world.logged.log }) };
}

/** A platform that rotates the key by itself, and does nothing now. */
export const PLATFORM: PlatformRotation = {
  name: "AWS",
  putKey: "put it into the secret",
  inCharge: async () => true,
  start: async () => {},
  state: async () => ({ kind: "idle" }),
};
