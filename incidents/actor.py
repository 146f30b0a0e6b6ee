"""Who acts: a person signed in, the bearer of a signed link, or the clock."""

from dataclasses import dataclass

from incidents.models import User

WAYS = ("staff", "account", "link", "import", "clock")


@dataclass(frozen=True, slots=True)
class Actor:
    """Passed to every action as ``by``. ``via`` is one of WAYS."""

    via: str
    user: User | None = None
    name: str = ""

    @classmethod
    def staff(cls, user: User) -> "Actor":
        return cls(via="staff", user=user, name=str(user))

    @classmethod
    def account(cls, user: User) -> "Actor":
        return cls(via="account", user=user, name=str(user))

    @classmethod
    def link(cls, name: str, user: User | None = None) -> "Actor":
        return cls(via="link", user=user, name=name)


CLOCK = Actor(via="clock")
IMPORT = Actor(via="import")
