import type { RequestHandler } from "express";
import Joi from "joi";
import { validate } from "./validate.ts";

const nothing = Joi.object({});

/** Stands before the last handler of a route without query parameters: a misspelt one must not be ignored in silence. */
export const refuseQuery: RequestHandler = (req, _res, next) => {
  validate(nothing, req.query, "query");
  next();
};
