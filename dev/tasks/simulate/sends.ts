/**
 * Which sends the gateway accepted, and a function that lived on heard of it: those must never be said
 * to have failed.
 *
 * @module
 */

/** The sends of one run, by the ids that WhatsApp gave them. */
export class Sends {
  readonly #heard = new Map<string, () => boolean>();

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

  /** Whether somebody who lives heard that this message was accepted. */
  isKnownAccepted(whatsappId: string): boolean {
    return this.#heard.get(whatsappId)?.() ?? false;
  }
}
