/** Who somebody is that the admin listener let in. */

/** `viewer`: may look at everything and change nothing. */
export type Role = "viewer" | "operator";

/** `name`: in words for logs and records. */
export type Caller = { readonly name: string; readonly role: Role };
