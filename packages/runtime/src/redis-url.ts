export interface RedisNode {
  host: string;
  port: number;
}

interface Credentials {
  username?: string;
  password?: string;
}

/** Where Redis is: one server, the master that a group of Sentinels names, or the masters of a Cluster. */
export type RedisAddress =
  | { form: "single"; url: string }
  | {
      form: "sentinel";
      isTls: boolean;
      sentinels: RedisNode[];
      masterName: string;
      db: number;
      credentials: Credentials;
      sentinelCredentials: Credentials;
    }
  | { form: "cluster"; isTls: boolean; nodes: RedisNode[]; credentials: Credentials };

const groupPattern =
  /^(?<scheme>rediss?)\+(?<form>sentinel|cluster):\/\/(?:(?<user>[^@/?#]*)@)?(?<hosts>[^@/?#]+)(?:\/(?<path>[^?#]*))?(?:\?(?<query>[^#]*))?$/;
const nodePattern = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<name>[A-Za-z0-9._-]+))(?::(?<port>\d{1,5}))?$/;

/**
 * `redis://` and `rediss://` (TLS) name one server. `redis+sentinel://[user:password@]host:port,host:port/master[/db]`
 * names Sentinels and the master they watch; credentials are the master's, those of the Sentinels themselves follow as
 * `?sentinel_username=…&sentinel_password=…`. `redis+cluster://[user:password@]host:port,host:port` names some nodes of a
 * Cluster. `rediss+…` uses TLS. What is special in a URL is percent-encoded in names and passwords.
 * @throws a sentence without any part of the URL
 */
export function parseRedisUrl(url: string): RedisAddress {
  if (/^rediss?:\/\//.test(url)) {
    if (!URL.canParse(url)) throw new Error("it is no URL");
    return { form: "single", url };
  }
  const parts = groupPattern.exec(url)?.groups;
  if (!parts) throw new Error("it has none of the forms that are known");
  const isTls = parts.scheme === "rediss";
  const credentials = credentialsOf(parts.user);
  const query = new URLSearchParams(parts.query);
  const path = (parts.path ?? "").split("/").map(decodeURIComponent);
  if (parts.form === "cluster") {
    if (path.join("") !== "" || query.size > 0) throw new Error("a Cluster has neither names nor databases");
    return { form: "cluster", isTls, nodes: nodesOf(parts.hosts, 6_379), credentials };
  }
  const [masterName = "", db = "0", ...rest] = path;
  if (masterName === "" || rest.length > 0) throw new Error("the master's name is missing");
  if (!/^\d{1,3}$/.test(db)) throw new Error("the database is no number");
  return {
    ...{ form: "sentinel", isTls, sentinels: nodesOf(parts.hosts, 26_379), masterName, db: Number(db) },
    ...{ credentials, sentinelCredentials: sentinelCredentialsOf(query) },
  };
}

function nodesOf(hosts = "", defaultPort: number): RedisNode[] {
  return hosts.split(",").map((text) => {
    const parts = nodePattern.exec(text)?.groups;
    const port = Number(parts?.port ?? defaultPort);
    const host = parts?.v6 ?? parts?.name;
    if (host === undefined || port < 1 || port > 65_535) throw new Error("a node is no host:port");
    return { host, port };
  });
}

function credentialsOf(text = ""): Credentials {
  const [username = "", ...rest] = text.split(":");
  return namedCredentials(decodeURIComponent(username), decodeURIComponent(rest.join(":")));
}

function sentinelCredentialsOf(query: URLSearchParams): Credentials {
  for (const name of query.keys())
    if (name !== "sentinel_username" && name !== "sentinel_password") throw new Error("unknown parameter");
  return namedCredentials(query.get("sentinel_username") ?? "", query.get("sentinel_password") ?? "");
}

function namedCredentials(username: string, password: string): Credentials {
  return { ...(username === "" ? {} : { username }), ...(password === "" ? {} : { password }) };
}
