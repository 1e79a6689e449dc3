// A keyboard-wedge reader types a band and presses Enter, faster than anybody types.
const GAP_MS = 400;

/** Takes key presses; gives the band when one is complete. */
export function wedge(take: (band: string) => void): (event: KeyboardEvent) => void {
    let typed = "";
    let last = 0;
    return (event) => {
        const there = event.target;
        if (there instanceof HTMLInputElement || there instanceof HTMLSelectElement) return;
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.timeStamp - last > GAP_MS) typed = "";
        last = event.timeStamp;
        if (event.key === "Enter") {
            const band = typed.trim();
            typed = "";
            if (!band) return;
            event.preventDefault();
            take(band);
        } else if (event.key.length === 1) {
            typed += event.key;
            // A space typed by a reader must not press the button that has the focus.
            if (typed.length > 1) event.preventDefault();
        }
    };
}
