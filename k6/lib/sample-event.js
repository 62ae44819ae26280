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

/** An event like those that people send, about 450 bytes, with a `dedup_id` of its own. */
export function sampleEvent() {
  return `${withoutDedup.slice(0, -1)},"dedup_id":"${crypto.randomUUID()}"}`;
}
