import { setTimeout as pause } from "node:timers/promises";
import { type EventStream, openEventStream } from "./event-stream.ts";
import { NotApplicable } from "./not-applicable.ts";
import { type Answer, callHttp, type CallOptions } from "./http-call.ts";
import { Mismatch } from "./mismatch.ts";
import type { Options } from "./options.ts";
import { type Receiver, startReceiver } from "./receiver.ts";

type Headers = Record<string, string>;

export interface Organization {
  id: string;
  apiKey: string;
  /** The answer that created it. */
  generated: Record<string, unknown>;
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Headers,
    options?: CallOptions,
  ): Promise<Answer>;
  /** As `call`, with another of its keys. */
  callWith(apiKey: string, method: string, path: string, body?: unknown): Promise<Answer>;
  openStream(path: string, headers?: Headers): Promise<EventStream>;
  /** Publishes an event that must be accepted, and answers its 202. */
  publish(event?: Record<string, unknown>, headers?: Headers): Promise<Answer>;
}

export interface World {
  isSlow: boolean;
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Headers,
    options?: CallOptions,
  ): Promise<Answer>;
  /** A call of the operator; not applicable without a token. */
  callAsOperator(method: string, path: string, body?: unknown): Promise<Answer>;
  /** One that checks share; the first that asks creates it. */
  organization(name: "main" | "other"): Promise<Organization>;
  createOrganization(tier?: string): Promise<Organization>;
  /** Headers with which anybody may sign up here. */
  signupHeaders: Headers;
  startReceiver(): Promise<Receiver>;
}

const tierOf = { main: "enterprise", other: "pro" };

/** Everything that checks use of the tested server. Signups are few, because servers limit them; a 429 is waited out. */
export function createWorld(options: Options): World {
  const shared = new Map<string, Promise<Organization>>();
  const { url, adminToken } = options;
  const signupHeaders: Headers = adminToken === undefined ? {} : { authorization: `Bearer ${adminToken}` };
  const call: World["call"] = (method, path, body, headers = {}, callOptions = {}) =>
    callHttp(url + path, method, body, headers, callOptions);

  const createOrganization = async (tier = "enterprise"): Promise<Organization> => {
    const body = { organization_name: "Conformance", tier };
    const answer = await call("POST", "/api/keys/generate", body, signupHeaders);
    if (answer.status === 429) {
      await pause(Number(answer.headers["retry-after"] ?? 60) * 1_000);
      return createOrganization(tier);
    }
    if (answer.status === 401 && adminToken === undefined) {
      throw new NotApplicable("signup is closed here and no --admin-token was given");
    }
    if (answer.status !== 201) throw new Mismatch("201 for a new organization", answer.text);
    return organizationOf(answer.body as Record<string, unknown>);
  };

  const organizationOf = (generated: Record<string, unknown>): Organization => {
    const apiKey = String(generated.api_key);
    const callWith: Organization["callWith"] = (key, method, path, body) =>
      call(method, path, body, { "x-api-key": key });
    const callAsIt: Organization["call"] = (method, path, body, headers = {}, callOptions = {}) =>
      call(method, path, body, { "x-api-key": apiKey, ...headers }, callOptions);
    return {
      ...{ id: String(generated.organization_id), apiKey, generated, callWith, call: callAsIt },
      openStream: (path, headers = {}) => openEventStream(url + path, { "x-api-key": apiKey, ...headers }),
      async publish(event = {}, headers = {}) {
        const body = { type: "conformance.checked", payload: { a: 1 }, ...event };
        const answer = await callAsIt("POST", "/api/events", body, headers);
        if (answer.status !== 202) throw new Mismatch("202 for an event", `${answer.status} ${answer.text}`);
        return answer;
      },
    };
  };

  return {
    ...{ isSlow: options.isSlow, call, createOrganization, signupHeaders },
    callAsOperator(method, path, body) {
      if (adminToken === undefined) throw new NotApplicable("no --admin-token was given");
      return call(method, path, body, { authorization: `Bearer ${adminToken}` });
    },
    organization(name) {
      const known = shared.get(name) ?? createOrganization(tierOf[name]);
      shared.set(name, known);
      return known;
    },
    startReceiver: () => startReceiver(options.receiverHost),
  };
}
