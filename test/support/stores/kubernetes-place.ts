/** A Secret on a fake API server that is reached by a kubeconfig, for tests of the kubernetes store. */
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock, SecretStore } from "../../../src/core/ports.ts";
import type { SecretField } from "../../../src/core/slot-fields.ts";
import type { Pace } from "../../../src/kubernetes/caller.ts";
import { type KubernetesOptions, kubernetesStore } from "../../../src/stores/kubernetes/store.ts";
import type { StorePlace, Wire } from "../../contract/secret-store.contract.ts";
import { KubernetesFake } from "./kubernetes-fake.ts";
import type { Content } from "./kubernetes-secrets.ts";

export const KEYS = {
  active: "ACTIVE_PADDLE_KEY",
  old: "OLD_PADDLE_KEY",
  pending: "PENDING_PADDLE_KEY",
  standby: "STANDBY_PADDLE_KEY",
};
export const NAMESPACE = "billing";
export const NAME = "paddle";

/** Waits for nothing. */
const hurried: Clock = { now: () => Date.now(), sleep: async () => {} };

export class KubernetesPlace implements StorePlace {
  readonly fake: KubernetesFake;
  readonly folder: string;
  readonly kubeconfig: string;
  #deadlineMs = 5_000;
  #token: string;

  private constructor(fake: KubernetesFake, folder: string) {
    this.fake = fake;
    this.folder = folder;
    this.kubeconfig = join(folder, "kubeconfig");
    this.#token = fake.rotateToken();
  }

  static async open(content: Content = {}): Promise<KubernetesPlace> {
    const place = new KubernetesPlace(
      await KubernetesFake.open(),
      await mkdtemp(join(tmpdir(), "kubernetes-")),
    );
    place.fake.secrets.create(NAMESPACE, NAME, content);
    place.fake.allow(["get", "patch"], NAMESPACE, NAME);
    place.writeKubeconfig();
    return place;
  }

  store(options: Partial<KubernetesOptions> = {}, pace: Partial<Pace> = {}, clock = hurried): SecretStore {
    const usual = {
      namespace: NAMESPACE,
      secret: NAME,
      fields: KEYS,
      kubeconfig: this.kubeconfig,
      context: null,
    };
    return kubernetesStore({ ...usual, ...options }, clock, { deadlineMs: this.#deadlineMs, ...pace });
  }

  /** With one context, `test`, whose user has the present token, or what is given in place of that. */
  writeKubeconfig(user: object = { token: this.#token }, cluster: object = {}): void {
    const authority = Buffer.from(this.fake.authority).toString("base64");
    const config = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        {
          name: "fake",
          cluster: { server: this.fake.url, "certificate-authority-data": authority, ...cluster },
        },
      ],
      users: [{ name: "rotator", user }],
      contexts: [{ name: "test", context: { cluster: "fake", user: "rotator", namespace: NAMESPACE } }],
      "current-context": "test",
    };
    writeFileSync(this.kubeconfig, JSON.stringify(config), { mode: 0o600 });
  }

  async edit(field: SecretField, text: string | null): Promise<void> {
    this.fake.secrets.edit(NAMESPACE, NAME, { [KEYS[field]]: text });
  }

  async beside(): Promise<Readonly<Record<string, string>>> {
    const ours = Object.values(KEYS);
    const texts = Object.entries(this.fake.secrets.texts(NAMESPACE, NAME));
    return Object.fromEntries(texts.filter(([name]) => !ours.includes(name)));
  }

  async everything(): Promise<string> {
    return JSON.stringify(this.fake.secrets.get(NAMESPACE, NAME));
  }

  readonly breakages = {
    "open to nobody": async () => {
      this.fake.deny("get", NAMESPACE, NAME);
      this.fake.deny("patch", NAMESPACE, NAME);
    },
    "out of reach": () => this.fake.close(),
    "behind a sign-in page": async () =>
      this.fake.answerNext(...Array.from({ length: 99 }, () => "<html>canary</html>")),
    "no text": async () => this.fake.secrets.edit(NAMESPACE, NAME, { [KEYS.old]: Buffer.from([0xff, 0xfe]) }),
  };

  readonly wire: Wire = {
    hang: () => {
      this.fake.hang();
      this.#deadlineMs = 200;
    },
    throttle: (requests) => this.fake.throttle(requests),
    recover: () => this.fake.recover(),
    expireCredentials: () => {
      this.#token = this.fake.rotateToken();
      this.writeKubeconfig();
    },
    deny: {
      [`get secrets/${NAME}`]: () => this.fake.deny("get", NAMESPACE, NAME),
      [`patch secrets/${NAME}`]: () => this.fake.deny("patch", NAMESPACE, NAME),
    },
    loseNextAnswer: () => this.fake.loseNextAnswer(),
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fake.close();
    await rm(this.folder, { recursive: true });
  }
}
