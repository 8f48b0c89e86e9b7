"""Names of many files: no two alike on any system, and none that leads out of its folder."""

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from app.export.names import Names, safe_file_name, safe_folder_name


def test_equal_names_get_numbers():
    names = Names()
    assert [names.take("Title.md") for _ in range(3)] == ["Title.md", "Title 2.md", "Title 3.md"]
    assert names.take("TITLE.md") == "TITLE 4.md"
    assert names.take("Title 2.md") == "Title 2 2.md"
    assert names.take("Folder") == "Folder"
    assert names.take("folder") == "folder 2"


def test_normal_forms_and_case_are_one_name():
    names = Names(("Äpfel.md", "straße.md"))
    assert names.take(unicodedata.normalize("NFD", "äpfel.md")).endswith(" 2.md")
    assert names.take("STRASSE.md") == "STRASSE 2.md"


def test_thousands_of_the_same_title_take_no_time():
    names = Names()
    assert len({names.take("Title.md") for _ in range(20_000)}) == 20_000


def test_notes_can_be_linked_by_their_name():
    assert safe_file_name("What is [this] ^ C#?", "md") == "What is -this- - C.md"
    assert safe_file_name("C# code", "html") == "C# code.html"
    assert safe_folder_name("../Work [1]") == "Work -1"
    assert safe_folder_name("con") == "chat con"
    assert safe_folder_name("...") == "chats"


@settings(max_examples=100, deadline=None)
@given(titles=st.lists(st.text(max_size=8), max_size=12))
def test_no_two_are_alike_on_any_system(titles):
    names = Names()
    found = [names.take(safe_file_name(title, "md")) for title in titles]
    assert len({unicodedata.normalize("NFC", each).casefold() for each in found}) == len(titles)
