# SPDX-License-Identifier: GPL-2.0
"""Makes a table, ratios first, of the figures that the guest left."""
import collections
import statistics

LINE = "{:>8}  {:>6}  {:>11} {:>5}  {:>11} {:>5}  {}"

# What is compared, the names of both figures, and the limit of their ratio that
# the project set itself. Sizes are put in by name.
COMPARED = [
    (f"{what}, {{{kind}}} {pages}", f"{ours}.{kind}", peer.format(kind), limit)
    for kind, pages in (
        ("small", "of 4 KiB pages"), ("cached", "of 4 KiB pages"),
        ("huge", "of huge pages"), ("swapped", "half in swap"))
    for what, ours, peer, limit in (
        ("pages : cachestat(2)", "pages", "cachestat.{}", "-"),
        ("pages : mincore(2)", "pages", "mincore.{}", "-"),
        ("pages : fincore", "pages", "fincore.{}", "-"),
        ("pages : page-types", "pages", "page-types.{}", "-"),
        ("pages : lower bound", "pages", "limit.{}", "-"),
        ("objects : of holes instead", "objects", "objects.none", 1))
] + [
    ("objects, {some} objects : stat of {descriptors} /proc/*/fd",
     "objects.some", "descriptors", 0.02),
    ("objects, {some} objects : lsof", "objects.some", "lsof", "-"),
    ("objects, {some} objects : ipcs -m, no segments", "objects.some", "ipcs",
     "-"),
    ("objects, {some} objects : lsipc -m, no segments", "objects.some",
     "lsipc", "-"),
    ("objects, each of {many} : of {few}", "objects.many", "objects.few", 1.15),
    ("summary, {some} objects : objects", "summary.some", "objects.some", "-"),
    ("holders, {processes} processes with {descriptors} : stat of /proc/*/fd",
     "holders", "descriptors", 0.1),
    ("holders, {processes} processes with {descriptors} : lsof", "holders",
     "lsof", "-"),
    ("maps, {processes} processes with {descriptors} : /proc/*/maps", "maps",
     "mappings", "-"),
    ("snapshot of objects and holders, {descriptors} : holders", "snapshot",
     "holders", "-"),
    ("objects, the {descriptors} of holders : holders", "snapshot.objects",
     "holders", "-"),
    ("first screen, {crowd} objects with {crowd_holders} holders : stat of "
     "/proc/*/fd", "crowd.screen", "crowd.descriptors", "-"),
    ("snapshot that it reads : stat of /proc/*/fd", "crowd.snapshot",
     "crowd.descriptors", "-"),
]

# Limits in one place only.
LIMITS = {
    "counted pages.small:cachestat.small": 0.25,
    "native pages.small:cachestat.small": 0.5,
    "native pages.small:limit.small": 1.3,
    "native pages.cached:cachestat.cached": 0.5,
    "native pages.cached:limit.cached": 1.3,
}

# Rates of operations beside a reader, and the share that may be lost to it.
LOST = [
    (f"{what}: lost to {reads}", f"rate.{name}.{pause}", limit)
    for name, what in (("create", "files created, written, unlinked"),
                       ("memfd", "memfds created"),
                       ("fault", "faults on pages in memory"))
    for pause, reads, limit in ((1000, "a read a second", 0.01),
                                (0, "reads all the time", 0.1))
]

# What others wait for: 99 % of the times may be 50 us at most.
WAITS = [
    ("hold of s_inode_list_lock, objects, {many} objects",
     "objects.s_inode_list_lock"),
    ("hold of i_mmap_rwsem, maps, {processes} mappings of one object",
     "maps.i_mmap_rwsem"),
    ("hold of task_lock, holders", "holders.alloc_lock"),
    ("wait for an idle CPU", "latency.none"),
    ("wait for the CPU of a reader of objects, {many} objects",
     "latency.objects"),
    ("wait for the CPU of a reader of summary, {many} objects",
     "latency.summary"),
    ("wait for the CPU of a reader of pages", "latency.pages"),
]


class Figures:
    """Samples by name, from lines of a name and numbers; times in ns."""

    def __init__(self, text):
        self.samples = collections.defaultdict(list)
        for line in text.splitlines():
            name, *numbers = line.split()
            self.samples[name] += map(float, numbers)
        self.sizes = {name[len("size."):]: int(samples[0])
                      for name, samples in self.samples.items()
                      if name.startswith("size.")}

    def have(self, *names):
        return all(name in self.samples for name in names)

    def median(self, name):
        return statistics.median(self.samples[name])

    def ratio(self, ours, peer):
        ratio = self.median(ours) / self.median(peer)
        if (ours, peer) == ("objects.many", "objects.few"):
            ratio *= self.sizes["few"] / self.sizes["many"]
        return ratio

    def name_sizes(self, what):
        return what.format_map({
            name: f"{size >> 20} MiB" if self.have(f"pages.{name}") else
            f"{size:,}" for name, size in self.sizes.items()})


def half_range(samples, whole=1):
    return f"{50 * (max(samples) - min(samples)) / whole:.0f}%"


def ratios(figures):
    """OURS:PEER: ratio"""
    return {f"{ours}:{peer}": figures.ratio(ours, peer)
            for _, ours, peer, _ in COMPARED if figures.have(ours, peer)}


def compared_lines(figures, place):
    for what, ours, peer, limit in COMPARED:
        if not figures.have(ours, peer):
            continue
        cells = []
        for name in ours, peer:
            median = figures.median(name)
            cells += [f"{median / 1e6:.3f}",
                      half_range(figures.samples[name], median)]
        yield LINE.format(f"{figures.ratio(ours, peer):.4f}",
                          LIMITS.get(f"{place} {ours}:{peer}", limit), *cells,
                          figures.name_sizes(what))


def lost_lines(figures):
    """Each rate against the one measured just before."""
    for what, name, limit in LOST:
        if figures.have(f"{name}.with"):
            lost = [1 - slower / rate for rate, slower in zip(
                figures.samples[f"{name}.without"],
                figures.samples[f"{name}.with"])]
            yield LINE.format(f"{statistics.median(lost):.4f}", limit, "", "",
                              "", half_range(lost), what)


def wait_lines(figures):
    for what, name in WAITS:
        if figures.have(f"p99.{name}"):
            yield LINE.format(f"{figures.median(f'p99.{name}'):.0f}", 50,
                              f"{figures.median(f'max.{name}'):.0f}", "", "",
                              "", figures.name_sizes(what))


def growth_lines(figures):
    """What a read takes per object, page and descriptor, and of many."""
    if not figures.have("objects.many", "pages.small", "holders"):
        return
    sizes, base = figures.sizes, figures.median("objects.none")
    item = (figures.median("objects.many") - figures.median("objects.few")) / (
        sizes["many"] - sizes["few"])
    page = (figures.median("pages.small") - base) / (sizes["small"] / 4096)
    descriptor = (figures.median("holders") - base) / sizes["descriptors"]
    memory = (figures.median("peak.many") - figures.median("peak.none")) / (
        sizes["many"])
    yield (f"a read takes {base / 1e6:.2f} ms, and {item:.0f} ns an object, "
           f"{page:.2f} ns a 4 KiB page of pages, {descriptor:.0f} ns a "
           "descriptor of holders")
    yield f"a snapshot takes {memory:.0f} bytes an object (limit: 128)"
    yield (f"so 10 million objects take {item / 100:.1f} s and "
           f"{memory / 100:.2f} GB, 1 TiB of 4 KiB pages "
           f"{page * 2**28 / 1e9:.2f} s")


def crowd_lines(figures):
    """What people wait for at most."""
    if not figures.have("crowd.screen", "crowd.snapshot"):
        return
    seconds = [figures.median(name) / 1e9
               for name in ("crowd.screen", "crowd.snapshot")]
    memory = [figures.median(f"peak.{name}") / 1e6
              for name in ("crowd.screen", "crowd.snapshot")]
    yield figures.name_sizes(
        "the first screen of {crowd} objects with {crowd_holders} holders takes "
        f"{seconds[0]:.1f} s and {memory[0]:.0f} MB, of which the snapshot "
        f"takes {seconds[1]:.1f} s and {memory[1]:.0f} MB (limit: 512 MB)")


def text(figures, place):
    waits = list(wait_lines(figures))
    if waits:
        waits.insert(0, LINE.format("99 % us", "LIMIT", "MAX us", "", "", "",
                                    "WHAT"))
    return "\n".join([
        LINE.format("RATIO", "LIMIT", "OURS ms", "+-", "PEER ms", "+-", "WHAT"),
        *compared_lines(figures, place), *lost_lines(figures), *waits,
        *growth_lines(figures), *crowd_lines(figures)])
