/**
 * How much of the time the number was there, day by day, and each time that it was not.
 *
 * @module
 */

import { Percent, toneOfShare, UPTIME_SPANS } from "../parts/percent.tsx";
import { useNow, useSignedIn } from "../parts/signed-in.ts";
import type { NumberPage } from "../types.ts";
import { day, DAY_MS, dayTime, percent, span } from "../words/format.ts";

/** The panel. */
export function UptimePanel({ page }: { page: NumberPage }) {
  const { say, language } = useSignedIn();
  const now = useNow(30_000);
  const { uptime, median, days } = page;
  return (
    <section class="panel times" aria-labelledby="uptime-title">
      <h3 id="uptime-title">{say("uptime")}</h3>
      <dl class="big-figures">
        {UPTIME_SPANS.map((word) => (
          <div key={word}>
            <dt>{say(word)}</dt>
            <dd>
              <Percent share={uptime[word]} />
            </dd>
          </div>
        ))}
        {median.awaySeconds !== null && (
          <div>
            <dt>{say("medianAway")}</dt>
            <dd>{span(median.awaySeconds)}</dd>
          </div>
        )}
        {median.foundSeconds !== null && (
          <div>
            <dt>{say("medianFound")}</dt>
            <dd>{span(median.foundSeconds)}</dd>
          </div>
        )}
      </dl>
      {days.length > 0 && (
        <div class="bar">
          <ol class="days" aria-label={say("lastDays")}>
            {days.map((share, index) => {
              const date = day(now - (days.length - 1 - index) * DAY_MS, language);
              const words = say("dayLabel", {
                day: date,
                share: share === null ? say("beatQuiet") : percent(share, language),
              });
              return (
                <li key={index} class="beat" data-tone={toneOfShare(share)} title={words}>
                  <span class="unseen">{words}</span>
                </li>
              );
            })}
          </ol>
          <div class="bar-words" aria-hidden="true">
            <span>{say("daysAgo")}</span>
            <span>{say("barNow")}</span>
          </div>
        </div>
      )}
      <Away page={page} now={now} />
    </section>
  );
}

function Away({ page: { away }, now }: { page: NumberPage; now: number }) {
  const { say, language } = useSignedIn();
  if (away.length === 0) return <p class="hint">{say("neverAway")}</p>;
  return (
    <table class="away">
      <caption>{say("timesAway")}</caption>
      <thead>
        <tr>
          <th scope="col">{say("when")}</th>
          <th scope="col">{say("howLong")}</th>
          <th scope="col">{say("knownAfter")}</th>
        </tr>
      </thead>
      <tbody>
        {away.map(({ from, until, wanted, foundSeconds }) => {
          const lasted = ((until === null ? now : Date.parse(until)) - Date.parse(from)) / 1_000;
          return (
            <tr key={from}>
              <td>{dayTime(Date.parse(from), language)}</td>
              <td>
                {span(lasted)}
                {until === null && <small>{say("stillAway")}</small>}
                {!wanted && <small>{say("byHand")}</small>}
              </td>
              <td>{foundSeconds === null || !wanted ? "—" : span(foundSeconds)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
