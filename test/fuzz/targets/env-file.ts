/** An env file with anything in it: it is read and written without harm to what is beside, or refused without a value. */
import { parse } from "dotenv";
import { fromFields, type SlotFields, toFields } from "../../../src/core/slot-fields.ts";
import { readFields, withFields } from "../../../src/stores/env-file/fields.ts";
import { UnclearText } from "../../../src/stores/env-file/layout.ts";
import { VARIABLES } from "../../support/env-file-place.ts";
import { mustHideAll } from "../answers.ts";
import { mutateJson, mutateText } from "../mutate.ts";
import type { Random } from "../random.ts";
import { mustBe, statelessly, type Target } from "../target.ts";

const CANARY = "CaNaRyInTheEnvFile0123456789";
const NAMES = Object.values(VARIABLES);
const FINGERPRINT = "sha256:0123456789abcdef";
const NOTES = {
  revision: 3,
  rolledBack: true,
  active: {
    fingerprint: FINGERPRINT,
    rotationId: "apkrot_1",
    issuedAt: "2026-11-21T02:00:00.000Z",
    intentId: "evt_1",
  },
  old: { fingerprint: FINGERPRINT, until: "2026-11-22T02:00:00.000Z" },
  pending: { fingerprint: FINGERPRINT, mode: "revoke-first", graceSeconds: 0 },
};
const FILE = [
  "# Billing",
  "REGION=eu",
  `export ACTIVE_PADDLE_KEY='${CANARY}a' # live`,
  `OLD_PADDLE_KEY=${CANARY}o`,
  "PENDING_PADDLE_KEY=",
  `STANDBY_PADDLE_KEY="${CANARY}s"`,
  `# paddle-key-rotator ACTIVE_PADDLE_KEY ${JSON.stringify(NOTES)}`,
  "MOTD='two",
  "lines'",
  "TAIL=C:\\dir",
  "",
].join("\n");
const WORDS = [
  ..."\n\r=#'\"`\\$ \t:".split(""),
  ...NAMES.flatMap((name) => [name, `\n${name}=`, `\nexport ${name}=`, ` ${name} = `, `\u2028${name}:`]),
  "\r\n",
  "\uFEFF",
  "export ",
  "# paddle-key-rotator ACTIVE_PADDLE_KEY {",
];

export const envFile: Target = {
  name: "env-file",
  mustOccur: ["written", "unclear", "new value unclear"],
  open: statelessly((random) => {
    const text = random.oneIn(10) ? random.text(200) : mutateText(random, FILE, WORDS);
    const before = attempt(() => readFields(text, VARIABLES), text);
    if (before === null) return "unclear";
    const stored = fromFields({ ...before, notes: random.oneIn(2) ? before.notes : oddNotes(random) });
    const wanted = { ...toFields(stored), pending: random.oneIn(4) ? random.text(30) || null : "aNewSecret" };
    const after = attempt(() => withFields(text, VARIABLES, wanted), text);
    if (after === null) return "new value unclear";
    mustBeWritten(text, after, wanted);
    return "written";
  }),
};

/** null: it is refused, and nobody learns a value from that. */
function attempt<Value>(act: () => Value, text: string): Value | null {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof UnclearText))
      throw new Error(`${String(error)} for ${JSON.stringify(text)}`, { cause: error });
    mustHideAll(error.message, [CANARY]);
    return null;
  }
}

function mustBeWritten(before: string, after: string, wanted: SlotFields): void {
  const about = `${JSON.stringify(before)} became ${JSON.stringify(after)}`;
  const { notes, ...secrets } = readFields(after, VARIABLES);
  for (const field of ["active", "old", "pending", "standby"] as const)
    mustBe(secrets[field] === wanted[field], `${field} does not come back: ${about}`);
  const isSame = JSON.stringify(JSON.parse(notes ?? "{}")) === wanted.notes;
  mustBe(isSame, `the notes do not come back: ${about}`);
  mustBe(withFields(after, VARIABLES, wanted) === after, `writing the same again changes it: ${about}`);
  const [theirs, ours] = [parse(before), parse(after)];
  for (const [name, value] of Object.entries(theirs))
    if (!NAMES.includes(name)) mustBe(ours[name] === value, `${name} has changed: ${about}`);
  for (const field of ["active", "pending"] as const)
    mustBe((ours[VARIABLES[field]] || null) === wanted[field], `dotenv reads another ${field}: ${about}`);
}

function oddNotes(random: Random): string {
  return random.oneIn(3)
    ? mutateText(random, JSON.stringify(NOTES))
    : JSON.stringify(mutateJson(random, NOTES, [FINGERPRINT]));
}
