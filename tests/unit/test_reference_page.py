"""The API reference at /docs has everything that the contract has, and no more than one page."""

import re
from html.parser import HTMLParser

import pytest

from datastorage.edge.contract import load_spec
from datastorage.edge.pages import Pages
from datastorage.edge.reference import reference_page

TEXT, SPEC = load_spec()
METHODS = {"get", "post", "put", "patch", "delete"}


class Links(HTMLParser):
    """Collects ids and links, and sees that every element is closed."""

    def __init__(self):
        super().__init__()
        self.ids, self.links, self.open = [], [], []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "a":
            self.links.append(found["href"])
        if tag not in {"meta", "br", "hr", "img", "link"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page():
    return reference_page(SPEC).decode()


@pytest.fixture(scope="module")
def parsed(page):
    links = Links()
    links.feed(page)
    assert links.open == []
    return links


def test_every_operation_has_its_section_with_parameters_and_answers(page, parsed):
    for path, item in SPEC["paths"].items():
        for method in METHODS & item.keys():
            operation = item[method]
            section = page.partition(f'<section id="{operation["operationId"]}">')[2].partition("</section>")[0]
            assert f"<code>{path}</code>" in section
            for parameter in operation.get("parameters", []):
                name = parameter.get("name")
                assert name is None or f"<code>{name}</code>" in section
            for status in operation["responses"]:
                assert f"<code>{status}</code>" in section


def test_every_schema_has_its_section_with_its_members(page):
    for name, schema in SPEC["components"]["schemas"].items():
        section = page.partition(f'<section id="schema-{name}">')[2].partition("</section>")[0]
        assert section, name
        for member in schema.get("properties", {}):
            assert f"<code>{member}</code>" in section, (name, member)


def test_every_link_within_the_page_has_its_place(parsed):
    assert len(parsed.ids) == len(set(parsed.ids))
    missing = {link[1:] for link in parsed.links if link.startswith("#")} - set(parsed.ids)
    assert missing == set()


def test_nothing_comes_from_elsewhere_and_nothing_runs(page):
    assert "<script" not in page
    assert not re.search(r'(src|href)="(https?:)?//(?!www\.|tools\.|datatracker)', page.partition("<main>")[0])


def test_text_of_the_contract_cannot_become_markup():
    hostile = {
        **SPEC,
        "info": {**SPEC["info"], "title": "<script>1</script>", "description": "<img src=x onerror=alert(1)>"},
    }
    page = reference_page(hostile).decode()
    assert "<script" not in page
    assert "<img" not in page


async def test_the_page_is_served_beside_swagger_ui():
    pages = Pages(TEXT, SPEC)
    answer = await pages.answer("GET", "/docs")
    assert (answer.status, answer.media_type) == (200, "text/html; charset=utf-8")
    assert b"create_audit_event" in answer.body
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert pages.allowed_methods("/docs") == ("GET", "HEAD")
