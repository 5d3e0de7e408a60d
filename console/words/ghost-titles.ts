/**
 * The ghosts' titles; the simulator gives them in English.
 *
 * @module
 */

import type { Language } from "../types.ts";

const PORTUGUESE: Record<string, string> = {
  A1: "meio aberto: o socket está mudo",
  A2: "zumbi: o socket morreu, o aviso se perdeu",
  A2b: "zumbi: o socket morreu, o aviso está preso numa fila",
  B1: "o WhatsApp está fora do alcance",
  B2: "o WhatsApp recusa o login",
  B3: "o login nunca é respondido",
  B4: "a abertura do websocket trava",
  C1: "a reconexão trava ao checar a versão",
  C3: "limbo: o processo subiu sem a instância",
  C4: "o limite de QR codes foi atingido",
  D: "o celular removeu o aparelho",
  E: "deslogado",
  H1: "o laço de reconexão morreu",
  H2: "o laço de reconexão morreu no meio",
  "flapping-440": "dois sockets do mesmo aparelho se derrubam",
};

/**
 * @param title In English.
 */
export function ghostTitle(kind: string, title: string, language: Language) {
  return language === "pt" ? PORTUGUESE[kind] ?? title : title;
}
