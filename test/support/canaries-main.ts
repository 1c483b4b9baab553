/**
 * The service among libraries that quote secrets in what they throw: the first write to each store and the first
 * questions to Paddle end so, and SIGUSR2 makes it crash on such an error. Production code knows nothing of this.
 */
import { ADAPTERS } from "../../src/compose/adapters.ts";
import type { Secret } from "../../src/core/secret.ts";

const THROWN_AT_FIRST = 2;

let latest = "";
let asked = 0;

/** As clients throw: the secret is in the message, the cause, the stack and the request that they carry along. */
function quoting(secret: string): Error {
  const cause = new TypeError(`invalid header value: Bearer ${secret}`);
  const basic = Buffer.from(`api:${secret}`).toString("base64");
  const error = new Error(`request to https://x/?key=${encodeURIComponent(secret)} failed`, { cause });
  return Object.assign(error, {
    code: secret,
    config: { headers: { authorization: `Basic ${basic}` }, body: JSON.stringify({ key: secret }) },
  });
}

const { openStore, openPaddle } = ADAPTERS;

Object.assign(ADAPTERS, {
  openStore: async (config, needs) => {
    const store = await openStore(config, needs);
    let written = 0;
    return Object.assign(Object.create(store), {
      location: store.location,
      guide: store.guide,
      async read() {
        const found = await store.read();
        latest = found.slots.active?.secret.reveal() ?? latest;
        return found;
      },
      async write(...slots: Parameters<typeof store.write>) {
        written += 1;
        if (written === 1) throw quoting(slots[0].pending?.secret.reveal() ?? latest);
        return store.write(...slots);
      },
      checkWritable: () => store.checkWritable(),
    });
  },
  openPaddle(...given: Parameters<typeof openPaddle>) {
    const paddle = openPaddle(...given);
    const ask = async (...question: Parameters<typeof paddle.ask>) => {
      asked += 1;
      if (asked <= THROWN_AT_FIRST) throw quoting(secretIn(question));
      return paddle.ask(...question);
    };
    return { ...paddle, ask };
  },
} satisfies Partial<typeof ADAPTERS>);

function secretIn([, secret]: readonly [string, Secret, ...unknown[]]): string {
  return secret.reveal();
}

process.on("SIGUSR2", () => {
  setImmediate(() => {
    throw quoting(latest);
  });
});

await import("../../src/main.ts");
