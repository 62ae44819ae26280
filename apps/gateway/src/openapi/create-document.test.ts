import { expect, test } from "@jest/globals";
import Joi from "joi";
import { inJsonSchema } from "../http/answer-schema.ts";
import type { Route } from "../http/route-table.ts";
import { createDocument } from "./create-document.ts";

const routeWith = (schema: Joi.Schema): Route => ({
  ...{ method: "post", path: "/a", handlers: [] },
  operation: {
    ...{ id: "a", tag: "Events", summary: "A", access: "public" },
    body: { schema: Joi.object({ items: Joi.array().items(schema) }), isRequired: true },
    answers: { 204: { description: "Done." } },
  },
});
const even = Joi.number().custom((value: number, helpers) =>
  value % 2 === 0 ? value : helpers.error("any.invalid"),
);

test("a rule that the document cannot know is named by its place, unless something beside it says it", () => {
  expect(createDocument([routeWith(even)], "1").unsaid).toEqual(["a application/json/items/*"]);
  const said = even.meta(inJsonSchema({ multipleOf: 2 }));
  expect(createDocument([routeWith(said)], "1").unsaid).toEqual([]);
});
