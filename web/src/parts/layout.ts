// Lay a tree of zones out as boxes in boxes, row by row, so that a site without a drawing has a plan. It
// depends on the site and the width alone, never on the counts: nothing jumps.
import type { Zone } from "../door/documents";

export interface Box {
    zone: Zone;
    x: number;
    y: number;
    w: number;
    h: number;
    /** has zones in it: its own words stand in a strip at the top */
    parent: boolean;
}

interface Node {
    zone: Zone;
    children: Node[];
    leaves: number;
}

const STRIP = 32;
const GAP = 6;
const LEAF_WIDTH = 118;
const LEAF_HEIGHT = 104;
const LEAF_HEIGHT_SMALL = 66; // a name, a figure, a bar
const ROOMY_UP_TO = 16;
const PARENT_WIDTH = 250;
const ALONE_FROM = 6; // a zone of so many zones has a row for itself

function tree(zones: Zone[]): Node[] {
    const nodes = new Map<string, Node>(zones.map((zone) => [zone.id, { zone, children: [], leaves: 0 }]));
    const roots: Node[] = [];
    for (const node of nodes.values()) {
        const above = node.zone.in ? nodes.get(node.zone.in) : undefined;
        (above ? above.children : roots).push(node);
    }
    const count = (node: Node): number => (node.leaves = node.children.reduce((sum, c) => sum + count(c), 0) || 1);
    roots.forEach(count);
    return roots;
}

/** A row and how many columns it has: the last one of a group may not fill them. */
interface Row {
    nodes: Node[];
    columns: number;
}

function rowsOf(nodes: Node[], most: number): Row[] {
    const count = Math.ceil(nodes.length / Math.max(1, most));
    const columns = Math.ceil(nodes.length / Math.max(1, count));
    return Array.from({ length: count }, (_, i) => ({ nodes: nodes.slice(i * columns, (i + 1) * columns), columns }));
}

function rows(nodes: Node[], width: number): Row[] {
    const fits = (least: number) => Math.floor((width + GAP) / (least + GAP));
    const leaves = nodes.filter((n) => n.children.length === 0);
    const small = nodes.filter((n) => n.children.length > 0 && n.leaves < ALONE_FROM);
    const large = nodes.filter((n) => n.leaves >= ALONE_FROM);
    return [...rowsOf(leaves, fits(LEAF_WIDTH)), ...rowsOf(large, 1), ...rowsOf(small, fits(PARENT_WIDTH))];
}

/** Boxes of all zones in a plan of this width, parents before what is in them. */
export function layout(zones: Zone[], width: number): { boxes: Box[]; height: number } {
    const roots = tree(zones);
    const leafHeight = roots.reduce((sum, n) => sum + n.leaves, 0) > ROOMY_UP_TO ? LEAF_HEIGHT_SMALL : LEAF_HEIGHT;
    const boxes: Box[] = [];

    /** Places these in rows from there on; says where they end. */
    function place(nodes: Node[], x: number, y: number, w: number): number {
        for (const row of rows(nodes, w)) {
            const each = (w - GAP * (row.columns - 1)) / row.columns;
            const placed = row.nodes.map((node, i) => {
                const box: Box = { zone: node.zone, x: x + i * (each + GAP), y, w: each, h: leafHeight, parent: node.children.length > 0 };
                boxes.push(box);
                if (box.parent) box.h = place(node.children, box.x + GAP, y + STRIP, each - 2 * GAP) - y;
                return box;
            });
            const tallest = Math.max(...placed.map((b) => b.h));
            for (const box of placed) box.h = tallest;
            y += tallest + GAP;
        }
        return y;
    }
    const height = place(roots, 1, 1, Math.max(width - 2, 100));
    return { boxes, height: height - GAP + 2 };
}

/** A text cut to what fits, by the usual width of a letter. */
export function fit(text: string, px: number, letter: number): string {
    const room = Math.floor(px / letter);
    if (text.length <= room) return text;
    return room < 3 ? "" : text.slice(0, room - 1).trimEnd() + "…";
}
