// The operator's drawing of the site and the places of zones on it, as parts of its width and height.
import { ask } from "../door/ask";
import type { ZonePlace } from "../door/documents";

class Drawing {
    places = $state.raw<ZonePlace[]>([]);
    size = $state.raw<{ w: number; h: number } | null>(null);
    #loaded = false;

    async load(again = false): Promise<void> {
        if (this.#loaded && !again) return;
        this.#loaded = true;
        this.places = await ask<{ places: ZonePlace[] }>("/v1/plan/places").then((a) => a.places, () => []);
        // Without places the drawing is not shown, so it is not asked for.
        if (this.places.length > 0 || again) this.size = await measure(`/v1/plan${again ? `?v=${Date.now()}` : ""}`);
    }
}

/** Its width and height; a drawing that says none is taken for a square. */
function measure(src: string): Promise<{ w: number; h: number } | null> {
    return new Promise((done) => {
        const image = new Image();
        image.onload = () => done({ w: image.naturalWidth || 100, h: image.naturalHeight || 100 });
        image.onerror = () => done(null);
        image.src = src;
    });
}

export const drawing = new Drawing();
