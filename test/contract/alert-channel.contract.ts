/** What every alert channel promises. */
import { describe, expect, it } from "vitest";
import { ChannelError } from "../../src/core/alert.ts";
import type { AlertChannel } from "../../src/core/ports.ts";
import type { FakeClock } from "../support/fake-clock.ts";
import { ALL_CLEAR, HOSTILE, LEAKED, REMINDER } from "../support/alerts/sample-alerts.ts";

/** What came out on the other side. */
export type Received = {
  /** What tells a repeat from news; null: the channel has nothing of the kind. */
  readonly id: string | null;
  /** What people read. */
  readonly text: string;
  /** What is more than text: links, mentions, tags, recipients that nobody configured. */
  readonly active: readonly string[];
};

export type ChannelPlace = AsyncDisposable & {
  readonly channel: AlertChannel;
  /** What people got, oldest first. */
  received(): readonly Received[];
  /** Where the channel leads over a network. */
  readonly wire?: ChannelWire;
};

export type ChannelWire = {
  /** Held by the test: nothing waits for real. */
  readonly clock: FakeClock;
  /** Which nobody may see. */
  readonly secrets: readonly string[];
  /** Ways to be refused for good, by what the error says of each; the refusal repeats all that was sent. */
  readonly refusals: Readonly<Record<string, () => void>>;
  /** Ways to fail that may pass. */
  readonly setbacks: Readonly<Record<string, () => void>>;
  /** Asks to be left alone for this long. Left out: the service has no word for that. */
  readonly askForQuiet?: (seconds: number) => void;
  /** Takes the next message and loses the answer. */
  loseNextAnswer(): void;
  /** Answers nothing from now on. */
  hang(): void;
  /** Resolves once something was sent to which there is no answer. */
  hanging(): Promise<void>;
};

type OpenPlace = () => Promise<ChannelPlace>;

export function alertChannelContract(name: string, open: OpenPlace): void {
  describe(`${name}, as an AlertChannel`, () => {
    it("says what happened, to which key, when, and what to do", async () => {
      await using place = await open();
      await place.channel.send(LEAKED);
      const [{ text } = { text: "" }] = place.received();
      expect(text).toContain(LEAKED.happened);
      expect(text).toContain(LEAKED.action);
      expect(text).toContain("billing-worker");
      expect(text).toContain("apikey_01kaa1b2c3d4e5f6g7h8j9k0mn");
      expect(text).toContain("2026-11-21T03:04:05.000Z");
      expect(text).toContain("critical");
    });

    it("says of a reminder that it is one, and of an all-clear that it is over", async () => {
      await using place = await open();
      for (const alert of [LEAKED, REMINDER, ALL_CLEAR]) await place.channel.send(alert);
      const [, reminder, allClear] = place.received();
      expect(reminder?.text).toMatch(/again-2|reminder 2/);
      expect(allClear?.text).toMatch(/over|resolve/);
      expect(allClear?.text).toContain(LEAKED.id);
    });

    it("shows hostile text as text, in bounds, and nothing of it acts", async () => {
      await using place = await open();
      await place.channel.send(HOSTILE);
      const [message] = place.received();
      expect(message?.text).toContain("It begins.");
      expect(message?.text).toContain("<!channel>");
      expect(message?.active).toEqual([]);
      expect(message?.text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
      expect(message?.text).not.toMatch(/^Bcc:/m);
      expect(message?.text.length).toBeLessThan(15_000);
    });
  });
}

/** What a channel over a network promises besides. */
export function alertWireContract(name: string, open: OpenPlace): void {
  const opened = async () => {
    const place = await open();
    if (!place.wire) throw new Error("this channel has no wire");
    return { ...place, wire: place.wire, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
  };

  describe(`${name}, over a network`, () => {
    it("sends again what may have been lost, under the same id", async () => {
      await using place = await opened();
      place.wire.loseNextAnswer();
      expect(await errorOf(place.channel.send(LEAKED))).toMatchObject({ effect: "unknown", retry: "later" });
      await place.channel.send(LEAKED);
      await place.channel.send({ ...LEAKED, id: "another", incident: { id: "another", state: "open" } });
      const [first, again, other] = place.received();
      expect(again?.text).toBe(first?.text);
      expect(again?.id).toBe(first?.id);
      if (first?.id !== null) expect(other?.id).not.toBe(first?.id);
    });

    it("leaves to a person what only a person can mend, and says what that is", async () => {
      await using place = await opened();
      expect(Object.keys(place.wire.refusals).length).toBeGreaterThan(1);
      for (const [says, refuse] of Object.entries(place.wire.refusals)) {
        refuse();
        const error = await errorOf(place.channel.send(LEAKED));
        expect(error.message).toContain(says);
        expect(error, says).toMatchObject({ effect: "none", retry: "never", retryAfterMs: null });
      }
      expect(place.received()).toEqual([]);
    });

    it("may be tried again after what may pass", async () => {
      await using place = await opened();
      for (const [what, fail] of Object.entries(place.wire.setbacks)) {
        fail();
        expect(await errorOf(place.channel.send(LEAKED)), what).toMatchObject({ retry: "later" });
      }
    });

    it("hands on how long it is asked to be quiet", async () => {
      await using place = await opened();
      place.wire.askForQuiet?.(30);
      const retryAfterMs = place.wire.askForQuiet ? 30_000 : undefined;
      const error = await place.channel.send(LEAKED).then(() => null, toChannelError);
      expect(error?.retryAfterMs).toBe(retryAfterMs);
    });

    it("gives up on silence in time", async () => {
      await using place = await opened();
      place.wire.hang();
      const sending = errorOf(place.channel.send(LEAKED));
      await place.wire.hanging();
      await place.wire.clock.advance(30_000);
      expect(await sending).toMatchObject({ effect: "unknown", retry: "later" });
    });

    it("shows no secret in any error, whatever the other side repeats", async () => {
      await using place = await opened();
      const { refusals, setbacks, secrets } = place.wire;
      for (const spoil of Object.values({ ...refusals, ...setbacks })) {
        spoil();
        const error = await errorOf(place.channel.send(LEAKED));
        const everything = `${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
        for (const secret of secrets) expect(everything).not.toContain(secret);
        expect(error.cause).toBeUndefined();
        expect(everything).toContain(`alert channel ${place.channel.name} (`);
      }
    });
  });
}

async function errorOf(sending: Promise<unknown>): Promise<ChannelError> {
  return sending.then(() => expect.fail("it was sent"), toChannelError);
}

function toChannelError(error: unknown): ChannelError {
  if (error instanceof ChannelError) return error;
  throw error;
}
