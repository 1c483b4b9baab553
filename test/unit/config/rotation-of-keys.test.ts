/** The policies of a key: what they are read as, which numbers go together, and what an operator is told to change. */
import { describe, expect, it } from "vitest";
import { faultsOf, read } from "./sources.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** One key without fault but for its policies. */
const keyWith = (rotation: string) => `keys:
  - name: billing
    store: { type: env-file, path: a.env }
    rotation: { ${rotation} }
`;
const policy = (rotation: string) => read({ yaml: keyWith(rotation) }).keys[0]?.rotation;
const faults = (rotation: string) => faultsOf({ yaml: keyWith(rotation) });
const line = (field: string, message: string) => `keys[0].rotation.${field} (rotator.yaml:4): ${message}`;

const ZONE = "timeZone: Europe/London";

describe("the policies of a key", () => {
  it("are read in our units", () => {
    expect(
      policy(
        `every: 60d, renewBefore: 14d, lifetime: 90d, grace: 12h, jitter: 4h, onExposure: graceful, foreignRotation: counter, overlap: 0, window: { days: [sun, sat, sun], from: "22:30", to: 02:00, timeZone: europe/london }`,
      ),
    ).toEqual({
      everyMs: 60 * DAY,
      renewBeforeMs: 14 * DAY,
      lifetimeMs: 90 * DAY,
      graceSeconds: 43_200,
      jitterMs: 4 * HOUR,
      onExposure: "graceful",
      foreignRotation: "counter",
      revokeFirstsPerHour: 3,
      overlapMs: 0,
      window: { days: ["sat", "sun"], from: 1350, to: 120, timeZone: "Europe/London" },
    });
  });

  it("have a window on every day unless its days are named", () => {
    expect(policy(`window: { from: "00:00", to: "23:59", timeZone: UTC }`)?.window).toEqual({
      days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
      from: 0,
      to: 1439,
      timeZone: "UTC",
    });
  });
});

const DAYS = "must be a list of at least one day such as [mon, tue], of mon, tue, wed, thu, fri, sat, sun";
const TIME = 'must be a time of day such as "02:30", from "00:00" to "23:59"';
const TIME_ZONE = "must be the name of a time zone such as Europe/London or UTC";
const length = (example: string, least: string) =>
  `must be a duration such as ${example}, from ${least} to 3650d`;

describe("a faulty policy is reported in one line", () => {
  it.each<[rotation: string, field: string, message: string]>([
    ["every: 59m", "every", length("60d", "1h")],
    ["every: 3651d", "every", length("60d", "1h")],
    ["renewBefore: 59m", "renewBefore", length("14d", "1h")],
    ["jitter: soon", "jitter", length("4h", "0")],
    ["overlap: 3651d", "overlap", length("72h", "0")],
    ["onExposure: revoke", "onExposure", "must be one of revoke-first, graceful"],
    ["foreignRotation: true", "foreignRotation", "must be one of alert, counter"],
    ["window: always", "window", "must be a section with fields (known here: days, from, to, timeZone)"],
    [`window: { days: [], from: "02:00", to: "04:00", ${ZONE} }`, "window.days", DAYS],
    [`window: { days: sat, from: "02:00", to: "04:00", ${ZONE} }`, "window.days", DAYS],
    [`window: { days: [sat, funday], from: "02:00", to: "04:00", ${ZONE} }`, "window.days.[1]", DAYS],
    [`window: { from: "2:00", to: "04:00", ${ZONE} }`, "window.from", TIME],
    [`window: { from: "02:00", to: "24:00", ${ZONE} }`, "window.to", TIME],
    [`window: { from: "02:60", to: "04:00", ${ZONE} }`, "window.from", TIME],
    [`window: { from: 2, to: "04:00", ${ZONE} }`, "window.from", TIME],
    [`window: { from: "02:00", ${ZONE} }`, "window.to", `is missing; it ${TIME}`],
    [`window: { from: "02:00", to: "04:00" }`, "window.timeZone", `is missing; it ${TIME_ZONE}`],
    [`window: { from: "02:00", to: "04:00", timeZone: Mars/Base }`, "window.timeZone", TIME_ZONE],
    [`window: { from: "02:00", to: "04:00", timeZone: "+01:00" }`, "window.timeZone", TIME_ZONE],
    [
      `window: { from: "02:00", to: "04:00", timeZone: Europe/Lodnon }`,
      "window.timeZone",
      "is not a known time zone; did you mean Europe/London?",
    ],
    [
      `window: { days: [sat], from: "02:00", to: "02:00", ${ZONE} }`,
      "window.to",
      'is the same as from, so the window would never be open; for a whole day write "00:00" and "23:59"',
    ],
  ])("%#: %s", (rotation, field, message) => {
    const path = field.replace(".[", "[");
    expect(faults(rotation)).toEqual([line(path, message)]);
  });
});

const EVERY_TOO_SHORT = (least: string) =>
  `must be at least ${least}, which is grace and 1h for the roll-out; raise every or lower grace`;
const EVERY_TOO_LONG = (most: string) =>
  `must be at most ${most}, which is lifetime less renewBefore: from then on the key is rotated because it expires, and every would never count; lower every, raise lifetime, or leave every out`;
const RENEW_TOO_EARLY = (most: string) =>
  `must be at most ${most}, which is lifetime less grace and 1h for the roll-out, or a rotated key would be due again before its rotation is over; raise lifetime or lower renewBefore (7d if left out)`;

describe("numbers that do not go together are refused, with the number to change; a second less or more is fine", () => {
  it.each<[wrong: string, field: string, message: string, right: string]>([
    ["every: 89999s", "every", EVERY_TOO_SHORT("25h"), "every: 25h"],
    ["every: 1h, grace: 30m", "every", EVERY_TOO_SHORT("90m"), "every: 90m, grace: 30m"],
    ["every: 1h, grace: 1s", "every", EVERY_TOO_SHORT("3601s"), "every: 3601s, grace: 1s"],
    ["every: 1993h, lifetime: 90d", "every", EVERY_TOO_LONG("83d"), "every: 83d, lifetime: 90d"],
    [
      "every: 90d, lifetime: 90d, renewBefore: 1h",
      "every",
      EVERY_TOO_LONG("2159h"),
      "every: 2159h, lifetime: 90d, renewBefore: 1h",
    ],
    ["lifetime: 8d", "renewBefore", RENEW_TOO_EARLY("167h"), "lifetime: 193h"],
    [
      "lifetime: 30d, renewBefore: 30d",
      "renewBefore",
      RENEW_TOO_EARLY("695h"),
      "lifetime: 30d, renewBefore: 695h",
    ],
    [
      "every: 40d, jitter: 864001s",
      "jitter",
      "must be at most 10d, a quarter of every; lower jitter or raise every",
      "every: 40d, jitter: 10d",
    ],
    [
      "jitter: 604801s",
      "jitter",
      "must be at most 7d where every is not set; lower jitter or set every",
      "jitter: 7d",
    ],
  ])("%s", (wrong, field, message, right) => {
    expect(faults(wrong)).toEqual([line(field, message)]);
    expect(() => policy(right)).not.toThrow();
  });

  it("says so of each pair at once, and of the window too", () => {
    const all = faults(
      `every: 90d, lifetime: 90d, jitter: 90d, window: { from: "02:00", to: "02:00", ${ZONE} }, overlap: x`,
    );
    expect(all.map((fault) => fault.replace(/ .*/, "")).toSorted()).toEqual([
      "keys[0].rotation.every",
      "keys[0].rotation.jitter",
      "keys[0].rotation.overlap",
      "keys[0].rotation.window.to",
    ]);
  });

  it("says nothing about what goes with a number that is itself at fault", () => {
    expect(faults("every: 5, jitter: 300d")).toEqual([line("every", length("60d", "1h"))]);
    expect(faults("lifetime: 3d, renewBefore: 300d")).toHaveLength(1);
    expect(faults("every: 2h, grace: 25h")).toHaveLength(1);
  });
});

describe("no report shows", () => {
  it.each(["every", "renewBefore", "jitter", "overlap", "onExposure", "foreignRotation", "window"])(
    "what stands in %s",
    (field) => {
      expect(faults(`${field}: cAnArY0123456789`).join()).not.toContain("cAnArY");
    },
  );

  it.each(["days", "from", "to", "timeZone"])("what stands in window.%s", (field) => {
    expect(faults(`window: { ${field}: cAnArY0123456789 }`).join()).not.toContain("cAnArY");
    expect(faults(`window: { ${field}: [cAnArY0123456789] }`).join()).not.toContain("cAnArY");
  });
});
