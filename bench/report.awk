# Turns measured lines (figure, system, value, parted by tabs) into the table of figures:
# ours, the best peer, the ratio, the floor and whether it is met. A figure that was measured
# several times counts by its median.
#
#   -v people=N    of the workload whose file was opened last, for its bound on memory
#   -v floors=0    the workload is too small for floors to mean anything: leave out the verdict

BEGIN { FS = "\t" }

{
    key = $1 SUBSEP $2
    count[key]++
    sample[key, count[key]] = $3 + 0
    if (!($2 in is_system)) { is_system[$2] = 1; systems[++system_count] = $2 }
    if (!($1 in is_figure)) { is_figure[$1] = 1; figures[++figure_count] = $1 }
}

function median(figure, whose,    key, n, i, j, swap) {
    key = figure SUBSEP whose
    n = count[key]
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && sample[key, j] < sample[key, j - 1]; j--) {
            swap = sample[key, j]
            sample[key, j] = sample[key, j - 1]
            sample[key, j - 1] = swap
        }
    return n % 2 ? sample[key, (n + 1) / 2] : (sample[key, n / 2] + sample[key, n / 2 + 1]) / 2
}

function has(figure, whose) { return (figure SUBSEP whose) in count }

# The best of all systems but ours; sets best_system, "" when nobody was measured.
function best_of(figure, more_is_better,    i, value, best) {
    best_system = ""
    for (i = 1; i <= system_count; i++) {
        if (systems[i] == "ours" || !has(figure, systems[i])) continue
        value = median(figure, systems[i])
        if (best_system == "" || (more_is_better ? value > best : value < best)) {
            best = value
            best_system = systems[i]
        }
    }
    return best
}

function shown(value, unit) {
    if (unit == "rate") return value >= 1e6 ? sprintf("%.2f M/s", value / 1e6) : sprintf("%.1f k/s", value / 1e3)
    if (unit == "us") return value >= 1000 ? sprintf("%.2f ms", value / 1000) : sprintf(value < 10 ? "%.2f us" : "%.1f us", value)
    if (unit == "seconds") return sprintf("%.3f s", value)
    if (unit == "memory") return sprintf("%.1f MiB", value / 1048576)
    if (unit == "bytes") return sprintf("%.1f B", value)
    return sprintf("%.2f", value)
}

function row(what, ours, peer, ratio, floor, met) {
    if (floors == 0 || floor == "") met = ""
    printf "| %-42s | %-10s | %-26s | %-7s | %-26s | %-6s |\n", what, ours, peer, ratio, floor, met
}

function header() {
    printf "| %-42s | %-10s | %-26s | %-7s | %-26s | %-6s |\n", "what", "ours", "best peer", "ratio", "floor", ""
}

function verdict(met) { return met ? "met" : "MISSED" }

# A figure beside the best peer. least: of ours by itself, 0 for none; times: ratio at least.
function compared(what, figure, peer_figure, unit, least, times,    value, peer, ratio, more, met, floor) {
    if (!has(figure, "ours")) return
    more = unit == "rate"
    value = median(figure, "ours")
    peer = best_of(peer_figure, more)
    ratio = best_system == "" || value == 0 || peer == 0 ? 0 : (more ? value / peer : peer / value)
    met = ratio >= times && (least == 0 || (more ? value >= least : value <= least))
    floor = (least ? shown(least, unit) " and " : "") sprintf("%.1f times", times)
    row(what, shown(value, unit), best_system == "" ? "-" : shown(peer, unit) " " best_system,
        best_system == "" ? "-" : sprintf("%.1f", ratio), floor, best_system == "" ? "" : verdict(met))
}

function alone(what, figure, unit, bound,    value, met) {
    if (!has(figure, "ours")) return
    value = median(figure, "ours")
    met = unit == "rate" ? value >= bound : value <= bound
    row(what, shown(value, unit), "-", "-", shown(bound, unit), verdict(met))
}

# How many times as much one of our figures is as another.
function times_as_much(what, figure, plain, unit, most,    a, b, ratio) {
    if (!has(figure, "ours") || !has(plain, "ours")) return
    a = median(figure, "ours")
    b = median(plain, "ours")
    ratio = unit == "rate" ? b / a : a / b
    row(what, shown(a, unit), shown(b, unit) " plain", sprintf("%.2f", ratio),
        sprintf("at most %.0f times", most), verdict(ratio <= most))
}

function same_size(question, label) {
    if (has("same_size_" question, "ours"))
        row("100 million, same size of answer: " label, "-", "-",
            sprintf("%.2f", median("same_size_" question, "ours")), "at most 2 times",
            verdict(median("same_size_" question, "ours") <= 2))
}

function everything(    f, s, line, head, rule) {
    head = "| figure |"
    rule = "|---|"
    for (s = 1; s <= system_count; s++) { head = head " " systems[s] " |"; rule = rule "---|" }
    print ""
    print "All medians (rates a second, questions in microseconds):"
    print ""
    print head
    print rule
    for (f = 1; f <= figure_count; f++) {
        line = "| " figures[f] " |"
        for (s = 1; s <= system_count; s++)
            line = line " " (has(figures[f], systems[s]) ? sprintf("%.6g", median(figures[f], systems[s])) : "") " |"
        print line
    }
}

END {
    header()
    print "|---|---|---|---|---|---|"
    compared("durable ingest, batches of 1,000", "ingest_1000", "ingest_1000", "rate", 1000000, 8)
    compared("durable ingest, batches of 1", "ingest_1", "ingest_1", "rate", 0, 0.7)
    alone("import of CSV, end to end", "import_csv", "rate", 500000)
    compared("file a scan, batches of 1,000", "ingest_1000_bytes", "bytes", "bytes", 14, 3)
    compared("file a scan, batches of 1", "ingest_ram_1_bytes", "bytes", "bytes", 16, 3)
    compared("as-of a zone, 50 sets", "hot_inside", "hot_inside", "us", 0, 8)
    compared("path of a day, 50 sets", "hot_path", "hot_path", "us", 0, 8)
    compared("with whom over a day, 50 sets", "hot_with", "hot_with", "us", 0, 15)
    compared("occupancy curve of a day, 50 sets", "hot_curve", "hot_curve", "us", 0, 40)
    compared("as-of a zone, 100,000 sets, 64 MiB", "cold_inside", "cold_inside", "us", 0, 2)
    compared("path of a day, 100,000 sets, 64 MiB", "cold_path", "cold_path", "us", 0, 2)
    compared("with whom, 100,000 sets, 64 MiB", "cold_with", "cold_with", "us", 0, 10)
    compared("occupancy curve, 100,000 sets, 64 MiB", "cold_curve", "cold_curve", "us", 0, 15)
    same_size("inside", "as-of")
    same_size("path", "path")
    same_size("with", "with whom")
    same_size("curve", "curve")
    times_as_much("as-of as known then, 1 % late", "known_then_inside", "late_hot_inside", "us", 10)
    times_as_much("as-of as known an hour later, 1 % late", "known_hour_inside", "late_hot_inside", "us", 10)
    times_as_much("durable ingest, 1 % up to a week late", "ingest_late", "ingest_1000", "rate", 3)
    alone("verify", "verify", "rate", 3000000)
    alone("open, first answer", "open_seconds", "seconds", 1)
    alone("memory of that", "open_memory", "memory", 64 * 1048576 + 100 * people)
    everything()
}
