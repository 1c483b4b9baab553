/** docker/kubernetes holds to the restricted profile, and to what the service promises. */
import * as client from "@kubernetes/client-node";
import { parse, parseAllDocuments } from "yaml";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { Environment } from "../../../src/config/environment.ts";
import { minimalRole as consumerRole } from "../../../src/consumers/kubernetes/role.ts";
import { minimalRole as storeRole } from "../../../src/stores/kubernetes/role.ts";
import { read } from "../config/sources.ts";
import { filesIn, type Manifest, readManifests, stopDeadlineSeconds, textOf } from "./files.ts";

const manifests = readManifests();
const ofKind = (kind: string): Manifest[] =>
  manifests.flatMap(({ manifest }) => (manifest.kind === kind ? [manifest] : []));

const Probe = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) }).loose();
const Deployment = z.object({
  metadata: z.object({ name: z.string() }).loose(),
  spec: z
    .object({
      replicas: z.number(),
      template: z.object({
        spec: z
          .object({
            serviceAccountName: z.string(),
            terminationGracePeriodSeconds: z.number(),
            containers: z.tuple([
              z
                .object({
                  env: z.array(z.object({ name: z.string(), value: z.string() })),
                  livenessProbe: Probe,
                  readinessProbe: Probe,
                  lifecycle: z.object({ preStop: z.object({ sleep: z.object({ seconds: z.number() }) }) }),
                  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
                })
                .loose(),
            ]),
          })
          .loose(),
      }),
    })
    .loose(),
});
const deployments = ofKind("Deployment").map((manifest) => Deployment.parse(manifest));
const podOf = (deployment: z.output<typeof Deployment>) => deployment.spec.template.spec;

/** The official client knows every object of the API by its fields. */
const Model = z.looseObject({
  attributeTypeMap: z.array(z.object({ baseName: z.string(), type: z.string() })),
});
const MODELS = new Map(
  Object.entries(client).flatMap(([name, model]) => {
    const attributeTypeMap: unknown =
      typeof model === "function" ? Reflect.get(model, "attributeTypeMap") : null;
    const parsed = Model.safeParse({ attributeTypeMap }).data;
    return parsed ? [[name, parsed] as const] : [];
  }),
);

/** Fields that the API does not have: it would drop them, or refuse the object. */
function unknownFields(type: string, value: unknown, path: string): string[] {
  const element = /^Array<(.+)>$/.exec(type)?.[1];
  if (element !== undefined)
    return Array.isArray(value)
      ? value.flatMap((each, index) => unknownFields(element, each, `${path}[${index}]`))
      : [`${path} is no list`];
  const model = MODELS.get(type);
  if (!model) return [];
  const attributes = model.attributeTypeMap;
  return Object.entries(z.record(z.string(), z.unknown()).parse(value)).flatMap(([name, inner]) => {
    const attribute = attributes.find(({ baseName }) => baseName === name);
    return attribute ? unknownFields(attribute.type, inner, `${path}.${name}`) : [`${path}.${name}`];
  });
}

describe("docker/kubernetes", () => {
  it("is made of fields that the API has", () => {
    const checked = manifests.filter(({ manifest }) => `V1${manifest.kind}` in client);
    expect(checked.length).toBeGreaterThan(15);
    const unknown = checked.flatMap(({ file, manifest }) =>
      unknownFields(`V1${manifest.kind}`, manifest, file),
    );
    expect(unknown).toEqual([]);
    expect(unknownFields("V1Deployment", { spec: { template: { spec: { container: [] } } } }, "x")).toEqual([
      "x.spec.template.spec.container",
    ]);
  });

  it("names every file of its folders in one kustomization", () => {
    for (const file of filesIn("docker/kubernetes").filter((path) => path.endsWith("/kustomization.yaml"))) {
      const folder = file.replace(/kustomization\.yaml$/, "");
      const { resources } = z.object({ resources: z.array(z.string()) }).parse(parse(textOf(file)));
      const there = filesIn("docker/kubernetes")
        .filter((path) => path.startsWith(folder) && !path.slice(folder.length).includes("/"))
        .map((path) => path.slice(folder.length))
        .filter((name) => !/^(?:kustomization|keys)\.yaml$/.test(name));
      expect(resources.toSorted(), file).toEqual(there.toSorted());
    }
  });

  it("splits the work, with two of each, so that one may go", () => {
    const roles = deployments.map((deployment) => ({
      replicas: deployment.spec.replicas,
      role: podOf(deployment).containers[0].env.find(({ name }) => name === "ROLE")?.value,
    }));
    expect(roles).toEqual([
      { replicas: 2, role: "web" },
      { replicas: 2, role: "worker" },
    ]);
    const budgets = ofKind("PodDisruptionBudget").map(({ metadata }) => metadata.name);
    expect(budgets).toEqual(["web", "worker"]);
  });

  it("has a configuration that the service starts with", () => {
    expect(read({ yaml: textOf("docker/kubernetes/keys.yaml") }).keys).toHaveLength(1);
  });

  it("gives the least that rotator check asks for, by the same names", () => {
    const roles = manifests
      .filter(({ manifest }) => manifest.kind === "Role")
      .map(({ manifest }) => manifest);
    const asked = [
      storeRole({ namespace: "billing", secret: "paddle", dataKey: "ACTIVE_PADDLE_KEY" }),
      consumerRole("billing", {
        namespace: "billing",
        workloads: [{ kind: "deployment", name: "billing" }],
        selector: null,
      }),
    ].map((lines) => parse(lines.join("\n").split("\n---\n")[0] ?? "") as Manifest);
    for (const role of asked) expect(roles).toContainEqual(role);
    expect(roles).toHaveLength(asked.length + 1);
  });

  it("lets the pods that strangers reach read one Secret, and change and restart nothing", () => {
    const bindings = ofKind("RoleBinding").filter((binding) =>
      JSON.stringify(binding["subjects"]).includes('"paddle-key-rotator-web"'),
    );
    expect(bindings.map(({ metadata }) => metadata.name)).toEqual(["paddle-key-rotator-paddle-read"]);
    const role = ofKind("Role").find(({ metadata }) => metadata.name === "paddle-key-rotator-paddle-read");
    expect(role?.["rules"]).toEqual([
      { apiGroups: [""], resources: ["secrets"], resourceNames: ["paddle"], verbs: ["get"] },
    ]);
  });

  it("closes everything and opens what is named", () => {
    const [closed, ...open] = ofKind("NetworkPolicy");
    expect(closed?.["spec"]).toEqual({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    for (const policy of open) expect(JSON.stringify(policy["spec"])).not.toContain('"from":[]');
    expect(JSON.stringify(open)).toContain('"except":["169.254.0.0/16"]');
  });

  it("has a rule ready for each documented neighbour that is not on 443, to be uncommented", () => {
    const commented = /^ {4}# (?=- to: |  ports: )/gm;
    const text = textOf("docker/kubernetes/network-policies.yaml").replace(commented, "    ");
    const out = z
      .object({
        spec: z.object({ egress: z.array(z.object({ ports: z.array(z.object({ port: z.number() })) })) }),
      })
      .parse(parseAllDocuments(text).at(-1)?.toJS());
    expect(unknownFields("V1NetworkPolicy", out, "out")).toEqual([]);
    const ports = out.spec.egress.flatMap((rule) => rule.ports.map(({ port }) => port));
    // Redis, its Sentinels, Vault, e-mail by STARTTLS and by TLS, and Prometheus for checks.
    for (const port of [6379, 26379, 8200, 587, 465, 9090]) expect(ports, String(port)).toContain(port);
  });

  it("has the cluster enforce the restricted profile", () => {
    expect(ofKind("Namespace")[0]?.metadata).toMatchObject({
      labels: { "pod-security.kubernetes.io/enforce": "restricted" },
    });
  });
});

describe.each(deployments.map((deployment) => [deployment.metadata.name, deployment] as const))(
  "the deployment %s",
  (_name, deployment) => {
    const pod = podOf(deployment);
    const [container] = pod.containers;

    it("meets the restricted profile", () => {
      expect(pod).toMatchObject({
        securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
      });
      expect(container).toMatchObject({
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
        resources: { limits: { memory: expect.any(String) }, requests: { cpu: expect.any(String) } },
      });
      for (const opening of ["hostNetwork", "hostPID", "hostIPC"]) expect(pod).not.toHaveProperty(opening);
    });

    it("is killed only after the service had the time to stop", () => {
      const { seconds } = container.lifecycle.preStop.sleep;
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(seconds + stopDeadlineSeconds());
    });

    it("is restarted for itself alone, and left out while the queue is down", () => {
      expect(container.livenessProbe.httpGet).toEqual({ path: "/livez", port: "admin" });
      expect(container.readinessProbe.httpGet).toEqual({ path: "/readyz", port: "admin" });
      expect(container.ports).toContainEqual({ name: "admin", containerPort: 9090 });
    });

    it("takes its secrets as files, under names that the configuration knows", () => {
      for (const { name, value } of container.env) {
        expect(Object.keys(Environment.shape), name).toContain(name.replace(/_FILE$/, ""));
        if (/SECRET|PASSWORD|TOKEN|URL/.test(name)) expect(name).toMatch(/_FILE$/);
        if (name.endsWith("_FILE")) expect(value).toMatch(/^\/run\/secrets\/rotator\//);
      }
      const mounted = JSON.stringify(pod["volumes"]);
      for (const { name, value } of container.env.filter((each) => each.name.endsWith("_FILE")))
        expect(mounted, name).toContain(`"path":"${value.replace("/run/secrets/rotator/", "")}"`);
    });

    it("runs as an account that there is", () => {
      const accounts = ofKind("ServiceAccount").map(({ metadata }) => metadata.name);
      expect(accounts).toContain(pod.serviceAccountName);
    });
  },
);
