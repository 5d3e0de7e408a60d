/**
 * PostgREST's HTTP status of what PostgreSQL says.
 *
 * @module
 */

/** By the longest beginning of a SQLSTATE. From PostgREST's documentation, "Errors". */
const STATUS: Readonly<Record<string, number>> = {
  "08": 503,
  "09": 500,
  "0L": 403,
  "0P": 403,
  "21": 500,
  "25": 500,
  "25006": 405,
  "28": 403,
  "2D": 500,
  "38": 500,
  "39": 500,
  "3B": 500,
  "40": 500,
  "23503": 409,
  "23505": 409,
  "42883": 404,
  "42P01": 404,
  "42P17": 500,
  "53": 503,
  "53400": 500,
  "54": 500,
  "55": 500,
  "57": 500,
  "58": 500,
  "F0": 500,
  "HV": 500,
  "P0": 500,
  "P0001": 400,
  "XX": 500,
};

/** @param isAnonymous Whether nobody was signed in: what is refused then, a token might get. */
export function statusOf(sqlstate: string, isAnonymous: boolean): number {
  if (sqlstate === "42501") return isAnonymous ? 401 : 403;
  return STATUS[sqlstate] ?? STATUS[sqlstate.slice(0, 2)] ?? 400;
}
