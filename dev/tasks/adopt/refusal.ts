/**
 * Why a project cannot be adopted.
 *
 * @module
 */

/** Thrown before anything is written; the message is one sentence for whoever asked. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}
