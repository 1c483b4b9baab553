/** Two releases on one queue, one story each. The instances that a story begins with are of this release. */
import { Queue } from "bullmq";
import type { Instance, Place, Role } from "../availability/place.ts";
import type { Story } from "../availability/stories.ts";
import { startRedisServer } from "../redis-server.ts";
import { ADMIN_TOKEN, answersOk } from "../service.ts";
import { until } from "../until.ts";
import { makeNextRelease } from "./next-release.ts";

const KEPT = ["--appendonly", "yes", "--maxmemory-policy", "noeviction"];
const PREFIX = "releases";
const WITHIN_MS = 60_000;
const LOOK_MS = 100;
/** How long an emergency of another release waits before people hear of it, and a moment. */
const UNREAD_MS = 61_000;
const PAGES = ["/", "/keys/billing-worker", "/queues/", "/api/keys", "/api/rotations", "/runbook"];

type Next = { readonly start: (role: Role) => Promise<Instance> };

const ofTwo = (story: {
  readonly name: string;
  readonly roles: readonly Role[];
  readonly strike: (place: Place, next: Next, queueUrl: string) => Promise<void>;
}): Story => ({
  name: story.name,
  roles: story.roles,
  isPlanned: true,
  async open(opened) {
    const redis = opened.use(await startRedisServer({ args: KEPT }));
    const { entry } = opened.use(await makeNextRelease());
    return {
      env: { QUEUE_URL: redis.url, QUEUE_PREFIX: PREFIX },
      strike: (place) => story.strike(place, { start: (role) => startBeside(place, role, entry) }, redis.url),
    };
  },
});

/** Load balancers send to it as soon as it is ready, unless it is a worker. */
async function startBeside({ site, instances }: Place, role: Role, entry: string): Promise<Instance> {
  const service = await site.start({ entry, env: { ROLE: role }, beside: true, waitUntilReady: false });
  const hasEnded = service.ended.then((code) =>
    Promise.reject(new Error(`the newer release ended with ${code}`)),
  );
  const isReady = until("it is ready", () => answersOk(`${service.adminUrl}/readyz`), WITHIN_MS, LOOK_MS);
  await Promise.race([isReady, hasEnded]);
  const instance = { ...service, role };
  instances.push(instance);
  return instance;
}

const upgrade = ofTwo({
  name: "an upgrade, both releases side by side",
  roles: ["all", "all"],
  async strike(place, next) {
    const former = place.instances.slice();
    await next.start("all");
    await says(place, "a job of another release is left to other workers");
    await says(place, '"kind":"strange-key-gone"');
    for (const instance of former) await showsEverything(instance);
    for (const instance of former) await ends(place, instance);
  },
});

const takenBack = ofTwo({
  name: "an upgrade taken back, and made after all",
  roles: ["all"],
  async strike(place, next, queueUrl) {
    const web = await next.start("web");
    await says(place, "a job of another release is left to other workers");
    await ends(place, web);
    await letWait(queueUrl, UNREAD_MS);
    await says(place, "No worker has been able to read it for 1m");
    for (const instance of place.instances) await showsEverything(instance);
    const former = place.instances.slice();
    await next.start("all");
    for (const instance of former) await ends(place, instance);
  },
});

export const RELEASE_STORIES: readonly Story[] = [upgrade, takenBack];

async function says({ site }: Place, words: string): Promise<void> {
  await until(
    `somebody says: ${words}`,
    async () => (await site.output()).includes(words),
    WITHIN_MS,
    LOOK_MS,
  );
}

/** As if one of the jobs that wait had waited so long already. */
async function letWait(url: string, ms: number): Promise<void> {
  await using queue = new AsyncDisposableStack();
  const emergencies = queue.adopt(
    new Queue("emergencies", { connection: { url }, prefix: PREFIX }),
    (opened) => opened.close(),
  );
  const job = await until("a job waits", async () => (await emergencies.getDelayed())[0]);
  await job.updateData({ ...job.data, unreadSince: new Date(Date.now() - ms).toISOString() });
}

async function showsEverything({ adminUrl }: Instance): Promise<void> {
  for (const page of PAGES) {
    const answer = await fetch(`${adminUrl}${page}`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`${page} was answered ${answer.status}`);
  }
}

async function ends(place: Place, instance: Instance): Promise<void> {
  const code = await place.retire(instance);
  if (code !== 0) throw new Error(`an instance that was stopped ended with ${code}`);
}
