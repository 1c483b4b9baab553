/** One direction of a connection: bytes leave it in their order, each no sooner than it is due. */
import type { Socket } from "node:net";

type Entry = { readonly bytes: Buffer; readonly dueAt: number };

export class Lane {
  readonly #socket: Socket;
  readonly #entries: Entry[] = [];
  #timer: NodeJS.Timeout | null = null;
  #isHeld = false;
  #end: "open" | "ends" | "breaks" = "open";

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  add(bytes: Buffer, afterMs: number): void {
    this.#entries.push({ bytes, dueAt: performance.now() + afterMs });
    this.#pump();
  }

  /** Byte by byte, each `everyMs` milliseconds after the one before. */
  addBytes(bytes: Buffer, everyMs: number): void {
    let dueAt = Math.max(this.#entries.at(-1)?.dueAt ?? 0, performance.now());
    for (let index = 0; index < bytes.length; index += 1) {
      dueAt += everyMs;
      this.#entries.push({ bytes: bytes.subarray(index, index + 1), dueAt });
    }
    this.#pump();
  }

  /** Nothing leaves until `flush`. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Everything leaves now. */
  flush(): void {
    this.#isHeld = false;
    const bytes = Buffer.concat(this.#entries.splice(0).map((entry) => entry.bytes));
    if (bytes.length > 0) this.#entries.push({ bytes, dueAt: 0 });
    this.#pump();
  }

  drop(): void {
    this.#entries.length = 0;
    clearTimeout(this.#timer ?? undefined);
  }

  /** Nothing comes any more; the socket ends after what is under way. `destroy`: nobody listens any more, either. */
  end({ destroy = false } = {}): void {
    if (this.#end !== "breaks") this.#end = destroy ? "breaks" : "ends";
    this.#pump();
  }

  #pump(): void {
    clearTimeout(this.#timer ?? undefined);
    if (this.#isHeld || this.#socket.destroyed) return;
    for (let next = this.#entries[0]; next; next = this.#entries[0]) {
      const waitMs = next.dueAt - performance.now();
      if (waitMs > 0) return void (this.#timer = setTimeout(() => this.#pump(), waitMs));
      this.#entries.shift();
      this.#socket.write(next.bytes);
    }
    if (this.#end === "breaks") this.#socket.destroySoon();
    if (this.#end === "ends") this.#socket.end();
  }
}
