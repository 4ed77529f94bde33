// Everything under /v2/usercollection and its sandbox: who asks, whether the scope allows it, and which collection answers.

import type { Resource } from '../ring/document-history.ts';
import type { DocumentSource, SeriesName } from '../source.ts';
import type { Traps } from '../traps.ts';
import { collections, resourceOf, seriesOf, seriesScopes } from './catalogue.ts';
import { listDocuments, singleDocument } from './collections.ts';
import type { Bearer, Grants } from './grants.ts';
import { type Answer, type ApiRequest, bare, type Part, segmentAfter, singleHeader } from './http.ts';
import { sandboxDocument, sandboxList, sandboxRows } from './sandbox.ts';
import { listRows } from './time-series.ts';

const PREFIX = '/v2/usercollection/';
const SANDBOX_PREFIX = '/v2/sandbox/usercollection/';

export interface UserCollectionSettings {
  traps: Traps;
  grants: Grants;
  sources: Map<string, DocumentSource>;
  pageSize: { documents: number; rows: number };
  presentMs: () => number;
  /** True once for a document that a notification has just named: Oura does not have it yet. */
  isNotThereYet: (ouraUserId: string, resource: Resource, id: string) => boolean;
}

export const bearerOf = (grants: Grants, request: ApiRequest): Bearer | null => {
  const header = singleHeader(request.headers.authorization) ?? '';
  return header.toLowerCase().startsWith('bearer ') ? grants.bearer(header.slice(7).trim()) : null;
};

/** The collection a path is about, sandbox or not: for faults and the request log. */
export function collectionIn(path: string): string | null {
  const prefix = [PREFIX, SANDBOX_PREFIX].find((known) => path.startsWith(known));
  return prefix === undefined ? null : (path.slice(prefix.length).split('/')[0] ?? null);
}

function personalInfo(source: DocumentSource, bearer: Bearer): Answer {
  const { id, age, weight, height, biological_sex, email } = source.personalInfo;
  const isPersonal = bearer.scopes.has('personal');
  return {
    status: 200,
    json: {
      id,
      age: isPersonal ? age : null,
      weight: isPersonal ? weight : null,
      height: isPersonal ? height : null,
      biological_sex: isPersonal ? biological_sex : null,
      email: bearer.scopes.has('email') ? email : null,
    },
  };
}

interface Place {
  resource: Resource | null;
  series: SeriesName | null;
  id: string | null;
}

/** Null: no such route. `vo2_max` is one only where case does not matter. */
function placeOf(rest: string, traps: Traps): Place | null {
  const [written = '', ...ids] = rest.split('/');
  const name = !traps.exactCaseVo2Max && written === 'vo2_max' ? 'vO2_max' : written;
  const resource = resourceOf(name);
  const series = seriesOf(name);
  const id = ids.length === 0 ? null : segmentAfter('/', `/${ids.join('/')}`);
  const hasExtra = ids.length > 0 && (id === null || series !== null);
  return (resource === null && series === null) || hasExtra ? null : { resource, series, id };
}

function sandbox(settings: UserCollectionSettings, request: ApiRequest): Answer {
  if (!request.headers.authorization) return bare(401);
  const place = placeOf(request.path.slice(SANDBOX_PREFIX.length), settings.traps);
  const source = settings.sources.values().next().value;
  if (place === null || source === undefined) return bare(404);
  const presentMs = settings.presentMs();
  if (place.series !== null) return sandboxRows(source, place.series, presentMs);
  if (place.resource === null) return bare(404);
  return place.id === null
    ? sandboxList(source, place.resource, request.query, presentMs)
    : sandboxDocument(source, place.resource, place.id, presentMs);
}

function answer(settings: UserCollectionSettings, request: ApiRequest): Answer {
  const { traps, pageSize } = settings;
  const bearer = bearerOf(settings.grants, request);
  const source = bearer === null ? undefined : settings.sources.get(bearer.ouraUserId);
  if (bearer === null || source === undefined) return bare(401);
  if (request.path === `${PREFIX}personal_info`) return personalInfo(source, bearer);
  const place = placeOf(request.path.slice(PREFIX.length), traps);
  if (place === null) return bare(404);
  const { resource, series, id } = place;
  const { query } = request;
  const presentMs = settings.presentMs();
  const denied = bare(traps.missingScopeIs401 ? 401 : 403);
  if (series !== null) {
    if (!bearer.scopes.has(seriesScopes[series])) return denied;
    return listRows({ source, series, query, presentMs }, { traps, pageSize: pageSize.rows });
  }
  if (resource === null) return bare(404);
  if (!bearer.scopes.has(collections[resource].scope)) return denied;
  if (id === null)
    return listDocuments({ source, resource, query, presentMs }, { traps, pageSize: pageSize.documents });
  if (settings.isNotThereYet(bearer.ouraUserId, resource, id)) return bare(404);
  return singleDocument({ source, resource, query, presentMs }, id);
}

export const createUserCollection =
  (settings: UserCollectionSettings): Part =>
  (request) => {
    const isSandbox = request.path.startsWith(SANDBOX_PREFIX);
    if (!isSandbox && !request.path.startsWith(PREFIX)) return null;
    if (request.method !== 'GET') return bare(405);
    return isSandbox ? sandbox(settings, request) : answer(settings, request);
  };
