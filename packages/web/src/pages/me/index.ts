export { MePage } from "./me.tsx";
export { SettingsPage } from "./settings.tsx";
