import { mount } from "svelte";
import "./tokens.css";
import "./page.css";
import App from "./App.svelte";
import { session } from "./door/session.svelte";
import { followLinks } from "./route.svelte";
import { language } from "./words/language.svelte";

followLinks();
const retry = (): void => {
    session.load().catch(() => setTimeout(retry, 1_500));
};
retry();
void language.start().finally(() => mount(App, { target: document.getElementById("page") as HTMLElement }));
