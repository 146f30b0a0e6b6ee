from email import message_from_bytes
from email.policy import default
from pathlib import Path

from django.core.mail import EmailMessage, get_connection

from config.mailfiles import file_name


def _send(folder: Path, *messages: EmailMessage) -> int:
    return get_connection("config.mailfiles.EmailBackend", file_path=folder).send_messages(list(messages))


def test_each_message_is_one_whole_file(tmp_path: Path) -> None:
    message = EmailMessage("Grüße", "Text", "from@x.example", ["ana@x.example"], headers={"Message-ID": "<7@mg>"})

    count = _send(tmp_path / "mail", message)

    read = message_from_bytes((tmp_path / "mail" / "7@mg.eml").read_bytes(), policy=default)
    assert (count, read["Subject"], read["To"]) == (1, "Grüße", "ana@x.example")
    assert [path.name for path in (tmp_path / "mail").iterdir()] == ["7@mg.eml"]


def test_the_same_message_twice_is_kept_once(tmp_path: Path) -> None:
    headers = {"Message-ID": "<7@mg>"}

    _send(tmp_path, EmailMessage("first", to=["ana@x.example"], headers=headers))
    _send(tmp_path, EmailMessage("second", to=["ana@x.example"], headers=headers))

    assert [message_from_bytes(path.read_bytes())["Subject"] for path in tmp_path.iterdir()] == ["first"]


def test_a_message_id_cannot_leave_the_folder() -> None:
    assert file_name("<../../etc/passwd@x>") == "_.._etc_passwd@x.eml"
