import { fail } from "k6";
import http from "k6/http";
import { settings } from "./settings.js";

/**
 * Runs once, in `setup`. Without API_KEY signup must be open, and an organization of its own is made. The key needs the
 * scopes publish, read and consume (end-to-end: endpoints too).
 */
export function openSession() {
  const apiKey = settings.apiKey || generateKey();
  // The first use of a key costs a gateway one comparison of its hash, some 70 ms on purpose.
  const answer = http.get(`${settings.baseUrl}/api/inbox?limit=1`, {
    headers: { "X-API-Key": apiKey },
    tags: { name: "set-up" },
  });
  if (answer.status !== 200) fail(`The key is not accepted: ${answer.status} ${answer.body}`);
  return { apiKey };
}

function generateKey() {
  const body = JSON.stringify({ organization_name: "k6", tier: settings.tier });
  const answer = http.post(`${settings.baseUrl}/api/keys/generate`, body, {
    headers: { "Content-Type": "application/json" },
    tags: { name: "set-up" },
  });
  if (answer.status !== 201) fail(`No key was generated (set API_KEY): ${answer.status} ${answer.body}`);
  return answer.json("api_key");
}
