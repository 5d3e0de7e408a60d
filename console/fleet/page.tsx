/**
 * All numbers: how many are how, and a page of them, as the address asks for it.
 *
 * @module
 */

import { useEffect } from "preact/hooks";
import { PAGE } from "../data/data.ts";
import { addressOf, EVERYTHING } from "../data/route.ts";
import { Meanings } from "./meanings.tsx";
import { FleetRows } from "./rows.tsx";
import { FleetSum } from "./sum.tsx";
import { FleetTools } from "./tools.tsx";
import { useReading, useSignedIn } from "../parts/signed-in.ts";
import type { Fleet, FleetQuery } from "../types.ts";
import { count } from "../words/format.ts";

/** The page. */
export function FleetPage(
  { query, onOnly }: {
    query: FleetQuery;
    /** There is one number, and nothing else to see. */
    onOnly: (id: string) => void;
  },
) {
  const { data, say, setNow } = useSignedIn();
  const asked = addressOf({ page: "fleet", query });
  const found = useReading(asked, async () => {
    const fleet = await data.fleet(query);
    setNow(fleet.now);
    return fleet;
  });
  const fleet = found?.value ?? null;
  const [only] = fleet?.numbers ?? [];
  const alone = asked === "#/" && fleet?.sum.all === 1 && only !== undefined;
  useEffect(() => {
    if (alone) onOnly(only.id);
  }, [alone]);

  if (fleet === null || alone) {
    return <p class="hint" role="status">{say("loading")}</p>;
  }
  const nothing = asked === "#/" && fleet.sum.all === 0;
  return (
    <section id="numbers" tabIndex={-1} aria-labelledby="numbers-title">
      <h2 id="numbers-title" class="unseen">{say("numbers")}</h2>
      {nothing ? <p id="no-numbers" class="panel empty">{say("noNumbers")}</p> : (
        <>
          <FleetSum fleet={fleet} query={query} />
          <FleetTools fleet={fleet} query={query} />
          <p class="unseen" role="status">
            {fleet.found === 1 ? say("foundOne") : say("foundNumbers", { count: fleet.found })}
          </p>
          {fleet.numbers.length === 0
            ? (
              <div class="panel empty">
                <p>{say("nothingFound")}</p>
                <a class="button" href={addressOf({ page: "fleet", query: EVERYTHING })}>
                  {say("showAll")}
                </a>
              </div>
            )
            : <FleetRows numbers={fleet.numbers} withGateway={fleet.gateways.length > 1} />}
          <Pager fleet={fleet} query={query} />
          <Meanings />
        </>
      )}
    </section>
  );
}

function Pager({ fleet, query }: { fleet: Fleet; query: FleetQuery }) {
  const { say, language } = useSignedIn();
  if (fleet.found <= PAGE && query.page === 0) return null;
  const from = query.page * PAGE;
  const to = Math.min(fleet.found, from + PAGE);
  const at = (page: number) => addressOf({ page: "fleet", query: { ...query, page } });
  const [first, last, all] = [from + 1, to, fleet.found].map((each) => count(each, language));
  return (
    <nav class="pager" aria-label={say("pagesLabel")}>
      {query.page > 0
        ? <a class="button" rel="prev" href={at(query.page - 1)}>← {say("previous")}</a>
        : <span />}
      <span>{say("pageOf", { from: first, to: last, all })}</span>
      {to < fleet.found
        ? <a class="button" rel="next" href={at(query.page + 1)}>{say("following")} →</a>
        : <span />}
    </nav>
  );
}
