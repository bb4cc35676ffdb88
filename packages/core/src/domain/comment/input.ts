import * as v from "valibot";
import { Input } from "../../platform/input.ts";
import { Page } from "../../platform/page.ts";
import { MAX_CHARACTERS } from "../task/comment.sql.ts";

export const paging = Page.paging("comments", v.tuple([Input.uuid]));
export const ListQuery = v.strictObject(paging.query);
export const Text = v.strictObject({ text: Input.text(1, MAX_CHARACTERS.text) });
export const CommentId = v.strictObject({ comment_id: Input.uuid });

export * as CommentInput from "./input.ts";
