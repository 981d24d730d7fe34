"""What is read out of a collection, in the form that clients know."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from small_collections import collection

from cartwheel.kit.collection_files import read_collection
from cartwheel.kit.contents import Contents, ContentsReader
from cartwheel.kit.filenames import parse_filename
from cartwheel.kit.plugin_docs import from_python
from cartwheel.kit.yaml_text import BadYaml, Budget, load


def inside(files: dict[str, str] | None = None) -> Contents:
    reader = ContentsReader()
    read_collection(io.BytesIO(collection(files)), reader=reader)
    return reader.result("acme.tools")


def documented(source: str) -> str | None:
    """The short description that a Python source documents."""
    docs = from_python(source.encode(), Budget(8 << 20))
    return docs.summary if docs else None


def test_contents_are_listed_as_galaxy_lists_them() -> None:
    found = inside()

    assert found.contents == [
        {"name": "ping2", "description": "Return pong", "content_type": "module"},
        {"name": "hello", "description": "hello role", "content_type": "role"},
    ]
    assert found.requires_ansible == ">=2.15.0"


def test_documentation_has_the_form_that_galaxy_gives_it() -> None:
    found = inside()

    assert found.docs_blob == {
        "contents": [
            {
                "doc_strings": {
                    "doc": {
                        "author": ["Ref Author (@ref)"],
                        "module": "ping2",
                        "options": [
                            {
                                "name": "data",
                                "type": "str",
                                "default": "pong",
                                "description": "Data to return.",
                            }
                        ],
                        "filename": "<tmp>/ansible_collections/acme/tools/plugins/modules/ping2.py",
                        "collection": "acme.tools",
                        "has_action": False,
                        "description": ["Returns pong."],
                        "plugin_name": "acme.tools.ping2",
                        "version_added": "1.0.0",
                        "short_description": "Return pong",
                        "version_added_collection": "acme.tools",
                    },
                    "return": [
                        {
                            "name": "ping",
                            "type": "str",
                            "returned": "success",
                            "description": "Value given in data.",
                        }
                    ],
                    "examples": "\n- name: Ping\n  acme.tools.ping2:\n    data: hi\n",
                    "metadata": None,
                },
                "readme_file": None,
                "readme_html": None,
                "content_name": "ping2",
                "content_type": "module",
            },
            {
                "doc_strings": {},
                "readme_file": "README.md",
                "readme_html": "<h1>hello</h1>\n<p>Says hello.</p>",
                "content_name": "hello",
                "content_type": "role",
            },
        ],
        "collection_readme": {
            "html": "<h1>acme.tools</h1>\n<p>Reference collection.</p>",
            "name": "README.md",
        },
        "documentation_files": [],
    }


def test_plugins_of_all_kinds_are_found() -> None:
    doc = "DOCUMENTATION = '''\nshort_description: A {}\n'''\n"

    found = inside(
        {
            "plugins/action/ping2.py": "",
            "plugins/filter/shout.yml": "DOCUMENTATION:\n  short_description: Shout\n",
            "plugins/lookup/net/dns.py": doc.format("lookup"),
            "plugins/modules/__init__.py": "",
            "plugins/modules/win_ping.ps1": "",
            "plugins/modules/win_ping.yml": "DOCUMENTATION:\n  short_description: Ping Windows\n",
            "plugins/module_utils/common.py": doc.format("nothing"),
            "plugins/README.md": "",
            "playbooks/site.yml": "- hosts: all\n",
            "playbooks/tasks/more.yml": "",
            "docs/guide.md": "# Guide\n",
        }
    )

    assert [(each["content_type"], each["name"], each["description"]) for each in found.contents] == [
        ("action", "ping2", None),
        ("filter", "shout", "Shout"),
        ("lookup", "net.dns", "A lookup"),
        ("module", "ping2", "Return pong"),
        ("module", "win_ping", "Ping Windows"),
        ("module_utils", "common", None),
        ("playbook", "site", None),
        ("role", "hello", "hello role"),
    ]
    assert found.docs_blob["contents"][3]["doc_strings"]["doc"]["has_action"] is True
    assert found.docs_blob["documentation_files"] == [{"name": "guide.md", "html": "<h1>Guide</h1>"}]


def test_options_are_sorted_at_every_depth() -> None:
    found = inside(
        {
            "plugins/modules/deep.py": "DOCUMENTATION = '''\noptions:\n  zebra: {type: str}\n  apple:\n"
            "    suboptions: {b: {version_added: 2.0.0}, a: {type: int}}\n'''\n"
        }
    )

    docs = found.docs_blob["contents"][0]["doc_strings"]["doc"]
    assert docs["options"] == [
        {
            "name": "apple",
            "suboptions": [
                {"name": "a", "type": "int"},
                {"name": "b", "version_added": "2.0.0", "version_added_collection": "acme.tools"},
            ],
        },
        {"name": "zebra", "type": "str"},
    ]


@pytest.mark.parametrize(
    "source",
    [
        "DOCUMENTATION = r'''\nshort_description: It\n'''\n",
        'DOCUMENTATION = """short_description: It"""  # documentation\n',
        "DOCUMENTATION = 'short_description: It'\n",
        "DOCUMENTATION: str = 'short_description: It'\n",
        "DOCUMENTATION = {'short_description': 'It'}\n",
        "DOCUMENTATION = ('short_description:'\n    ' It')\n",
        "'''\nDOCUMENTATION below.\n'''\nDOCUMENTATION = 'short_description: It'\n",
    ],
)
def test_documentation_is_found_however_it_is_written(source: str) -> None:
    assert documented(source) == "It"


@pytest.mark.parametrize(
    "source",
    [
        "",
        "DOCUMENTATION = read_it()\n",
        "DOCUMENTATION = '''\nshort_description: never ends",
        "DOCUMENTATION = b'short_description: It'\n",
        "if True:\n    DOCUMENTATION = 'short_description: It'\n",
        "DOCUMENTATION = " + "(" * 50_000 + "\n",
        "DOCUMENTATION = 'It'\n",
    ],
)
def test_what_is_known_only_at_run_time_is_no_documentation(source: str) -> None:
    assert documented(source) is None


def test_documentation_that_is_no_yaml_is_left_out_with_a_warning() -> None:
    found = inside({"plugins/modules/odd.py": "DOCUMENTATION = '''\na: b: c\n'''\n"})

    assert found.docs_blob["contents"][0]["doc_strings"] == {}
    (warning,) = found.warnings
    assert warning.startswith("plugins/modules/odd.py is left out of the documentation: mapping values")


def test_a_readme_cannot_bring_scripts() -> None:
    text = "<script>alert(1)</script>\n\n[a](javascript:alert(1))\n\n| a |\n|---|\n| b |\n"

    found = inside({"README.md": text})

    html = found.docs_blob["collection_readme"]["html"]
    assert "<script" not in html
    assert "href" not in html
    assert "<table>" in html


BOMBS = {
    "brackets": "[" * 300_000,
    "braces": "{a: " * 300_000,
    "dashes": "- " * 300_000 + "a",
    "question marks": "? " * 300_000 + "a",
    "laughs": "\n".join(
        [f"a0: &a0 [{', '.join(['lol'] * 9)}]"]
        + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    ),
    "a circle": "&a [*a]",
    "too much": "a" * (3 << 20),
    "many keys": "a: &a {" + ", ".join(f"k{n}: v" for n in range(20_000)) + "}\nb:\n  <<: *a\n",
}


@pytest.mark.parametrize("kind", BOMBS)
def test_yaml_that_would_take_all_is_refused(kind: str) -> None:
    with pytest.raises(BadYaml):
        load(BOMBS[kind])


def test_merges_that_multiply_are_refused_or_come_to_little() -> None:
    lines = [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 30)]

    try:
        said = load("\n".join(["a0: &a0 {k: v}", *lines]))
    except BadYaml:
        return  # PyYAML before 6.0.4 merges each pair as often as it is named

    assert said == {f"a{n}": {"k": "v"} for n in range(30)}


def test_yaml_comes_as_what_json_and_a_database_can_keep() -> None:
    said = load('{2: 2020-01-01, yes: .inf, a: "x\\0y", n: 99999999999999999999, b: !!binary aGk=, s: 1:1:1}')

    assert said == {
        "2": "2020-01-01",
        "True": "inf",
        "a": "x?y",
        "n": "99999999999999999999",
        "b": "b'hi'",
        "s": 3661,
    }


@pytest.mark.parametrize(
    "text",
    [
        "!!bool maybe",
        '!!int ""',
        '!!float ""',
        "!!timestamp x",
        "!thing x",
        "? [a]\n: b",
        "? {a: b}\n: c",
        "=",
    ],
)
def test_what_does_not_fit_is_no_yaml(text: str) -> None:
    with pytest.raises(BadYaml):
        load(text)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ('!!timestamp "x"', "timestamp"),
        ("2024-13-01", "timestamp"),
        ('!!int ""', "int"),
        ('!!float "x"', "float"),
        ('!!bool "x"', "bool"),
    ],
)
def test_a_value_that_does_not_fit_its_tag_is_named_by_its_line(text: str, tag: str) -> None:
    with pytest.raises(BadYaml, match=rf"^a value does not fit its tag, !!{tag}, in line 2$"):
        load(f"a:\n  - {text}\n")


@pytest.mark.parametrize("value", ["0x" + "f" * 20_000, "{0x" + "f" * 20_000 + ": 1}"])
def test_a_huge_number_in_python_is_left_out_with_a_warning(value: str) -> None:
    found = inside({"plugins/modules/one.py": f'DOCUMENTATION = {{"a": {value}}}\n'})

    assert found.warnings == [
        "plugins/modules/one.py is left out of the documentation: a number has too many digits."
    ]


def test_half_a_character_is_no_yaml() -> None:
    with pytest.raises(BadYaml, match=r"^it has halves of characters$"):
        load("a: \ud800")


def test_merges_aliases_and_sets_are_followed() -> None:
    said = load(
        "a: &a {x: 1, y: [~, on]}\nb: {<<: *a, x: 2}\nc: [*a, *a]\ns: !!set {p, q}\n=: z\n1: one\n~: none\n"
    )

    a = {"x": 1, "y": [None, True]}
    assert said == {
        "a": a,
        "b": {**a, "x": 2},
        "c": [a, a],
        "s": said["s"],
        "=": "z",
        "1": "one",
        "None": "none",
    }
    assert sorted(said["s"]) == ["p", "q"]


def test_numbers_stay_numbers_as_far_as_64_bits_reach() -> None:
    largest = 18446744073709551615

    assert load(f"[4611686019935648081, {largest}]") == [4611686019935648081, largest]
    assert load(f"[{largest + 1}]") == [str(largest + 1)]


def test_a_huge_number_is_a_text() -> None:
    assert load("1" + ":1" * 100_000) == "1" + ":1" * 100_000


@pytest.mark.parametrize("name", ["ansible.posix", "community.dns", "infinidat.infinibox"])
def test_real_collections_are_read(name: str, real: Path) -> None:
    reader = ContentsReader()

    with real.open("rb") as packed:
        read = read_collection(packed, promised=parse_filename(real.name), reader=reader)

    found = reader.result(name)
    assert f"{read.manifest.namespace}.{read.manifest.name}" == name
    assert found.requires_ansible is not None
    modules = [each for each in found.contents if each["content_type"] == "module"]
    assert len(modules) > 5
    assert all(each["description"] for each in modules if each["name"] != "infini_metadata")
