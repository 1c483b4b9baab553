import { VaultPlace } from "../support/stores/vault-place.ts";
import { secretStoreContract } from "./secret-store.contract.ts";

secretStoreContract("Vault, signed in by AppRole", (beside) => VaultPlace.open(beside), "a network");

secretStoreContract(
  "Vault in a namespace, signed in by Kubernetes",
  (beside) => VaultPlace.open(beside, "kubernetes", { namespace: "admin/team" }),
  "a network",
);

secretStoreContract("Vault, with a token", (beside) => VaultPlace.open(beside, "token"));
