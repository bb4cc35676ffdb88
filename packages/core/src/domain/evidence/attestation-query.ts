import * as v from "valibot";
import { Input } from "../../platform/input.ts";
import { Page } from "../../platform/page.ts";

export const attestationPaging = Page.paging("attestations", v.tuple([Input.uuid]));
export const AttestationQuery = v.strictObject(attestationPaging.query);
