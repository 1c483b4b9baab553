/** Dice that fall the same way for the same seed (sfc32 by Chris Doty-Humphrey). */
export class Random {
  readonly #state: Uint32Array;

  constructor(seed: number) {
    this.#state = Uint32Array.of(seed, seed ^ 0x9e3779b9, 0x243f6a88, 1);
    for (let round = 0; round < 15; round += 1) this.#next();
  }

  /** A whole number from 0 to `below`, which is left out. */
  below(below: number): number {
    return Math.floor((this.#next() / 0x1_0000_0000) * below);
  }

  from(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** True once in so many times. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<Item>(items: ArrayLike<Item>): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error("there is nothing to pick from");
    return item;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Uint8Array.from({ length }, () => this.below(256)));
  }

  /** Characters that something in the way might take amiss, more often than others. */
  text(most = 40): string {
    const character = () => {
      if (this.oneIn(6)) return this.pick(ODD);
      if (this.oneIn(20)) return String.fromCharCode(this.below(0x10000));
      return String.fromCharCode(this.from(0x20, 0x7e));
    };
    return Array.from({ length: this.below(most + 1) }, character).join("");
  }

  #next(): number {
    const [a = 0, b = 0, c = 0, counter = 0] = this.#state;
    const sum = (a + b + counter) | 0;
    this.#state[0] = b ^ (b >>> 9);
    this.#state[1] = (c + (c << 3)) | 0;
    this.#state[2] = (((c << 21) | (c >>> 11)) + sum) | 0;
    this.#state[3] = counter + 1;
    return sum >>> 0;
  }
}

const ODD =
  "\0 \t \n \r \u001b \" ' ` \\ / % & ? # = ; : , < > { } [ ] ( ) $ ~ ^ * ! | @ \u007f \ud800 \udfff \u{1f511} ß İ"
    .split(" ")
    .concat(" ", "\u0085", "\u00a0", "\u2028", "\ufeff");
