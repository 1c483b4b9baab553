/** In which words, and in which order of urgency, the pages say how a key stands. */
import { describe, expect, it } from "vitest";
import type { KeyOverview, Overview } from "../../../../src/overview/overview.ts";
import { headline, standingOf } from "../../../../src/http/admin/pages/standing.ts";
import { NOW } from "../../../support/admin/keys.ts";
import {
  DAY,
  HOUR,
  jobAbout,
  openIncident,
  overviewOf,
  secretFor,
  storyKey,
} from "../../../support/admin/pages-story.ts";

const active = secretFor("billing", "Active", NOW - 10 * DAY);
const key = storyKey("billing", { active });
const steady = overviewOf(key);
const seen = {
  at: NOW,
  status: "active",
  rotatable: true,
  expiresAt: NOW + 80 * DAY,
  exposedAt: null,
} as const;

const stand = (rest: Partial<KeyOverview>) => standingOf({ ...steady, ...rest }, NOW);
const page = (keys: readonly KeyOverview[], rest: Partial<Overview> = {}): Overview => ({
  at: NOW,
  version: "1",
  keys,
  incidents: [],
  alerts: [],
  faults: [],
  ...rest,
});
const incident = (severity: "warning" | "critical") => ({
  alert: openIncident("billing", { kind: "consumers-lag", severity }),
  since: NOW,
});

describe("how a key stands", () => {
  it("is safe when nothing is in flight and nothing is wrong", () => {
    expect(stand({})).toMatchObject({ tone: "calm", label: "Safe" });
  });

  it("is never safe while its store does not answer", () => {
    const view = { ...steady.view, state: "store-unreachable" as const };
    expect(stand({ view }).tone).toBe("warning");
  });

  it.each([
    ["expired", { paddle: { ...seen, expiresAt: NOW } }, "alarm", "Expired"],
    ["about to expire in a second", { paddle: { ...seen, expiresAt: NOW + 1000 } }, "calm", "Safe"],
    ["revoked", { paddle: { ...seen, status: "revoked" } }, "alarm", "Revoked"],
    ["exposed after it was issued", { paddle: { ...seen, exposedAt: NOW } }, "alarm", "Exposed"],
    ["exposed before it was issued", { paddle: { ...seen, exposedAt: NOW - 11 * DAY } }, "calm", "Safe"],
    ["in a critical incident", { incidents: [incident("critical")] }, "alarm", "Needs you now"],
    ["in an incident", { incidents: [incident("warning")] }, "warning", "Needs you"],
    ["with a failed job", { jobs: [jobAbout(key, { state: "failed" })] }, "alarm", "Work failed"],
    ["at work", { jobs: [jobAbout(key)] }, "moving", "At work"],
    [
      "with an unfit standby",
      { standby: { ...steady.standby, fault: "is dead" } },
      "warning",
      "Standby unfit",
    ],
    [
      "29 minutes overdue",
      { due: { at: NOW - HOUR / 2 + 60_000, because: "age", forced: false } },
      "calm",
      "Safe",
    ],
    [
      "31 minutes overdue",
      { due: { at: NOW - HOUR / 2 - 60_000, because: "age", forced: false } },
      "warning",
      "Overdue",
    ],
  ] satisfies readonly (readonly [string, Partial<KeyOverview>, string, string])[])(
    "%s",
    (_what, rest, tone, label) => {
      expect(stand(rest)).toMatchObject({ tone, label });
    },
  );

  it("tells the worst first", () => {
    const incidents = [incident("warning")];
    expect(stand({ incidents, paddle: { ...seen, status: "revoked" } }).label).toBe("Revoked");
  });
});

describe("the headline", () => {
  const needy: KeyOverview = { ...steady, incidents: [incident("warning")] };
  const moving: KeyOverview = { ...steady, jobs: [jobAbout(key)] };

  it.each([
    ["calm", "No keys are managed yet.", page([])],
    ["calm", "Your key is safe.", page([steady])],
    ["calm", "All 2 keys are safe.", page([steady, steady])],
    ["moving", "All 3 keys are safe. 2 are rotating.", page([steady, moving, moving])],
    ["warning", "1 of 2 keys needs you.", page([steady, needy])],
    ["warning", "2 of 3 keys need you.", page([needy, steady, needy])],
    ["warning", "Your key needs you.", page([needy])],
    ["alarm", "Something beside your keys needs you.", page([steady], { incidents: [incident("critical")] })],
    ["warning", "Not everything could be read.", page([steady], { faults: ["the records are down"] })],
    ["warning", "1 of 2 keys needs you.", page([steady, needy], { faults: ["the records are down"] })],
  ])("%s: %s", (tone, says, overview) => {
    expect(headline(overview)).toEqual({ tone, says });
  });
});
