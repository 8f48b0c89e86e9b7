"""Text of any encoding; sentences long enough that a person could tell, too."""

import pytest

from app.attachments.decoding import decode
from app.attachments.refusal import Refusal

GERMAN = "Über die Größe der Straße läßt sich viel sagen, und schöne Wörter gibt es auch. " * 3
POLISH = "Zażółć gęślą jaźń, powiedział żołnierz i poszedł ścieżką między brzozami. " * 4
RUSSIAN = "Широкая электрификация южных губерний даст мощный толчок подъёму хозяйства. " * 3
GREEK = "Το γρήγορο καφέ αλεπούδι πηδάει πάνω από το τεμπέλικο σκυλί και φεύγει. " * 3
JAPANESE = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。" * 4
CHINESE = "我们的程序在电脑上运行，不需要网络。今天天气很好，我们去公园散步。" * 4
KOREAN = "모든 사람은 태어날 때부터 자유롭고 존엄하며 평등하다. 사람은 이성과 양심을 받았다. " * 3
MIXED = "naïve 日本語 🙂 عربي Ω\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (MIXED, "utf-8"),
        (MIXED, "utf-8-sig"),
        (MIXED, "utf-16"),
        (MIXED, "utf-32"),
        ("plain words\n", "utf-16-le"),
        ("plain words\n", "utf-16-be"),
        ("plain words\n", "utf-32-le"),
        ("plain words\n", "utf-32-be"),
        (GERMAN, "cp1252"),
        (POLISH, "cp1250"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8_r"),
        (GREEK, "cp1253"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "iso2022_jp"),
        (CHINESE, "gb18030"),
        (CHINESE.replace("们", "門"), "gbk"),
        (KOREAN, "euc_kr"),
    ],
)
def test_text_of_any_encoding(text: str, encoding: str) -> None:
    data = text.encode(encoding, "replace")
    assert decode(data) == text.encode(encoding, "replace").decode(encoding).removeprefix("\ufeff")


def test_one_accent_in_much_english_is_western() -> None:
    text = "nothing but words\n" * 2000 + "a café in the façade\n"
    assert decode(text.encode("cp1252")) == text


def test_utf_8_that_was_cut_off_stays_utf_8() -> None:
    data = (GERMAN * 20).encode()[:-2] + "ü".encode()[:1]
    assert decode(data).startswith(GERMAN)


def test_what_the_file_names_counts_when_it_is_no_utf_8() -> None:
    assert decode("Приве́т".replace("\u0301", "").encode("cp1251"), "windows-1251") == "Привет"
    assert decode(b"smart \x93quotes\x94", "iso-8859-1") == "smart “quotes”"
    assert decode(GERMAN.encode("cp1252"), "no-such-encoding") == GERMAN
    assert decode(GERMAN.encode("cp1252"), "hex") == GERMAN


def test_ends_of_lines_and_control_characters() -> None:
    words = b"words " * 100
    assert decode(words + b"a\r\nb\rc\x0cd\x00e") == words.decode() + "a\nb\nc\nde"


def test_an_end_of_a_page_adds_no_line() -> None:
    assert decode(b"def f():\n    pass\n\x0c\ndef g():\n\x0c    pass\n\x0c") == (
        "def f():\n    pass\n\ndef g():\n    pass\n"
    )


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        decode(bytes(range(256)) * 40)
    assert refused.value.code == "attachments.not_text"


def test_nothing_is_nothing() -> None:
    assert decode(b"") == ""
