/** What every implementation of the SecretStore port promises. */
import { describe } from "vitest";
import type { SecretStore } from "../../src/core/ports.ts";
import type { SecretField } from "../../src/core/slot-fields.ts";
import { contentsContract } from "./secret-store-contents.ts";
import { troubleContract } from "./secret-store-trouble.ts";
import { versionsContract } from "./secret-store-versions.ts";
import { wireContract } from "./secret-store-wire.ts";

/** A place that can hold the secrets of one managed key, and nothing of it yet. */
export type StorePlace = AsyncDisposable & {
  /** A store on this place; each call gives one of its own, as every process has. */
  store(): SecretStore;
  /** Puts a text into one field past the rotator, as a person would. */
  edit(field: SecretField, text: string | null): Promise<void>;
  /** What else is kept in the place. */
  beside(): Promise<Readonly<Record<string, string>>>;
  /** All that can be seen of the place. */
  everything(): Promise<string>;
  /** Ways to make this place unusable; each one while what it holds stays there. */
  readonly breakages: Readonly<Record<string, () => Promise<void>>>;
  /** Where the place is reached over a network: what can go wrong on the way. */
  readonly wire?: Wire;
};

/** The stores of the place have short deadlines and wait little between two tries. */
export type Wire = {
  /** Answers nothing from now on. */
  hang(): void;
  /** Refuses this many requests, from now on, because there are too many, in the platform's own words. */
  throttle(requests: number): void;
  /** Ends both. */
  recover(): void;
  /** What was given out to prove who we are is worthless from now on; new proofs work. */
  expireCredentials(): void;
  /** Takes away one permission without which there is no reading or no writing, by the platform's name for it. */
  readonly deny: Readonly<Record<string, () => void>>;
  /** Takes away one permission that only what follows a write needs; left out: there are none. */
  readonly denyAfterwards?: Readonly<Record<string, () => void>>;
  /** Does the next write and loses its answer. */
  loseNextAnswer(): void;
};

/** Opens a place that also keeps the texts of `beside`, by name. */
export type OpenPlace = (beside: Readonly<Record<string, string>>) => Promise<StorePlace>;

export function secretStoreContract(name: string, open: OpenPlace, over: "a network" | null = null): void {
  describe(`${name}, as a SecretStore`, () => {
    contentsContract(open);
    versionsContract(open);
    troubleContract(open);
    if (over === "a network") wireContract(open);
  });
}
