/**
 * Which sends the gateway accepted, and a function that lived on heard of it: those must never be said
 * to have failed.
 *
 * @module
 */

/** The sends of one run, by the ids that WhatsApp gave them. */
export class Sends {
  readonly #heard = new Map<string, () => boolean>();
  readonly #noted = new Set<string>();

  /**
   * A send was answered, and somebody still waited for it.
   *
   * @param answer The gateway's answer.
   * @param lives Whether who heard it still lives.
   */
  async heard(answer: Response, lives: () => boolean): Promise<void> {
    const said = await answer.json().catch(() => null) as { readonly key?: unknown } | null;
    const id = (said?.key as { readonly id?: unknown } | undefined)?.id;
    if (answer.status === 201 && typeof id === "string") this.#heard.set(id, lives);
  }

  /** The database was told, and has said that it knows. */
  noted(whatsappId: string): void {
    this.#noted.add(whatsappId);
  }

  /** Whether the gateway ever said that this message was accepted. */
  isAccepted(whatsappId: string): boolean {
    return this.#heard.has(whatsappId);
  }

  /** Whether somebody who lives heard that this message was accepted, or the database did. */
  isKnownAccepted(whatsappId: string): boolean {
    return this.#noted.has(whatsappId) || (this.#heard.get(whatsappId)?.() ?? false);
  }
}
