/**
 * The repository's documents and their code blocks.
 *
 * @module
 */

/** A fenced block of a document. */
interface Block {
  readonly language: string;
  /** What follows the language on the fence's line. */
  readonly about: string;
  readonly text: string;
}

/** A block and the document it is in. */
interface DocumentedBlock extends Block {
  /** Relative to the repository. */
  readonly document: string;
}

/** The repository's root. */
export const ROOT = new URL("../../../", import.meta.url);

/** The blocks of a Markdown text. */
function blocksOf(markdown: string): readonly Block[] {
  return [...markdown.matchAll(/^```(\w+)([^\n]*)\n(.*?)^```$/gms)].map(
    ([, language, about, text]) => ({ language: language!, about: about!.trim(), text: text! }),
  );
}

/** Every document for people, relative to the root. */
export function documents(): readonly string[] {
  const markdown = (folder: string) =>
    [...Deno.readDirSync(new URL(folder, ROOT))]
      .filter((entry) => entry.isFile && entry.name.endsWith(".md"))
      .map((entry) => `${folder.replace("./", "")}${entry.name}`);
  return [...markdown("./"), ...markdown("docs/"), ...markdown("docs/pt-BR/")].sort();
}

/** A document's text. */
export function readDocument(document: string): Promise<string> {
  return Deno.readTextFile(new URL(document, ROOT));
}

/** The blocks of a document in their order. */
async function readBlocks(document: string): Promise<readonly Block[]> {
  return blocksOf(await readDocument(document));
}

/** Every block of a language, of all documents. */
export async function documentedBlocks(language: string): Promise<readonly DocumentedBlock[]> {
  const all = await Promise.all(
    documents().map(async (document) =>
      (await readBlocks(document)).map((block) => ({ document, ...block }))
    ),
  );
  return all.flat().filter((block) => block.language === language);
}

/** A block's commands: without comments, continued lines joined. */
export function commandsOf(text: string): readonly string[] {
  return text.replaceAll(/\\\n\s*/g, "").split("\n")
    .map((line) => line.replace(/\s+#.*$/, "").trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}
