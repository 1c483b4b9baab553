/** `POST /attestations`: only the token of the consumer that the body names is let in, and nothing else is kept. */
import { hideLivingSecrets } from "../../../src/core/living-secrets.ts";
import { Secret } from "../../../src/core/secret.ts";
import { memoryAttestations } from "../../support/consumers/memory-attestations.ts";
import { openPublicListener } from "../../support/public-listener.ts";
import { mustBeProblem, mustHideAll } from "../answers.ts";
import { mutateJson, mutateText } from "../mutate.ts";
import type { Random } from "../random.ts";
import { mustBe, type Target } from "../target.ts";

const TOKENS = {
  billing: "canary-attest-token-of-billing-0123456789",
  mail: "canary-attest-token-of-mail-0123456789",
};
const ATTESTING = Object.entries(TOKENS).map(([name, token]) => ({ name, token: new Secret(token) }));
const BODY = { consumer: "billing", instance: "billing-7f9c", fingerprint: "sha256:0123456789abcdef" };
const WORDS = [
  "billing",
  "mail",
  "sha256:",
  "pdl_live_apikey_",
  "Bearer ",
  "Basic ",
  "\n",
  " ",
  "canary-attest-token-of",
];

export const attestation: Target = {
  name: "attestation",
  mustOccur: ["204", "400", "401", "413"],
  async open() {
    const attestations = memoryAttestations();
    const listener = await openPublicListener({ attesting: ATTESTING, attestations });
    return {
      async feed(random) {
        // The limits of how often are not what is tried here.
        await listener.clock.advance(1_000);
        const authorization = authorizationFor(random);
        const payload = bodyFor(random);
        const lines = listener.captured.lines.length;
        const answer = await listener.app.inject({
          method: "POST",
          url: "/attestations",
          headers: { "content-type": "application/json", ...(authorization !== "" && { authorization }) },
          payload,
        });
        const { statusCode } = answer;
        const about = `${statusCode} for ${JSON.stringify({ authorization, payload })}`;
        mustBe([204, 400, 401, 413].includes(statusCode), about);
        const sent = Object.values(TOKENS);
        mustHideAll(JSON.stringify(listener.captured.lines.slice(lines)), sent);
        if (statusCode === 204) await mustBeProved(authorization, payload, about);
        else mustBeProblem(answer, sent);
        mustStayReadable(authorization);
        return String(statusCode);
      },
      [Symbol.asyncDispose]: () => listener.close(),
    };

    async function mustBeProved(authorization: string, payload: string, about: string): Promise<void> {
      const { consumer, instance, fingerprint } = Object(JSON.parse(payload));
      const [, token = ""] = /^bearer +(.*)$/i.exec(authorization) ?? [];
      const isTheirs = Object.entries(TOKENS).some(([name, right]) => name === consumer && right === token);
      mustBe(isTheirs, `a forgery was taken: ${about}`);
      const kept = (await attestations.of(consumer)).attestations;
      mustBe(
        kept.some((one) => one.instance === instance && one.fingerprint === fingerprint),
        `not kept: ${about}`,
      );
      mustBe(/^sha256:[0-9a-f]{16}$/.test(fingerprint) && /^[ -~]{1,100}$/.test(instance), `kept: ${about}`);
    }
  },
};

/** What a stranger claims to be a token is no secret of ours: else strangers decide which words our log and alerts lose. */
function mustStayReadable(authorization: string): void {
  const [, claimed = ""] = /^bearer +([!-~]{8,})$/i.exec(authorization) ?? [];
  const isOurs = Object.values(TOKENS).some((token) => claimed.includes(token));
  mustBe(
    isOurs || hideLivingSecrets(claimed) === claimed,
    `a stranger's word was taken for a secret: ${claimed}`,
  );
}

function authorizationFor(random: Random): string {
  const right = `Bearer ${random.oneIn(4) ? TOKENS.mail : TOKENS.billing}`;
  switch (random.below(8)) {
    case 0:
      return random.oneIn(2) ? "" : random.text(60);
    case 1:
      return `Bearer ${random.text(80)}`;
    case 2:
      return mutateText(random, right, WORDS);
    case 3:
      return `${random.pick(["bearer", "BEARER  ", "Basic", "Bearer,", "Bearer\t"])} ${TOKENS.billing}`;
    default:
      return right;
  }
}

function bodyFor(random: Random): string {
  const body = { ...BODY, instance: `billing-${random.below(50)}` };
  switch (random.below(8)) {
    case 0:
      return mutateText(random, JSON.stringify(body), WORDS);
    case 1:
      return random.text(200);
    case 2:
      return JSON.stringify(body).padEnd(4_096 + random.below(3));
    case 3:
    case 4:
      return JSON.stringify(body);
    default:
      return JSON.stringify(mutateJson(random, body, WORDS)) ?? "";
  }
}
