/**
 * What the dashboard shows of a job: the fields that are known to be public, and no others. A job holds no secret;
 * should a fault ever put one there, it is still not shown.
 */

/** `plain`: a text, number, boolean or null. `facts`: by name, each of the shape FACT. */
type Shape = "plain" | "facts" | { readonly [field: string]: Shape };

const DATA: Shape = {
  v: "plain",
  keyName: "plain",
  keyId: "plain",
  intent: "plain",
  eventId: "plain",
  requestedAt: "plain",
  keyExpiresAt: "plain",
  keyExposedAt: "plain",
  graceSeconds: "plain",
  inspected: { what: "plain", event: "plain", rotationId: "plain" },
  facts: "facts",
  unreadSince: "plain",
  channel: "plain",
  putOff: "plain",
  told: "plain",
  alert: {
    id: "plain",
    kind: "plain",
    severity: "plain",
    keyName: "plain",
    keyId: "plain",
    happened: "plain",
    action: "plain",
    raisedAt: "plain",
    incident: { id: "plain", state: "plain" },
    links: { page: "plain", runbook: "plain" },
  },
};

const FACT: Shape = { at: "plain", says: "plain", fingerprint: "plain", issuedAt: "plain" };

const RETURN_VALUE: Shape = { kind: "plain", result: "plain", summary: "plain" };

const HIDDEN = "[not shown]";

export function showData(data: unknown): unknown {
  return show(data, DATA);
}

export function showReturnValue(value: unknown): unknown {
  return show(value, RETURN_VALUE);
}

/** Our jobs say how far they are by a number. */
export function showProgress(progress: unknown): unknown {
  return typeof progress === "number" ? progress : HIDDEN;
}

/** The name of the key that a job, or the alert in it, is about; null: it is about none. */
export function keyNameIn(data: unknown): string | null {
  return nameIn(data) ?? nameIn(fieldOf(data, "alert"));
}

function nameIn(about: unknown): string | null {
  const name = fieldOf(about, "keyName");
  return typeof name === "string" ? name : null;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)).get(name) : undefined;
}

function show(value: unknown, shape: Shape): unknown {
  if (value === null || value === undefined) return value;
  if (shape === "plain") return isPlain(value) ? value : HIDDEN;
  if (typeof value !== "object" || Array.isArray(value)) return HIDDEN;
  const fields = new Map(Object.entries(value));
  if (shape === "facts")
    return Object.fromEntries([...fields].filter(isNamed).map(([name, fact]) => [name, show(fact, FACT)]));
  const known = Object.entries(shape).filter(([name]) => fields.has(name));
  return Object.fromEntries(known.map(([name, inner]) => [name, show(fields.get(name), inner)]));
}

function isPlain(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function isNamed([name]: [string, unknown]): boolean {
  return /^[a-z][a-zA-Z-]{0,40}$/.test(name);
}
