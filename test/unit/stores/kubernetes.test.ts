/** How slots lie in a Kubernetes Secret, and what people are told to paste. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { kubernetes } from "../../../src/config/stores/kubernetes.ts";
import { jsonAsYaml } from "../../../src/stores/kubernetes/apply-request.ts";
import { applied, fieldManager, notesAnnotation } from "../../../src/stores/kubernetes/layout.ts";
import { minimalRole } from "../../../src/stores/kubernetes/role.ts";

const KEYS = { active: "ACTIVE", old: "OLD", pending: "PENDING", standby: "STANDBY" };
const TARGET = { namespace: "billing", secret: "paddle", dataKey: "ACTIVE_PADDLE_KEY" };

describe("the fields of a Kubernetes Secret", () => {
  it("have a manager of their own for every managed key, within what Kubernetes allows", () => {
    expect(fieldManager(KEYS)).toBe("paddle-key-rotator-ACTIVE");
    const long = fieldManager({ ...KEYS, active: "a".repeat(253) });
    expect(long.length).toBeLessThanOrEqual(128);
    expect(long).not.toBe(fieldManager({ ...KEYS, active: "b".repeat(253) }));
  });

  it.each([
    "ACTIVE_PADDLE_KEY",
    "a".repeat(63),
    "a".repeat(64),
    "_active",
    ".active",
    "active-",
    "a".repeat(253),
  ])("have notes under a name that Kubernetes takes: %s", (active) => {
    const name = notesAnnotation({ ...KEYS, active });
    expect(name).toMatch(/^paddle-key-rotator\/[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/);
  });

  it("are all applied, also those that do not change, so that none of them is given up", () => {
    const state = {
      uid: "uid-1",
      resourceVersion: "7",
      immutable: false,
      controller: null,
      data: { ACTIVE: "b25l", OLD: "" },
      notes: "{}",
    };
    expect(applied("paddle", state, { pending: "two", old: "" }, KEYS)).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name: "paddle",
        uid: "uid-1",
        resourceVersion: "7",
        annotations: { "paddle-key-rotator/ACTIVE": "{}" },
      },
      data: { ACTIVE: "b25l", OLD: "", PENDING: "dHdv" },
    });
  });

  it("are sent as JSON that the API server's parser of YAML reads as the same", () => {
    const text = "\u007F \u0085 \u009F \u2028 \u2029 \uFEFF \uFFFE \uFFFF ä 東 🔑";
    const sent = jsonAsYaml(JSON.stringify({ text }));
    expect(JSON.parse(sent)).toEqual({ text });
    expect(sent).toBe(String.raw`{"text":"\u007f \u0085 \u009f \u2028 \u2029 \ufeff \ufffe \uffff ä 東 🔑"}`);
  });
});

describe("the minimal Role", () => {
  const [role, binding] = parseAllDocuments(minimalRole(TARGET).join("\n")).map((document): unknown =>
    document.toJS(),
  );

  it("allows to get and patch this one Secret and nothing else", () => {
    expect(role).toEqual({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata: { name: "paddle-key-rotator-paddle", namespace: "billing" },
      rules: [
        { apiGroups: [""], resources: ["secrets"], resourceNames: ["paddle"], verbs: ["get", "patch"] },
      ],
    });
    expect(binding).toMatchObject({
      kind: "RoleBinding",
      metadata: { namespace: "billing" },
      roleRef: { kind: "Role", name: "paddle-key-rotator-paddle" },
    });
  });

  it("leaves the namespace to kubectl where none is configured, and takes names that look like numbers", () => {
    const [bare] = parseAllDocuments(minimalRole({ ...TARGET, namespace: null }).join("\n"));
    expect(bare?.toJS()).toMatchObject({ metadata: { name: "paddle-key-rotator-paddle" } });
    const [numbered] = parseAllDocuments(minimalRole({ ...TARGET, namespace: "1", secret: "2" }).join("\n"));
    expect(numbered?.toJS()).toMatchObject({
      metadata: { namespace: "1" },
      rules: [{ resourceNames: ["2"] }],
    });
  });

  it("is the one that the documentation shows", () => {
    const page = readFileSync(resolve(import.meta.dirname, "../../../docs/stores/kubernetes.md"), "utf8");
    const yaml = minimalRole(TARGET).filter((line) => !line.startsWith("#"));
    expect(page).toContain(yaml.join("\n"));
  });
});

describe("the section of a Kubernetes Secret", () => {
  const read = (section: object) => kubernetes("/etc/rotator").safeParse({ type: "kubernetes", ...section });

  it("needs no more than the Secret's name", () => {
    expect(read({ secret: "paddle" }).data).toMatchObject({
      namespace: null,
      kubeconfig: null,
      context: null,
    });
  });

  it("takes a path from the folder of the file", () => {
    expect(read({ secret: "paddle", kubeconfig: "./kubeconfig" }).data?.kubeconfig).toBe(
      "/etc/rotator/kubeconfig",
    );
  });

  it("tells Secrets of different namespaces, clusters and contexts apart", () => {
    const sections = [{}, { namespace: "billing" }, { kubeconfig: "./kubeconfig" }, { context: "prod" }];
    const places = sections.map((section) => read({ secret: "paddle", ...section }).data?.place.container);
    expect(new Set(places).size).toBe(sections.length);
  });

  it.each([
    [{ secret: "Paddle" }, "the name of a Secret"],
    [{ secret: "-paddle" }, "the name of a Secret"],
    [{ secret: "a..b" }, "the name of a Secret"],
    [{ secret: "a".repeat(254) }, "the name of a Secret"],
    [{ secret: "paddle", namespace: "a.b" }, "the name of a namespace"],
    [{ secret: "paddle", namespace: "a".repeat(64) }, "the name of a namespace"],
    [{ secret: "paddle", fields: { old: ".." } }, "must not be . or begin with .."],
    [{ secret: "paddle", fields: { old: "..data" } }, "must not be . or begin with .."],
  ])("refuses %j", (section, words) => {
    const { error } = read(section);
    expect(error && z.prettifyError(error)).toContain(words);
  });
});
