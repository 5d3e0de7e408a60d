/**
 * The language of sentences for people.
 *
 * @module
 */

/** Portuguese (Brazil) or English. */
export type Language = "pt" | "en";

/**
 * Chooses by `Accept-Language`: the first of the two that the caller wants most; Portuguese where it
 * says nothing.
 */
export function chooseLanguage(acceptLanguage: string | null): Language {
  const wanted = (acceptLanguage ?? "").split(",").map((entry) => {
    const [tag = "", ...parameters] = entry.trim().toLowerCase().split(";");
    const quality = parameters.map((p) => /^\s*q=([\d.]+)$/.exec(p)?.[1]).find((q) => q);
    return { tag: tag.trim(), quality: quality === undefined ? 1 : Number(quality) };
  });
  wanted.sort((a, b) => b.quality - a.quality);
  for (const { tag, quality } of wanted) {
    if (quality <= 0) continue;
    if (tag === "pt" || tag.startsWith("pt-")) return "pt";
    if (tag === "en" || tag.startsWith("en-")) return "en";
  }
  return "pt";
}
