import assert from "node:assert/strict";
import { ADVICE } from "../../supabase/functions/_shared/contracts/reasons.ts";
import { operatorMessage } from "../../supabase/functions/advance-ghost-repairs/operator-notice.ts";
import type { Notice } from "../../supabase/functions/advance-ghost-repairs/work-list.ts";

const notice: Notice = {
  repair_id: "r",
  instance_id: "i",
  organization_id: "o",
  instance_name: "atendimento",
  display_name: "Atendimento",
  disconnected_since: "2026-11-22T21:27:30.123456+00:00",
  opened_at: "2026-11-22T21:28:00+00:00",
  reason: "steps_used_up",
  connect_called: false,
  restart_called: true,
  logout_called: true,
};

interface Message {
  readonly type: string;
  readonly data: {
    readonly tried: readonly string[];
    readonly reason: string;
    readonly message: { readonly pt: string; readonly en: string };
  };
}
const tell = (rest: Partial<Notice> = {}) =>
  operatorMessage({ ...notice, ...rest }) as unknown as Message;

Deno.test("the operator is told which number, since when, what was tried and what to do", () => {
  const { type, data } = tell();
  assert.equal(type, "ghost_repair.needs_operator");
  assert.deepEqual(data.message, {
    pt: '"Atendimento" está sem WhatsApp desde 2026-11-22 21:27 UTC. Já foi tentado: encerrar a ' +
      "sessão (logout), reiniciar a instância. Reinicie o contêiner do Evolution; o pareamento é " +
      "mantido.",
    en: '"Atendimento" has been without WhatsApp since 2026-11-22 21:27 UTC. Tried: logging out, ' +
      "restarting the instance. Restart the Evolution container; the pairing is kept.",
  });
  assert.deepEqual(data.tried, ["logout", "restart"]);
  assert.match(
    tell({ logout_called: false, restart_called: false }).data.message.en,
    /Tried: nothing\./,
  );
});

Deno.test("every reason has its own advice, and a reason of another version has one too", () => {
  for (const [reason, advice] of Object.entries(ADVICE)) {
    const { data } = tell({ reason });
    assert.equal(data.reason, reason);
    assert.ok(data.message.en.endsWith(advice.en) && data.message.pt.endsWith(advice.pt));
  }
  assert.equal(tell({ reason: "unheard of" }).data.reason, "steps_used_up");
  assert.equal(tell({ reason: null }).data.reason, "steps_used_up");
});

Deno.test("a number that somebody used as a name is not told", () => {
  const written = JSON.stringify(tell({
    instance_name: "loja-5511987654321",
    display_name: "Vendas +55 (11) 98765-4321 matriz 2",
  }));
  assert.doesNotMatch(written, /98765|4321/);
  assert.match(written, /loja-…21/);
  assert.match(written, /Vendas …21 matriz 2/);
});
