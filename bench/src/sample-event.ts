const payload = {
  order: { id: "ord_8f14e45fceea167a", number: 1042, currency: "EUR", total: "129.90" },
  customer: { id: "cus_c9f0f895fb98ab91", email: "ada@example.com", name: "Ada Lovelace" },
  items: [
    { sku: "TSHIRT-M-BLUE", quantity: 2, price: "24.95" },
    { sku: "MUG-ENGINE", quantity: 4, price: "20.00" },
  ],
  note: "Please leave it with the neighbours when nobody opens the door.",
};

const withoutDedup = JSON.stringify({ type: "order.created", payload });

/** An event like those that people send, about 400 bytes. */
export function eventBody(): string {
  return withoutDedup;
}

export function eventBodyWithDedup(dedupId: string): string {
  return `${withoutDedup.slice(0, -1)},"dedup_id":"${dedupId}"}`;
}

/** One that its receiver recognises by `n`. */
export function numberedEventBody(n: number): string {
  return `{"type":"order.created","payload":{"n":${n},${JSON.stringify(payload).slice(1)}}`;
}

/** Exactly `bytes` long, with a dedup id where wanted. */
export function eventBodyOfSize(bytes: number, dedupId?: string): string {
  const start =
    dedupId === undefined ? '{"type":"order.created"' : `{"type":"order.created","dedup_id":"${dedupId}"`;
  const frame = `${start},"payload":{"text":""}}`;
  return frame.replace('""}}', `"${"x".repeat(bytes - frame.length)}"}}`);
}

/** A batch of `size` events. */
export function batchBody(size: number): string {
  return `{"events":[${Array.from({ length: size }, () => withoutDedup).join(",")}]}`;
}
