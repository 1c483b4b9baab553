/** The section `rotation`: when and how the secrets of a key are rotated, and which numbers go together. */
import { z } from "zod";
import { parseDuration } from "../core/duration.ts";
import type { RotationPolicy } from "../core/managed-key.ts";
import { count, duration, oneOf } from "./fields.ts";
import { rotationWindow } from "./rotation-window.ts";
import { EVEN_AMONG_FAULTS, section } from "./section.ts";

/** Far beyond any lifetime that Paddle grants, and a date that every system can write. */
const LONGEST = "3650d";

const ms = (text: string): number => parseDuration(text) ?? Number.NaN;

/** What bringing a new secret to its consumers may take, on top of the grace. */
const ROLL_OUT = "1h";
const ROLL_OUT_MS = ms(ROLL_OUT);
const RENEW_BEFORE = "7d";
const MAX_JITTER_WITHOUT_EVERY = "7d";

const between = (example: string, least: string, most: string) =>
  duration(`a duration such as ${example}, from ${least} to ${most}`, (length) => {
    return length >= ms(least) && length <= ms(most);
  });

export const rotation = section({
  every: between("60d", "1h", LONGEST).optional(),
  renewBefore: between("14d", "1h", LONGEST).prefault(RENEW_BEFORE),
  lifetime: duration(
    // Paddle: api_key.expiring is sent within 7 days of the expiry.
    `a duration such as 90d, longer than 7d and at most ${LONGEST} (Paddle warns 7 days before the expiry: a shorter life would mean rotating without end)`,
    (lifetime) => lifetime > ms("7d") && lifetime <= ms(LONGEST),
  ).optional(),
  grace: duration(
    "a duration such as 1h, from 0 to 24h (the longest that Paddle grants)",
    (grace) => grace <= ms("24h"),
  ).prefault("24h"),
  window: rotationWindow.optional(),
  jitter: between("4h", "0", LONGEST).prefault("0"),
  onExposure: oneOf(["revoke-first", "graceful"]).prefault("revoke-first"),
  foreignRotation: oneOf(["alert", "counter"]).prefault("alert"),
  revokeFirstsPerHour: count(1, 60).prefault("3"),
  overlap: between("72h", "0", LONGEST).prefault("24h"),
})
  .superRefine(numbersFit, EVEN_AMONG_FAULTS)
  .transform(
    ({ every, renewBefore, lifetime, grace, window, jitter, overlap, ...choices }): RotationPolicy => ({
      everyMs: every ?? null,
      renewBeforeMs: renewBefore,
      lifetimeMs: lifetime ?? null,
      graceSeconds: grace / 1000,
      window: window ?? null,
      jitterMs: jitter,
      overlapMs: overlap,
      ...choices,
    }),
  );

// undefined: left out. null: at fault itself, so that nothing can be said about how it fits.
const durationMs = z.number().nullish().catch(null);
const Lengths = z.object({
  every: durationMs,
  renewBefore: durationMs,
  lifetime: durationMs,
  grace: durationMs,
  jitter: durationMs,
});
type Lengths = z.output<typeof Lengths>;

const RULES = { every: everyFault, renewBefore: renewBeforeFault, jitter: jitterFault };

/** Numbers that are right by themselves may still not go together. */
function numbersFit(policy: unknown, context: z.RefinementCtx): void {
  const lengths = Lengths.safeParse(policy);
  if (!lengths.success) return;
  for (const [field, faultOf] of Object.entries(RULES)) {
    const message = faultOf(lengths.data);
    if (message !== null) context.addIssue({ code: "custom", path: [field], message });
  }
}

function everyFault({ every, grace, lifetime, renewBefore }: Lengths): string | null {
  if (typeof every !== "number") return null;
  // One grace at a time: the next rotation would have to wait for the last one.
  const least = typeof grace === "number" ? grace + ROLL_OUT_MS : 0;
  if (every < least)
    return `must be at least ${written(least)}, which is grace and ${ROLL_OUT} for the roll-out; raise every or lower grace`;
  if (typeof lifetime !== "number" || typeof renewBefore !== "number") return null;
  const most = lifetime - renewBefore;
  if (every <= most || most < least) return null;
  return `must be at most ${written(most)}, which is lifetime less renewBefore: from then on the key is rotated because it expires, and every would never count; lower every, raise lifetime, or leave every out`;
}

function renewBeforeFault({ renewBefore, lifetime, grace }: Lengths): string | null {
  if (typeof renewBefore !== "number" || typeof lifetime !== "number" || typeof grace !== "number")
    return null;
  const most = lifetime - grace - ROLL_OUT_MS;
  if (renewBefore <= most) return null;
  return `must be at most ${written(most)}, which is lifetime less grace and ${ROLL_OUT} for the roll-out, or a rotated key would be due again before its rotation is over; raise lifetime or lower renewBefore (${RENEW_BEFORE} if left out)`;
}

function jitterFault({ jitter, every }: Lengths): string | null {
  if (typeof jitter !== "number" || every === null) return null;
  const most = every === undefined ? ms(MAX_JITTER_WITHOUT_EVERY) : every / 4;
  if (jitter <= most) return null;
  return every === undefined
    ? `must be at most ${MAX_JITTER_WITHOUT_EVERY} where every is not set; lower jitter or set every`
    : `must be at most ${written(most)}, a quarter of every; lower jitter or raise every`;
}

const UNITS = [
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
] as const;

/** As the file would have it: exact to the second, below which no duration can be written. */
function written(lengthMs: number): string {
  const seconds = Math.floor(lengthMs / 1000);
  const unit = UNITS.find(([, ofUnit]) => seconds % ofUnit === 0);
  return unit ? `${seconds / unit[1]}${unit[0]}` : `${seconds}s`;
}
