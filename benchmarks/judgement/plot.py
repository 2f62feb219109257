#!/usr/bin/env python3
"""plot.py JUDGEMENT > e-values.svg: e-values over healthy and bad rollouts, played by the real code.

JUDGEMENT is the program `judgement` (ninja judgement). Three hours each of two rows of its table, at 100 canary requests
a minute: a healthy canary in bursts, and one with 3 % errors against stable's 1 %.
"""
import math
import subprocess
import sys

ROWS = [("healthy, bursts rho=0.02", "#2a7f3f", "healthy canaries"), ("3 % errors", "#b3261e", "canaries with three times the errors")]
RATE, RUNS = 100, 3
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720, 360, 70, 30, 20, 50
LOWEST, HIGHEST, MINUTES = -2, 3, 60  # powers of ten; minutes


def traces(program, row):
    """{name of an hour: [(minute, e), ...]}"""
    out = subprocess.run([program, "--trace", "--runs", str(RUNS), "--rows", row], check=True, capture_output=True, text=True).stdout
    hours = {}
    for line in out.splitlines():
        minute, e, name = line.split("\t")
        if name.startswith(f"{row} at {RATE},"):
            hours.setdefault(name, [(0.0, 1.0)]).append((float(minute), float(e)))
    return hours


def x(minute):
    return LEFT + minute / MINUTES * (WIDTH - LEFT - RIGHT)


def y(e):
    power = min(max(math.log10(max(e, 1e-300)), LOWEST), HIGHEST)
    return TOP + (HIGHEST - power) / (HIGHEST - LOWEST) * (HEIGHT - TOP - BOTTOM)


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>']
    for power in range(LOWEST, HIGHEST + 1):
        at = y(10 ** power)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}" stroke="#dddddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end" fill="#333333">{10.0 ** power:g}</text>')
    for minute in range(0, MINUTES + 1, 10):
        parts.append(f'<text x="{x(minute):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle" fill="#333333">{minute}</text>')
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 10}" text-anchor="middle" fill="#333333">minutes</text>')
    parts.append(f'<text x="16" y="{HEIGHT / 2:.0f}" transform="rotate(-90 16 {HEIGHT / 2:.0f})" text-anchor="middle" fill="#333333">e-value</text>')
    parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(100):.1f}" y2="{y(100):.1f}" stroke="#333333" stroke-dasharray="6 4"/>')
    parts.append(f'<text x="{WIDTH - RIGHT}" y="{y(100) - 6:.1f}" text-anchor="end" fill="#333333">100: rolled back</text>')
    for number, (row, colour, name) in enumerate(ROWS):
        for points in traces(sys.argv[1], row).values():
            line = " ".join(f"{x(minute):.1f},{y(e):.1f}" for minute, e in points)
            parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
            if points[-1][1] >= 100:
                parts.append(f'<circle cx="{x(points[-1][0]):.1f}" cy="{y(points[-1][1]):.1f}" r="3.5" fill="{colour}"/>')
        parts.append(f'<text x="{LEFT + 4 + 190 * number}" y="{TOP - 10}" fill="{colour}">{name}</text>')
    print("\n".join(parts + ["</svg>"]))


main()
