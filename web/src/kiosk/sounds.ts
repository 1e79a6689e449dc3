// Three sounds that differ in more than loudness: taken rises, doubt stays, refused falls.
export type Sound = "taken" | "doubt" | "refused";

const NOTES: Record<Sound, [hz: number, at: number, long: number][]> = {
    taken: [
        [660, 0, 0.1],
        [880, 0.1, 0.18],
    ],
    doubt: [
        [440, 0, 0.12],
        [440, 0.18, 0.12],
    ],
    refused: [
        [392, 0, 0.18],
        [262, 0.18, 0.35],
    ],
};

let audio: AudioContext | null = null;

/** Browsers let a page sound only after somebody has touched it: called on the touch that begins. */
export function allowSound(): void {
    audio ??= new AudioContext();
    void audio.resume();
}

export function play(sound: Sound): void {
    if (!audio) return;
    for (const [hz, at, long] of NOTES[sound]) {
        const tone = audio.createOscillator();
        const level = audio.createGain();
        const begin = audio.currentTime + at;
        tone.frequency.value = hz;
        level.gain.setValueAtTime(0.001, begin);
        level.gain.exponentialRampToValueAtTime(0.3, begin + 0.02);
        level.gain.exponentialRampToValueAtTime(0.001, begin + long);
        tone.connect(level).connect(audio.destination);
        tone.start(begin);
        tone.stop(begin + long);
    }
}
