/**
 * Supabase's management API as far as `functions deploy --use-api` goes: takes what is uploaded.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { z } from "zod";

const metadata = z.object({
  name: z.string(),
  entrypoint_path: z.string(),
  import_map_path: z.string(),
  // As the platform takes it where no setting says so.
  verify_jwt: z.boolean().default(true),
});

/** A function as it was uploaded. */
export interface Upload {
  readonly entrypoint: string;
  readonly importMap: string;
  readonly verifyJwt: boolean;
  /** Path → content. */
  readonly files: ReadonlyMap<string, string>;
}

/** The API, listening on loopback. */
interface ManagementApi {
  readonly url: string;
  /** By function name. */
  readonly uploads: ReadonlyMap<string, Upload>;
  close(): Promise<void>;
}

/** Starts the API. */
export function startManagementApi(): ManagementApi {
  const uploads = new Map<string, Upload>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const url = new URL(request.url);
      const slug = url.searchParams.get("slug");
      if (request.method !== "POST" || slug === null) return Response.json([]);
      uploads.set(slug, await readUpload(await request.formData()));
      const row = { id: slug, slug, name: slug, status: "ACTIVE", version: 1 };
      return Response.json({ ...row, created_at: 0, updated_at: 0 }, { status: 201 });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    uploads,
    close: () => server.shutdown(),
  };
}

async function readUpload(form: FormData): Promise<Upload> {
  const told = metadata.parse(JSON.parse(String(form.get("metadata"))));
  const files = new Map<string, string>();
  for (const file of form.getAll("file")) {
    if (file instanceof File) files.set(file.name, await file.text());
  }
  return {
    entrypoint: told.entrypoint_path,
    importMap: told.import_map_path,
    verifyJwt: told.verify_jwt,
    files,
  };
}

/** Lays an upload out in an empty folder and returns the folder. */
export async function layOut(upload: Upload, without?: string): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "deployed-" });
  for (const [path, content] of upload.files) {
    if (path === without) continue;
    const target = join(folder, path);
    if (!target.startsWith(folder)) throw new Error(`outside of the function: ${path}`);
    await Deno.mkdir(dirname(target), { recursive: true });
    await Deno.writeTextFile(target, content);
  }
  return folder;
}
