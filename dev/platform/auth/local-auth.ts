/**
 * A stand-in for Supabase Auth: keys, tokens, and the log-in of users known from the start.
 *
 * @module
 */

import { type AuthApi, createAuthApi, type LocalUser } from "./auth-api.ts";
import { createLocalKeys, type LocalKeys, type LocalKeysOptions } from "./local-keys.ts";

/** The stand-in. */
export interface LocalAuth extends LocalKeys {
  /** Lets somebody log in from now on. */
  addUser(user: LocalUser): void;
  /** Answers `/auth/v1/…`. */
  readonly handle: AuthApi;
}

/** How to make it. */
interface LocalAuthOptions extends LocalKeysOptions {
  readonly users?: readonly LocalUser[];
}

/** Makes the keys and the log-in. */
export async function createLocalAuth(options: LocalAuthOptions): Promise<LocalAuth> {
  const keys = await createLocalKeys(options);
  const users = new Map<string, LocalUser>();
  const addUser = (user: LocalUser) => void users.set(user.email.toLowerCase(), user);
  options.users?.forEach(addUser);
  return {
    ...keys,
    addUser,
    handle: createAuthApi(keys, (email) => users.get(email.toLowerCase())),
  };
}
