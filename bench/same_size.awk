# Compares two files of samples (question, size of the answer, ns, parted by tabs), of a small
# site and of a large one: how many times as long the large one takes for answers of the same
# size. Sizes are put into classes a quarter apart; a class counts with the number of samples
# that the small site has in it; printed is the weighted median of the classes' ratios.
#
# Both files come sorted by question, class and time (see script/bench), as
# question, class, ns; usage: awk -f same_size.awk SMALL LARGE

BEGIN { FS = "\t"; LEAST = 20 }

{
    key = $1 SUBSEP $2
    file = FNR == NR ? 1 : 2
    value[file, key, ++count[file, key]] = $3
    if (file == 1 && !(key in seen)) { seen[key] = 1; keys[++key_count] = key }
}

END {
    for (k = 1; k <= key_count; k++) {
        key = keys[k]
        small = count[1, key]
        large = count[2, key]
        if (small < LEAST || large < LEAST) continue
        split(key, part, SUBSEP)
        q = part[1]
        n = ++classes[q]
        weight[q, n] = small
        total[q] += small
        ratio[q, n] = value[2, key, int((large + 1) / 2)] / value[1, key, int((small + 1) / 2)]
        for (i = n; i > 1 && ratio[q, i] < ratio[q, i - 1]; i--) {
            swap = ratio[q, i]; ratio[q, i] = ratio[q, i - 1]; ratio[q, i - 1] = swap
            swap = weight[q, i]; weight[q, i] = weight[q, i - 1]; weight[q, i - 1] = swap
        }
    }
    for (q in classes) {
        before = 0
        for (i = 1; i <= classes[q]; i++) {
            before += weight[q, i]
            if (2 * before >= total[q]) break
        }
        printf "same_size_%s\tours\t%.4g\n", q, ratio[q, i]
    }
}
