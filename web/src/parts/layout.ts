// Lay a tree of zones out as rectangles in rectangles (squarified: Bruls, Huizing, van Wijk 2000), so that a
// site without a plan has one. The layout depends on the site alone, never on the counts: nothing jumps.
import type { Zone } from "../door/documents";

export interface Box {
    zone: Zone;
    x: number;
    y: number;
    w: number;
    h: number;
    /** has zones in it: its own words stand in a strip at the top */
    parent: boolean;
    depth: number;
}

interface Node {
    zone: Zone;
    children: Node[];
    weight: number;
}
interface Rect {
    x: number;
    y: number;
    w: number;
    h: number;
}

const STRIP = 34;
const STRIP_WEIGHT = 0.5; // a strip is about half a box
const INSET = 6;
// Room for a name, a figure and a bar; on a phone no more than that.
const LEAF_AREA = 26_000;
const LEAF_AREA_NARROW = 16_000;
const NARROW = 520;

function tree(zones: Zone[]): Node[] {
    const nodes = new Map<string, Node>(zones.map((zone) => [zone.id, { zone, children: [], weight: 1 }]));
    const roots: Node[] = [];
    for (const node of nodes.values()) {
        const above = node.zone.in ? nodes.get(node.zone.in) : undefined;
        (above ? above.children : roots).push(node);
    }
    const weigh = (node: Node): number => {
        if (node.children.length === 0) node.weight = 1 + Math.min(1, (node.zone.capacity ?? 0) / 150);
        else node.weight = node.children.reduce((sum, child) => sum + weigh(child), 0) * 1.04 + STRIP_WEIGHT;
        return node.weight;
    };
    roots.forEach(weigh);
    return roots;
}

const worst = (row: number[], side: number): number => {
    const sum = row.reduce((a, b) => a + b, 0);
    const most = Math.max(...row);
    const least = Math.min(...row);
    return Math.max((side * side * most) / (sum * sum), (sum * sum) / (side * side * least));
};

/** The rectangles of these weights inside a rectangle, in their order by weight. */
function squarify(nodes: Node[], into: Rect): Map<Node, Rect> {
    const placed = new Map<Node, Rect>();
    const order = [...nodes].sort((a, b) => b.weight - a.weight);
    const total = order.reduce((sum, n) => sum + n.weight, 0);
    const scale = (into.w * into.h) / total;
    let rest = { ...into };
    for (let i = 0; i < order.length; ) {
        // Prefer wide boxes: they hold words.
        const along = rest.h * 2.2 <= rest.w;
        const side = along ? rest.h : rest.w;
        const row: number[] = [];
        let end = i;
        while (end < order.length) {
            const next = [...row, (order[end] as Node).weight * scale];
            if (row.length > 0 && worst(next, side) > worst(row, side)) break;
            row.push((order[end] as Node).weight * scale);
            end++;
        }
        const thick = row.reduce((a, b) => a + b, 0) / side;
        let offset = 0;
        for (const area of row) {
            const length = area / thick;
            const rect = along
                ? { x: rest.x, y: rest.y + offset, w: thick, h: length }
                : { x: rest.x + offset, y: rest.y, w: length, h: thick };
            placed.set(order[i++] as Node, rect);
            offset += length;
        }
        rest = along
            ? { x: rest.x + thick, y: rest.y, w: rest.w - thick, h: rest.h }
            : { x: rest.x, y: rest.y + thick, w: rest.w, h: rest.h - thick };
    }
    return placed;
}

/** Boxes of all zones in a plan of this width, parents before what is in them. */
export function layout(zones: Zone[], width: number): { boxes: Box[]; height: number } {
    const roots = tree(zones);
    const leaves = zones.filter((z) => !zones.some((other) => other.in === z.id)).length;
    const area = leaves * (width < NARROW ? LEAF_AREA_NARROW : LEAF_AREA) + (zones.length - leaves) * STRIP * width;
    const height = Math.max(180, Math.round(area / Math.max(width, 1)));
    const boxes: Box[] = [];
    const waiting: { nodes: Node[]; into: Rect; depth: number }[] = [
        { nodes: roots, into: { x: 0, y: 0, w: width, h: height }, depth: 0 },
    ];
    for (let next = waiting.shift(); next; next = waiting.shift()) {
        for (const [node, r] of squarify(next.nodes, next.into)) {
            const parent = node.children.length > 0;
            const gap = INSET / 2;
            const box = { x: r.x + gap, y: r.y + gap, w: Math.max(r.w - INSET, 1), h: Math.max(r.h - INSET, 1) };
            boxes.push({ zone: node.zone, ...box, parent, depth: next.depth });
            if (!parent) continue;
            const into = { x: box.x + gap, y: box.y + STRIP, w: Math.max(box.w - INSET, 1), h: Math.max(box.h - STRIP - gap, 1) };
            waiting.push({ nodes: node.children, into, depth: next.depth + 1 });
        }
    }
    return { boxes, height };
}

/** A name cut to what fits, by the usual width of a letter. */
export function fit(text: string, px: number, letter: number): string {
    const room = Math.floor(px / letter);
    if (text.length <= room) return text;
    return room < 2 ? "" : text.slice(0, room - 1).trimEnd() + "…";
}
