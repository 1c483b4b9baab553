import { AzureKeyVaultPlace } from "../support/stores/azure-key-vault-place.ts";
import { secretStoreContract } from "./secret-store.contract.ts";

secretStoreContract("an Azure key vault", (beside) => AzureKeyVaultPlace.open(beside), "a network");
