/** The section `alerts`: who is told, and how. One schema for each kind of channel, told apart by its `type`. */
import { resolve } from "node:path";
import { z } from "zod";
import { LOG_CHANNEL, type Severity } from "../core/alert.ts";
import { Secret } from "../core/secret.ts";
import { count, mustBe, oneOf, secret, text } from "./fields.ts";
import { isLoopback } from "./loopback.ts";
import { nearest } from "./nearest.ts";
import { EVEN_AMONG_FAULTS, section } from "./section.ts";

type Common = { readonly name: string; readonly minSeverity: Severity };

export type ChannelConfig =
  | (Common & { readonly type: "slack"; readonly url: Secret })
  | (Common & { readonly type: "pagerduty"; readonly routingKey: Secret; readonly url: string })
  | (Common & {
      readonly type: "email";
      readonly host: string;
      readonly port: number;
      readonly tls: "starttls" | "tls";
      readonly login: { readonly user: string; readonly password: Secret } | null;
      readonly from: string;
      readonly to: readonly string[];
      /** Absolute. */
      readonly caFile: string | null;
    })
  | (Common & { readonly type: "webhook"; readonly url: Secret; readonly secret: Secret });

const SEVERITIES = ["info", "warning", "critical"] as const satisfies readonly Severity[];
const PAGERDUTY_URL = "https://events.pagerduty.com/v2/enqueue";
const SUBMISSION_PORTS = { starttls: 587, tls: 465 };

/** The port may be any; what is sent there is not for everybody. */
const address = text(
  "an https:// address (http:// only on this machine) without user, password and #",
  (input) => {
    const url = URL.parse(input);
    if (!url || url.username || url.password || input.includes("#")) return false;
    return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
  },
);
const secretAddress = address.transform((input) => new Secret(input));

const mailbox = text("an e-mail address without a name, such as billing-ops@example.com", (input) => {
  return /^[^\s@<>()[\]\\,;:"\p{C}]{1,64}@[^\s@<>()[\]\\,;:"\p{C}]{1,253}$/u.test(input);
});

const signingKey = secret("whsec_ and then 24 to 64 random bytes in base64", (key) => {
  const base64 = /^whsec_((?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?)$/.exec(key)?.[1];
  const bytes = Buffer.from(base64 ?? "", "base64").length;
  return bytes >= 24 && bytes <= 64;
});

const minSeverity = (byDefault: Severity) => oneOf(SEVERITIES).prefault(byDefault);

/** The schema of the section of each kind. @param folder relative paths start here */
export function channelSections(folder: string) {
  return [
    section({ type: z.literal("slack"), url: secretAddress, minSeverity: minSeverity("info") }),
    section({
      type: z.literal("pagerduty"),
      routingKey: secret("an integration key: 32 letters and digits", (key) => /^[A-Za-z\d]{32}$/.test(key)),
      url: address.prefault(PAGERDUTY_URL),
      minSeverity: minSeverity("critical"),
    }),
    emailSection(folder),
    section({
      type: z.literal("webhook"),
      url: secretAddress,
      secret: signingKey,
      minSeverity: minSeverity("info"),
    }),
  ] as const;
}

function emailSection(folder: string) {
  const list = mustBe("a list of at least one and at most 50 e-mail addresses");
  return section({
    type: z.literal("email"),
    host: text("the name of the mail server, without port", (name) => /^[a-z\d.:-]{1,253}$/i.test(name)),
    port: count(1, 65_535).optional(),
    tls: oneOf(["starttls", "tls"]).prefault("starttls"),
    user: text("the name to sign in with, in one line", (name) => /^\P{Cc}{1,320}$/u.test(name)).optional(),
    password: secret("the password to sign in with, in one line", (word) =>
      /^\P{Cc}+$/u.test(word),
    ).optional(),
    from: mailbox,
    to: z.array(mailbox, { error: list }).min(1, { error: list }).max(50, { error: list }),
    caFile: text("the path of a file", (path) => path !== "" && !path.includes("\0")).optional(),
    minSeverity: minSeverity("info"),
  }).transform(({ user, password, port, caFile, ...given }, context) => {
    if ((user === undefined) !== (password === undefined))
      context.addIssue({
        code: "custom",
        path: [user === undefined ? "user" : "password"],
        message: "is missing; user and password belong together",
      });
    return {
      ...given,
      port: port ?? SUBMISSION_PORTS[given.tls],
      login: user !== undefined && password ? { user, password } : null,
      caFile: caFile === undefined ? null : resolve(folder, caFile),
    };
  });
}

const NAME = /^[a-z0-9-]{1,63}$/;

/** The schema of the section. Relative paths start at `folder`. */
export function alertsSection(folder: string) {
  const sections = channelSections(folder);
  const types = ["slack", "pagerduty", "email", "webhook"].join(", ");
  const channel = z.discriminatedUnion("type", sections, {
    error: ({ code }) =>
      code === "invalid_union" ? `must be one of ${types}` : `must be a section with a type, one of ${types}`,
  });
  const error = "must be a section with a field, of any name, for each channel";
  return z
    .record(z.string(), channel, { error })
    .superRefine(namesFit, EVEN_AMONG_FAULTS)
    .transform((channels): readonly ChannelConfig[] =>
      Object.entries(channels).map(([name, config]) => ({ name, ...config })),
    );
}

function namesFit(channels: unknown, context: z.RefinementCtx): void {
  for (const name of Object.keys(Object(channels))) {
    if (NAME.test(name) && name !== LOG_CHANNEL) continue;
    const message =
      name === LOG_CHANNEL
        ? "is the name of the channel that is always there; choose another one"
        : "must have a name of 1 to 63 of a-z, 0-9 and -";
    context.addIssue({ code: "custom", path: [name], message });
  }
}

/** The field `alerts` of a managed key. */
export const chosenChannels = (() => {
  const error = mustBe("a list of at least one name of a channel in the section alerts");
  return z
    .array(
      text("the name of a channel", (name) => NAME.test(name)),
      { error },
    )
    .min(1, { error });
})();

const Joined = z.object({
  keys: z.array(z.object({ alerts: z.array(z.string()).nullable() })),
  alerts: z.array(z.object({ name: z.string() })),
});

/** A key that names a channel which is not there would tell nobody. The file may be at fault elsewhere. */
export function alertsFit(file: unknown, context: z.RefinementCtx): void {
  const joined = Joined.safeParse(file).data;
  if (!joined) return;
  const known = [...joined.alerts.map(({ name }) => name), LOG_CHANNEL];
  for (const [index, { alerts }] of joined.keys.entries())
    for (const [position, name] of (alerts ?? []).entries())
      if (!known.includes(name)) {
        const meant = nearest(name, known);
        const hint = meant === undefined ? `known here: ${known.join(", ")}` : `did you mean ${meant}?`;
        const message = `is not the name of a channel in the section alerts; ${hint}`;
        context.addIssue({ code: "custom", path: ["keys", index, "alerts", position], message });
      }
}
