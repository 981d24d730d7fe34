"""Python from strangers costs little, whatever it says."""

from __future__ import annotations

import ast
import io

import pytest
from small_collections import collection

from cartwheel.kit.collection_files import read_collection
from cartwheel.kit.contents import DOCS_LIMIT, ContentsReader
from cartwheel.kit.doc_fragments import read_fragment
from cartwheel.kit.plugin_docs import from_python
from cartwheel.kit.python_text import PARSED_LIMIT, PARSED_WEIGHT
from cartwheel.kit.yaml_text import BadYaml, Budget

PARSE_IT = 'DOCUMENTATION = """module: a"""\nEXAMPLES = x\n'


def warnings_of(files: dict[str, str]) -> list[str]:
    reader = ContentsReader()
    read_collection(io.BytesIO(collection(files)), reader=reader)
    return reader.result("acme.tools").warnings


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How long each source is that was parsed as a whole."""
    sizes: list[int] = []

    def parse(source: str) -> ast.Module:
        sizes.append(len(source))
        return ast.Module([], [])

    monkeypatch.setattr("cartwheel.kit.python_text.parse", parse)
    return sizes


@pytest.mark.parametrize("filler", ["a;", "a=1\n"])
@pytest.mark.parametrize(("folder", "start"), [("modules", PARSE_IT), ("doc_fragments", "")])
def test_a_long_source_is_not_parsed(folder: str, start: str, filler: str, parsed: list[int]) -> None:
    source = start + filler * 240_000

    warnings = warnings_of({f"plugins/{folder}/long.py": source})

    assert warnings == [
        f"plugins/{folder}/long.py is left out of the documentation: of its {len(source)} characters at most "
        f"{PARSED_LIMIT} are parsed."
    ]
    assert parsed == []


def test_a_long_source_whose_documentation_is_plain_need_not_be_parsed(parsed: list[int]) -> None:
    source = b'DOCUMENTATION = """short_description: It"""\n' + b"a;" * 240_000

    docs = from_python(source, Budget(DOCS_LIMIT))

    assert docs is not None
    assert docs.summary == "It"
    assert parsed == []


def test_the_sources_of_one_collection_are_parsed_until_it_is_too_much(parsed: list[int]) -> None:
    source = PARSE_IT + "a;" * 60_000
    files = {f"plugins/modules/m{each}.py": source for each in range(10)}
    files |= {f"plugins/doc_fragments/f{each}.py": source for each in range(10)}

    warnings = warnings_of(files)

    assert sum(parsed) <= DOCS_LIMIT // PARSED_WEIGHT
    assert len(warnings) == 20 - len(parsed)
    assert all(each.endswith("is left out of the documentation: it says too much.") for each in warnings)


def test_documentation_that_is_said_again_and_again_is_too_much() -> None:
    with pytest.raises(BadYaml, match=r"^it says too much$"):
        from_python(b'RETURN=""\n' * 200_000, Budget(1 << 20))


@pytest.mark.parametrize(
    "source",
    [
        "DOCUMENTATION = 0x" + "f" * 20_000 + " + 1j\n",
        "DOCUMENTATION = {[]: 1}\n",
        'DOCUMENTATION = "a: 1"\nANSIBLE_METADATA = {[]: 1}\n',
        "class ModuleDocFragment:\n    DOCUMENTATION = 0x" + "f" * 20_000 + " + 1j\n",
    ],
)
def test_literals_that_are_none_say_nothing(source: str) -> None:
    docs = from_python(source.encode(), Budget(DOCS_LIMIT))

    assert docs is None or docs.metadata is None
    assert read_fragment(source.encode(), Budget(DOCS_LIMIT)) == {}
