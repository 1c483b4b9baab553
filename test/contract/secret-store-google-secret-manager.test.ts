import { GoogleSecretManagerPlace } from "../support/stores/google-secret-manager-place.ts";
import { secretStoreContract } from "./secret-store.contract.ts";

secretStoreContract("Google Secret Manager", (beside) => GoogleSecretManagerPlace.open(beside), "a network");
