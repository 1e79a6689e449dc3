// Printed codes in the camera's picture: by the browser's own detector where it has one, else by the one that
// comes with the pages; that one is fetched only when a camera is wanted.
import type { BarcodeDetector as Ponyfill } from "barcode-detector/pure";

const FORMATS = ["qr_code", "code_128", "code_39", "data_matrix", "aztec", "ean_13"] as const;
const EVERY_MS = 120;
const AGAIN_MS = 4_000;

interface Detector {
    detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}

async function detector(): Promise<Detector> {
    const own = (globalThis as { BarcodeDetector?: typeof Ponyfill }).BarcodeDetector;
    const supported: readonly string[] = own ? await own.getSupportedFormats().catch(() => []) : [];
    if (own && supported.includes("qr_code")) {
        return new own({ formats: FORMATS.filter((f) => supported.includes(f)) });
    }
    const [{ BarcodeDetector, prepareZXingModule }, { default: wasm }] = await Promise.all([
        import("barcode-detector/pure"),
        import("zxing-wasm/reader/zxing_reader.wasm?url"),
    ]);
    // By itself it would fetch this file from elsewhere.
    prepareZXingModule({ overrides: { locateFile: (path: string, prefix: string) => (path.endsWith(".wasm") ? wasm : prefix + path) } });
    return new BarcodeDetector({ formats: [...FORMATS] });
}

/** Watch the camera; a code in front of it counts once until it has been away. */
export async function watch(video: HTMLVideoElement, take: (band: string) => void): Promise<() => void> {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user", width: { ideal: 1280 } }, audio: false });
    video.srcObject = stream;
    let stopped = false;
    const stop = () => {
        stopped = true;
        for (const track of stream.getTracks()) track.stop();
        video.srcObject = null;
    };
    try {
        await video.play();
        const eye = await detector();
        const seen = new Map<string, number>();
        const look = async (): Promise<void> => {
            if (stopped) return;
            if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
                const codes = await eye.detect(video).catch(() => []);
                const now = performance.now();
                for (const { rawValue } of codes) {
                    const band = rawValue.trim();
                    const last = seen.get(band) ?? -Infinity;
                    seen.set(band, now);
                    if (band && now - last > AGAIN_MS && !stopped) take(band);
                }
            }
            setTimeout(() => void look(), EVERY_MS);
        };
        void look();
    } catch (error) {
        stop();
        throw error;
    }
    return stop;
}
