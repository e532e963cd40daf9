"""Learns the kinds of lines of a text from those in which bytes of SENT are found."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from forensics.read.table.known import LEAST_RUN, Known, Run, weigh_runs
from forensics.read.table.rules import CLOSING, OPENING, Rule, template, too_variable
from forensics.read.table.tokens import (
    ALL,
    BASE85,
    CARRIED,
    CELLS,
    ESCAPED,
    LOW_WORDS,
    NOTATIONS,
    PLAIN_HEX,
    Notation,
)

SAMPLE = 60_000
"""Characters of lines that are looked at to learn the kinds."""

_TRIED = 12_000
"""Characters on which each notation is tried first."""

_NEAR = 0.985
"""Share of the best score from which on the plainer rule wins."""

_CLEAR, _MOSTLY = 0.97, 0.4
"""Shares of the bytes that are in SENT, and of the characters that show them, from which on a notation is clear."""

_WIDEST_GAP = 16
"""Characters between two tokens of one value."""

_DEEPEST = 600
"""Characters before the bytes of a line, at most."""

_LEAST_SHOWN = 48
"""Bytes of SENT that a reading shows at least: a column of small numbers is in every table."""

_WORD_CHARACTER = re.compile(r"[0-9A-Za-z]")
_LABEL = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]*[G-Zg-z][A-Za-z]*")
_FIELD = re.compile(r"(?:(?<![0-9A-Za-z])-)?[0-9A-Za-z]+")
_BEFORE_LITERAL = re.compile(r"^|: |= ?|> |\| |\t|, ")


class _Hit(NamedTuple):
    """A span of a line that holds bytes of SENT: tokens from ``start`` to ``end``, and what separates them."""

    line: int
    start: int
    end: int
    tokens: int
    found: int
    separators: tuple[str, ...] = ()


class _Token(NamedTuple):
    start: int
    end: int
    data: bytes


def learn(lines: dict[int, str], known: Known, notations: Sequence[Notation] = ALL) -> list[Rule]:
    """The kinds of these lines, the best first; none where nothing of SENT is in them.

    Args:
        lines: Some lines, by their index.
        known: The image whose bytes they may show.
        notations: How the bytes may be written.
    """
    few = dict(list(lines.items())[:: 1 + sum(map(len, lines.values())) // _TRIED])
    usual = [notation for notation in NOTATIONS if notation in notations]
    gains = _gains(few, usual, known)
    most = max(gains.values(), default=0)
    rules: list[Rule] = []
    for notation in usual:
        if notation in gains and gains[notation] * 4 >= most:
            rules += _rules_of(_hits(lines, notation, known), lines, notation)
    cells = Rule(CELLS, r"^\s*([0-9a-fA-F]{6,8})", f"(?:{CELLS.token})+", r"\s*$", "od -c")
    if CELLS in notations and any(cells.span(line) for line in lines.values()):
        rules.append(cells)
    rules += _rules_with_escapes(lines, known, [notation for notation in ESCAPED if notation in notations])
    weighed = [rule for rule in rules if _weigh(rule, lines, known) > 0]
    if not weighed:
        rules = [Rule(CARRIED, OPENING, CARRIED.token, CLOSING, "base64")] if CARRIED in notations else []
        for notation in usual:
            if notation.words:
                rules += _rules_of(_hits_in_columns(lines, notation, known), lines, notation)
        weighed = [rule for rule in rules if _weigh(rule, lines, known) > 0]
    best = _NEAR * max((rule.score for rule in weighed), default=0)
    return sorted(weighed, key=lambda rule: _plainness(rule, best))


def _gains(lines: dict[int, str], notations: Sequence[Notation], known: Known) -> dict[Notation, int]:
    """How many bytes of SENT each notation finds; one that leaves hardly anything over ends the search.

    The one behind it is still tried: bytes of one digit are hex, too.
    """
    gains: dict[Notation, int] = {}
    size = sum(map(len, lines.values()))
    is_clear = False
    for notation in notations:
        hits = _hits(lines, notation, known)
        gains[notation] = sum(hit.found for hit in hits)
        if is_clear:
            break
        shown = sum(len(notation.bytes_of(lines[hit.line][hit.start : hit.end]) or b"") for hit in hits)
        is_clear = gains[notation] >= _CLEAR * shown and sum(hit.end - hit.start for hit in hits) >= size * _MOSTLY
    return gains


def _plainness(rule: Rule, near: float) -> tuple[bool, int, int, int]:
    """Sorts rules: those near the best by how plain they are, the others by their score."""
    place = NOTATIONS.index(rule.notation) if rule.notation in NOTATIONS else len(NOTATIONS)
    if rule.score >= near:
        return False, place, rule.rank, -rule.score
    return True, -rule.score, 0, 0


def _hits(lines: dict[int, str], notation: Notation, known: Known) -> list[_Hit]:
    """Where tokens of ``notation`` are bytes of SENT."""
    found: list[_Hit] = []
    for number, line in lines.items():
        for tokens in _token_runs(line, notation):
            data = b"".join(token.data for token in tokens)
            runs = known.cover(data) if len(data) >= LEAST_RUN else []
            if runs:
                found.append(_hit_of(number, line, tokens, runs))
    return found


def _token_runs(line: str, notation: Notation) -> Iterable[list[_Token]]:
    """Tokens that may be one value: near to each other, with the same words between them or none."""
    tokens: list[_Token] = []
    before = ""
    for hit in notation.pattern.finditer(line):
        data = notation.decode(hit[0])
        if not data:
            continue
        gap = line[tokens[-1].end : hit.start()] if tokens else ""
        foreign = _WORD_CHARACTER.search(gap) and gap != before and (len(tokens) > 1 or re.search(r"\d", gap))
        if tokens and (not notation.words or len(gap) > _WIDEST_GAP or foreign):
            yield tokens
            tokens = []
        before = gap
        tokens.append(_Token(hit.start(), hit.end(), data))
    yield tokens


def _hit_of(number: int, line: str, tokens: list[_Token], runs: list[Run]) -> _Hit:
    """The tokens that the runs touch."""
    at = 0
    inside: list[_Token] = []
    for token in tokens:
        if at + len(token.data) > runs[0].start and at < runs[-1].end:
            inside.append(token)
        at += len(token.data)
    separators = {line[one.end : two.start] for one, two in pairwise(inside)}
    size = sum(run.end - run.start for run in runs)
    return _Hit(number, inside[0].start, inside[-1].end, len(inside), size, tuple(sorted(separators)))


def _hits_in_columns(lines: dict[int, str], notation: Notation, known: Known) -> list[_Hit]:
    """The same for lines with few bytes: the same columns of neighbouring lines are joined."""
    groups: dict[tuple[str, ...], list[tuple[int, list[tuple[int, int]], list[bytes | None]]]] = {}
    for number, line in sorted(lines.items())[:1200]:
        fields = [hit.span() for hit in _FIELD.finditer(line)][:20]
        if not fields:
            continue
        values = [
            notation.decode(line[start:end]) if notation.pattern.fullmatch(line, start, end) else None
            for start, end in fields
        ]
        second = line[fields[0][1] : fields[1][0]].strip() if len(fields) > 1 else ""
        key = (f"{line[: fields[0][0]].strip()}|{second}", *_LABEL.findall(line[: fields[0][1]]))
        groups.setdefault(key, []).append((number, fields, values))
    found: list[_Hit] = []
    for rows in groups.values():
        first, end = _best_columns([values for _, _, values in rows], known) if len(rows) >= 4 else (0, 0)
        for number, fields, values in rows:
            data = values[first:end]
            if end and len(values) >= end and None not in data:
                line = lines[number]
                separators = {line[one[1] : two[0]] for one, two in pairwise(fields[first:end])}
                size = sum(len(value) for value in data if value is not None)
                start, stop = fields[first][0], fields[end - 1][1]
                found.append(_Hit(number, start, stop, end - first, size, tuple(sorted(separators))))
    return found


def _best_columns(rows: list[list[bytes | None]], known: Known) -> tuple[int, int]:
    """The columns whose joined bytes are most in SENT; (0, 0) when none are."""
    some = rows[:160]
    width = max(map(len, rows))
    best = (0, 0, 0)
    for first in range(min(width, 6)):
        for end in range(first + 1, min(width, first + 16) + 1):
            good = [row[first:end] for row in some if len(row) >= end and None not in row[first:end]]
            if len(good) * 2 < len(some):
                break
            data = b"".join(value for row in good for value in row if value is not None)
            size = sum(run.end - run.start for run in known.cover(data))
            if size >= 2 * LEAST_RUN:
                best = max(best, (2 * size - len(data), -first, end))
    return (-best[1], best[2]) if best[0] > 0 else (0, 0)


def _rules_with_escapes(lines: dict[int, str], known: Known, notations: Sequence[Notation]) -> list[Rule]:
    """Kinds of lines that show text with escapes and no quotes around it."""
    escaped = {number: line for number, line in lines.items() if line.count("\\") > 3}
    rules: list[Rule] = []
    for notation in notations if escaped else ():
        found: list[_Hit] = []
        for number, line in escaped.items():
            for hit in _BEFORE_LITERAL.finditer(line[: line.index("\\") + 1]):
                runs = known.cover(notation.decode(line[hit.end() :]) or b"")
                if runs and runs[0].start < 4:
                    found.append(_Hit(number, hit.end(), len(line), 1, sum(run.end - run.start for run in runs)))
        rules += _rules_of(found, lines, notation) if found else []
    return rules


def _rules_of(found: list[_Hit], lines: dict[int, str], notation: Notation) -> list[Rule]:
    """Kinds that would read the lines of these hits: for each beginning several rules for the end of the bytes."""
    groups: dict[str, list[_Hit]] = {}
    for hit in found:
        if hit.start < _DEEPEST:
            prefix = _prefix(lines[hit.line][: hit.start], notation)
            if not too_variable(prefix):
                groups.setdefault(prefix, []).append(hit)
    largest = sorted(groups.items(), key=lambda group: -sum(hit.found for hit in group[1]))[:3]
    return [rule for prefix, group in largest for rule in _rules_for(prefix, group, lines, notation)]


def _prefix(head: str, notation: Notation) -> str:
    if not _WORD_CHARACTER.search(head) and not re.search(r"[^\s\[({<\"']", head):
        return r"^\s*" if notation is BASE85 else OPENING
    pattern = "^" + re.sub(r"^\\s[*+]", r"\\s*", template(head, last=notation.words))
    return pattern if head.startswith((" ", "\t")) or pattern.startswith(r"^\s*") else r"^\s*" + pattern[1:]


def _rules_for(prefix: str, group: list[_Hit], lines: dict[int, str], notation: Notation) -> list[Rule]:
    """The competing rules for the end of the bytes: only brackets follow; one template; at most n tokens; anything."""
    separators = _separators(group)
    token = notation.token + (r"(?![0-9A-Za-z_])" if notation.words else "")
    join = _join(separators, notation)
    many = f"{token}(?:(?:{join}){token})*" if join else token
    example = lines[group[0].line][: group[0].start + 24]
    tails = Counter(template(lines[hit.line][hit.end :][:300], last=False) for hit in group)
    closes = re.compile(CLOSING)
    if all(closes.match(lines[hit.line][hit.end :]) for hit in group):
        simple = notation.whole and notation.words and join
        plain = simple and not any(_WORD_CHARACTER.search(one.replace("0x", "")) for one in separators)
        digits = "0-9A-Fa-fxX" if notation is PLAIN_HEX else "0-9"
        flat = f"[{digits}{re.escape(''.join(sorted(set(''.join(separators)))))}]+" if plain else many
        options = [(flat, CLOSING, 0)]
    else:
        anything = r"(?![0-9A-Za-z]).*$" if prefix != OPENING else r"(?=[\s|\"'<>)\]},;]|$).*$"
        options = [(many, CLOSING, 0), (many, anything, 3)]
    tail, times = tails.most_common(1)[0]
    short = max(len(lines[hit.line]) for hit in group) < SAMPLE // 2 - 500
    whole = short and max(len(lines[hit.line]) - hit.end for hit in group) < 300
    if whole and times * 2 > len(group) and tail.strip("\\s*+"):
        options.append((many, re.sub(r"\\s[*+]$", "", tail) + CLOSING, 1))
    counts = Counter(hit.tokens for hit in group)
    usual = counts.most_common(1)[0][0]
    if whole and join and usual > 1:
        end = options[1][1] if len(options) > 1 and options[1][2] == 3 else options[0][1]
        options += [(f"{token}(?:(?:{join}){token}){{0,{most - 1}}}", end, 2) for most in (usual, max(counts))]
    return [Rule(notation, prefix, payload, suffix, example, rank) for payload, suffix, rank in options]


def _separators(group: list[_Hit]) -> Counter[str]:
    """What separates the tokens in more than a few lines."""
    times = Counter(one for hit in group for one in hit.separators)
    usual = {one: n for one, n in times.items() if n * 33 >= len(group) and (n > 1 or len(group) < 4)}
    return Counter({one: n for one, n in usual.items() if "..." not in one and "…" not in one})


def _join(separators: Counter[str], notation: Notation) -> str:
    """A pattern for the separators; one that comes with several widths of blanks takes any."""
    widths = Counter(one.strip() for one in separators)
    loose = {bare for bare, n in widths.items() if n > 2}
    patterns = {
        r"\s+" if not one.strip() else rf"\s*{re.escape(one.strip())}\s*" for one in separators if one.strip() in loose
    }
    patterns |= {re.escape(one) for one, _ in separators.most_common(8) if one.strip() not in loose}
    if notation is LOW_WORDS and "\\ " in patterns:
        patterns = patterns - {"\\ "} | {" {1,7}"}  # xxd -e pads its last word
    return "|".join(sorted(patterns, key=lambda pattern: (-len(pattern), pattern)))


def _weigh(rule: Rule, lines: dict[int, str], known: Known) -> int:
    """Sets the score of ``rule`` on these lines: bytes found less bytes not found, and what is wrong with the rows."""
    rows = rule.rows(sorted(lines.items()))
    data = b"".join(row.data for row in rows)
    runs = known.cover(data)
    weight = weigh_runs(data, runs)
    rule.score = weight.worth - sum(4 + len(row.data) // 8 for row in rows if row.problem)
    shown = sum({run.place: run.end - run.start for run in runs}.values())
    if shown < _LEAST_SHOWN and shown * 4 < weight.found:
        return 0
    if _has_foreign_edge([len(row.data) for row in rows], len(data), runs):
        rule.score = rule.score * 9 // 10
    rule.seen = data
    return rule.score if weight.found >= 2 * LEAST_RUN else 0


def _has_foreign_edge(sizes: list[int], total: int, runs: list[Run]) -> bool:
    """The first or last byte of most rows is never in SENT, and its neighbours are: a counter or a sum, no payload."""
    inside = bytearray(total + 1)
    for run in runs:
        inside[run.start : run.end] = b"\1" * (run.end - run.start)
    end = first = last = 0
    for size in sizes:
        start, end = end, end + size
        first += size > 3 and bytes(inside[start : start + 3]) in (b"\0\0\1", b"\0\1\1")
        last += size > 3 and bytes(inside[end - 3 : end]) in (b"\1\1\0", b"\1\0\0")
    return max(first, last) * 2 > len(sizes) > 3


def sample(lines: Sequence[str], rest: Sequence[int], budget: int) -> dict[int, str]:
    """Lines to learn from: neighbours from nine places, and some of each sort.

    Args:
        lines: All of them.
        rest: Indices of those that nothing explains yet.
        budget: Characters to take.
    """
    sorts: dict[tuple[object, ...], list[int]] = {}
    for spot in range(0, len(rest), max(64, len(rest) // 200)):
        for number in rest[spot : spot + 64]:
            if lines[number] and not lines[number].isspace():
                sort = (len(lines[number]) > 24, *_LABEL.findall(lines[number][:24])[:3])
                sorts.setdefault(sort, []).append(number)
    taken: dict[int, str] = {}
    for spot in range(9):
        used, start = 0, (len(rest) - 1) * spot // 9
        for number in rest[start : start + 200]:
            if used < budget // 40 and lines[number] and not lines[number].isspace():
                taken[number] = _clipped(lines[number], budget // 2)
                used += len(taken[number])
    share = max(budget // max(1, min(len(sorts), 12)), 4000)
    for numbers in sorted(sorts.values(), key=lambda some: -sum(len(lines[one]) for one in some[:200]))[:60]:
        _take_some(lines, numbers, share, budget, taken)
    return taken


def _take_some(lines: Sequence[str], numbers: list[int], share: int, budget: int, taken: dict[int, str]) -> None:
    """Neighbours from nine places of one sort of lines."""
    usual = sum(len(lines[one]) for one in numbers[:50]) // len(numbers[:50])
    per = max(16, 2000 // (1 + usual))
    used, seen = 0, set()
    for start in sorted({max(0, len(numbers) - per) * spot // 8 for spot in range(9)}):
        for number in numbers[start : start + per]:
            tail = lines[number][len(lines[number]) // 3 :]
            if used < share and number not in taken and (len(tail) < 80 or tail not in seen):
                taken[number] = _clipped(lines[number], budget // 2)
                seen.add(tail)
                used += len(taken[number])


def _clipped(line: str, size: int) -> str:
    """A long line up to a place between two values."""
    if len(line) <= size:
        return line
    stop = max(line.rfind(char, size - 400, size) for char in " ,;:-\\|")
    return line[: stop + (line[stop] == " ")] if stop > 0 else line[: size // 8 * 8]
