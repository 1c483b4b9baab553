/**
 * Asks for everything that the rotator will need, in ways that cannot change anything: a version that does not exist
 * cannot be updated, and what is not JSON cannot be set. Who lacks the permission is refused before that is noticed.
 */
import type { SecretClientOptions } from "@azure/keyvault-secrets";
import { faultOf, grantFault, leftUndone, missingPermission } from "./faults.ts";
import type { Failure } from "./failure.ts";
import { type Operation, OPERATIONS, type Question } from "./permissions.ts";
import { type Ask, type Reply, Vault, type VaultOptions } from "./vault.ts";

const NO_VERSION = "0".repeat(32);

type Policies = NonNullable<SecretClientOptions["additionalPolicies"]>;

/** The last to touch a request before it is sent. */
const SPOILED: Policies = [
  {
    position: "perRetry",
    policy: {
      name: "spoiledBody",
      sendRequest: (request, next) => {
        if (request.method === "PUT") request.body = "{";
        return next(request);
      },
    },
  },
];

export class Rehearsal {
  readonly #vault: Vault;
  readonly #url: string;

  constructor(options: VaultOptions) {
    this.#url = options.url;
    this.#vault = new Vault({ ...options, client: { ...options.client, additionalPolicies: SPOILED } });
  }

  /**
   * Throws StoreError if one of the secrets could not be read or written, and names every permission that is missing.
   * Answers with what would be left undone after a write.
   */
  async play(application: string, rotators: string): Promise<readonly string[]> {
    const secrets = [application, rotators];
    const questions = secrets.flatMap((secret) => OPERATIONS.map((operation) => ({ secret, operation })));
    const replies = await Promise.all(
      questions.map(async (question) => ({ question, reply: await this.#rehearse(question) })),
    );
    const missing = replies.flatMap(({ question, reply }) => {
      const permission = reply.ok ? null : missingPermission(reply.failure, question);
      return permission === null ? [] : [{ ...question, permission }];
    });
    if (missing.some(isForWriting)) throw grantFault(this.#url, missing);
    for (const { question, reply } of replies)
      if (!reply.ok && isForWriting(question) && !isRefusedForItsForm(reply.failure, question))
        throw faultOf(reply.failure, question, this.#url);
    return leftUndone(this.#url, missing, application);
  }

  #rehearse(question: Question): Promise<Reply<unknown>> {
    const { secret, operation } = question;
    const asks: Readonly<Record<Operation, Ask<unknown>>> = {
      get: (client, request) => client.getSecret(secret, request),
      list: (client, request) => client.listPropertiesOfSecretVersions(secret, request).next(),
      update: (client, request) => client.updateSecretProperties(secret, NO_VERSION, request),
      set: (client, request) => client.setSecret(secret, "", request),
    };
    return this.#vault.try(question, asks[operation]);
  }
}

/** The other operations are for what follows a write. */
function isForWriting({ operation }: Question): boolean {
  return operation === "get" || operation === "set";
}

/** The refusal that shows that Azure got as far as looking at what was asked. */
function isRefusedForItsForm(failure: Failure, { operation }: Question): boolean {
  if (failure.kind !== "refused") return false;
  return operation === "set" && failure.status === 400;
}
