/**
 * Search, filters, order. What is chosen goes into the address.
 *
 * @module
 */

import { useEffect, useRef, useState } from "preact/hooks";
import { addressOf } from "../data/route.ts";
import { useSignedIn } from "../parts/signed-in.ts";
import type { Fleet, FleetQuery } from "../types.ts";
import type { Word } from "../words/strings.ts";

/** So long after the last key the search begins, in milliseconds. */
const TYPED_MS = 250;

const SORTS: readonly (readonly [FleetQuery["sort"], Word])[] = [
  ["need", "sortNeed"],
  ["name", "sortName"],
  ["silent", "sortSilent"],
  ["uptime", "sortUptime"],
];

/** The tools. */
export function FleetTools({ fleet, query }: { fleet: Fleet; query: FleetQuery }) {
  const { say } = useSignedIn();
  const [typed, setTyped] = useState(query.search);
  const input = useRef<HTMLInputElement>(null);
  const go = (change: Partial<FleetQuery>) =>
    location.replace(addressOf({ page: "fleet", query: { ...query, page: 0, ...change } }));

  useEffect(() => {
    if (typed.trim() === query.search) return;
    const timer = setTimeout(() => go({ search: typed.trim() }), TYPED_MS);
    return () => clearTimeout(timer);
    // Another tile or filter meanwhile: what was typed is added to that.
  }, [typed, addressOf({ page: "fleet", query })]);
  // A way back in the browser's history, or another tile.
  useEffect(() => {
    if (document.activeElement !== input.current) setTyped(query.search);
  }, [query.search]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const inField = event.target instanceof Element && event.target.closest("input, select");
      if (event.key !== "/" || inField || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);

  return (
    <search class="tools">
      <label class="search">
        <span class="unseen">{say("search")}</span>
        <input
          id="search"
          ref={input}
          type="search"
          placeholder={say("search")}
          autocomplete="off"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </label>
      {fleet.organizations.length > 1 && (
        <Choice
          id="organization"
          label={say("organization")}
          every={say("everyOrganization")}
          value={query.organization}
          options={fleet.organizations.map(({ id, name }) => [id, name])}
          onChoose={(organization) => go({ organization })}
        />
      )}
      {(fleet.gateways.length > 1 || query.gateway !== null) && (
        <Choice
          id="gateway"
          label={say("gateway")}
          every={say("everyGateway")}
          value={query.gateway}
          options={fleet.gateways.map((host) => [host, host])}
          onChoose={(gateway) => go({ gateway })}
        />
      )}
      <label class="choice">
        <span>{say("sortBy")}</span>
        <select
          id="sort"
          value={query.sort}
          onChange={(event) => go({ sort: event.currentTarget.value as FleetQuery["sort"] })}
        >
          {SORTS.map(([sort, word]) => <option key={sort} value={sort}>{say(word)}</option>)}
        </select>
      </label>
    </search>
  );
}

function Choice({ id, label, every, value, options, onChoose }: {
  id: string;
  label: string;
  every: string;
  value: string | null;
  options: (readonly [string, string])[];
  onChoose: (value: string | null) => void;
}) {
  return (
    <label class="choice">
      <span>{label}</span>
      <select
        id={id}
        value={value ?? ""}
        onChange={(event) => onChoose(event.currentTarget.value || null)}
      >
        <option value="">{every}</option>
        {options.map(([option, name]) => <option key={option} value={option}>{name}</option>)}
      </select>
    </label>
  );
}
