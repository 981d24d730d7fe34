"""Doc fragments: documentation that plugins share is read from its source and merged as ansible-doc merges it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from small_collections import collection

from cartwheel.kit import contents
from cartwheel.kit.collection_files import read_collection
from cartwheel.kit.contents import Contents, ContentsReader
from cartwheel.kit.doc_fragments import Lookup, Texts, nowhere, of_core, read_fragment
from cartwheel.kit.yaml_text import Budget

FRAGMENT = '''
from nowhere import something
raise SystemExit("nobody runs this")
class ModuleDocFragment(object):
    DOCUMENTATION = r"""
options:
  host:
    description: Where to.
    type: str
    version_added: 2.0.0
  port:
    description: Which door.
    version_added: 2.1.0
notes:
  - A note that all share.
requirements: [zebra, ape]
author: Somebody else
"""
    TLS: str = """
options:
  key: {type: path}
"""
    lower = "options: {no: {}}"
    COMPUTED = "options: {{}}".format()
'''


def module(extends: str, more: str = "") -> str:
    return (
        'DOCUMENTATION = """\nmodule: one\nshort_description: One\n'
        f'extends_documentation_fragment: {extends}\n{more}"""\n'
    )


def inside(source: str, elsewhere: Lookup = nowhere, **fragments: str) -> Contents:
    """What is in a collection with that module, and with those fragments."""
    files = {f"plugins/doc_fragments/{name}.py": text for name, text in fragments.items()}
    reader = ContentsReader(fragments_elsewhere=elsewhere)
    read_collection(io.BytesIO(collection({"plugins/modules/one.py": source, **files})), reader=reader)
    return reader.result("acme.tools")


def documented(found: Contents) -> dict[str, Any]:
    """The documentation of the module; its options by name."""
    (one,) = (
        each["doc_strings"]["doc"] for each in found.docs_blob["contents"] if each["content_name"] == "one"
    )
    options = {each["name"]: each for each in one.get("options", [])}
    return {**one, "options": options}


def test_a_fragment_is_read_and_never_run() -> None:
    texts = read_fragment(FRAGMENT.encode(), Budget(1 << 20))

    assert sorted(texts) == ["DOCUMENTATION", "TLS"]


def test_options_notes_and_requirements_come_from_the_fragment() -> None:
    more = "options:\n  host: {default: here}\nnotes: [A note of my own.]\nrequirements: [bee, ape]\n"

    found = documented(
        inside(module("acme.tools.net", more), net=FRAGMENT.replace("author: Somebody else\n", ""))
    )

    assert "extends_documentation_fragment" not in found
    assert found["options"]["port"]["description"] == "Which door."
    assert found["options"]["host"]["default"] == "here"
    assert found["options"]["host"]["description"] == "Where to."
    assert found["notes"] == ["A note of my own.", "A note that all share."]
    assert found["requirements"] == ["ape", "bee", "zebra"]


def test_what_a_plugin_says_itself_has_the_last_word() -> None:
    more = "options:\n  host: {description: Elsewhere., version_added: 1.0.0}\n"

    found = documented(inside(module("acme.tools.net", more), net=FRAGMENT))

    assert found["options"]["host"]["description"] == "Elsewhere."
    assert found["options"]["host"]["version_added"] == "1.0.0"


def test_versions_are_those_of_the_collection_that_says_them() -> None:
    def elsewhere(where: str, name: str) -> Texts | None:
        return (
            read_fragment(FRAGMENT.encode(), Budget(1 << 20))
            if (where, name) == ("other.base", "net")
            else None
        )

    more = "options:\n  host: {version_added: 1.0.0}\n"

    found = documented(inside(module("other.base.net", more), elsewhere))

    assert found["options"]["host"]["version_added_collection"] == "acme.tools"
    assert found["options"]["port"]["version_added_collection"] == "other.base"


@pytest.mark.parametrize(
    "name", ["acme.tools.net.tls", "[acme.tools.net.tls]", "net.tls", "acme.tools.gone.net.tls"]
)
def test_a_fragment_has_several_texts(name: str) -> None:
    found = documented(inside(module(name), net=FRAGMENT))

    assert list(found["options"]) == ["key"]


@pytest.mark.parametrize("names", ["[acme.tools.net, acme.tools.more]", "acme.tools.net, acme.tools.more"])
def test_a_plugin_extends_several_fragments(names: str) -> None:
    more = "class ModuleDocFragment:\n    DOCUMENTATION = 'options: {user: {type: str}}'\n"

    found = documented(inside(module(names), net=FRAGMENT, more=more))

    assert sorted(found["options"]) == ["host", "port", "user"]


def test_fragments_of_ansible_itself_are_known() -> None:
    found = documented(inside(module("[files, ansible.builtin.url]"), lambda where, name: of_core(name)))

    assert {"mode", "owner", "force_basic_auth"} <= found["options"].keys()


@pytest.mark.parametrize("name", ["../../../etc/passwd", "os.path", "a/b", "", "."])
def test_fragments_of_ansible_have_plain_names(name: str) -> None:
    assert of_core(name) is None


def test_a_fragment_that_nobody_knows_is_named_and_the_rest_is_documented() -> None:
    found = inside(module("[acme.tools.net, other.base.gone, acme.tools.net.gone]"), net=FRAGMENT)

    assert "port" in documented(found)["options"]
    assert found.warnings == [
        "plugins/modules/one.py extends doc fragments that are not known: "
        "other.base.gone, acme.tools.net.gone."
    ]


def test_a_fragment_that_does_not_fit_is_left_out_with_a_warning() -> None:
    found = inside(module("acme.tools.net", "author: Me\n"), net=FRAGMENT)

    assert documented(found)["options"] == {}
    assert found.warnings == [
        "plugins/modules/one.py is documented without its doc fragments: author of a doc fragment does not fit."
    ]


def test_fragments_cannot_multiply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "DOCS_LIMIT", 2_000_000)
    large = "class ModuleDocFragment:\n    DOCUMENTATION = 'notes: [" + "x" * 20_000 + "]'\n"
    names = ", ".join(["acme.tools.large"] * 50)

    found = inside(module(f"[{names}]"), large=large)

    assert found.warnings == [
        "plugins/modules/one.py is documented without its doc fragments: it says too much."
    ]


def test_a_module_whose_action_has_another_name_has_one() -> None:
    files = {
        "plugins/modules/one.py": module("[]"),
        "plugins/modules/two.py": module("[]"),
        "plugins/action/all.py": "",
        "meta/runtime.yml": "plugin_routing:\n  action:\n    one: {redirect: acme.tools.all}\n"
        "    two: {deprecation: {removal_version: 2.0.0}}\n    ping2: {redirect: acme.tools.gone}\n",
    }
    reader = ContentsReader()
    read_collection(io.BytesIO(collection(files)), reader=reader)

    blob = reader.result("acme.tools").docs_blob["contents"]

    has_action = {each["content_name"]: each["doc_strings"]["doc"]["has_action"] for each in blob[1:4]}
    assert has_action == {"one": True, "ping2": False, "two": False}


def test_documentation_in_a_plugin_goes_before_that_beside_it() -> None:
    files = {
        "plugins/filter/both.py": 'DOCUMENTATION = "short_description: Inside"\n',
        "plugins/filter/both.yml": "DOCUMENTATION: {short_description: Beside}\n",
        "plugins/filter/beside.py": "",
        "plugins/filter/beside.yml": "DOCUMENTATION: {short_description: Beside}\n",
    }
    reader = ContentsReader()
    read_collection(io.BytesIO(collection(files)), reader=reader)

    beside, both = (
        each["doc_strings"]["doc"] for each in reader.result("acme.tools").docs_blob["contents"][:2]
    )

    assert (both["short_description"], beside["short_description"]) == ("Inside", "Beside")
    assert both["filename"].endswith("/both.py")
    assert beside["filename"].endswith("/beside.yml")
