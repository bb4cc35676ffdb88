import { expect, test } from "vitest";
import { decide } from "./index.ts";

test("votes decide by majority once the quorum is reached, and a tie leaves the contribution pending", () => {
  expect(decide({ approved: 2, rejected: 0 }, 3)).toBe("pending");
  expect(decide({ approved: 3, rejected: 0 }, 3)).toBe("verified");
  expect(decide({ approved: 1, rejected: 2 }, 3)).toBe("rejected");
  expect(decide({ approved: 2, rejected: 2 }, 4)).toBe("pending");
});
