import { t, type TextKey } from "../texts/index.ts";
import { Icon } from "./icon.tsx";

interface FilePickerProps {
  /** The camera that a phone opens: `user` is the camera above the screen. */
  readonly camera: "environment" | "user";
  /** Media types that the second button accepts, separated by commas. */
  readonly accept: string;
  readonly chooseText: TextKey;
  /** The part of the file that is sent, between 0 and 1; undefined while nothing is sent. */
  readonly part: number | undefined;
  readonly onFile: (file: File) => Promise<unknown>;
}

/** Two buttons that take a picture or choose a file, and the progress of its upload. */
export function FilePicker({ camera, accept, chooseText, part, onFile }: FilePickerProps) {
  const onChange = (event: { currentTarget: HTMLInputElement }) => {
    const input = event.currentTarget;
    const file = input.files?.[0];
    // Clears the field, since choosing the same file again would otherwise cause no event.
    if (file) void onFile(file).then(() => (input.value = ""));
  };
  return (
    <>
      <label class="button wide picker">
        <Icon name="camera" /> {t("take_picture")}
        <input class="hidden-visually" type="file" accept="image/*" capture={camera} onChange={onChange} />
      </label>
      <label class="button second wide picker">
        {t(chooseText)}
        <input class="hidden-visually" type="file" accept={accept} onChange={onChange} />
      </label>
      {part !== undefined && (
        <div role="status">
          <progress value={part} max={1} aria-label={t("sending")} />{" "}
          {t("sending_part", { percent: Math.round(part * 100) })}
        </div>
      )}
    </>
  );
}
