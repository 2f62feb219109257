"""The pages for people and the code blocks in them."""
import dataclasses
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclasses.dataclass(frozen=True)
class Block:
    page: str
    line: int  # of its first line of text
    language: str
    elsewhere: bool  # `sh elsewhere`: another test runs it
    text: str


def pages():
    return [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted((ROOT / "docs").rglob("*.md"))


def blocks_of(page):
    text = page.read_text()
    found = []
    for fence in FENCE.finditer(text):
        language, *marks = fence["info"].split() or [""]
        line = text.count("\n", 0, fence.start()) + 2
        found.append(Block(page.relative_to(ROOT).as_posix(), line, language, "elsewhere" in marks, fence["text"]))
    return found
